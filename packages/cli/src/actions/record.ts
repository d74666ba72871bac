// ddlf record <experiment>: turns runs into the compact results that the memo reads.
import { dirname, relative } from 'node:path'
import { makeFolder } from '@ddlf/data/make-folder'
import { assertNoLess, headlineOf, spreadOf, wantedRuns, type Recording, type WantedRun, type Weighed } from '@ddlf/lab'
import {
  compactResult,
  completedRuns,
  machineText,
  provenance,
  readResult,
  resultFile,
  runWith,
  writeFileAtomic,
} from '@ddlf/lab/node'
import { defined } from '../commands/options.ts'
import { topicFolder } from '../course-folders.ts'
import { formatDuration, formatSpread, formatTable, metricOf } from '../terminal/format.ts'
import { findRecording, trainRecording } from '../terminal/train-recording.ts'

/** The options of the command. */
export interface RecordOptions {
  readonly runs: string
  readonly train?: boolean
  readonly seeds?: number
  readonly threads?: number
  readonly queue?: string
  readonly force?: boolean
}

/** What a recording will be once its runs are all there, the missing ones made on this machine. */
const promised = ({ arms }: Recording, wanted: readonly WantedRun[], experiment: string): Weighed => ({
  experiment,
  machine: machineText(provenance().machine),
  arms: arms.map(({ id, label, settings }) => ({
    id,
    label,
    settings: { ...settings },
    runs: wanted.filter(({ arm }) => arm.id === id),
  })),
})

/** Does what `ddlf record` is asked for. */
export async function recordAction(
  name: string,
  { runs: root, train = false, seeds, threads, queue, force = false }: RecordOptions,
): Promise<void> {
  const { topic, recording: whole, experiment } = findRecording(name)
  const recording = seeds === undefined ? whole : { ...whole, seeds: whole.seeds.slice(0, seeds) }
  const wanted = wantedRuns(recording, experiment)
  const missing = wanted.filter(run => !runWith(completedRuns(root, experiment), run.settings))
  const recorded = readResult(topicFolder(topic), experiment.name)
  // Asked before hours of training too, whose runs could not be recorded.
  if (recorded && !force && train && missing.length > 0)
    assertNoLess({ ...recorded, details: undefined, minima: undefined }, promised(recording, wanted, experiment.name))
  if (train && missing.length > 0 &&
    !(await trainRecording(root, experiment, missing, defined({ threads, queue })))) {
    console.log('\nTraining was stopped, and nothing is recorded. The same command trains the runs that are missing.')
    return
  }
  const completed = completedRuns(root, experiment)
  const found = wanted.flatMap(one => {
    const run = runWith(completed, one.settings)
    return run ? [{ wanted: one, run }] : []
  })
  if (found.length < wanted.length)
    console.log(
      `${wanted.length - found.length} of ${wanted.length} runs are missing${train ? '.' : '; --train trains them.'}`,
    )
  if (found.length === 0) return
  const result = await compactResult(recording, experiment, found)
  if (recorded && !force) assertNoLess(recorded, result)
  const file = resultFile(topicFolder(topic), experiment.name)
  makeFolder(dirname(file))
  writeFileAtomic(file, `${JSON.stringify(result)}\n`)
  const headline = headlineOf(experiment)
  const metric = metricOf(experiment.task.metrics, headline)
  console.log(
    formatTable(
      ['setting', 'seeds', metric.title, 'time a run'],
      result.arms.map(arm => {
        const spread = spreadOf(arm, headline)
        return [
          arm.label,
          String(spread.count),
          formatSpread(metric, spread),
          formatDuration(spreadOf(arm, 'seconds').mean),
        ]
      }),
      [1, 2, 3],
    ),
  )
  console.log(`\nWritten: ${relative('', file)}`)
}
