// The words of ddlf doctor: its arguments, options and help.
import { Command } from 'commander'
import { jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf doctor
  $ ddlf doctor --json > doctor.json       attach it to a bug report

The exit code is 1 where something will not work.
`

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look this installation over: versions, runtimes, threads, folders, data sets')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: { runs: string; json?: boolean }) =>
      (await import('../actions/doctor.ts')).doctorAction(options),
    )
}
