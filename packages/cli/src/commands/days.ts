// The words of ddlf days: its arguments, options and help.
import { Command } from 'commander'
import { jsonOption } from './options.ts'



export function daysCommand(): Command {
  return new Command('days')
    .description('list the 30 days and the experiments that can be run')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ ddlf days\n')
    .action(async (options: { json?: boolean }) => (await import('../actions/days.ts')).daysAction(options))
}
