// Groups of runs over seeds compared: intervals and a paired test.
import { expect, test } from 'vitest'
import { encodeSafetensors } from '../../src/runs/safetensors.ts'
import { startRun } from '../../src/runs/stored-run.ts'
import { studentInterval } from '../../src/analysis/statistics/student-interval.ts'
import { incomparable } from '../../src/trained/comparable.ts'
import { compareStoredRuns } from '../../src/trained/node/run-comparison.ts'
import { comparisonSentence, runGroups } from '../../src/trained/run-groups.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

/** A finished run with a test error over 1000 examples. */
function finished(root: string, hidden: number, seed: number, error: number, code: string | null = null): string {
  const provenance = { ...noProvenance, code }
  const store = startRun({ root, experiment: 'made', config: { hidden, seed }, seed, provenance })
  store.appendMetrics({ step: 1, epoch: 1, values: { 'test/error': 2 * error, 'test/loss': 1 } })
  store.appendMetrics({ step: 2, epoch: 2, values: { 'test/error': error, 'test/loss': 0.5 } })
  store.writeArtifact(
    'test-outputs.safetensors',
    encodeSafetensors({ logits: { dtype: 'float32', shape: [1000, 2], data: new Float32Array(2000) } }),
  )
  store.finish({ status: 'completed', summary: {} })
  return store.name
}

test('two groups over seeds: intervals, and a paired test', () => {
  const root = temporaryFolder()
  const seeds = [1, 2, 3, 4, 5]
  const small = seeds.map(seed => finished(root, 8, seed, 0.05 + seed / 1000))
  const large = seeds.map(seed => finished(root, 64, seed, 0.04 + seed / 1000))
  const { metric, settings, groups, test: paired, runs } = compareStoredRuns(root, [...small, ...large])
  expect(metric).toBe('test/error')
  expect(settings.map(({ setting }) => setting)).toEqual(['hidden', 'seed'])
  expect(groups.map(({ label, mean, runs: members }) => [label, Number(mean.toFixed(6)), members.length])).toEqual([
    ['hidden=8', 0.053, 5],
    ['hidden=64', 0.043, 5],
  ])
  // scipy.stats.t.interval(0.95, 4, loc=0.053, scale=scipy.stats.sem(values)): the deviation is 0.00158114, t 2.776445.
  expect(groups[0]?.interval?.low).toBeCloseTo(0.053 - 0.00196324, 7)
  expect(groups[0]?.interval?.high).toBeCloseTo(0.053 + 0.00196324, 7)
  // Every seed differs alike: the least that five pairs can give, 2 / 2^5.
  expect(paired).toMatchObject({ pairs: 5, pValue: 2 / 32, seeds })
  expect(paired?.meanDifference).toBeCloseTo(0.01, 10)
  // Wilson's interval of 51 in 1000, by its formula in double precision.
  expect(runs[0]?.interval?.low).toBeCloseTo(0.03900, 4)
  expect(runs[0]?.interval?.high).toBeCloseTo(0.06644, 4)
})

test('runs of one setting and one seed are set apart by code that was changed between them', () => {
  const root = temporaryFolder()
  const [first, second] = ['1a2b3c4d', '5e6f7a8b'].map(start => start.padEnd(64, '0'))
  const before = finished(root, 8, 1, 0.05, first)
  const after = finished(root, 8, 1, 0.03, second)
  const { settings, groups, sentence } = compareStoredRuns(root, [before, after])
  expect(settings).toEqual([{ setting: 'code', values: ['1a2b3c4', '5e6f7a8'] }])
  expect(groups.map(({ label, mean }) => [label, mean])).toEqual([['code=1a2b3c4', 0.05], ['code=5e6f7a8', 0.03]])
  expect(sentence).toContain('code=1a2b3c4 has a higher test error than code=5e6f7a8, by 2.00 percentage points')
  // A seed more of each: two pairs.
  const more = [finished(root, 8, 2, 0.05, first), finished(root, 8, 2, 0.03, second)]
  expect(compareStoredRuns(root, [before, after, ...more]).test?.seeds).toEqual([1, 2])
  // Another setting keeps its seeds together, whatever was edited between them.
  const others = [finished(root, 9, 1, 0.05, first), finished(root, 9, 2, 0.06, second)]
  expect(compareStoredRuns(root, [before, after, ...others]).groups.map(({ seeds }) => seeds)).toEqual([1, 1, 2])
  const again = compareStoredRuns(root, [before, finished(root, 8, 1, 0.05, first)])
  expect(again.sentence).toBe('Runs of one setting, one seed and the same code: there is nothing to compare.')
})

test('what cannot be compared is refused', () => {
  const root = temporaryFolder()
  const one = finished(root, 8, 1, 0.05)
  expect(() => compareStoredRuns(root, [one, one])).toThrow(/at least two runs/)
  const two = finished(root, 8, 2, 0.06)
  expect(() => compareStoredRuns(root, [one, two], 'test/perplexity')).toThrow(/has measured test\/perplexity/)
  // Two groups without a seed in common have no pairs.
  expect(compareStoredRuns(root, [one, finished(root, 64, 3, 0.01)]).test).toBeUndefined()
})

test("the interval of a mean over seeds is Student's, for two and three seeds too", () => {
  // scipy.stats.t.ppf(0.975, 1) = 12.7062, (0.975, 2) = 4.30265; the standard errors are 0.5 and 1 / sqrt(3).
  expect(studentInterval([1, 2])?.high).toBeCloseTo(1.5 + 12.7062047 * 0.5, 5)
  expect(studentInterval([1, 2, 3])?.low).toBeCloseTo(2 - 4.3026527 / Math.sqrt(3), 6)
  expect([studentInterval([1]), studentInterval([1, Number.NaN])]).toEqual([undefined, undefined])
})

test('which of two groups is better is said of the seeds that they have in common', () => {
  const run = (hidden: number, seed: number, value: number) =>
    ({ experiment: 'made', seed, config: { hidden, seed }, status: 'completed', value }) as const
  const paired = [1, 2, 3, 4, 5, 6].flatMap(seed => [run(8, seed, 0.1), run(64, seed, 0.2 + seed / 1000)])
  // A seed of its own turns the mean of the first group: (6 * 0.1 + 1) / 7 > 0.2035.
  const runs = [...paired, run(8, 7, 1)]
  const valueOf = ({ value }: { readonly value: number }) => value
  const groups = runGroups(runs, [{ setting: 'hidden', values: [] }], valueOf)
  const metric = { name: 'error', title: 'test error', unit: '', better: 'lower', format: 'percent' } as const
  expect(groups[0]!.mean).toBeGreaterThan(groups[1]!.mean)
  expect(comparisonSentence(groups, metric, valueOf)).toMatch(/^hidden=8 has a lower test error .* p = 0\.031\.$/)
  // Without such seeds, and with many settings of one seed each, it is said how to come to them.
  const said = (...given: ReturnType<typeof run>[]) =>
    comparisonSentence(runGroups(given, [{ setting: 'hidden', values: [] }], valueOf), metric, valueOf)
  const how = 'Train both with the same seeds, at best six: --set seed=1, --set seed=2 and so on.'
  expect(said(run(8, 1, 0.1), run(64, 2, 0.2))).toBe(
    'hidden=8 has a lower test error than hidden=64, by 10.00 percentage points; without two seeds in common nobody ' +
    `knows whether other seeds would agree. ${how}`,
  )
  expect(said(run(8, 1, 0.1), run(64, 1, 0.2), run(32, 1, 0.3))).toBe(
    'Best of 3 settings: hidden=8, 10.00 %, 10.00 percentage points before hidden=64. Some have one seed. For a test ' +
    `choose two settings. ${how}`,
  )
})

test('a run that has not finished is named, and in no mean', () => {
  const root = temporaryFolder()
  const done = [1, 2].map(seed => finished(root, 8, seed, 0.05))
  const open = startRun({
    root, experiment: 'made', config: { hidden: 8, seed: 3 }, seed: 3, provenance: noProvenance,
  })
  open.appendMetrics({ step: 1, epoch: 1, values: { 'test/error': 0.9 } })
  open.finish({ status: 'stopped', summary: { metrics: { test: { error: 0.9 } } } })
  const { groups, unfinished } = compareStoredRuns(root, [...done, open.name])
  expect(groups.map(({ mean, seeds, runs }) => [mean, seeds, runs.length])).toEqual([[0.05, 2, 3]])
  expect(unfinished.map(({ name, status }) => [name, status])).toEqual([[open.name, 'stopped']])
})

test('a metric that is not one figure ranks no runs', () => {
  const loss = (unit: string) => ({ name: 'loss', title: 'loss', unit, better: 'lower', format: 'fixed' }) as const
  const run = (unit: string, data: Record<string, string> = {}, tokens = 'a', config = {}) =>
    ({ metrics: [loss(unit)], data, config, files: { 'artifacts/tokenizer.json': tokens } })
  const book = { 'own data': 'a' }
  const token = 'nats per token'
  expect(incomparable([run(token, book), run('nats', book)], 'test/loss')).toBe(
    'The test loss does not rank these runs: it is measured in nats per token and in nats.',
  )
  expect(incomparable([run(token, book), run(token, book, 'b')], 'test/loss')).toMatch(/into other tokens/)
  // An error rate means the same whatever a token is.
  expect(incomparable([run('nats', book), run('nats', book, 'b')], 'test/loss')).toBeUndefined()
  expect(incomparable([run(token, book), run(token, { 'names/train.txt': 'a' })], 'test/loss')).toMatch(/different data/)
  // More examples to learn from are no other ones to be judged on; another share is.
  const more = { 'own data': 'b' }
  expect(incomparable([run(token, book), run(token, more)], 'test/loss')).toBeUndefined()
  expect(incomparable([run(token, book), run(token, more, 'a', { testShare: 0.3 })], 'test/loss')).toMatch(/different d/)
  // What it began from is no data that it was judged on, and a run of an older version says nothing.
  expect(incomparable([run(token, { ...book, 'from/a/1': 'c' }), run(token, book)], 'test/loss')).toBeUndefined()
  expect(incomparable([{ data: {}, config: {} }, run(token, book)], 'test/loss')).toBeUndefined()
})

test('runs of other units, or tokens, are compared without a verdict', () => {
  const root = temporaryFolder()
  const stored = ['nats', 'nats per token'].flatMap(unit => [1, 2, 3].map(seed => {
    const config = { unit, seed }
    const metrics = [{ name: 'loss', title: 'loss', unit, better: 'lower', format: 'fixed' }] as const
    const store = startRun({ root, experiment: 'made', config, seed, provenance: noProvenance, metrics })
    store.appendMetrics({ step: 1, epoch: 1, values: { 'test/loss': seed } })
    store.finish({ status: 'completed', summary: {} })
    return store.name
  }))
  const { test: paired, sentence, groups } = compareStoredRuns(root, stored)
  expect([paired, groups.length]).toEqual([undefined, 2])
  expect(sentence).toMatch(/does not rank these runs/)
  expect(compareStoredRuns(root, stored.slice(0, 3)).sentence).toMatch(/^One setting, 3 seeds/)
})
