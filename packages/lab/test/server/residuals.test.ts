// Predictions of a number beside the truth: scikit-learn's metrics, every residual in its bin, the farthest first.
import fc from 'fast-check'
import type { Dataset } from '@ddlf/data'
import { describe, expect, it } from 'vitest'
import { residualsOf } from '../../src/server/residuals.ts'

const setOf = (truths: readonly number[], text?: Record<string, string[]>): Dataset => ({
  name: 'made',
  length: truths.length,
  columns: { target: { dtype: 'float32', shape: [], data: Float32Array.from(truths) } },
  ...(text && { text }),
})

describe('residuals', () => {
  it("have the metrics of scikit-learn's own example, and name the row that is farthest off", () => {
    const set = setOf([3, -0.5, 2, 7], { rooms: ['1', '2', '3', '4'] })
    const found = residualsOf(set, [2.5, 0, 2, 8], { target: 'price', count: 2 })
    // mean_absolute_error 0.5, mean_squared_error 0.375, r2_score 0.9486081370449679.
    expect(found.metrics.mae).toBeCloseTo(0.5, 12)
    expect(found.metrics.rmse).toBeCloseTo(Math.sqrt(0.375), 12)
    expect(found.metrics.r2).toBeCloseTo(0.9486081370449679, 12)
    // numpy.std of the truths.
    expect(found.spread).toBeCloseTo(2.7012728481217888, 7)
    expect(found.points).toEqual([
      [3, 2.5],
      [-0.5, 0],
      [2, 2],
      [7, 8],
    ])
    expect(found.worst[0]).toEqual({ index: 3, truth: 7, prediction: 8, fields: { rooms: '4' } })
    expect(found.residuals).toMatchObject({ from: -1, to: 1 })
    expect([found.residuals.counts[0], found.residuals.counts[15], found.residuals.counts.at(-1)]).toEqual([0, 1, 1])
  })

  it('of any predictions all fall into bins, and few enough points are shown', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(Math.fround)
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 3000 }), pairs => {
        const found = residualsOf(
          setOf(pairs.map(([truth]) => truth)),
          pairs.map(([, prediction]) => prediction),
          { target: 'y', count: 5 },
        )
        expect(found.residuals.counts.reduce((a, b) => a + b)).toBe(pairs.length)
        expect(found.points.length).toBeLessThanOrEqual(1000)
        expect(found.worst).toHaveLength(Math.min(5, pairs.length))
        expect(Number.isNaN(found.metrics.r2)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('where all truths are equal have no share that is explained', () => {
    expect(residualsOf(setOf([2, 2]), [2, 3], { target: 'y', count: 1 }).metrics).toMatchObject({
      r2: null,
      mae: 0.5,
    })
  })
})
