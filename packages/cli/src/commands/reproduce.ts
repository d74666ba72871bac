// The words of ddlf reproduce: its arguments, options and help.
import { Command } from 'commander'
import { queueOption, runsOption, threadsOption, wholeNumber } from './options.ts'
import type { ReproduceOptions } from '../actions/reproduce.ts'

const EXAMPLES = `
Examples:
  $ ddlf reproduce mlp-on-mnist --quick                        the cheapest setting of each experiment, one seed
  $ ddlf reproduce mlp-on-mnist                                every setting, one seed
  $ ddlf reproduce mlp-on-mnist --only mlp-linear-classifier   one experiment
`

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description("run a topic's experiments again and compare with what is recorded")
    .argument('<topic>', 'its short name, or the end of its address: intro-level-cnn')
    .option('--quick', 'only the cheapest setting of each experiment, and none that takes more than some minutes')
    .option('--only <experiment>', 'only this experiment')
    .option('--seed <number>', 'with this seed instead of the first recorded one', wholeNumber('--seed'))
    .addOption(threadsOption())
    .addOption(queueOption())
    .addOption(runsOption())
    .addHelpText('after', `${EXAMPLES}
A line holds when the new figure lies where one more seed is expected after those recorded (99 %, Student's
t), or within 0.07 % of the examples, or a hundredth of what is no share. Where one seed is recorded, its
spread is unknown: a line that differs is then undecided, and no failure.
`)
    .action(async (slug: string, options: ReproduceOptions) =>
      (await import('../actions/reproduce.ts')).reproduceAction(slug, options),
    )
}
