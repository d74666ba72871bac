// ddlf train <experiment>: a new run, followed to its end.
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { Command } from 'commander'
import { followTraining } from '../terminal/follow-training.ts'
import { printReport } from '../terminal/report.ts'
import { experimentsModule, jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf train mlp-on-mnist
  $ ddlf train mlp-on-mnist --set hidden=800 --set optimizer=adam --set learningRate=0.001
  $ ddlf train mlp-on-mnist --set epochs=2 --json | jq 'select(.kind == "evaluation")'

'ddlf show mlp-on-mnist' lists the settings.
`

const collect = (value: string, before: readonly string[]) => [...before, value]

interface Options {
  readonly set: readonly string[]
  readonly runs: string
  readonly json?: boolean
  readonly threads?: string
  readonly keep: string
}

export function trainCommand(): Command {
  return new Command('train')
    .description('train an experiment and keep it as a run')
    .argument('<experiment>', 'name, as `ddlf days` lists them')
    .option('-s, --set <key=value>', 'change a setting (may be repeated)', collect, [])
    .option('--threads <number>', 'threads of the native runtime (default: all processors)')
    .option('--keep <number>', 'also keep this many of the newest checkpoints beside last and best', '0')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, { set, runs, json = false, threads, keep }: Options) => {
      // Parsed here too, so that a mistake is told before anything starts.
      const settings = parseSettings(findExperiment(experiments, name), set)
      const { folder, status } = await followTraining({
        experimentsModule,
        root: runs,
        task: { kind: 'start', experiment: name, settings: { ...settings }, command: ['ddlf', ...process.argv.slice(2)] },
        keepLast: Number(keep),
        ...(threads !== undefined && { threads: Number(threads) }),
      }, { json })
      if (!json) await printReport(folder, status)
    })
}
