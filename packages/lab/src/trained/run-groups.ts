// Runs that differ in nothing but the seed are one group; whether two groups differ is asked seed by seed.
import { differencesBySeed, valuesBySeed } from '../analysis/statistics/by-seed.ts'
import { mean } from '../analysis/statistics/descriptive.ts'
import type { Interval } from '../analysis/statistics/interval.ts'
import { pairedSignFlipTest, type SignFlipTest } from '../analysis/statistics/paired-sign-flip-test.ts'
import { halfOf, studentInterval } from '../analysis/statistics/student-interval.ts'
import { formatMetric, type Metric } from '../experiment/metric.ts'
import { settingText, shownSetting } from '../command-text.ts'
import { flattenSettings, type DifferingSetting } from '../runs/compare-runs.ts'
import { stringifyExact, type Json } from '../runs/exact-json.ts'
import type { RunStatus } from '../runs/run-record.ts'

/** A run as far as groups look at it. */
export interface GroupedRun {
  readonly experiment: string
  readonly seed: number
  readonly config: Readonly<Record<string, Json>>
  /** Its code, where that sets it apart from runs of the same setting and seed. */
  readonly code?: string | undefined
  /** Only what has completed is judged: elsewhere the last number is not the end's. */
  readonly status: RunStatus
}

/** Whether a run counts in means, intervals and tests. */
export const isFinished = ({ status }: Pick<GroupedRun, 'status'>): boolean => status === 'completed'

/** What sets a run apart from others: its settings, and its code where that was changed between runs of one seed. */
export const settingsApart = ({ config, code }: Pick<GroupedRun, 'config' | 'code'>): Record<string, Json> => ({
  ...(code !== undefined && { code }),
  ...config,
})

/** Runs that differ in nothing but the seed. */
export interface RunGroup<Run extends GroupedRun = GroupedRun> {
  /** What sets the group apart, for example `hidden=800`; `all` where nothing does. */
  readonly label: string
  readonly runs: readonly Run[]
  /** Those of them that have finished: they alone are judged. */
  readonly finished: readonly Run[]
  /** How many seeds these have: two runs of one seed are one. */
  readonly seeds: number
  /** The metric over the seeds, NaN where none has finished; Student's 95 % interval where there are two or more. */
  readonly mean: number
  readonly interval: Interval | undefined
}

/** A setting that a run may not have, as `write` writes it. */
const textBy = (write: (value: Json) => string) => (value: Json | undefined) =>
  value === undefined ? '-' : write(value)

/** Settings that do not change what is learned. */
export const ASIDE: readonly string[] = ['seed', 'histograms']

/**
 * Groups runs.
 * @param settings in which they differ
 * @param valueOf what they are judged by; asked of those alone that have finished
 */
export function runGroups<Run extends GroupedRun>(
  runs: readonly Run[],
  settings: readonly DifferingSetting[],
  valueOf: (run: Run) => number,
): RunGroup<Run>[] {
  const apart = settings.filter(({ setting }) => !ASIDE.includes(setting))
  const byKey = new Map<string, Run[]>()
  const nameOf = (run: Run, text: (value: Json | undefined) => string) => {
    const flat = flattenSettings({ experiment: run.experiment, ...settingsApart(run) })
    return apart.map(({ setting }) => `${setting}=${text(flat.get(setting))}`).join(', ')
  }
  for (const run of runs) {
    const key = nameOf(run, textBy(stringifyExact))
    byKey.set(key, [...(byKey.get(key) ?? []), run])
  }
  const titles = [...byKey.values()].map(([first]) => (first ? nameOf(first, textBy(shownSetting)) : ''))
  // Where rounded numbers look alike, all stand as they are.
  const isClear = new Set(titles).size === titles.length
  return [...byKey.values()].map((members, at) => {
    const [run] = members
    const label = (isClear ? titles[at] : run && nameOf(run, textBy(settingText))) ?? ''
    const finished = members.filter(isFinished)
    const values = [...valuesBySeed(finished, valueOf).values()]
    const centre = values.length > 0 ? mean(values) : Number.NaN
    const interval = studentInterval(values)
    return { label: label || 'all', runs: members, finished, seeds: values.length, mean: centre, interval }
  })
}

/** Whether the first of two groups differs from the second; undefined unless they have two seeds in common. */
export function pairedTestOf<Run extends GroupedRun>(
  [first, second, ...more]: readonly RunGroup<Run>[],
  valueOf: (run: Run) => number,
): (SignFlipTest & { readonly seeds: readonly number[]; readonly half: number }) | undefined {
  if (!first || !second || more.length > 0) return undefined
  const { seeds, differences } = differencesBySeed(first.finished, second.finished, valueOf)
  return seeds.length < 2 ? undefined : { ...pairedSignFlipTest(differences), seeds, half: halfOf(differences) }
}

const LEVEL = 0.05
const p = (value: number) => `p = ${Number(value.toPrecision(2))}`

/** A difference of a metric, with half of its interval where that is known: `0.42 ± 0.10 percentage points`. */
function apartBy(metric: Metric, value: number, half?: number): string {
  const numbers = [value, ...(half === undefined ? [] : [half])]
  const words = numbers.map(one => (metric.format === 'percent' ? (100 * one).toFixed(2) : formatMetric(metric, one)))
  return `${words.join(' ± ')}${metric.format === 'percent' ? ' percentage points' : ''}`
}

/** How two settings come to seeds in common: six pairs are the fewest whose test can reach p = 0.05. */
const SAME_SEEDS = 'Train both with the same seeds, at best six: --set seed=1, --set seed=2 and so on.'

/** `higher` or `lower`, as the first of two compares with the second; undefined where they are alike. */
const wayOf = (difference: number): 'higher' | 'lower' | undefined =>
  difference === 0 ? undefined : difference < 0 ? 'lower' : 'higher'

/**
 * In a sentence, what a comparison of groups shows, and how many of the runs are not counted.
 * @param metric what they are judged by, for example the test error
 */
export function comparisonSentence<Run extends GroupedRun>(
  groups: readonly RunGroup<Run>[],
  metric: Metric,
  valueOf: (run: Run) => number,
): string {
  const said = groupsSentence(groups, metric, valueOf)
  const open = groups.reduce((sum, { runs, finished }) => sum + runs.length - finished.length, 0)
  if (open === 0) return said
  return `${said} Not counted: ${open === 1 ? '1 run that has' : `${open} runs that have`} not finished.`
}

function groupsSentence<Run extends GroupedRun>(
  groups: readonly RunGroup<Run>[],
  metric: Metric,
  valueOf: (run: Run) => number,
): string {
  const [first, second] = groups
  if (!first) return ''
  if (!second) {
    if (first.seeds < 2) return 'Runs of one setting, one seed and the same code: there is nothing to compare.'
    const half = halfOf([...valuesBySeed(first.finished, valueOf).values()])
    const spread = `${formatMetric(metric, first.mean)} ± ${formatMetric(metric, half)}`
    return `One setting, ${first.seeds} seeds: the mean ${metric.title} is ${spread} (95 % interval).`
  }
  if (groups.length > 2) return manySentence(groups, metric)
  const difference = first.mean - second.mean
  if (!Number.isFinite(difference)) return `Not both have a finite ${metric.title} yet.`
  const test = pairedTestOf(groups, valueOf)
  const names = [first.label, second.label] as const
  if (!test) {
    const way = wayOf(difference)
    const said = way
      ? `${names[0]} has a ${way} ${metric.title} than ${names[1]}, by ${apartBy(metric, Math.abs(difference))}`
      : `${names[0]} has the same ${metric.title} as ${names[1]}`
    return `${said}; without two seeds in common nobody knows whether other seeds would agree. ${SAME_SEEDS}`
  }
  const paired = apartBy(metric, Math.abs(test.meanDifference), test.half)
  const over = `${paired} over ${test.pairs} paired seeds, ${p(test.pValue)}`
  // Of the same seeds as the size and p: the means of all may lie the other way where groups have other seeds besides.
  const way = wayOf(test.meanDifference)
  if (test.pValue <= LEVEL && way) return `${names[0]} has a ${way} ${metric.title} than ${names[1]}: by ${over}.`
  const least = test.floor > LEVEL ? `; ${test.pairs} seeds cannot show one, six can` : ''
  return `No difference of the ${metric.title} between ${names[0]} and ${names[1]} is shown: ${over}${least}.`
}

/** Of three groups or more, the best and how far the next is. */
function manySentence(groups: readonly RunGroup[], metric: Metric): string {
  const sign = metric.better === 'higher' ? -1 : 1
  const [best, next] = groups
    .filter(({ mean: value }) => Number.isFinite(value))
    .sort((a, b) => sign * (a.mean - b.mean))
  if (!best || !next || metric.better === 'neither') return `${groups.length} settings.`
  const fewest = Math.min(...groups.map(({ seeds }) => seeds))
  const caution = fewest < 2 ? ` Some have one seed. For a test choose two settings. ${SAME_SEEDS}` : ''
  const ahead = apartBy(metric, Math.abs(best.mean - next.mean))
  const value = formatMetric(metric, best.mean)
  return `Best of ${groups.length} settings: ${best.label}, ${value}, ${ahead} before ${next.label}.${caution}`
}
