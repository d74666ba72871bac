// What the reader of the command line refuses, in the form of every other mistake: what is wrong, Received, Next.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import type { Command, CommanderError } from 'commander'
import { suggest } from './command-line.ts'

/** The command that arguments lead to, and its names on the way there. */
function named(
  root: Command,
  argv: readonly string[],
): { readonly command: Command; readonly names: readonly string[] } {
  let command = root
  const names: string[] = []
  for (const word of argv) {
    const next = command.commands.find(one => one.name() === word)
    if (!next) break
    command = next
    names.push(word)
  }
  return { command, names }
}

/** npm takes options for its own unless they stand behind `--`; what is left then looks like one argument too many. */
const SWALLOWED = 'npm keeps options that do not stand behind --: npm run ddlf -- <command> --option value'

/**
 * A refusal of the reader of the command line as a user's mistake, with the nearest name where one is near.
 * @param argv the words after `ddlf`
 */
export function commandMistake({ code, message }: CommanderError, root: Command, argv: readonly string[]): UserError {
  const { command, names } = named(root, argv)
  const help = `What there is: ${suggest(...names, '--help')}`
  const [, subject = '', value = ''] = /'([^']*)'(?:.*?'([^']*)')?/s.exec(message) ?? []
  const near = (name: string, valid: readonly string[]) => {
    const found = nearestName(name, valid)
    return found === undefined ? help : `Did you mean ${found}? ${help}`
  }
  switch (code) {
    case 'commander.unknownOption':
      return new UserError({
        rule: `${names.length === 0 ? 'ddlf' : `'${names.join(' ')}'`} has no option of this name.`,
        received: subject,
        next: near(
          subject,
          command.options.map(({ long }) => long ?? ''),
        ),
      })
    case 'commander.unknownCommand':
      return new UserError({
        rule: 'There is no such command.',
        received: [...names, subject].join(' '),
        next: near(
          subject,
          command.commands.map(one => one.name()),
        ),
      })
    case 'commander.missingArgument': {
      const argument = command.registeredArguments.find(one => one.name() === subject)
      return new UserError({
        rule: `'${names.join(' ')}' needs <${subject}>${argument?.description ? `: ${argument.description}` : ''}.`,
        received: 'nothing in its place',
        next: `Examples: ${suggest(...names, '--help')}`,
      })
    }
    case 'commander.missingMandatoryOptionValue': {
      const [flags = subject] = subject.split(',').map(one => one.trim()).filter(one => one.startsWith('--'))
      const option = command.options.find(({ long }) => flags.startsWith(long ?? ' '))
      return new UserError({
        rule: `'${names.join(' ')}' needs ${flags}${option ? `: ${option.description}` : ''}.`,
        received: `no ${option?.long ?? flags}`,
        next: `Examples: ${suggest(...names, '--help')}`,
      })
    }
    case 'commander.optionMissingArgument':
      return new UserError({ rule: `${subject} needs a value.`, received: 'nothing after it', next: help })
    case 'commander.excessArguments': {
      const most = command.registeredArguments.length
      const words = argv.slice(names.length)
      return new UserError({
        rule: `'${names.join(' ')}' ` +
          `takes ${most === 0 ? 'no argument' : most === 1 ? 'one argument' : `at most ${most} arguments`}.`,
        received: words.join(' '),
        next:
          process.env['npm_lifecycle_event'] === 'ddlf'
            ? SWALLOWED
            : `Put quotes around words that belong together. ${help}`,
      })
    }
    case 'commander.invalidArgument': {
      const choices = /Allowed choices are (.*)\.$/s.exec(message)?.[1]?.split(', ') ?? []
      return new UserError({
        rule: choices.length > 0 ? `${subject} must be one of ${choices.join(', ')}.` : `${subject} cannot be this.`,
        received: value === '' ? 'an empty text' : value,
        next: near(value, choices),
      })
    }
    case 'commander.conflictingOption':
      return new UserError({
        rule: `${subject} and ${value} exclude each other.`,
        received: 'both',
        next: 'Leave one out.',
      })
    default:
      return new UserError({ rule: message.replace(/^error: /, ''), next: help })
  }
}
