// One run as its page shows it.
import fs from 'node:fs'
import path from 'node:path'
import { isFoundSetting, type Experiment } from '../experiment/experiment.ts'
import { chosenSettings } from '../experiment/chosen-settings.ts'
import { checkpointFile } from '../runs/checkpoint.ts'
import { runPaths } from '../runs/node.ts'
import { entriesBelow } from '../runs/run-files.ts'
import type { IndexedRun } from './run-index.ts'
import type { RunRecord } from '../runs/run-record.ts'
import type { RunSummary } from '../runs/run-summary.ts'
import { runLine, type RunLine } from './run-list.ts'
import { runVerdict } from './run-verdict.ts'

/** One setting of a run. */
export interface RunSetting {
  readonly name: string
  readonly value: unknown
  /** Chosen for this run, as everywhere else, or found in own data. */
  readonly group: 'given' | 'usual' | 'found'
}

/** What the page of a run shows. */
export interface RunDetail extends RunLine {
  readonly record: RunRecord
  readonly summary: RunSummary | null
  /** Whether this lab trains it. */
  readonly stoppable: boolean
  /** Whether there is one to go on from. */
  readonly hasCheckpoint: boolean
  readonly settings: readonly RunSetting[]
  /** Whether its model goes on with texts. */
  readonly writesText: boolean
  /** Whether its task has figures of its own to show. */
  readonly showsFigures: boolean
  /** Whether it keeps its answers, so that what is wrong among them can be looked at. */
  readonly keepsAnswers: boolean
  /** What it reached, in a sentence with its interval; null before its end. */
  readonly verdict: string | null
  /** Files of the run, by their path below its folder. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
}

/** More files than these are no list to read; more entries than those are not looked at to find them. */
const [MOST_FILES, MOST_LOOKED_AT] = [60, 1000]

/** The files of a run, as far as they are its own. What cannot be looked at is left out. */
function filesOf(run: IndexedRun): RunDetail['files'] {
  const found: { readonly name: string; readonly bytes: number }[] = []
  for (const { file, isFile, isNotText } of entriesBelow(run.folder, MOST_LOOKED_AT)) {
    if (!isFile || isNotText) continue
    const status = fs.lstatSync(path.join(run.folder, file), { throwIfNoEntry: false })
    if (status?.isFile() === true) found.push({ name: file, bytes: status.size })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MOST_FILES)
}

/** The settings by where they come from. */
function settingsOf(record: RunRecord, experiment: Experiment | undefined): RunSetting[] {
  const given = chosenSettings(record.config, experiment, record.chosen)
  return Object.entries(record.config).map(([name, value]) => ({
    name,
    value,
    group: experiment && isFoundSetting(experiment, name) ? 'found' : Object.hasOwn(given, name) ? 'given' : 'usual',
  }))
}

/** @param experiment what it is a run of, where it is one of today's */
export const runDetail = (run: IndexedRun, experiment: Experiment | undefined, stoppable: boolean): RunDetail => ({
  ...runLine(run),
  record: run.record,
  summary: run.summary,
  stoppable: stoppable && run.status === 'running',
  hasCheckpoint: fs.existsSync(checkpointFile(runPaths(run).checkpoints, 'last')),
  settings: settingsOf(run.record, experiment),
  writesText: experiment?.task.views?.text !== undefined,
  showsFigures: experiment?.task.views?.figures !== undefined,
  // Of an experiment that is gone nobody knows; asked, the lab says so.
  keepsAnswers: experiment?.task.evaluate.keep !== undefined || experiment === undefined,
  verdict: runVerdict(run),
  files: filesOf(run),
})
