// Initialisers: distributions by the Kolmogorov-Smirnov distance and PyTorch's gains and fans, and what a seed decides.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { randomKey } from '@ddlf/tensor/random'
import { countWeights, Embedding, init, Linear, stateDict, withSeed, type Initializer } from '../src/index.ts'

interface Golden {
  gains: Record<string, number>
  fans: { shape: number[]; fans: [number, number] }[]
  levels: number[]
  truncated: { mean: number; standardDeviation: number; low: number; high: number; quantiles: number[] }[]
}

const golden = JSON.parse(readFileSync(new URL('golden/initialisation.json', import.meta.url), 'utf8')) as Golden
const SHAPE = [160, 250] as const
const draw = (initializer: Initializer, seed = 1) => initializer(SHAPE, randomKey(seed))

/** The largest distance between the share of values below a point and what the distribution says. */
function distance(values: Float32Array, below: (x: number) => number): number {
  const sorted = values.slice().sort()
  return sorted.reduce((worst, value, i) => Math.max(
    worst, Math.abs(below(value) - i / sorted.length), Math.abs(below(value) - (i + 1) / sorted.length),
  ), 0)
}

/** The 0.1 % critical value of the Kolmogorov-Smirnov distance for 40,000 values. */
const CRITICAL = 1.95 / Math.sqrt(SHAPE[0] * SHAPE[1])
const uniformBelow = (low: number, high: number) => (x: number) => Math.min(Math.max((x - low) / (high - low), 0), 1)

/** Normal distribution function. Source: Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function normalBelow(x: number): number {
  if (x < 0) return 1 - normalBelow(-x)
  const t = 1 / (1 + 0.2316419 * x)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series
}

describe('initialisers', () => {
  it('have PyTorch\'s gains and fans', () => {
    for (const [name, gain] of Object.entries(golden.gains)) expect(init.calculateGain(name as init.Nonlinearity))
      .toBeCloseTo(gain, 6)
    for (const { shape, fans: [fanIn, fanOut] } of golden.fans) expect(init.fans(shape)).toEqual({ fanIn, fanOut })
    expect(() => init.fans([3])).toThrow(/at least two axes[^]*\[3\]/)
  })

  const [out, into] = SHAPE
  it.each<[string, Initializer, number]>([
    ['PyTorch\'s default', init.kaimingUniform({ slope: Math.sqrt(5) }), 1 / Math.sqrt(into)],
    ['kaimingUniform', init.kaimingUniform({ nonlinearity: 'relu' }), Math.sqrt(6 / into)],
    [
      'kaimingUniform by fanOut', init.kaimingUniform({ mode: 'fanOut', nonlinearity: 'tanh' }),
      (5 / 3) * Math.sqrt(3 / out),
    ],
    ['xavierUniform', init.xavierUniform({ gain: 2 }), 2 * Math.sqrt(6 / (into + out))],
    ['uniform', init.uniform(-0.3, 0.3), 0.3],
  ])('%s is uniform within its limit', (_name, initializer, limit) => {
    expect(distance(draw(initializer), uniformBelow(-limit, limit))).toBeLessThan(CRITICAL)
  })

  it.each<[string, Initializer, number]>([
    ['kaimingNormal', init.kaimingNormal({ nonlinearity: 'relu' }), Math.sqrt(2 / into)],
    ['kaimingNormal by fanOut', init.kaimingNormal({ mode: 'fanOut' }), Math.sqrt(2 / out)],
    ['xavierNormal', init.xavierNormal(), Math.sqrt(2 / (into + out))],
    ['normal', init.normal(0, 0.02), 0.02],
  ])('%s is normal with its standard deviation', (_name, initializer, deviation) => {
    expect(distance(draw(initializer), x => normalBelow(x / deviation))).toBeLessThan(CRITICAL)
  })

  it.each(golden.truncated)('truncatedNormal $mean $standardDeviation within [$low, $high] has the quantiles of scipy',
    ({ quantiles, ...options }) => {
    const values = draw(init.truncatedNormal(options))
    expect(values.every(value => value >= Math.fround(options.low) && value <= Math.fround(options.high))).toBe(true)
    quantiles.forEach((quantile, i) => {
      const below = values.filter(value => value <= quantile).length / values.length
      expect(Math.abs(below - golden.levels[i]!)).toBeLessThan(CRITICAL)
    })
  })

  it.each([[[6, 10]], [[10, 6]], [[8, 4, 3]]])('orthogonal makes rows or columns of %j orthonormal', shape => {
    const values = init.orthogonal({ gain: 2 })(shape, randomKey(3))
    const [rows, columns] = [shape[0]!, values.length / shape[0]!]
    const at = (row: number, column: number) => values[row * columns + column]!
    const [vectors, length] = rows <= columns ? [rows, columns] : [columns, rows]
    const element = (vector: number, k: number) => (rows <= columns ? at(vector, k) : at(k, vector))
    for (let i = 0; i < vectors; i++) {
      for (let j = 0; j < vectors; j++) {
        let product = 0
        for (let k = 0; k < length; k++) product += element(i, k) * element(j, k)
        expect(product).toBeCloseTo(i === j ? 4 : 0, 5)
      }
    }
  })

  it('constants are constant, and impossible limits are refused', () => {
    expect(new Set(draw(init.zeros))).toEqual(new Set([0]))
    expect(new Set(draw(init.ones))).toEqual(new Set([1]))
    expect(new Set(draw(init.constant(0.5)))).toEqual(new Set([0.5]))
    expect(() => init.truncatedNormal({ low: 10, high: 11 })).toThrow(/two standard deviations/)
  })
})

describe('a seed', () => {
  const build = () => ({ a: new Linear(8, 8), b: new Linear(8, 8), table: new Embedding(5, 4) })

  it('decides every parameter bit for bit', () => {
    expect(stateDict(withSeed(7, build))).toEqual(stateDict(withSeed(7, build)))
    expect(stateDict(withSeed(7, build))['a.weight']).not.toEqual(stateDict(withSeed(8, build))['a.weight'])
  })

  it('gives each parameter values of its own', () => {
    const { a, b } = withSeed(7, build)
    expect(a.weight.toTypedArray()).not.toEqual(b.weight.toTypedArray())
  })

  it('lasts for one call, also when it fails, and must be a whole number', () => {
    expect(() => withSeed(1, () => { throw new Error('no model') })).toThrow('no model')
    expect(withSeed(3, () => withSeed(7, build).a.weight.toArray())).toEqual(withSeed(7, build).a.weight.toArray())
    expect(() => withSeed(0.5, build)).toThrow(/whole number[^]*0.5/)
  })

  it('makes the bias of Linear as PyTorch does, or zero with an initialiser', () => {
    const { bias } = withSeed(1, () => new Linear(25, 2000))
    const values = bias!.toTypedArray() as Float32Array
    expect(distance(values, uniformBelow(-0.2, 0.2))).toBeLessThan(1.95 / Math.sqrt(values.length))
    expect(new Set(new Linear(3, 2, { init: init.xavierUniform() }).bias!.toTypedArray())).toEqual(new Set([0]))
  })
})

it('weights are counted without being drawn, and what is drawn afterwards is the same', () => {
  const build = () => [new Linear(784, 10), new Embedding(5, 3)]
  expect(countWeights(build)).toBe(784 * 10 + 10 + 15)
  const drawn = (counts: boolean) => withSeed(3, () => {
    if (counts) expect(countWeights(build)).toBe(7865)
    return stateDict(new Linear(4, 2))
  })
  expect(drawn(true)).toEqual(drawn(false))
  expect(() => countWeights(() => { throw new Error('no model') })).toThrow('no model')
  expect(stateDict(withSeed(3, () => new Linear(4, 2)))).toEqual(drawn(false))
})
