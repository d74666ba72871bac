// Several runs over one another for a page: the settings in which they differ, and their curves as a screen can show them.
import { UserError } from '@ddlf/tensor/errors'
import { differingSettings, type DifferingSetting } from '../runs/compare-runs.ts'
import { runPaths } from '../runs/node.ts'
import type { CurveStore } from './curve-store.ts'
import type { RunIndex } from './run-index.ts'
import { runLine, type RunLine } from './run-list.ts'

/** More curves than these cannot be told apart. */
const MOST_RUNS = 12

/** One metric of one run; null where a value is no finite number. */
export interface ComparedSeries {
  readonly step: readonly number[]
  readonly epoch: readonly number[]
  readonly value: readonly (number | null)[]
}

/** What the page of a comparison shows. */
export interface LabComparison {
  readonly runs: readonly RunLine[]
  readonly metric: string
  /** All that some run has measured. */
  readonly metrics: readonly string[]
  readonly settings: readonly DifferingSetting[]
  /** One a run. */
  readonly series: readonly ComparedSeries[]
}

/** Compares runs by their names; a name given twice counts once. @throws UserError for none, too many, or a run that cannot be read */
export async function compareInLab(given: readonly string[], metric: string, { index, curves }: { readonly index: RunIndex; readonly curves: CurveStore }): Promise<LabComparison> {
  const names = [...new Set(given)]
  if (names.length === 0) throw new UserError({ rule: 'The comparison names no run.', received: 'none', next: '?run=<experiment>/<id>&run=...' })
  if (names.length > MOST_RUNS) throw new UserError({ rule: `More than ${MOST_RUNS} runs are more than one comparison shows.`, received: String(names.length), next: 'Choose fewer.' })
  const runs = names.map(name => {
    const [experiment = '', id = ''] = name.split('/')
    return index.read(index.find(experiment, id))
  })
  const logs = await Promise.all(runs.map(async run => (await curves.read(runPaths(run).metrics)).curves))
  const series = logs.map((log): ComparedSeries => {
    const points = log.curve(metric)?.points() ?? []
    return { step: points.map(({ step }) => step), epoch: points.map(({ epoch }) => epoch), value: points.map(({ value }) => (Number.isFinite(value) ? value : null)) }
  })
  return {
    runs: runs.map(runLine), metric, series,
    metrics: [...new Set(logs.flatMap(({ names: measured }) => measured))].sort(),
    settings: differingSettings(runs.map(run => run.record.config)),
  }
}
