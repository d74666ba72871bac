// The words of ddlf sample: its arguments, options and help.
import { Command } from 'commander'
import { checkpointOption, jsonOption, runsOption, wholeNumber } from './options.ts'
import type { SampleOptions } from '../actions/sample.ts'

const EXAMPLES = `
Examples:
  $ ddlf sample gpt-on-shakespeare/20270131-120000-k3f9
  $ ddlf sample latest --prompt "ROMEO:" --length 500 --temperature 0.8
  $ ddlf sample 20270131-12 --temperature 0          the likeliest character each time
  $ ddlf sample 20270131-12 --seed 2                 another text; the same seed gives the same one
`

export function sampleCommand(): Command {
  return new Command('sample')
    .description('let a trained language model go on with a text')
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .option('--prompt <text>', 'what it goes on from (default: a new line)', '')
    .option('--length <number>', 'characters to add', wholeNumber('--length', 1, 1_000_000), 300)
    .option('--temperature <number>', 'below 1 the likely becomes likelier; 0 takes the likeliest', '0.8')
    .option('--seed <number>', 'decides what is drawn', wholeNumber('--seed'), 1)
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, options: SampleOptions) =>
      (await import('../actions/sample.ts')).sampleAction(reference, options),
    )
}
