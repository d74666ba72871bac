// A published claim that one setting is worse than another, judged by recorded runs.
import {
  armOf,
  differencesBySeed,
  mean,
  metricOf,
  pairedSignFlipTest,
  type Metric,
  type RecordedResult,
  type RecordedRun,
} from '@ddlf/lab'
import { number } from './format.ts'

/** Which of two recorded settings a claim says is worse, and by which metric. */
export interface Claimed {
  /** Ids of arms. */
  readonly worse: string
  readonly better: string
  /**
   * Default the first of the experiment's task. `sharpness/<box>` is that of the minima the runs ended in, where less
   * is better.
   */
  readonly metric?: string
}

/** What the runs say of a claim. */
export interface Verdict {
  readonly kind: 'good' | 'bad' | 'plain'
  readonly badge: string
  readonly text: string
}

/** A metric of one run; NaN where it was not measured. */
function valueOf({ minima }: RecordedResult, { id, metrics }: RecordedRun, metric: string): number {
  const box = /^sharpness\/(.+)$/.exec(metric)?.[1]
  if (box === undefined) return metrics[metric] ?? NaN
  return (
    [...(minima?.sharpness.from ?? []), ...(minima?.sharpness.to ?? [])].find(
      one => one.run === id && one.epsilon === Number(box),
    )?.sharpness ?? NaN
  )
}

/**
 * The verdict of the runs on a claim; `not run yet` where one of the settings is not recorded.
 * @param metrics of the experiment's task: which way is worse, and what is judged by where the claim names nothing
 */
export function verdictOn(
  result: RecordedResult | undefined,
  { worse, better, metric: named }: Claimed,
  metrics: readonly Metric[],
): Verdict {
  const metric = named ?? `test/${metrics[0]?.name ?? 'loss'}`
  const has = (id: string) => result?.arms.some(arm => arm.id === id) === true
  if (!result || !has(worse) || !has(better)) return { kind: 'plain', badge: 'not run yet', text: '' }
  const [a, b] = [armOf(result, worse), armOf(result, better)]
  const sign = metricOf(metrics, metric).better === 'higher' ? -1 : 1
  const { differences: pairs } = differencesBySeed(a.runs, b.runs, run => sign * valueOf(result, run, metric))
  if (pairs.length === 0) return { kind: 'plain', badge: 'not run yet', text: '' }
  const seeds = `${pairs.length} paired seed${pairs.length === 1 ? '' : 's'}`
  const test = pairs.length > 1 ? pairedSignFlipTest(pairs) : undefined
  const p = test ? `p = ${number(test.pValue)}` : 'No test is possible'
  if (mean(pairs) <= 0)
    return {
      kind: 'bad',
      badge: 'not reproduced',
      text: `The order is the other way round, ${test ? `${p} ` : ''}over ${seeds}.`,
    }
  if (test && test.pValue <= 0.05) return { kind: 'good', badge: 'reproduced', text: `${p} over ${seeds}.` }
  return {
    kind: 'plain',
    badge: 'same direction, not shown',
    text: `${p} over ${seeds}${test ? ` (floor ${number(test.floor)})` : ''}.`,
  }
}
