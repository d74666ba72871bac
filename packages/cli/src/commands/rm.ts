// The words of ddlf rm: its arguments, options and help.
import { Command } from 'commander'
import { runsOption } from './options.ts'
import type { RmOptions } from '../actions/rm.ts'

const EXAMPLES = `
Examples:
  $ ddlf rm mlp-on-mnist/20270131-120000-k3f9
  $ ddlf rm 20270131-12 20270131-13 --yes
  $ ddlf runs restore 20270131-12                 bring it back
  $ ddlf rm --empty-trash                         end what was removed for good
`

export function rmCommand(): Command {
  return new Command('rm')
    .description('move runs to the trash (asks first)')
    .argument('[runs...]', '<experiment>/<id>, a piece of an id, or latest')
    .option('-y, --yes', 'do not ask')
    .option('--empty-trash', 'end the removed runs for good')
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (references: readonly string[], options: RmOptions) =>
      (await import('../actions/rm.ts')).rmAction(references, options),
    )
}
