// Random, grid and quasi-random search: shares, every combination once, Sobol's points against scipy.
import { randomKey } from '@ddlf/tensor/random'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkParams,
  floatRange,
  gridPoints,
  gridSampler,
  intRange,
  oneOf,
  quasiRandomSampler,
  randomSampler,
  searchSpace,
  when,
  type Params,
  type Sampler,
  type Space,
  type Trial,
} from '../../src/studies/index.ts'
import { SOBOL_DIMENSIONS, sobolSequence } from '../../src/studies/samplers/sobol.ts'
import sobol from './golden/sobol.json' with { type: 'json' }
import { completeTrial } from './made-trials.ts'

const space = searchSpace({
  optimizer: oneOf(['sgd', 'adam']),
  momentum: when(floatRange(0, 0.9, { step: 0.3 }), 'optimizer', ['sgd']),
  depth: intRange(1, 3),
})

function ask(sampler: Sampler, of: Space, count: number, seed = 1): Params[] {
  const trials: Trial[] = []
  for (let number = 0; number < count; number++) {
    const suggestion = sampler.suggest({ space: of, directions: ['minimize'], trials, number, seed })
    if (!suggestion) break
    trials.push(completeTrial(number, suggestion.params, 0))
  }
  return trials.map(trial => trial.params)
}

describe('random search', () => {
  it('gives every value of a range its share, and its logarithm where asked', () => {
    const points = ask(
      randomSampler(),
      searchSpace({ n: intRange(0, 3), c: oneOf(['a', 'b']), lr: floatRange(1e-4, 1, { log: true }) }),
      4000,
    )
    for (let n = 0; n < 4; n++) expect(Math.abs(points.filter(p => p['n'] === n).length - 1000)).toBeLessThan(140)
    expect(Math.abs(points.filter(p => p['c'] === 'a').length - 2000)).toBeLessThan(160)
    expect(Math.abs(points.filter(p => (p['lr'] as number) < 1e-2).length - 2000)).toBeLessThan(160)
  })

  it('gives a parameter the same values when another is added', () => {
    const one = ask(randomSampler(), searchSpace({ x: floatRange(0, 1) }), 5).map(p => p['x'])
    expect(ask(randomSampler(), searchSpace({ y: floatRange(0, 1), x: floatRange(0, 1) }), 5).map(p => p['x'])).toEqual(
      one,
    )
  })
})

describe('grid search', () => {
  it('tries every combination once, conditional ones only where they exist, in an order of the seed', () => {
    const points = ask(gridSampler(), space, 100)
    expect(points).toHaveLength(4 * 3 + 3)
    expect(new Set(points.map(p => JSON.stringify(p))).size).toBe(15)
    for (const point of points) checkParams(space, point)
    expect(ask(gridSampler(), space, 100, 2)).not.toEqual(points)
    expect(ask(gridSampler(), space, 100)).toEqual(points)
  })

  it('lists the integers of a logarithmic range', () => {
    expect(gridPoints(searchSpace({ n: intRange(1, 4, { log: true }) })).map(p => p['n'])).toEqual([1, 2, 3, 4])
  })

  it('takes listed values for a range of floats, and refuses it without', () => {
    const lr = searchSpace({ lr: floatRange(1e-4, 1e-1, { log: true }) })
    expect(() => ask(gridSampler(), lr, 1)).toThrow(/list of values for lr/)
    expect(ask(gridSampler({ values: { lr: [1e-3, 1e-2] } }), lr, 9).map(p => p['lr']).sort()).toEqual([1e-3, 1e-2])
    expect(() => ask(gridSampler({ values: { lr: [1] } }), lr, 1)).toThrow(/values of its range/)
    expect(() => gridPoints(searchSpace({ a: intRange(1, 2000), b: intRange(1, 2000) }))).toThrow(/too large/)
  })
})

describe("Sobol's sequence", () => {
  it('equals scipy in 64 dimensions', () => {
    const point = sobolSequence(SOBOL_DIMENSIONS)
    sobol.points.forEach((expected, i) => expect([...point(i)]).toEqual(expected))
  })

  it('stays even when scrambled: 2^m points have one in each of 2^m intervals of every dimension', () => {
    fc.assert(fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 7 }), (seed, m) => {
      const point = sobolSequence(8, randomKey(seed))
      const n = 2 ** m
      const points = Array.from({ length: n }, (_, i) => point(i))
      for (let d = 0; d < 8; d++) expect(new Set(points.map(p => Math.floor(p[d]! * n))).size).toBe(n)
    }), { numRuns: 30 })
  })

  it('differs from seed to seed', () => {
    expect([...sobolSequence(3, randomKey(1))(0)]).not.toEqual([...sobolSequence(3, randomKey(2))(0)])
  })

  it('serves spaces: an even share of each choice and step, and conditions kept', () => {
    const points = ask(quasiRandomSampler(), searchSpace({ c: oneOf(['a', 'b', 'c', 'd']), n: intRange(0, 7) }), 64)
    for (const c of ['a', 'b', 'c', 'd']) expect(points.filter(p => p['c'] === c)).toHaveLength(16)
    for (let n = 0; n < 8; n++) expect(points.filter(p => p['n'] === n)).toHaveLength(8)
    for (const point of ask(quasiRandomSampler(), space, 32)) expect(() => { checkParams(space, point) }).not.toThrow()
  })

  it('serves more parameters than it has dimensions', () => {
    const wide = searchSpace(Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`x${i}`, floatRange(0, 1)])))
    expect(Object.keys(ask(quasiRandomSampler(), wide, 2)[1]!)).toHaveLength(70)
  })
})
