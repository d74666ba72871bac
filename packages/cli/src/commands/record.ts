// ddlf record <experiment>: turns runs into the compact results that the memo reads.
import { mkdirSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { spreadOf } from '@ddlf/course/results'
import { completedRuns, writeFileAtomic } from '@ddlf/lab/node'
import { Command } from 'commander'
import { formatDuration, formatPercent, formatTable } from '../terminal/format.ts'
import { compactResult } from '../recording/compact-result.ts'
import { resultFile } from '../recording/result-files.ts'
import { findRecording, runOf, trainRuns, wantedRuns } from '../recording/runs-of-arms.ts'
import { runsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf record mlp-on-mnist              from the runs that are there; says which are missing
  $ ddlf record mlp-on-mnist --train      trains the missing ones first, one after another
  $ ddlf record mlp-on-mnist --train --seeds 2
`

interface Options {
  readonly runs: string
  readonly train?: boolean
  readonly seeds?: number
  readonly threads?: number
}

export function recordCommand(): Command {
  return new Command('record')
    .description("turn an experiment's runs into the compact results that its memo reads")
    .argument('<experiment>')
    .option('--train', 'train the runs that are missing')
    .option('--seeds <number>', 'only the first seeds of the recording', wholeNumber('--seeds', 1))
    .option('--threads <number>', 'threads of the native runtime (default: all processors)', wholeNumber('--threads', 1))
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, { runs: root, train = false, seeds, threads }: Options) => {
      const { topic, recording: whole, experiment } = findRecording(name)
      const recording = seeds === undefined ? whole : { ...whole, seeds: whole.seeds.slice(0, seeds) }
      const wanted = wantedRuns(recording, experiment)
      const missing = wanted.filter(run => !runOf(completedRuns(root, experiment), run))
      if (train && missing.length > 0) await trainRuns(root, experiment, missing, threads)
      const completed = completedRuns(root, experiment)
      const found = wanted.flatMap(one => {
        const run = runOf(completed, one)
        return run ? [{ wanted: one, run }] : []
      })
      if (found.length < wanted.length) console.log(`${wanted.length - found.length} of ${wanted.length} runs are missing${train ? '.' : '; --train trains them.'}`)
      if (found.length === 0) return
      const result = await compactResult(recording, experiment, found)
      const file = resultFile(topic, experiment.name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileAtomic(file, `${JSON.stringify(result)}\n`)
      console.log(formatTable(['setting', 'seeds', 'test error', 'time a run'], result.arms.map(arm => {
        const error = spreadOf(arm, 'test/error')
        return [arm.label, String(error.count), error.count > 1 ? `${formatPercent(error.mean)} ± ${formatPercent(error.deviation)}` : formatPercent(error.mean), formatDuration(spreadOf(arm, 'seconds').mean)]
      }), [1, 2, 3]))
      console.log(`\nWritten: ${relative('', file)}`)
    })
}
