// ddlf doctor: what this installation has and lacks; what a bug report needs.
import { machineReport } from '@ddlf/lab/node'
import { Command } from 'commander'
import { pc } from '../terminal/colour.ts'
import { formatTable } from '../terminal/format.ts'
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
    .action(async ({ runs, json = false }: { runs: string; json?: boolean }) => {
      const groups = await machineReport({ runs })
      if (json) {
        console.log(JSON.stringify(groups, null, 2))
      } else {
        console.log(groups.map(({ title, findings }) => formatTable(['', title, ''], findings.flatMap(({ name, value, sound, next }) => [
          [sound ? pc.green('✓') : pc.red('✗'), name, value], ...(next === undefined ? [] : [['', '', pc.yellow(next)]]),
        ]))).join('\n\n'))
      }
      if (groups.some(({ findings }) => findings.some(({ sound }) => !sound))) process.exitCode = 1
    })
}
