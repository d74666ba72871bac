// A run's curve as small as a word, and how far the run is: what a row of the list shows of a log.
import { runPaths, type RunListing } from '../runs/node.ts'
import type { CurveStore } from './curves/curve-store.ts'
import { sparkNames } from './run-list.ts'

/** Points of a curve that is as wide as a word. */
const MOST_POINTS = 32

/** What a row shows of a run's log. */
export interface RunSpark {
  /** What the curve is of; undefined where nothing was measured. */
  readonly metric: string | undefined
  /** Null where a value is no finite number. */
  readonly values: readonly (number | null)[]
  /** Where the curve ends. */
  readonly epoch: number
  readonly step: number
}

/** Evenly spaced values, the last among them. */
function thinned(values: Float64Array): (number | null)[] {
  const count = Math.min(MOST_POINTS, values.length)
  return Array.from({ length: count }, (_, i) => {
    const value = values[count === 1 ? 0 : Math.round((i * (values.length - 1)) / (count - 1))] ?? Number.NaN
    return Number.isFinite(value) ? value : null
  })
}

/** Reads what the list shows of a log, as far as it is known. @throws UserError where the log cannot be read */
export async function runSpark(run: RunListing, curves: Pick<CurveStore, 'series'>): Promise<RunSpark> {
  const log = runPaths(run).metrics
  const wanted = sparkNames(run)
  // What is measured otherwise has a curve, too, such as a loss of each of several phases: evaluations first.
  const { names } = await curves.series(log, wanted[0] ?? 'train/loss')
  const parts = ['test/', 'validation/', 'train/', 'epoch/']
  const others = parts.flatMap(part => names.filter(name => name.startsWith(part)).sort())
  for (const metric of new Set([...wanted, ...others])) {
    const { value, epoch, step } = await curves.series(log, metric)
    if (value.length > 0)
      return { metric, values: thinned(value), epoch: epoch.at(-1) ?? 0, step: step.at(-1) ?? 0 }
  }
  return { metric: undefined, values: [], epoch: 0, step: 0 }
}
