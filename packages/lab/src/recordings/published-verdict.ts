// What recorded runs say of a published result or of a published claim: one of six verdicts, each by its own rule.
import { differencesBySeed } from '../analysis/statistics/by-seed.ts'
import { mean } from '../analysis/statistics/descriptive.ts'
import { pairedSignFlipTest, type SignFlipTest } from '../analysis/statistics/paired-sign-flip-test.ts'
import type { PublishedReference } from '../experiment/experiment.ts'
import { metricOf, type Metric } from '../experiment/metric.ts'
import { armOf, type RecordedResult, type RecordedRun, type Spread } from './result.ts'

/** What can be said of something published, from the best. */
export const PUBLISHED_VERDICTS = [
  'reproduced', 'not reproduced', 'shorter schedule', 'other recipe', 'data not reachable', 'not run',
] as const
export type PublishedVerdict = (typeof PUBLISHED_VERDICTS)[number]

/** Standard deviations over seeds within which a published figure counts as reached. */
const REACH = 2
/** The share of a figure from which on a deviation of ours says that our runs hardly agree with each other. */
const WIDE = 1 / 4
/** The probability below which an order of seeds is said not to be chance. */
const LEVEL = 0.05

/** How a figure of ours lies to a published one. `beaten`: better by more than both spreads, and of one run never. */
export type Reach = 'reached' | 'beaten' | 'not reached'

/** What our figure says of a published one. */
export interface JudgedFigure {
  readonly verdict: PublishedVerdict
  readonly reach: Reach
  /** Our runs differ so much that nearly any figure would count as reached, and nothing else lets this one count. */
  readonly onlyBySpread?: true
}

/**
 * The verdict on a published figure. Only a run by the published protocol reproduces or fails to: a shorter schedule
 * and another recipe say so, and whether the figure was reached all the same.
 * @param reference value, its spread, and how far our run is from the protocol
 * @param metric which way is better
 * @param ours over seeds; reached within two standard deviations of ours beyond the published spread
 */
export function judgeFigure(
  { value, tolerance = 0, comparable }: Pick<PublishedReference, 'value' | 'tolerance' | 'comparable'>,
  { better }: Pick<Metric, 'better'>,
  ours: Pick<Spread, 'mean' | 'deviation' | 'count'>,
): JudgedFigure {
  const slack = tolerance + REACH * ours.deviation
  // How much worse ours is than the published figure; below 0 it is better.
  const behind = better === 'higher' ? value - ours.mean : ours.mean - value
  const reach = behind > slack ? 'not reached' : behind < -slack && ours.count > 1 ? 'beaten' : 'reached'
  const isOnlyBySpread = reach === 'reached' && behind > tolerance && ours.deviation > WIDE * Math.abs(value)
  const found: Omit<JudgedFigure, 'verdict'> = { reach, ...(isOnlyBySpread && { onlyBySpread: true }) }
  if (comparable === 'shorter schedule') return { verdict: 'shorter schedule', ...found }
  if (comparable === 'different') return { verdict: 'other recipe', ...found }
  return { verdict: reach === 'not reached' ? 'not reproduced' : 'reproduced', ...found }
}

/** Which of two recorded settings a claim says is worse, and by which metric. */
export interface Claimed {
  /** Ids of arms. */
  readonly worse: string
  readonly better: string
  /**
   * Default the first of the experiment's task. `sharpness/<box>` is that of the minima the runs ended in, where less
   * is better, `sharpness/<box>/subspace` the same over a random subspace; `lowest-at/<n>/<metric>` says which of the
   * last n evaluations of a run had the lowest value, from 1, where sooner is better.
   */
  readonly metric?: string
}

/** What recorded runs say of a claim. */
export interface JudgedClaim {
  /** `open`: the order is as claimed, but so few seeds could have it by chance. */
  readonly order: 'shown' | 'open' | 'the other way round'
  /** The test speaks for the order that was found, whichever it is. */
  readonly isBeyondChance: boolean
  /** Undefined of one pair. */
  readonly test: SignFlipTest | undefined
  readonly pairs: number
}

/** Which of the last evaluations of a run had the lowest value of a metric, from 1; NaN where it was not measured. */
function lowestAt({ curve }: RecordedRun, last: number, metric: string): number {
  const values = (curve.values[metric] ?? []).slice(-last).map(value => value ?? Infinity)
  const lowest = Math.min(...values)
  return Number.isFinite(lowest) ? values.indexOf(lowest) + 1 : NaN
}

/** A metric of one run; NaN where it was not measured. */
function valueOf({ minima }: RecordedResult, run: RecordedRun, metric: string): number {
  const { id, metrics } = run
  const [, last, lowest = ''] = /^lowest-at\/(\d+)\/(.+)$/.exec(metric) ?? []
  if (last !== undefined) return lowestAt(run, Number(last), lowest)
  const [, box, subspace] = /^sharpness\/([^/]+)(\/subspace)?$/.exec(metric) ?? []
  if (box === undefined) return metrics[metric] ?? NaN
  const measured = subspace === undefined ? minima?.sharpness : minima?.subspace
  return (
    [...(measured?.from ?? []), ...(measured?.to ?? [])].find(
      one => one.run === id && one.epsilon === Number(box),
    )?.sharpness ?? NaN
  )
}

/**
 * What the runs say of a claim, by the sign-flip test over paired seeds; undefined where one of the settings is not
 * recorded.
 * @param metrics of the experiment's task: which way is worse, and what is judged by where the claim names nothing
 * @param named the metric that the claim names
 */
export function judgeClaim(
  result: RecordedResult | undefined,
  { worse, better }: Pick<Claimed, 'worse' | 'better'>,
  metrics: readonly Metric[],
  named?: string,
): JudgedClaim | undefined {
  const metric = named ?? `test/${metrics[0]?.name ?? 'loss'}`
  const has = (id: string) => result?.arms.some(arm => arm.id === id) === true
  if (!result || !has(worse) || !has(better)) return undefined
  const [a, b] = [armOf(result, worse), armOf(result, better)]
  const sign = metricOf(metrics, metric).better === 'higher' ? -1 : 1
  const { differences } = differencesBySeed(a.runs, b.runs, run => sign * valueOf(result, run, metric))
  if (differences.length === 0) return undefined
  const test = differences.length > 1 ? pairedSignFlipTest(differences) : undefined
  const isAsClaimed = mean(differences) > 0
  const isBeyondChance = test !== undefined && test.pValue <= LEVEL
  const order = isAsClaimed ? (isBeyondChance ? 'shown' : 'open') : 'the other way round'
  return { order, isBeyondChance, test, pairs: differences.length }
}
