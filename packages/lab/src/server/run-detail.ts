// One run as its page shows it.
import { givenSettings, isFoundSetting, type Experiment } from '../experiment/experiment.ts'
import type { RunListing } from '../runs/node.ts'
import type { RunRecord } from '../runs/run-record.ts'
import type { RunSummary } from '../runs/run-summary.ts'
import { runLine, type RunLine } from './run-list.ts'

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
  readonly settings: readonly RunSetting[]
}

/** The settings that differ from the defaults; all, where the experiment is none of today's or has other settings now. */
function settingsOf(config: RunRecord['config'], experiment: Experiment | undefined): RunSetting[] {
  let given: Readonly<Record<string, unknown>> = config
  try {
    if (experiment) given = givenSettings(experiment, config)
  } catch {
    // Its defaults make no settings alone.
  }
  return Object.entries(config).map(([name, value]) => ({
    name, value, group: experiment && isFoundSetting(experiment, name) ? 'found' : Object.hasOwn(given, name) ? 'given' : 'usual',
  }))
}

/** @param experiment what it is a run of, where it is one of today's */
export const runDetail = (run: RunListing, experiment: Experiment | undefined, stoppable: boolean): RunDetail =>
  ({ ...runLine(run), record: run.record, summary: run.summary, stoppable, settings: settingsOf(run.record.config, experiment) })
