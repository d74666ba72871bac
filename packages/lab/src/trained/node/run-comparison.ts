// Runs side by side: what differs, how far each can be trusted, and whether two groups over seeds differ.
import { UserError } from '@ddlf/tensor'
import type { Interval } from '../../analysis/statistics/interval.ts'
import type { SignFlipTest } from '../../analysis/statistics/paired-sign-flip-test.ts'
import { wilsonInterval } from '../../analysis/statistics/wilson-interval.ts'
import { ddlfCommand } from '../../command-text.ts'
import { judgedNames, metricOf, type Metric } from '../../experiment/metric.ts'
import { differingSettings, type DifferingSetting } from '../../runs/compare-runs.ts'
import { metricsOfRun } from '../../runs/earlier-metrics.ts'
import type { Json } from '../../runs/exact-json.ts'
import type { Measurement } from '../../runs/metrics-log.ts'
import { currentStatus, judgedExamples, readRunCurves, readRunRecord } from '../../runs/run-folder.ts'
import type { RunRecord, RunStatus } from '../../runs/run-record.ts'
import { openRun } from '../../runs/run-reference.ts'
import { codesApart } from '../changed-code.ts'
import { incomparable, type JudgedRecord } from '../comparable.ts'
import {
  ASIDE, comparisonSentence, isFinished, pairedTestOf, runGroups, settingsApart, type RunGroup,
} from '../run-groups.ts'

/** One of the runs compared. */
export interface ComparedRun {
  readonly name: string
  readonly experiment: string
  readonly seed: number
  readonly status: RunStatus
  readonly config: Readonly<Record<string, Json>>
  /** Its code, where that sets it apart from runs of the same setting and seed. */
  readonly code: string | undefined
  /** What its metrics mean. */
  readonly described: readonly Metric[]
  readonly metrics: readonly Measurement[]
  /** The last value of each metric that was measured at the end of an epoch. */
  readonly last: Readonly<Record<string, number>>
  /** What its record tells of how it was judged. */
  readonly judgedBy: JudgedRecord & Pick<RunRecord, 'attempts'>
  /** Test examples, where the run kept its outputs on them. */
  readonly testExamples: number | undefined
  /** 95 % Wilson interval over the test examples of what it is judged by, where that is a share of them. */
  readonly interval: Interval | undefined
}

/** What {@link compareStoredRuns} finds. */
export interface RunComparison {
  readonly metric: string
  readonly runs: readonly ComparedRun[]
  /** Those of them that have not finished: no mean, interval or test counts them. */
  readonly unfinished: readonly ComparedRun[]
  readonly settings: readonly DifferingSetting[]
  readonly groups: readonly RunGroup<ComparedRun>[]
  /**
   * Where there are two groups with seeds in common: is the first different from the second, seed by seed? Undefined
   * where the metric does not rank the runs.
   */
  readonly test: (SignFlipTest & { readonly seeds: readonly number[] }) | undefined
  /** What all of it means, in a sentence, as the lab's page says it. */
  readonly sentence: string
}

/** A run before it is seen beside others. */
type OpenedRun = Omit<ComparedRun, 'interval' | 'code'>

function open(root: string, reference: string): OpenedRun {
  const run = openRun(root, reference)
  const record = readRunRecord(run)
  const metrics = readRunCurves(run)
  const last = Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
  return {
    name: `${run.experiment}/${run.id}`, experiment: run.experiment, seed: record.seed, config: record.config,
    status: currentStatus(run, record), described: metricsOfRun(record), metrics, last,
    judgedBy: record, testExamples: judgedExamples(run),
  }
}

/** Wilson's interval of a share over the test examples. */
function intervalOf(
  { last, testExamples, described }: OpenedRun,
  judged: string,
): Interval | undefined {
  const share = last[judged]
  const isShare =
    metricOf(described, judged).format === 'percent' && (judged.startsWith('test/') || judged.startsWith('validation/'))
  if (!isShare || share === undefined || !Number.isFinite(share) || testExamples === undefined) return undefined
  return wilsonInterval(Math.round(share * testExamples), testExamples)
}

/** What runs are judged by: the first of their metrics that all have measured on test data, of those that finished. */
function commonMetric(all: readonly OpenedRun[]): string {
  const finished = all.filter(isFinished)
  const runs = finished.length > 0 ? finished : all
  const [first] = judgedNames(
    runs.flatMap(({ described }) => described),
    name => runs.every(({ last }) => last[name] !== undefined),
  )
  return first ?? 'test/loss'
}

/**
 * Compares runs of one or several experiments. Means, intervals and tests are over those that have finished.
 * @param metric what groups are judged by; default the first metric of their tasks that all have measured on test data
 * @throws UserError where there are fewer than two runs, or a finished run has no such metric
 */
export function compareStoredRuns(root: string, references: readonly string[], metric?: string): RunComparison {
  const opened = [...new Map(references.map(reference => open(root, reference)).map(run => [run.name, run])).values()]
  if (opened.length < 2) {
    throw new UserError({
      rule: 'A comparison needs at least two runs.',
      received: opened.map(({ name }) => name).join(', ') || 'none',
      next: `Name another run; all of them: ${ddlfCommand('runs')}`,
    })
  }
  const judged = metric ?? commonMetric(opened)
  const codes = codesApart(opened.map(run => ({ ...run, attempts: run.judgedBy.attempts })), ASIDE)
  const runs = opened.map((run, at): ComparedRun => ({
    ...run, code: codes[at], interval: intervalOf(run, judged),
  }))
  const settings = differingSettings(runs.map(run => ({ experiment: run.experiment, ...settingsApart(run) })))
  const valueOf = ({ name, last }: ComparedRun): number => {
    const value = Object.hasOwn(last, judged) ? last[judged] : undefined
    if (value !== undefined) return value
    throw new UserError({
      rule: `Not every run compared has measured ${judged}.`,
      received: `${name} with ${Object.keys(last).join(', ') || 'nothing yet'}`,
      next: 'Choose another metric with --metric.',
    })
  }
  const groups = runGroups(runs, settings, valueOf)
  const unfinished = runs.filter(run => !isFinished(run))
  const unlike = incomparable(runs.map(({ judgedBy }) => judgedBy), judged)
  const sentence = unlike
    ?? comparisonSentence(groups, metricOf(runs.flatMap(({ described }) => described), judged), valueOf)
  const test = unlike === undefined ? pairedTestOf(groups, valueOf) : undefined
  return { metric: judged, runs, unfinished, settings, groups, test, sentence }
}
