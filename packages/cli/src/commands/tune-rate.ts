// The words of ddlf tune-rate: its arguments, options and help.
import { Command } from 'commander'
import type { TuneRateOptions } from '../actions/tune-rate.ts'
import { jsonOption, positiveNumber, setOption, studiesOption, threadsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf tune-rate mlp-on-mnist
  $ ddlf tune-rate mlp-on-mnist --set optimizer=adam --high 1
  $ ddlf tune-rate text-table --data reviews.csv --set text=review --set label=stars

Trains a new model for one step a rate, from low to high, and throws it away. The suggestion is where the
loss falls fastest. It is kept beside the studies: 'ddlf tune' without --space looks around it.
`

export function tuneRateCommand(): Command {
  return new Command('tune-rate')
    .description('find which learning rates lower the loss')
    .argument('<experiment>', 'name, as `ddlf days` lists them')
    .addOption(setOption())
    .option('--data <path>', 'your own data, as for train')
    .option('--low <rate>', 'first rate', positiveNumber('--low'), 1e-6)
    .option('--high <rate>', 'last rate', positiveNumber('--high'), 10)
    .option('--steps <number>', 'steps from the first rate to the last', wholeNumber('--steps', 3, 100_000), 100)
    .option('--record', 'write what is found beside the results of the course, for a memo')
    .addOption(studiesOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: TuneRateOptions) =>
      (await import('../actions/tune-rate.ts')).tuneRateAction(name, options),
    )
}
