// The tree-structured Parzen estimator against Optuna 5.0.0: weights, splits, bandwidths, densities, truncated normals.
import { randomKey } from '@ddlf/tensor/random'
import { describe, expect, it } from 'vitest'
import {
  floatRange,
  intRange,
  oneOf,
  randomSampler,
  searchSpace,
  tpeSampler,
  when,
  type Distribution,
  type Params,
  type Space,
  type Trial,
} from '../../src/studies/index.ts'
import {
  drawFromMixture,
  mixtureLogDensity,
  observationWeights,
  parzenEstimator,
  type Mixture,
} from '../../src/studies/samplers/parzen.ts'
import { drawsOf } from '../../src/studies/samplers/sampler.ts'
import { countBelow, splitTrials } from '../../src/studies/samplers/split-trials.ts'
import {
  logNormalCdf,
  truncatedNormalLogPdf,
  truncatedNormalQuantile,
} from '../../src/studies/samplers/truncated-normal.ts'
import logNormal from './golden/log-normal.json' with { type: 'json' }
import golden from './golden/tpe.json' with { type: 'json' }
import { completeTrial, madeTrial } from './made-trials.ts'

interface WrittenDistribution {
  type: string
  low?: number
  high?: number
  log?: boolean
  step?: number | null
  choices?: string[]
}

function distributionOf(written: WrittenDistribution): Distribution {
  if (written.choices) return oneOf(written.choices)
  const { low = 0, high = 0, log = false, step } = written
  return written.type === 'FloatDistribution'
    ? { kind: 'float', low, high, log, step: step ?? null }
    : { kind: 'int', low, high, log, step: step ?? 1 }
}

const relative = (a: number, b: number) => Math.abs(a - b) / Math.max(1e-300, Math.abs(b))

describe('the truncated normal', () => {
  it('has the logarithm of the distribution function of scipy, far into both tails', () => {
    logNormal.x.forEach((x, i) =>
      expect(relative(logNormalCdf(x), logNormal.logCdf[i]!), `at ${x}`).toBeLessThan(1e-12),
    )
  })

  it.each(golden.truncatedNormal)(
    'has the quantiles and densities of Optuna on $a .. $b',
    ({ a, b, q, ppf, x, logpdf }) => {
      q.forEach((p, i) => expect(truncatedNormalQuantile(p, a, b)).toBeCloseTo(ppf[i]!, 8))
      x.forEach((value, i) => expect(Math.abs(truncatedNormalLogPdf(value, a, b) - logpdf[i]!)).toBeLessThan(1e-7))
      expect(truncatedNormalLogPdf(b + 1, a, b)).toBe(-Infinity)
    },
  )
})

describe('the Parzen estimator', () => {
  it('equals the example of the specification', () => {
    const mixture = parzenEstimator([floatRange(0, 1)], [[0.1, 0.4, 0.45]])
    const [kernels] = mixture.kernels
    expect([...mixture.weights]).toEqual([0.25, 0.25, 0.25, 0.25])
    const sigma = kernels && 'sigma' in kernels ? [...kernels.sigma] : []
    ;;[0.3, 0.3, 0.2, 1].forEach((value, i) => expect(sigma[i]).toBeCloseTo(value, 12))
    ;[-0.07882, 0.36036, -1.21051].forEach((value, i) =>
      expect(mixtureLogDensity(mixture, [[0], [0.42], [1]])[i]).toBeCloseTo(value, 5),
    )
  })

  it.each(golden.gammaAndWeights)(
    'takes $below of $n trials as good, with the weights of Optuna',
    ({ n, below, weights }) => {
      expect(countBelow(n)).toBe(below)
      const made = observationWeights(n)
      expect(made.length).toBe(n)
      weights.forEach((weight, i) => expect(made[i]).toBeCloseTo(weight, 12))
    },
  )

  it.each(golden.parzen.map(c => [c.name, c] as const))('equals Optuna: %s', (_name, c) => {
    const names = Object.keys(c.space)
    const distributions = Object.values(c.space as unknown as Record<string, WrittenDistribution>).map(distributionOf)
    const observed = c.observations as unknown as Record<string, number[]>
    const points = c.points as unknown as Record<string, number[]>
    const mixture = parzenEstimator(distributions, names.map(name => observed[name]!))
    c.mixture.weights.forEach((weight, i) => expect(mixture.weights[i]).toBeCloseTo(weight, 12))
    c.mixture.components.forEach((component, d) => {
      const kernels = mixture.kernels[d]!
      if ('mu' in kernels) {
        ;(component as unknown as { mu: number[] }).mu.forEach((mu, i) => expect(kernels.mu[i]).toBeCloseTo(mu, 10))
        ;(component as unknown as { sigma: number[] }).sigma.forEach((sigma, i) =>
          expect(kernels.sigma[i], `sigma ${i}`).toBeCloseTo(sigma, 10),
        )
      } else {
        ;(component as unknown as { weights: number[][] }).weights
          .flat()
          .forEach((p, i) => expect(kernels.probabilities[i]).toBeCloseTo(p, 12))
      }
    })
    const rows = c.logDensity.map((_, i) => names.map(name => points[name]![i]!))
    const density = mixtureLogDensity(mixture, rows)
    c.logDensity.forEach((expected, i) => expect(Math.abs(density[i]! - expected)).toBeLessThan(1e-6))
  })

  it('draws from the density that it states', () => {
    const distributions = [intRange(1, 5), oneOf(['a', 'b', 'c'])]
    const mixture: Mixture = parzenEstimator(distributions, [[1, 1, 4], [0, 2, 2]])
    const draw = drawsOf(randomKey(7, 'test'))
    const counts = new Map<string, number>()
    for (let i = 0; i < 20_000; i++) {
      const key = [...drawFromMixture(mixture, draw)].join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    let total = 0
    for (let x = 1; x <= 5; x++) {
      for (let c = 0; c < 3; c++) {
        const probability = Math.exp(mixtureLogDensity(mixture, [[x, c]])[0]!)
        total += probability
        // Five standard deviations of the binomial count.
        expect(Math.abs((counts.get(`${x},${c}`) ?? 0) - 20_000 * probability)).toBeLessThan(
          5 * Math.sqrt(20_000 * probability) + 5,
        )
      }
    }
    expect(total).toBeCloseTo(1, 10)
  })
})

describe('the split', () => {
  const trials = [
    completeTrial(0, {}, 3),
    completeTrial(1, {}, 1),
    madeTrial(2, { state: 'pruned', reports: [[1, 0.1]] }),
    madeTrial(3, { state: 'running' }),
    madeTrial(4, { state: 'failed' }),
    completeTrial(5, {}, NaN),
    madeTrial(6, {
      state: 'pruned',
      reports: [
        [1, 9],
        [2, 8],
      ],
    }),
  ]
  const numbers = (part: readonly Trial[]) => part.map(trial => trial.number)

  it('takes complete trials by value, in the direction of the study; running ones are never good, failed ones ' +
    'left out', () => {
    expect(numbers(splitTrials(trials, ['minimize']).below)).toEqual([1])
    expect(numbers(splitTrials(trials, ['maximize']).below)).toEqual([0])
    expect(numbers(splitTrials(trials, ['minimize']).above)).toEqual([0, 2, 3, 5, 6])
  })

  it('falls back on pruned trials, the longest first', () => {
    const pruned = Array.from({ length: 12 }, (_, i) => madeTrial(i, { state: 'pruned', reports: [[i % 4, i]] }))
    expect(numbers(splitTrials(pruned, ['minimize']).below)).toEqual([3, 7])
    expect(numbers(splitTrials(pruned, ['maximize']).below)).toEqual([7, 11])
  })

  it('takes fronts where there are several objectives, then the points that add most volume', () => {
    const values = [[1, 5], [2, 3], [4, 1], [5, 5], [3, 2.9], [6, 6], [7, 7], [8, 8], [9, 9], [9, 8], [8, 9]]
    const many = values.map((value, i) => madeTrial(i, { values: value }))
    const { below } = splitTrials(many, ['minimize', 'minimize'])
    expect(below).toHaveLength(2)
    expect(numbers(below).every(n => [0, 1, 2, 4].includes(n))).toBe(true)
  })
})

describe('the sampler', () => {
  const space = searchSpace({
    x: floatRange(0, 1),
    lr: floatRange(1e-5, 1, { log: true }),
    width: intRange(16, 64, { step: 16 }),
    kind: oneOf(['a', 'b', null]),
    inner: when(floatRange(-1, 1), 'kind', ['a']),
    fixed: oneOf(['only']),
  })
  const objective = (params: Params) =>
    ((params['x'] as number) - 0.7) ** 2 +
    (Math.log10(params['lr'] as number) + 3) ** 2 / 10 +
    (params['kind'] === 'a' ? 0 : 0.3)

  function optimise(seed: number, trials: number, sampler = tpeSampler()): Trial[] {
    const history: Trial[] = []
    for (let number = 0; number < trials; number++) {
      const { params } = sampler.suggest({ space, directions: ['minimize'], trials: history, number, seed })!
      history.push(completeTrial(number, params, objective(params)))
    }
    return history
  }
  const best = (trials: readonly Trial[]) => Math.min(...trials.map(trial => trial.values![0]!))

  it('finds better points than random search in the median of six seeds', () => {
    const seeds = [1, 2, 3, 4, 5, 6]
    const tpe = seeds.map(seed => best(optimise(seed, 50)))
    const random = seeds.map(seed => best(optimise(seed, 50, randomSampler())))
    const median = (values: number[]) => values.sort((a, b) => a - b)[2]!
    expect(median(tpe)).toBeLessThan(median(random) / 2)
  })

  it('is a pure function of the question', () => {
    const history = optimise(3, 20)
    const ask = (seed: number) =>
      tpeSampler().suggest({ space, directions: ['minimize'], trials: history, number: 20, seed })!.params
    expect(ask(3)).toEqual(ask(3))
    expect(ask(3)).not.toEqual(ask(4))
  })

  it('keeps conditions, ranges and single choices', () => {
    for (const { params } of optimise(5, 60)) {
      expect('inner' in params).toBe(params['kind'] === 'a')
      expect([16, 32, 48, 64]).toContain(params['width'])
      expect(params['fixed']).toBe('only')
    }
  })

  it('keeps workers that ask at once apart: a running trial pushes the next away', () => {
    const line: Space = searchSpace({ x: floatRange(0, 1) })
    const history = Array.from({ length: 20 }, (_, i) => completeTrial(i, { x: i / 20 }, (i / 20 - 0.5) ** 2))
    const distance = (running: readonly Trial[]) => {
      let sum = 0
      for (let seed = 0; seed < 40; seed++)
        sum += Math.abs(
          (tpeSampler().suggest({
            space: line,
            directions: ['minimize'],
            trials: [...history, ...running],
            number: 30,
            seed,
          })!.params['x'] as number) - 0.5,
        )
      return sum / 40
    }
    const running = Array.from({ length: 8 }, (_, i) => madeTrial(20 + i, { state: 'running', params: { x: 0.5 } }))
    expect(distance(running)).toBeGreaterThan(distance([]) * 1.2)
  })

  it('refuses options it does not have', () => {
    expect(() => tpeSampler({ nStartupTrials: 3 } as never)).toThrow(/no option 'nStartupTrials'/)
    expect(() => tpeSampler({ startupTrials: NaN })).toThrow(/startupTrials must be a whole number/)
    expect(() => tpeSampler({ candidates: 0 })).toThrow(/candidates must be a whole number of at least 1/)
  })
})
