// ddlf resume <run>: goes on with a run from its last checkpoint.
import { openRun } from '@ddlf/lab/node'
import { Command } from 'commander'
import { followTraining } from '../terminal/follow-training.ts'
import { printReport } from '../terminal/report.ts'
import { experimentsModule, jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf resume mlp-on-mnist/20270131-120000-k3f9
  $ ddlf resume 20270131-12      the beginning of an id is enough where it fits one run
`

export function resumeCommand(): Command {
  return new Command('resume')
    .description('go on with a run that was stopped, killed or failed')
    .argument('<run>', '<experiment>/<id>, or the beginning of an id')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, { runs, json = false }: { runs: string; json?: boolean }) => {
      const { experiment, id } = openRun(runs, reference)
      const { folder, status } = await followTraining({ experimentsModule, root: runs, task: { kind: 'resume', run: `${experiment}/${id}` } }, { json })
      if (!json) await printReport(runs, folder, status)
    })
}
