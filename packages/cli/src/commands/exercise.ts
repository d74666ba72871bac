// The words of ddlf exercise: its arguments, options and help.
import { Command } from 'commander'
import { given, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf exercise                       the exercises, and which you have solved
  $ ddlf exercise momentum              lays the file out, and checks it from then on
  $ ddlf exercise momentum --hint 1     the first hint
  $ ddlf exercise momentum --answer     an answer to compare with
`

export function exerciseCommand(): Command {
  return new Command('exercise')
    .description('work on an exercise, or list them')
    .argument('[name]')
    .option('--hint <number>', 'show a hint', wholeNumber('--hint', 1))
    .option('--answer', 'show an answer')
    .option('--folder <folder>', 'where your files lie', given('--folder'), 'exercises')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: { hint?: number; answer?: boolean; folder: string }) =>
      (await import('../actions/exercise.ts')).exerciseAction(name, options),
    )
}
