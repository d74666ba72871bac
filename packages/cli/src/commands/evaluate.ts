// The words of ddlf evaluate: its arguments, options and help.
import { Command } from 'commander'
import { checkpointOption, jsonOption, movedDataOption, movedTestDataOption, runsOption } from './options.ts'
import type { EvaluateOptions } from '../actions/evaluate.ts'

const EXAMPLES = `
Examples:
  $ ddlf evaluate mlp-on-mnist/20270131-120000-k3f9
  $ ddlf evaluate 20270131-12 --checkpoint best
  $ ddlf evaluate 20270131-12 --split train --json
  $ ddlf evaluate image-folder/20270131-12 --data /moved/pictures

Own data are divided as the run recorded it: what has been added since is left out, and what was trained on is never
tested on, whatever was renamed or moved.

Outputs that the run kept and that are gone or damaged are put back from its last checkpoint, and vouched for in its
record; the run is not changed otherwise.
`

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description("judge a run's model on a split of its data")
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .addOption(checkpointOption())
    .option(
      '--split <name>',
      'test, train, or validation where the run held one out (default: the part that judged it)',
    )
    .addOption(movedDataOption())
    .addOption(movedTestDataOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, options: EvaluateOptions) =>
      (await import('../actions/evaluate.ts')).evaluateAction(reference, options),
    )
}
