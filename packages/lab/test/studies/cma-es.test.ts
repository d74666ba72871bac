// CMA-ES against the cmaes package (which Optuna uses), and what it finds.
import { describe, expect, it } from 'vitest'
import {
  checkParams,
  cmaEsSampler,
  createStudy,
  floatRange,
  intRange,
  oneOf,
  randomSampler,
  searchSpace,
  when,
  type Params,
} from '../../src/studies/index.ts'
import { cmaConstants, cmaStart, cmaUpdate } from '../../src/studies/samplers/cma-es.ts'
import golden from './golden/cma-es.json' with { type: 'json' }
import { completeTrial } from './made-trials.ts'

const box = (d: number) =>
  searchSpace(Object.fromEntries(Array.from({ length: d }, (_, i) => [`x${i}`, floatRange(-5, 5)])))
const valuesOf = (params: Params) => Object.values(params) as number[]
/** Ill-conditioned and rotated: sum over neighbours of 100 (x_i - x_{i+1})^2 + (x_i - 1)^2. */
const valley = (params: Params) =>
  valuesOf(params).reduce((sum, x, i, all) => sum + (x - 1) ** 2 + (i > 0 ? 100 * (x - all[i - 1]!) ** 2 : 0), 0)

async function best(sampler: ReturnType<typeof cmaEsSampler>, seed: number, trials: number): Promise<number> {
  const study = createStudy({ name: 's', space: box(4), sampler, seed })
  await study.optimize(({ params }) => valley(params), { trials })
  return study.best!.values![0]!
}

describe('CMA-ES', () => {
  it.each(golden.cases)(
    'has the distributions of the cmaes package, generation by generation, in $dimension dimensions',
    ({ dimension, population, generations }) => {
      const constants = cmaConstants(dimension, population)
      expect(cmaConstants(dimension).lambda).toBe(4 + Math.floor(3 * Math.log(dimension)))
      let state = cmaStart(dimension, 1 / 6)
      for (const [g, { ranked, mean, sigma, covariance }] of generations.entries()) {
        state = cmaUpdate(
          state,
          ranked.map(point => Float64Array.from(point)),
          constants,
        )
        mean.forEach((value, i) => expect(state.mean[i], `mean of generation ${g}`).toBeCloseTo(value, 8))
        expect(Math.abs(state.sigma / sigma - 1)).toBeLessThan(1e-6)
        covariance.flat().forEach((value, i) => expect(Math.abs(state.covariance[i]! - value)).toBeLessThan(1e-6))
      }
    },
  )

  it('goes down a narrow, rotated valley where random search does not', async () => {
    for (const seed of [1, 2, 3]) {
      const found = await best(cmaEsSampler(), seed, 400)
      expect(found).toBeLessThan(0.5)
      expect(found).toBeLessThan(await best(randomSampler(), seed, 400) / 5)
    }
  })

  it('maximises as it minimises', async () => {
    const study = createStudy({ name: 's', space: box(2), sampler: cmaEsSampler(), direction: 'maximize' })
    await study.optimize(({ params }) => -valley(params), { trials: 150 })
    expect(study.best!.values![0]).toBeGreaterThan(-0.1)
  })

  it('waits for the whole generation, and keeps ranges, steps, conditions and choices', async () => {
    const space = searchSpace({
      x: floatRange(0, 1, { step: 0.25 }),
      n: intRange(1, 64, { log: true }),
      kind: oneOf(['a', 'b']),
      inner: when(floatRange(0, 1), 'kind', ['a']),
    })
    const study = createStudy({ name: 's', space, sampler: cmaEsSampler() })
    const asked = Array.from({ length: 10 }, () => study.ask())
    expect(asked.map(trial => trial.systemAttributes['ddlf:cma:generation'] ?? 0)).toEqual(Array(10).fill(0))
    for (const { number } of asked) study.tell(number, number)
    await study.optimize(({ params }) => params['x'] as number, { trials: 40 })
    for (const trial of study.trials) expect(() => { checkParams(space, trial.params) }).not.toThrow()
    expect(study.trials.at(-1)?.systemAttributes['ddlf:cma:generation']).toBeGreaterThan(2)
  })

  it('is a pure function of the question, also where nothing is numeric', () => {
    const question = {
      space: box(3),
      directions: ['minimize'] as const,
      trials: [completeTrial(0, {}, 1)],
      number: 3,
      seed: 4,
    }
    expect(cmaEsSampler().suggest(question)).toEqual(cmaEsSampler().suggest(question))
    expect(
      Object.keys(cmaEsSampler().suggest({ ...question, space: searchSpace({ k: oneOf(['a']) }) })!.params),
    ).toEqual(['k'])
  })

  it('refuses several objectives and options that make no sense', () => {
    expect(() =>
      cmaEsSampler().suggest({ space: box(2), directions: ['minimize', 'minimize'], trials: [], number: 0, seed: 0 }),
    ).toThrow(/one objective/)
    expect(() => cmaEsSampler({ sigma: 0 })).toThrow(/sigma/)
    expect(() => cmaEsSampler({ populationSize: 2 })).toThrow(/populationSize/)
  })
})
