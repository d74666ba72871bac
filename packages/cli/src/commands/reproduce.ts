// The words of ddlf reproduce: its arguments, options and help.
import { Command } from 'commander'
import { formatPercent } from '../terminal/format.ts'
import { queueOption, runsOption, threadsOption, wholeNumber } from './options.ts'
import type { ReproduceOptions } from '../actions/reproduce.ts'

/** Shares of examples that differ by less are equal (seven digits of 10,000), and other metrics by this part of their value. */
export const RESOLUTION = { share: 0.0007, relative: 0.01 }

const EXAMPLES = `
Examples:
  $ ddlf reproduce mlp-on-mnist --quick                        the cheapest setting of each experiment, one seed
  $ ddlf reproduce mlp-on-mnist                                every setting, one seed
  $ ddlf reproduce mlp-on-mnist --only mlp-linear-classifier   one experiment
`

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description("run a topic's experiments again and compare with what is recorded")
    .argument('<topic>', 'slug, as in the address of its page')
    .option('--quick', 'only the cheapest setting of each experiment, and none that takes more than some minutes')
    .option('--only <experiment>', 'only this experiment')
    .option('--seed <number>', 'with this seed instead of the first recorded one', wholeNumber('--seed'))
    .addOption(threadsOption())
    .addOption(queueOption())
    .addOption(runsOption())
    .addHelpText(
      'after',
      `${EXAMPLES}\nA line holds when the new figure lies within the recorded mean plus and minus three standard deviations\n(and never less than ${formatPercent(RESOLUTION.share)} of the examples, or a hundredth of what is no share).\n`,
    )
    .action(async (slug: string, options: ReproduceOptions) =>
      (await import('../actions/reproduce.ts')).reproduceAction(slug, options),
    )
}
