// Claims of papers against recorded runs: which metric is read of a run, and what few seeds can show.
import { describe, expect, it } from 'vitest'
import { judgeClaim } from '../../src/recordings/published-verdict.ts'
import type { RecordedResult, RecordedRun } from '../../src/recordings/result.ts'

const CLAIM = { worse: 'plain', better: 'new' }
const METRICS = [{ name: 'error', title: 'error', unit: '%', better: 'lower', format: 'percent' }] as const

const run = (seed: number, id: string, error: number, losses: readonly (number | null)[] = []): RecordedRun => ({
  id, seed, commit: null, dirty: false, steps: 1, parameters: 1, seconds: 1, flop: 1, metrics: { 'test/error': error },
  curve: { epoch: losses.map((_, i) => i + 1), values: { 'validation/loss': [...losses] } },
})

const result = (plain: RecordedRun[], other: RecordedRun[], minima?: RecordedResult['minima']): RecordedResult => ({
  format: 1, experiment: 'made', recordedAt: '', machine: '', versions: {},
  arms: [
    { id: 'plain', label: 'plain', settings: {}, runs: plain }, { id: 'new', label: 'new', settings: {}, runs: other },
  ],
  ...(minima && { minima }),
})

describe('a claim', () => {
  const arms = (count: number, by: number) => [0, by].map((less, arm) =>
    Array.from({ length: count }, (_, seed) => run(seed, `${arm}-${seed}`, 0.1 - less - 0.001 * seed)))

  it('is shown by six seeds, open by five, and the other way round where it is', () => {
    const judged = (count: number, by: number) => {
      const [plain = [], other = []] = arms(count, by)
      return judgeClaim(result(plain, other), CLAIM, METRICS)
    }
    expect(judged(6, 0.02)).toMatchObject({ order: 'shown', pairs: 6 })
    expect(judged(5, 0.02)).toMatchObject({ order: 'open', pairs: 5 })
    expect(judged(6, -0.02)).toMatchObject({ order: 'the other way round', pairs: 6 })
  })

  it('of when a loss was lowest counts the last evaluations, and no run without one', () => {
    const metric = 'lowest-at/3/validation/loss'
    const judged = (...losses: readonly (readonly [plain: (number | null)[], other: (number | null)[]])[]) =>
      judgeClaim(
        result(
          losses.map(([plain], seed) => run(seed, `plain-${seed}`, 0, plain)),
          losses.map(([, other], seed) => run(seed, `new-${seed}`, 0, other)),
        ),
        CLAIM, METRICS, metric,
      )
    // The first evaluation is none of the last three; what is not a number is not the lowest.
    expect(judged([[0, 3, null, 1], [0, 1, 2, 3]])).toMatchObject({ order: 'open', pairs: 1 })
    expect(judged([[0, 1, 2, 3], [0, 3, 2, null]])).toMatchObject({ order: 'the other way round', pairs: 1 })
    expect(judged([[3, 2, 1], [null, null, null]], [[3, 2, 1], [1, 2, 3]])).toMatchObject({ pairs: 1 })
    expect(judged([[3, 2, 1], []])).toBeUndefined()
  })

  it('of sharpness reads the box that is named, over all weights or over a subspace', () => {
    const [plain = [], other = []] = arms(1, 0)
    const sharpness = (id: string, large: number, small: number) => [
      { run: id, epsilon: 1e-3, sharpness: large, loss: 1 }, { run: id, epsilon: 5e-4, sharpness: small, loss: 1 },
    ]
    const minima = {
      examples: { train: 1, test: 1 }, line: { alpha: [], trainLoss: [], testLoss: [], testError: [] },
      sharpness: { from: sharpness('0-0', 9, 1), to: sharpness('1-0', 2, 3) },
      subspace: { dimensions: 100, from: sharpness('0-0', 1, 9), to: sharpness('1-0', 3, 2) },
    }
    const orderBy = (metric: string) => judgeClaim(result(plain, other, minima), CLAIM, METRICS, metric)?.order
    const boxes = ['sharpness/0.001', 'sharpness/0.0005', 'sharpness/0.001/subspace', 'sharpness/0.0005/subspace']
    expect(boxes.map(orderBy)).toEqual(['open', 'the other way round', 'the other way round', 'open'])
    expect(orderBy('sharpness/0.1')).toBeUndefined()
  })
})
