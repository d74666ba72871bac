// ddlf rm <run...>: removes runs, after asking.
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { confirm, isCancel } from '@clack/prompts'
import { openRun, removeRun, type RunFolder } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { Command } from 'commander'
import { formatBytes } from './data.ts'
import { runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf rm mlp-on-mnist/20270131-120000-k3f9
  $ ddlf rm 20270131-12 20270131-13 --yes
`

/** Bytes of all files of a run. */
const sizeOf = ({ folder }: RunFolder): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)

export function rmCommand(): Command {
  return new Command('rm')
    .description('remove runs with all they hold (asks first)')
    .argument('<runs...>', '<experiment>/<id>, or the beginning of an id')
    .option('-y, --yes', 'do not ask')
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (references: readonly string[], { runs: root, yes = false }: { runs: string; yes?: boolean }) => {
      const runs = [...new Map(references.map(reference => openRun(root, reference)).map(run => [run.folder, run])).values()]
      const list = runs.map(run => `${run.experiment}/${run.id} (${formatBytes(sizeOf(run))})`).join('\n')
      if (!yes) {
        if (!process.stdin.isTTY || !process.stdout.isTTY) {
          throw new UserError({ rule: 'Removing runs must be confirmed.', received: 'no terminal to ask on', next: `ddlf rm ${references.join(' ')} --yes` })
        }
        const answer = await confirm({ message: `Remove ${runs.length === 1 ? 'this run' : `these ${runs.length} runs`} for good?\n${list}`, initialValue: false })
        if (isCancel(answer) || !answer) {
          console.log('Nothing was removed.')
          return
        }
      }
      for (const run of runs) {
        removeRun(run)
        console.log(`Removed ${run.experiment}/${run.id}.`)
      }
    })
}
