// NaN in, NaN out: no statistic passes over a value that is missing. The right answers are those of numpy and scipy.
import { expect, it } from 'vitest'
import { bootstrapInterval, mean, median, quantile, rankCorrelation, standardDeviation } from '../../src/index.ts'

it('says NaN where a value is NaN, wherever it stands', () => {
  for (const values of [[NaN, 1, 2, 3], [1, NaN, 2, 3], [1, 2, 3, NaN]]) {
    // numpy: np.median, np.quantile(x, 0.25), np.mean, np.std(ddof=1); scipy: spearmanr (nan_policy='propagate')
    expect([median(values), quantile(values, 0.25), mean(values), standardDeviation(values)]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ])
    expect(rankCorrelation(values, [1, 2, 3, 4])).toBeNaN()
    expect(rankCorrelation([1, 2, 3, 4], values)).toBeNaN()
    expect(bootstrapInterval(values, mean, { resamples: 200 })).toMatchObject({ estimate: NaN, low: NaN, high: NaN })
  }
})

it('takes infinities for what they are', () => {
  expect([median([-Infinity, 1, Infinity]), rankCorrelation([-Infinity, 1, Infinity], [1, 2, 3])]).toEqual([1, 1])
})
