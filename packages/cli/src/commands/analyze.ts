// The words of ddlf analyze: its arguments, options and help.
import { Command, Option } from 'commander'
import {
  checkpointOption,
  forceOption,
  jsonOption,
  movedDataOption,
  movedTestDataOption,
  outOption,
  runsOption,
} from './options.ts'
import type { AnalyzeOptions } from '../actions/analyze.ts'

const EXAMPLES = `
Examples:
  $ ddlf analyze mlp-on-mnist/20270131-120000-k3f9
  $ ddlf analyze 20270131-12 --checkpoint best --sharpness --landscape
  $ ddlf analyze 20270131-12 --landscape 2d
  $ ddlf analyze latest --words ship,sea,harbour

The page needs no network and no other file: send it to anyone. Its figures lie beside it as SVG.
`

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description(
      'write a report about a trained run: mistakes, calibration, weights, attribution, features, the loss around it',
    )
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .addOption(checkpointOption())
    .option('--sharpness', "also Keskar's sharpness on 2,000 training examples")
    .addOption(
      new Option(
        '--landscape [kind]',
        'also the loss around the weights: 1d along random directions (default), 2d on their plane',
      ).choices(['1d', '2d']),
    )
    .option('--words <list>', 'of vectors of words: the words whose nearest ones are shown, with commas between')
    .addOption(outOption('where to write the page (default: analysis.html in the artifacts of the run)'))
    .addOption(forceOption())
    .addOption(movedDataOption())
    .addOption(movedTestDataOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, options: AnalyzeOptions) =>
      (await import('../actions/analyze.ts')).analyzeAction(reference, options),
    )
}
