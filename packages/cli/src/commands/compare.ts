// The words of ddlf compare: its arguments, options and help.
import { Command } from 'commander'
import { forceOption, jsonOption, outOption, runsOption } from './options.ts'
import type { CompareOptions } from '../actions/compare.ts'

const EXAMPLES = `
Examples:
  $ ddlf compare 20270131-120000-k3f9 20270131-121500-m7aa
  $ ddlf compare $(ddlf runs mlp-on-mnist --json | jq -r '.[].id')         all of them
  $ ddlf compare <runs of one setting, seeds 1 2 3 4 5> <runs of another, the same seeds>

Runs that differ in the seed alone form a group. Two groups with seeds in common are compared seed by seed with a
sign-flip test. Intervals are at 95 %: Wilson's over test examples for one run, Student's over seeds for a group.
Means, intervals and the test count the runs that have finished; others are named.
`

export function compareCommand(): Command {
  return new Command('compare')
    .description('put runs side by side: settings that differ, curves, metrics with intervals')
    .argument('<runs...>', '<experiment>/<id>, a piece of an id, or latest; two or more')
    .option(
      '--metric <name>',
      'what to judge by (default: the first metric that all have on the part that judges them)',
    )
    .addOption(outOption('where to write the curves as SVG (default: comparison.svg in the folder of the runs)'))
    .addOption(forceOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (references: readonly string[], options: CompareOptions) =>
      (await import('../actions/compare.ts')).compareAction(references, options),
    )
}
