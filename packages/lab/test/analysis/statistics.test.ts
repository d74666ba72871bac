// Intervals, tests and quantiles against scipy and numpy.
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bootstrapInterval,
  differencesBySeed,
  mean,
  median,
  normalQuantile,
  pairedSignFlipTest,
  valuesBySeed,
  quantile,
  sparkline,
  standardDeviation,
  wilsonInterval,
} from '../../src/analysis/index.ts'
import golden from './golden/statistics.json' with { type: 'json' }

const statistics = { mean, median, std: standardDeviation } as const

describe('descriptive statistics', () => {
  it('equal numpy', () => {
    const values = golden.samples.skewed
    expect(mean(values)).toBeCloseTo(golden.descriptive.mean, 12)
    expect(standardDeviation(values)).toBeCloseTo(golden.descriptive.std, 12)
    expect(median(values)).toBeCloseTo(golden.descriptive.median, 12)
    golden.descriptive.q.forEach((q, i) =>
      expect(quantile(values, q)).toBeCloseTo(golden.descriptive.quantiles[i]!, 12),
    )
  })

  it('refuse too few values', () => {
    expect(() => mean([])).toThrow(UserError)
    expect(() => standardDeviation([1])).toThrow(/at least 2 values/)
    expect(() => quantile([1], 1.5)).toThrow(UserError)
  })
})

it('the normal quantile equals scipy', () => {
  golden.normalQuantile.p.forEach((p, i) => {
    const z = golden.normalQuantile.z[i]!
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(z)))
  })
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
})

describe('Wilson interval', () => {
  it.each(golden.wilson)('equals scipy for $errors of $n at $level', ({ errors, n, level, low, high }) => {
    const interval = wilsonInterval(errors, n, level)
    expect(interval.low).toBeCloseTo(low, 12)
    expect(interval.high).toBeCloseTo(high, 12)
  })

  it('equals the published values of Newcombe 1998, table I (81 of 263, 15 of 148, 0 of 20, 1 of 29)', () => {
    const published = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const
    for (const [errors, n, low, high] of published) {
      const interval = wilsonInterval(errors, n)
      expect(interval.low.toFixed(4)).toBe(low.toFixed(4))
      expect(interval.high.toFixed(4)).toBe(high.toFixed(4))
    }
  })

  it('contains the estimate and stays inside 0 .. 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 0.999, noNaN: true }),
        (n, share, level) => {
          const { estimate, low, high } = wilsonInterval(Math.round(share * n), n, level)
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
          expect(low).toBeLessThanOrEqual(estimate)
          expect(high).toBeGreaterThanOrEqual(estimate)
        },
      ),
    )
  })

  it('refuses shares', () => expect(() => wilsonInterval(5, 0.2)).toThrow(/Pass counts/))
})

describe('bootstrap interval', () => {
  it.each(golden.bootstrap)(
    'equals scipy for the $statistic of $sample within Monte Carlo error',
    ({ sample, statistic, low, high, standardError }) => {
      const values = golden.samples[sample as keyof typeof golden.samples]
      const interval = bootstrapInterval(values, statistics[statistic as keyof typeof statistics], {
        resamples: 20_000,
        seed: 7,
      })
      expect(interval.estimate).toBeCloseTo(statistics[statistic as keyof typeof statistics](values), 12)
      // The Monte Carlo error of a 2.5 % quantile from 20000 resamples is about 2 % of the standard error; with five
      // values the resampled statistic has few distinct values, so that a quantile may step from one to the next.
      const slack = (sample === 'seeds' ? 0.2 : 0.1) * standardError
      expect(Math.abs(interval.low - low)).toBeLessThanOrEqual(slack)
      expect(Math.abs(interval.high - high)).toBeLessThanOrEqual(slack)
    },
  )

  it('is a pure function of its seed', () => {
    const values = golden.samples.skewed
    expect(bootstrapInterval(values, median, { seed: 3, resamples: 200 })).toEqual(
      bootstrapInterval(values, median, { seed: 3, resamples: 200 }),
    )
    expect(bootstrapInterval(values, mean, { seed: 3, resamples: 200 })).not.toEqual(
      bootstrapInterval(values, mean, { seed: 4, resamples: 200 }),
    )
  })

  it('never reads outside the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.integer(),
        (values, seed) => {
          const { low, high } = bootstrapInterval(values, mean, { seed, resamples: 20 })
          expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12)
          expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-12)
        },
      ),
    )
  })

  it('refuses empty input', () => {
    expect(() => bootstrapInterval([])).toThrow(UserError)
    expect(() => bootstrapInterval([1], mean, { level: 2 })).toThrow(UserError)
  })
})

describe('paired sign-flip test', () => {
  it.each(golden.signFlip.filter(one => one.differences.length <= 20))(
    'equals scipy exactly: $differences',
    ({ differences, pValue }) => {
      const result = pairedSignFlipTest(differences)
      expect(result.method).toBe('exact')
      expect(result.pValue).toBeCloseTo(pValue, 12)
      expect(result.floor).toBe(2 / 2 ** differences.length)
    },
  )

  it('equals scipy within Monte Carlo error above 20 pairs', () => {
    for (const { differences, pValue } of golden.signFlip.filter(one => one.differences.length > 20)) {
      const result = pairedSignFlipTest(differences, { seed: 1 })
      expect(result.method).toBe('Monte Carlo')
      expect(Math.abs(result.pValue - pValue)).toBeLessThan(5 * Math.sqrt((pValue + 1e-4) / 100_000))
    }
  })

  it('agrees with plain enumeration', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 9 }), differences => {
        const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0))
        let extreme = 0
        for (let signs = 0; signs < 2 ** differences.length; signs++) {
          const sum = differences.reduce((total, value, i) => total + ((signs >> i) & 1 ? value : -value), 0)
          if (Math.abs(sum) >= observed) extreme++
        }
        expect(pairedSignFlipTest(differences).pValue).toBeCloseTo(extreme / 2 ** differences.length, 12)
      }),
    )
  })

  it('rarely rejects what is equal', () => {
    const rejected = Array.from(
      { length: 400 },
      (_, trial) => pairedSignFlipTest(normals(randomKey(trial, 'null'), 8)).pValue <= 0.05,
    ).filter(Boolean).length
    // Binomial(400, at most 0.05): more than 36 has a probability below 0.001.
    expect(rejected).toBeLessThanOrEqual(36)
  })

  it('refuses no pairs', () => expect(() => pairedSignFlipTest([])).toThrow(UserError))
})

describe('sparkline', () => {
  it('draws low to high, leaves gaps and averages long curves', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline([1, NaN, 2])).toBe('▁ █')
    expect(sparkline([3, 3])).toBe('▅▅')
    expect(sparkline(Float64Array.from({ length: 1000 }, (_, i) => -i), { width: 8 })).toBe('█▇▆▅▄▃▂▁')
    expect(sparkline([])).toBe('')
  })
})

describe('runs by seed', () => {
  const run = (seed: number, error: number) => ({ seed, error })
  const error = (one: { readonly error: number }) => one.error

  it('several runs of a seed are one value, their mean', () => {
    expect([...valuesBySeed([run(2, 0.4), run(1, 0.1), run(1, 0.3)], error)]).toEqual([[2, 0.4], [1, 0.2]])
  })

  it('pairs are the seeds that both have, finite on both sides', () => {
    const first = [run(1, 0.5), run(1, 0.7), run(2, 0.5), run(3, Number.NaN), run(4, 1)]
    const { seeds, differences } = differencesBySeed(first, [run(2, 0.25), run(1, 0.1), run(3, 0.1), run(5, 0)], error)
    expect(seeds).toEqual([1, 2])
    expect(differences.map(value => Number(value.toFixed(12)))).toEqual([0.5, 0.25])
  })
})
