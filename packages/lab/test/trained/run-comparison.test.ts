// Groups of runs over seeds compared: intervals and a paired test.
import { expect, test } from 'vitest'
import { encodeSafetensors } from '../../src/runs/safetensors.ts'
import { startRun } from '../../src/runs/stored-run.ts'
import { compareStoredRuns } from '../../src/trained/node/run-comparison.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

/** A finished run with a test error over 1000 examples. */
function finished(root: string, hidden: number, seed: number, error: number): string {
  const store = startRun({ root, experiment: 'made', config: { hidden, seed }, seed, provenance: noProvenance })
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
  for (const { mean, interval } of groups) expect(interval!.low <= mean && mean <= interval!.high).toBe(true)
  // Every seed differs alike: the least that five pairs can give, 2 / 2^5.
  expect(paired).toMatchObject({ pairs: 5, pValue: 2 / 32, seeds })
  expect(paired?.meanDifference).toBeCloseTo(0.01, 10)
  // Wilson's interval of 51 in 1000, by its formula in double precision.
  expect(runs[0]?.interval?.low).toBeCloseTo(0.03900, 4)
  expect(runs[0]?.interval?.high).toBeCloseTo(0.06644, 4)
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
