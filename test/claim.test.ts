// What a memo says of a claim, and of a study's best with fresh seeds, from made-up runs.
import { describe, expect, it } from 'vitest'
import {
  classificationMetrics, judgeFigure, judgeFresh, spreadOf, type Metric, type PublishedReference, type RecordedResult,
} from '@ddlf/lab'
import { verdictOn as verdictBy, type Claimed } from '../packages/site/src/build/claim.ts'
import { costText } from '../packages/site/src/build/format.ts'
import { freshWords, pruningWords } from '../packages/site/src/build/study-words.ts'

const verdictOn = (result: RecordedResult | undefined, claimed: Claimed) =>
  verdictBy(result, claimed, classificationMetrics)

/** A result with two arms, the errors of each by seed. */
const resultOf = (worse: readonly number[], better: readonly number[]): RecordedResult => {
  const arm = (id: string, errors: readonly number[]): RecordedResult['arms'][number] => ({
    id,
    label: id,
    settings: {},
    runs: errors.map((error, i) => ({
      id: `${id}-${i}`,
      seed: i + 1,
      commit: null,
      dirty: false,
      epochs: 1,
      steps: 1,
      parameters: 1,
      seconds: 1,
      flop: 1,
      metrics: { 'test/error': error, 'train/loss': 1 - error },
      curve: { epoch: [], values: {} },
    })),
  })
  const sharpness = (id: string, value: number) => [{ run: `${id}-0`, epsilon: 0.001, sharpness: value, loss: 0 }]
  return {
    format: 1,
    experiment: 'made',
    recordedAt: '',
    machine: '',
    versions: {},
    arms: [arm('a', worse), arm('b', better)],
    minima: {
      examples: { train: 1, test: 1 },
      sharpness: { from: sharpness('a', 9), to: sharpness('b', 4) },
      subspace: { dimensions: 100, from: sharpness('a', 1), to: sharpness('b', 2) },
      line: { alpha: [], trainLoss: [], testLoss: [], testError: [] },
    },
  }
}
const claim = { worse: 'a', better: 'b' }
const low = [0.1, 0.11, 0.12, 0.1, 0.1, 0.1]
const high = low.map(error => error + 0.05)

describe('the verdict on a claim', () => {
  it('is shown where the order holds and the seeds alone could hardly make it', () => {
    expect(verdictOn(resultOf(high, low), claim)).toEqual({
      kind: 'good',
      badge: 'shown',
      text: 'p = 0.0313 over 6 paired seeds.',
    })
  })
  it('is not shown where too few seeds agree, and says how low p could go', () => {
    expect(verdictOn(resultOf(high.slice(0, 3), low.slice(0, 3)), claim)).toEqual({
      kind: 'plain',
      badge: 'same direction, not shown',
      text: 'p = 0.25 over 3 paired seeds (floor 0.25).',
    })
    expect(verdictOn(resultOf(high.slice(0, 1), low.slice(0, 1)), claim)).toMatchObject({
      badge: 'same direction, not shown',
      text: 'No test is possible over 1 paired seed.',
    })
  })
  it('is not shown where the order is the other way round', () => {
    expect(verdictOn(resultOf(low, high), claim)).toMatchObject({
      kind: 'bad',
      badge: 'not shown',
      text: 'The order is the other way round, p = 0.0313 over 6 paired seeds.',
    })
    // Three seeds refute as little as they show.
    expect(verdictOn(resultOf(low.slice(0, 3), high.slice(0, 3)), claim)).toMatchObject({
      kind: 'plain',
      badge: 'not shown',
      text: 'The order is the other way round, p = 0.25 over 3 paired seeds.',
    })
  })
  it('looks at the metric that is asked for, sharpness among them', () => {
    expect(verdictOn(resultOf(high, low), { ...claim, metric: 'train/loss' })).toMatchObject({
      badge: 'not shown',
    })
    expect(verdictOn(resultOf(low, high), { ...claim, metric: 'sharpness/0.001' })).toMatchObject({
      badge: 'same direction, not shown',
      text: 'No test is possible over 1 paired seed.',
    })
    expect(verdictOn(resultOf(low, high), { ...claim, metric: 'sharpness/0.001/subspace' })).toMatchObject({
      badge: 'not shown',
    })
  })
  it('looks at when a metric was lowest among the last evaluations', () => {
    const lowestAt = (result: RecordedResult, at: readonly number[]): RecordedResult => ({
      ...result,
      arms: result.arms.map((arm, k) => ({
        ...arm,
        // Before the last four stands a value that is lower than all of them.
        runs: arm.runs.map(run => ({
          ...run,
          curve: { epoch: [1, 2, 3, 4, 5], values: { loss: [0, ...[1, 2, 3, 4].map(i => (i === at[k] ? 0.5 : 1))] } },
        })),
      })),
    })
    const asked = { ...claim, metric: 'lowest-at/4/loss' }
    expect(verdictOn(lowestAt(resultOf(low, low), [4, 2]), asked)).toMatchObject({ badge: 'shown' })
    expect(verdictOn(lowestAt(resultOf(low, low), [1, 2]), asked)).toMatchObject({ badge: 'not shown' })
  })
  it('knows which way is worse: of an accuracy the lower one', () => {
    const accuracies = (result: RecordedResult): RecordedResult => ({
      ...result,
      arms: result.arms.map(arm => ({
        ...arm,
        runs: arm.runs.map(run => ({ ...run, metrics: { 'test/accuracy': 1 - (run.metrics['test/error'] ?? 0) } })),
      })),
    })
    expect(verdictOn(accuracies(resultOf(high, low)), { ...claim, metric: 'test/accuracy' })).toMatchObject({
      badge: 'shown',
    })
    expect(verdictOn(accuracies(resultOf(low, high)), { ...claim, metric: 'test/accuracy' })).toMatchObject({
      badge: 'not shown',
    })
  })
  it('counts runs of one seed once', () => {
    const three = resultOf(high.slice(0, 3), low.slice(0, 3))
    const again = { ...three, arms: three.arms.map(arm => ({ ...arm, runs: [...arm.runs, ...arm.runs] })) }
    expect(verdictOn(again, claim)).toEqual(verdictOn(three, claim))
    expect(spreadOf(again.arms[0]!, 'test/error')).toEqual(spreadOf(three.arms[0]!, 'test/error'))
    expect(spreadOf(again.arms[0]!, 'test/error').count).toBe(3)
    const one = {
      ...three.arms[0]!,
      runs: [...three.arms[0]!.runs.slice(0, 1), { ...three.arms[0]!.runs[0]!, metrics: { 'test/error': 0.25 } }],
    }
    expect(spreadOf(one, 'test/error')).toEqual({ mean: 0.2, deviation: 0, count: 1, values: [0.2] })
  })
  it('waits for the runs', () => {
    const waiting = { badge: 'not run yet' }
    expect(verdictOn(undefined, claim)).toMatchObject(waiting)
    expect(verdictOn(resultOf(high, low), { worse: 'a', better: 'c' })).toMatchObject(waiting)
    expect(verdictOn(resultOf(high, low), { ...claim, metric: 'sharpness/0.0005' })).toMatchObject(waiting)
  })
})

describe('the verdict on a published figure', () => {
  const [error, , accuracy] = classificationMetrics as [Metric, Metric, Metric]
  const reference = (
    value: number,
    comparable: PublishedReference['comparable'] = 'same protocol',
  ): PublishedReference => ({
    id: 'made',
    source: { citation: 'Made 2020', url: 'https://example.org' },
    protocol: '',
    metric: 'error',
    value,
    comparable,
  })
  const judged = (published: PublishedReference, metric: Metric, mean: number, deviation = 0.001, count = 3) =>
    judgeFigure(published, metric, { mean, deviation, count })
  it('knows which way is better', () => {
    expect(judged(reference(0.05), error, 0.04)).toEqual({ verdict: 'reproduced', reach: 'beaten' })
    expect(judged(reference(0.05), error, 0.06)).toEqual({ verdict: 'not reproduced', reach: 'not reached' })
    expect(judged(reference(0.95), accuracy, 0.96).verdict).toBe('reproduced')
    expect(judged(reference(0.95), accuracy, 0.94).verdict).toBe('not reproduced')
  })
  it('allows for two deviations of ours and for the published spread', () => {
    expect(judged(reference(0.05), error, 0.0519)).toEqual({ verdict: 'reproduced', reach: 'reached' })
    expect(judged(reference(0.05), error, 0.0521).verdict).toBe('not reproduced')
    expect(judged({ ...reference(0.05), tolerance: 0.001 }, error, 0.0529).verdict).toBe('reproduced')
    expect(judged(reference(0.95), accuracy, 0.9495, 0).verdict).toBe('not reproduced')
  })
  it('says where nothing but our own spread lets a figure count', () => {
    const found = { verdict: 'reproduced', reach: 'reached' }
    expect(judged(reference(1), accuracy, 0.85, 0.34)).toEqual({ ...found, onlyBySpread: true })
    expect(judged(reference(0.05), error, 0.07, 0.011)).toEqual(found)
    expect(judged(reference(0.05), error, 0.045, 0.02)).toEqual(found)
    expect(judged({ ...reference(0.05), tolerance: 0.021 }, error, 0.07, 0.02)).toEqual(found)
    expect(judged(reference(0.05, 'different'), error, 0.07, 0.02).onlyBySpread).toBe(true)
  })
  it('says of one run at most that a figure is reached: how far another would lie is not known', () => {
    expect(judged(reference(0.05), error, 0.04, 0, 1)).toEqual({ verdict: 'reproduced', reach: 'reached' })
    expect(judged(reference(0.95, 'different'), accuracy, 0.97, 0, 1).reach).toBe('reached')
  })
  it('calls nothing reproduced that ran by another protocol, and says whether the figure was reached', () => {
    expect(judged(reference(0.95, 'different'), accuracy, 0.97)).toEqual({ verdict: 'other recipe', reach: 'beaten' })
    expect(judged(reference(0.95, 'shorter schedule'), accuracy, 0.9)).toEqual({
      verdict: 'shorter schedule', reach: 'not reached',
    })
    expect(judged(reference(0.95, 'shorter schedule'), accuracy, 0.9495)).toEqual({
      verdict: 'shorter schedule', reach: 'reached',
    })
  })
})

it('ends the interval of a share at all of it', () => {
  const runs = [{ seed: 2, validation: 1, test: 0.999 }, { seed: 3, validation: 1, test: 1 }]
  const fresh = { trial: 0, metric: 'error', inStudy: 1, runs, reference: [] }
  // Student's half width of two values is 12.71 times 0.0005: the upper end would lie at 100.59 %.
  const words = freshWords(fresh, judgeFresh(fresh, 'minimize'), { name: 'error', format: 'percent' })
  expect(words.join(' ')).toContain('99.95 % (95 % interval 99.31 % to 100.00 %)')
})

it('says who chose the trials of a study, and why some were stopped, for who has not heard these names', () => {
  const trials = [...Array.from({ length: 20 }, () => ({ state: 'complete' as const })), { state: 'pruned' as const }]
  expect(pruningWords({ trials, sampler: 'tpe', pruner: 'median' })).toBe(
    '21 trials by TPE, which tries more of what went well before; 1 was stopped early, behind the median of the ' +
      'others.',
  )
  expect(pruningWords({ trials, sampler: 'grid', pruner: 'none' })).toBe('21 trials by grid.')
})

describe('what runs took', () => {
  it('names their work, and none where none was counted', () => {
    expect(costText(42, 2.6e11)).toBe('42 s, 2.6 × 10¹¹ FLOP')
    expect(costText(42, 2.6e11, ' and ')).toBe('42 s and 2.6 × 10¹¹ FLOP')
    expect(costText(3.9, 0)).toBe('3.9 s')
  })
})
