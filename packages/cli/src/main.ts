// The `ddlf` command: reads the arguments, runs one command, and turns mistakes into messages.
import '@ddlf/tensor/no-telemetry'
import { statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { Command, CommanderError } from 'commander'
import { commandList } from './command-list.ts'
import { errorColours, isColourful } from './terminal/colour.ts'
import { asCalled, commandPrefix } from './terminal/command-line.ts'
import { commandMistake } from './terminal/command-mistake.ts'
import { guardOutput } from './terminal/output.ts'
import { terminalWidth } from './terminal/terminal-width.ts'

const EXAMPLES = `
Examples:
  $ ddlf days
      what can be run, day by day
  $ ddlf train mlp-on-mnist
      train Day 1's perceptron
  $ ddlf train mlp-on-mnist --set hidden=800
      with other settings
  $ ddlf runs
      what has been run
  $ ddlf show latest
      the newest run's settings, results and curves
`

/** A file of the course that does not compile, as a mistake of its author: the first place and what is wrong there. */
function mistakeOfSyntax(error: unknown): UserError | undefined {
  const place = error instanceof Error ? /^Transform failed[^\n]*\n([^\n]+)/.exec(error.message)?.[1] : undefined
  return place === undefined
    ? undefined
    : new UserError({
        rule: 'A source file does not compile.',
        received: place.replace(`${process.cwd()}/`, ''),
        next: 'Mend this line and run the command again.',
      })
}

/** What the file system refused somewhere below, in words; undefined where it is no error of the file system. */
async function mistakeOfFiles(error: unknown): Promise<UserError | undefined> {
  const { syscall, path: place } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  if (syscall === undefined || place === undefined) return undefined
  const { explainFileError } = await import('@ddlf/lab/runs')
  const explained = explainFileError(error, place)
  return explained instanceof UserError ? explained : undefined
}

/** Node writes U+FFFD for bytes that are no UTF-8, in words of the command line and in the name of the folder. */
const REPLACED = '\ufffd'

/** A mistake that names what Node could not read as text, with what helps there. */
function withNameAdvice(mistake: UserError, argv: readonly string[]): UserError {
  if (!argv.some(word => word.includes(REPLACED) && mistake.message.includes(path.basename(word)))) return mistake
  const next = 'The name holds bytes that are not UTF-8, and no file can be opened by it: rename it first (mv).'
  return new UserError({ ...mistake.parts, next }, { cause: mistake })
}

/** @throws UserError where the current folder cannot be named: what is written would go astray */
function requireNamedFolder(): void {
  const folder = process.cwd()
  if (!folder.includes(REPLACED) || statSync(folder, { throwIfNoEntry: false })?.ino === statSync('.').ino) return
  throw new UserError({
    rule: 'The name of the current folder must be UTF-8.',
    received: folder,
    next: 'Rename the folder, or go to another one and give paths from there.',
  })
}

/** The program without any command. */
const bare = (): Command => new Command('ddlf')
  .description('30 days of deep learning fundamentals: train, look, compare, understand.')
  .exitOverride()
  .addHelpText('after', EXAMPLES)
  .configureHelp({ minWidthToWrap: 12, helpWidth: Math.min(terminalWidth(), process.stdout.isTTY ? 120 : 100) })
  .configureOutput({
    writeOut: text => process.stdout.write(withPrefix(text)),
    writeErr: text => process.stderr.write(withPrefix(text)),
    // Refusals are thrown, and told in the form of every other mistake.
    outputError: () => undefined,
  })

const withPrefix = (text: string): string => asCalled(text).replace(/^(Usage: )ddlf(?= )/m, `$1${commandPrefix()}`)

/** A command and its verbs with the settings of the program. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const verb of command.commands) inheriting(verb, command)
  return command
}

/** The program as its help lists it, without loading a command. */
function overview(): Command {
  const root = bare()
  for (const [name, { summary }] of commandList) root.addCommand(new Command(name).description(summary))
  return root.configureHelp({
    ...root.configureHelp(),
    subcommandTerm: command => `${command.name()} ${commandList.get(command.name())?.usage ?? '[command]'}`.trim(),
  })
}

/** Builds the command line, with one command or with all of them. */
export async function program(only?: string): Promise<Command> {
  const root = bare()
  for (const [name, { load }] of commandList) {
    if (only === undefined || name === only) root.addCommand(inheriting(await load(), root))
  }
  return root
}

/** The command line for these arguments: the whole help loads nothing, a command itself alone. */
function programFor([first = '', second = '']: readonly string[]): Promise<Command> | Command {
  const name = first === 'help' ? second : first
  return commandList.has(name) ? program(name) : overview()
}

/** What goes on where nobody reads its output any more: the run is what counts. */
const OUTLIVING = ['train', 'resume', 'tune', 'worker', 'record', 'reproduce', 'lab']

function onClosedOutput({ code, message }: NodeJS.ErrnoException, command = ''): void {
  if (OUTLIVING.includes(command)) {
    console.error(`Standard output takes no more (${code ?? message}); the command goes on without it.`)
    return
  }
  // A reader that has enough (`ddlf runs | head`) is no mistake.
  if (code !== 'EPIPE')
    console.error(`${errorColours.red('Error:')} Standard output cannot be written.\n  Received: ${code ?? message}`)
  process.exit(code === 'EPIPE' ? 0 : 1)
}

/** Runs the command line; a user's mistake is printed without a stack and exits with 1. */
export async function main(argv: readonly string[] = process.argv): Promise<void> {
  const name = argv[2]
  guardOutput(process.stdout, {
    styles: isColourful(process.stdout),
    onClosed: error => {
      onClosedOutput(error, name)
    },
  })
  guardOutput(process.stderr, { styles: isColourful(process.stderr), onClosed: () => undefined })
  let root: Command | undefined
  try {
    requireNamedFolder()
    root = await programFor(argv.slice(2))
    await root.parseAsync([...argv])
  } catch (error) {
    process.exitCode = 1
    const refused = error instanceof CommanderError ? error : undefined
    // Help that was asked for is printed already; so is that of a command without its verb.
    if (refused && /^commander\.(help|helpDisplayed|version)$/.test(refused.code)) {
      process.exitCode = refused.exitCode
      return
    }
    const mistake = error instanceof UserError
      ? error
      : refused && root
        ? commandMistake(refused, root, argv.slice(2), await program())
        : (mistakeOfSyntax(error) ?? (await mistakeOfFiles(error)))
    if (!mistake) {
      console.error(error)
      return
    }
    const { message } = withNameAdvice(mistake, argv)
    console.error(`${errorColours.red('Error:')} ${asCalled(message)}`)
  }
}
