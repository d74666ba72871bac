// The words of ddlf record: its arguments, options and help.
import { Command } from 'commander'
import { queueOption, runsOption, threadsOption, wholeNumber } from './options.ts'
import type { RecordOptions } from '../actions/record.ts'

const EXAMPLES = `
Examples:
  $ ddlf record mlp-on-mnist              from the runs that are there; says which are missing
  $ ddlf record mlp-on-mnist --train      trains the missing ones first, one after another
  $ ddlf record mlp-on-mnist --train --seeds 2
  $ ddlf record mlp-on-mnist --train --queue redis://10.0.0.5:6379      on the machines of a queue
`

export function recordCommand(): Command {
  return new Command('record')
    .description("turn an experiment's runs into the compact results that its memo reads")
    .argument('<experiment>')
    .option('--train', 'train the runs that are missing')
    .option('--seeds <number>', 'only the first seeds of the recording', wholeNumber('--seeds', 1))
    .addOption(threadsOption())
    .addOption(queueOption())
    .option('--force', "replace recorded results that have more seeds, other settings, or another machine's")
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: RecordOptions) =>
      (await import('../actions/record.ts')).recordAction(name, options),
    )
}
