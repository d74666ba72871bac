// What a figure measured again is said to be, beside the recorded seeds: Student's quantiles against scipy 1.17.1.
import { expect, it } from 'vitest'
import { mean, predictionInterval, reproductionOf, standardDeviation, studentQuantile } from '../../src/index.ts'
import { error } from '../../src/tasks/classification/metrics.ts'

/** `scipy.stats.t.ppf((1 + level) / 2, freedom)` */
const quantiles = [
  [0.5, 1, 1.0000000000000002], [0.5, 2, 0.8164965809277261], [0.5, 7, 0.7111417780817866],
  [0.95, 1, 12.706204736174694], [0.95, 2, 4.302652729749462], [0.95, 3, 3.1824463052837078],
  [0.95, 10, 2.228138851986274], [0.95, 31, 2.039513446396408], [0.95, 200, 1.9718962236339088],
  [0.99, 1, 63.656741162871526], [0.99, 2, 9.924843200918287], [0.99, 3, 5.840909309733355],
  [0.99, 4, 4.604094871349992], [0.99, 7, 3.4994832973504924], [0.99, 200, 2.600634436191558],
] as const
it.each(quantiles)("Student's quantile within %f of %i degrees of freedom is %f", (level, freedom, value) => {
  expect(Math.abs(studentQuantile(level, freedom) / value - 1)).toBeLessThan(1e-12)
})

it('the interval of one more seed is that of Student; one seed alone says nothing of the spread', () => {
  const values = [0.0173, 0.0181, 0.0177]
  const { estimate, low, high } = predictionInterval(values, 0.99)
  expect(estimate).toBe(mean(values))
  expect(high - estimate).toBeCloseTo(9.924843200918287 * standardDeviation(values) * Math.sqrt(4 / 3), 12)
  expect(estimate - low).toBeCloseTo(high - estimate, 15)
  expect(predictionInterval([0.5])).toMatchObject({ low: -Infinity, high: Infinity })
  expect(() => predictionInterval([])).toThrow('at least one value')
  expect(() => predictionInterval([1, 2], 1)).toThrow('level between 0 and 1')
})

const spread = (...values: number[]) =>
  ({ values, mean: mean(values), deviation: values.length > 1 ? standardDeviation(values) : 0, count: values.length })
it.each([
  ['within the resolution of one seed', 0.5256, [0.525], 'holds'],
  ['away from the only seed', 0.57, [0.525], 'undecided'],
  ['in the interval of three', 0.034, [0.03, 0.032, 0.034], 'holds'],
  ['outside the interval of three', 0.06, [0.03, 0.032, 0.034], 'does not hold'],
  ['outside that of two, which is wide', 0.6, [0.03, 0.034], 'does not hold'],
  ['no figure', undefined, [0.525], 'does not hold'],
  ['not a number', NaN, [0.525], 'does not hold'],
] as const)('%s', (_, measured, recorded, verdict) => {
  expect(reproductionOf(measured, spread(...recorded), error)).toBe(verdict)
})
