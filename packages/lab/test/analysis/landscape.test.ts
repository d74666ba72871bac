// Sharpness and loss slices on functions whose answers are known in closed form.
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'
import { describe, expect, it } from 'vitest'
import {
  filterNormalisedDirection,
  learningRateFinder,
  lossInterpolation,
  lossSlice,
  lossSurface,
  sharpness,
} from '../../src/analysis/index.ts'

describe('sharpness', () => {
  // f(x) = 0.25 + sum c_i (x_i - 1)^2 / 2, minimal at 1.
  const bowl = (curvature: readonly number[]) => (x: Float32Array) =>
    Promise.resolve({
      loss: 0.25 + x.reduce((sum, v, i) => sum + 0.5 * curvature[i]! * (v - 1) ** 2, 0),
      gradient: x.map((v, i) => curvature[i]! * (v - 1)),
    })

  it('equals the closed form on a bowl: the maximum lies in the corner of the box', async () => {
    const curvature = [1, 10, 100]
    // Slightly off the minimum, as a trained network is: exactly at it the gradient is zero and the search cannot
    // start.
    const at = Float32Array.of(1.0001, 1.0001, 1.0001)
    const epsilon = 1e-2
    const result = await sharpness(bowl(curvature), at, { epsilon })
    const loss = 0.25 + curvature.reduce((sum, c) => sum + 0.5 * c * (at[0]! - 1) ** 2, 0)
    const corner = at[0]! + epsilon * (at[0]! + 1) - 1
    const largest = 0.25 + curvature.reduce((sum, c) => sum + 0.5 * c * corner ** 2, 0)
    expect(result.loss).toBeCloseTo(loss, 6)
    expect(result.largestLoss).toBeCloseTo(largest, 5)
    expect(result.sharpness).toBeCloseTo((100 * (largest - loss)) / (1 + loss), 3)
    expect(result.dimensions).toBe(3)
  })

  it('grows with curvature and with epsilon', async () => {
    const at = Float32Array.of(1.001, 0.999, 1.001)
    const flat = await sharpness(bowl([1, 1, 1]), at)
    const sharp = await sharpness(bowl([50, 50, 50]), at)
    const wide = await sharpness(bowl([50, 50, 50]), at, { epsilon: 5e-3 })
    expect(sharp.sharpness).toBeGreaterThan(10 * flat.sharpness)
    expect(wide.sharpness).toBeGreaterThan(sharp.sharpness)
    expect(flat.sharpness).toBeGreaterThanOrEqual(0)
  })

  it('stays inside the box in a random subspace and is reproducible', async () => {
    const n = 400
    const at = normals(randomKey(1, 'weights'), n, 0, 0.1)
    const curvature = Array.from({ length: n }, (_, i) => 1 + (i % 7))
    const visited: number[] = []
    const evaluate = (x: Float32Array) => {
      visited.push(Math.max(...x.map((v, i) => Math.abs(v - at[i]!))))
      return bowl(curvature)(x)
    }
    const options = { subspace: 20, epsilon: 1e-3, seed: 3 }
    const result = await sharpness(evaluate, at, options)
    expect(result.dimensions).toBe(20)
    expect(result.sharpness).toBeGreaterThan(0)
    // |A z| <= sum over 20 columns of |a| epsilon (|A+ x| + 1), with |a| below 5 and |A+ x| far below 1.
    expect(Math.max(...visited)).toBeLessThan(20 * 5 * 1e-3 * 2)
    expect(await sharpness(evaluate, at, options)).toEqual(result)
    expect((await sharpness(evaluate, at, { ...options, seed: 4 })).sharpness).not.toBe(result.sharpness)
  })

  it('of a linear function in a subspace is its closed form', async () => {
    // f = 3 + g.x is largest in the corner: f(x) + sum_j epsilon (|(A+ x)_j| + 1) |a_j.g|; with x = 0, sum_j epsilon
    // |a_j.g|.
    const n = 50
    const g = normals(randomKey(8, 'slope'), n)
    const columns = Array.from({ length: 4 }, (_, j) => normals(randomKey(2, 'sharpness subspace', j), n))
    const rise = columns.reduce((sum, a) => sum + 1e-3 * Math.abs(a.reduce((dot, v, i) => dot + v * g[i]!, 0)), 0)
    const evaluate = (x: Float32Array) =>
      Promise.resolve({ loss: 3 + x.reduce((sum, v, i) => sum + v * g[i]!, 0), gradient: g })
    const result = await sharpness(evaluate, new Float32Array(n), { subspace: 4, seed: 2 })
    expect(result.sharpness).toBeCloseTo((100 * rise) / 4, 4)
  })

  it('refuses a subspace larger than the space', async () => {
    await expect(sharpness(bowl([1]), Float32Array.of(1), { subspace: 2 })).rejects.toThrow(UserError)
  })
})

describe('loss slices', () => {
  const parameters = Float32Array.of(3, 4, 0, 5, 1, 2)
  const blocks = [{ shape: [2, 2] }, { shape: [2] }]

  it('have directions with the norm of each filter, and biases that stay', () => {
    const d = filterNormalisedDirection(parameters, blocks, { seed: 9 })
    expect(Math.hypot(d[0]!, d[1]!)).toBeCloseTo(5, 5)
    expect(Math.hypot(d[2]!, d[3]!)).toBeCloseTo(5, 5)
    expect([d[4], d[5]]).toEqual([0, 0])
    expect(filterNormalisedDirection(parameters, blocks, { seed: 9 })).toEqual(d)
    expect(filterNormalisedDirection(parameters, blocks, { seed: 9, index: 1 })).not.toEqual(d)
  })

  it('evaluate the loss where they say', async () => {
    const loss = (x: Float32Array) => Promise.resolve(x[0]! ** 2 + 10 * x[1]!)
    const line = await lossSlice(loss, Float32Array.of(1, 2), Float32Array.of(1, 0), { range: 2, points: 5 })
    expect([...line.alphas]).toEqual([-2, -1, 0, 1, 2])
    expect([...line.losses]).toEqual([21, 20, 21, 24, 29])
    const surface = await lossSurface(loss, Float32Array.of(1, 2), [Float32Array.of(1, 0), Float32Array.of(0, 1)], {
      points: 3,
    })
    expect([...surface.losses]).toEqual([10, 11, 14, 20, 21, 24, 30, 31, 34])
    const path = await lossInterpolation(loss, Float32Array.of(0, 0), Float32Array.of(2, 1), {
      low: 0,
      high: 1,
      points: 3,
    })
    expect([...path.losses]).toEqual([0, 6, 14])
  })

  it('refuse vectors of different models', async () => {
    await expect(lossSlice(() => Promise.resolve(0), Float32Array.of(1), Float32Array.of(1, 2))).rejects.toThrow(
      UserError,
    )
    expect(() => filterNormalisedDirection(parameters, [{ shape: [2, 2] }])).toThrow(/account for every number/)
  })
})

describe('learning-rate finder', () => {
  /** Gradient descent on a noisy bowl of the given curvature, from far away. */
  const descent = (curvature: number) => {
    let x = 10
    return (rate: number) => {
      const loss = 0.5 * curvature * x * x
      x -= rate * curvature * x
      return Promise.resolve(loss)
    }
  }

  it('suggests a rate at which gradient descent converges, and stops when it diverges', async () => {
    const result = await learningRateFinder(descent(1), { low: 1e-5, high: 100, smoothing: 0.8 })
    expect(result.stopped).toBe('diverged')
    expect(result.rates.length).toBeLessThan(100)
    expect(result.suggestion).toBeGreaterThan(1e-3)
    // Above 2 / curvature gradient descent diverges.
    expect(result.suggestion).toBeLessThan(2)
    expect(result.rates.every((rate, i) => i === 0 || rate > result.rates[i - 1]!)).toBe(true)
  })

  it('scales with the curvature', async () => {
    const flat = await learningRateFinder(descent(0.1), { high: 1000, smoothing: 0.8 })
    const steep = await learningRateFinder(descent(100), { high: 1000, smoothing: 0.8 })
    expect(flat.suggestion! / steep.suggestion!).toBeGreaterThan(50)
  })

  it('ends early at a loss that is not finite, and refuses one at the start', async () => {
    let step = 0
    const result = await learningRateFinder(() => Promise.resolve(step++ < 10 ? 1 / step : NaN))
    expect(result.stopped).toBe('diverged')
    expect(result.losses).toHaveLength(10)
    await expect(learningRateFinder(() => Promise.resolve(NaN))).rejects.toThrow(UserError)
    await expect(learningRateFinder(() => Promise.resolve(1), { low: 1, high: 0.1 })).rejects.toThrow(UserError)
  })

  it('suggests nothing when the loss never falls', async () => {
    let loss = 1
    const result = await learningRateFinder(() => Promise.resolve((loss += 0.01)))
    expect(result.suggestion).toBeUndefined()
  })
})
