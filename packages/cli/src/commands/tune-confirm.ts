// The words of ddlf tune confirm: its arguments, options and help.
import { Command } from 'commander'
import type { ConfirmOptions } from '../actions/tune-confirm.ts'
import { jsonOption, runsOption, studiesOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf tune confirm mlp-on-mnist
  $ ddlf tune confirm mlp-on-mnist --seeds 10 --jobs 2
  $ ddlf tune confirm small --trial 17         of a study of several objectives

The best of many trials is partly the luckiest. This trains its settings again with seeds that the study has not used,
and the settings that the study began with beside them, and reads the test set: once, so look when you have decided.
Six seeds are the fewest by which a difference can be told from chance at one in twenty. What was found is kept with
the study, and shown when you ask again.
`

export function confirmCommand(): Command {
  return (
    new Command('confirm')
      .description('train the best settings with fresh seeds, and read the test set')
      .argument('<study>', 'name, as `ddlf study list` lists them')
      .option('--trial <number>', 'which trial (default: the best)', wholeNumber('--trial'))
      .option('--seeds <number>', 'fresh seeds', wholeNumber('--seeds', 1, 1000), 6)
      .option('--jobs <number>', 'runs at once (default: half the processors)', wholeNumber('--jobs', 1, 1024))
      .addOption(studiesOption())
      .addOption(runsOption())
      .addOption(jsonOption())
      .addHelpText('after', EXAMPLES)
      // Options that `tune` has too are read by it, wherever they stand.
      .action(async (name: string, _options: unknown, command: Command) =>
        (await import('../actions/tune-confirm.ts')).confirmAction(name, command.optsWithGlobals<ConfirmOptions>()),
      )
  )
}
