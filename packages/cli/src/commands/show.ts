// The words of ddlf show: its arguments, options and help.
import { Command } from 'commander'
import { jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf show mlp-on-mnist                        the experiment: question, settings, published results
  $ ddlf show mlp-on-mnist/20270131-120000-k3f9   one run
`

export function showCommand(): Command {
  return new Command('show')
    .description('show a run, or an experiment and its settings')
    .argument('<run or experiment>')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: { runs: string; json?: boolean }) =>
      (await import('../actions/show.ts')).showAction(name, options),
    )
}
