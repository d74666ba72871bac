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

/** The commands of a name below other commands than this one: `tune confirm` for `study confirm`. */
const elsewhere = (whole: Command, name: string, names: readonly string[]): string[] =>
  whole.commands.flatMap(group =>
    group.name() !== names[0] && group.commands.some(one => one.name() === name) ? [`${group.name()} ${name}`] : [])

/** npm takes options for its own unless they stand behind `--`; what is left then looks like one argument too many. */
const SWALLOWED = 'npm keeps options that do not stand behind --: npm run ddlf -- <command> --option value'

/** One argument too many, or a command that stands elsewhere. */
function excessMistake(
  command: Command,
  names: readonly string[],
  argv: readonly string[],
  other: string | undefined,
): UserError {
  const most = command.registeredArguments.length
  const words = argv.slice(names.length)
  const called = names.join(' ')
  const allowed = most === 0 ? 'no argument' : most === 1 ? 'one argument' : `at most ${most} arguments`
  if (other !== undefined)
    return new UserError({
      rule: `'${called}' has no command '${words[0] ?? ''}'.`,
      received: argv.join(' '),
      next: `Did you mean ${other}? ${suggest(...other.split(' '), '--help')}`,
    })
  return new UserError({
    rule: `'${called}' takes ${allowed}.`,
    received: words.join(' '),
    next:
      process.env['npm_lifecycle_event'] === 'ddlf'
        ? SWALLOWED
        : `Put quotes around words that belong together. What there is: ${suggest(...names, '--help')}`,
  })
}

/**
 * A refusal of the reader of the command line as a user's mistake, with the nearest name where one is near.
 * @param argv the words after `ddlf`
 * @param whole the command line with all of its commands, among which one of the name may be found
 */
export function commandMistake(
  { code, message }: CommanderError,
  root: Command,
  argv: readonly string[],
  whole: Command = root,
): UserError {
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
    case 'commander.unknownCommand': {
      const [other] = names.length === 0 ? [] : elsewhere(whole, subject, names)
      return new UserError({
        rule: 'There is no such command.',
        received: [...names, subject].join(' '),
        next: other === undefined
          ? near(subject, command.commands.map(one => one.name()))
          : `Did you mean ${other}? ${suggest(...other.split(' '), '--help')}`,
      })
    }
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
    case 'commander.excessArguments':
      return excessMistake(command, names, argv, elsewhere(whole, argv[names.length] ?? '', names)[0])
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
