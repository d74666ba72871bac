// The Gaussian process against scipy, its expected improvement, and what it finds.
import { describe, expect, it } from 'vitest'
import {
  checkParams,
  createStudy,
  floatRange,
  gaussianProcessSampler,
  intRange,
  oneOf,
  quasiRandomSampler,
  searchSpace,
  type Params,
  type Sampler,
} from '../../src/studies/index.ts'
import { logExpectedImprovement } from '../../src/studies/samplers/gaussian-process-sampler.ts'
import { fitGaussianProcess, gaussianProcess } from '../../src/studies/samplers/gaussian-process.ts'
import golden from './golden/gaussian-process.json' with { type: 'json' }

describe('the Gaussian process', () => {
  it.each(golden.cases.map(c => [c.points.length, c] as const))(
    'has the likelihood and the predictions of scipy, %i points',
    (_n, c) => {
      const process = gaussianProcess(c.points, c.values, {
        lengthScales: Float64Array.from(c.lengthScales),
        noise: c.noise,
      })!
      expect(process.logLikelihood).toBeCloseTo(c.logLikelihood, 6)
      c.test.forEach((point, i) => {
        expect(process.predict(point).mean).toBeCloseTo(c.mean[i]!, 7)
        expect(process.predict(point).deviation).toBeCloseTo(c.deviation[i]!, 6)
      })
    },
  )

  it('has the slopes of finite differences', () => {
    for (const { points, values, lengthScales, noise, test } of golden.cases) {
      const logs = [...lengthScales, noise].map(Math.log)
      const at = (log: readonly number[]) =>
        gaussianProcess(points, values, {
          lengthScales: Float64Array.from(log.slice(0, -1), Math.exp), noise: Math.exp(log.at(-1)!),
        })!
      const moved = (of: ArrayLike<number>, i: number, by: number) =>
        Array.from(of, (value, j) => value + (i === j ? by : 0))
      const process = at(logs)
      process.likelihoodGradient().forEach((slope, i) => {
        const numeric = (at(moved(logs, i, 1e-5)).logLikelihood - at(moved(logs, i, -1e-5)).logLikelihood) / 2e-5
        expect(Math.abs(slope - numeric), `log likelihood, ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(numeric)))
      })
      for (const point of test) {
        const { meanGradient, deviationGradient, ...prediction } = process.predictWithSlopes(point)
        expect(prediction).toEqual(process.predict(point))
        point.forEach((_, i) => {
          const [up, down] = [1e-6, -1e-6].map(by => process.predict(moved(point, i, by)))
          expect(meanGradient[i]!).toBeCloseTo((up!.mean - down!.mean) / 2e-6, 4)
          expect(deviationGradient[i]!).toBeCloseTo((up!.deviation - down!.deviation) / 2e-6, 4)
        })
      }
    }
  })

  it('finds which dimension matters by the likelihood', () => {
    const points = Array.from({ length: 40 }, (_, i) => [((i * 0.618) % 1), ((i * 0.414) % 1)])
    const process = fitGaussianProcess(points, points.map(([x]) => Math.sin(9 * x!)))!
    const [matters, other] = process.parameters.lengthScales
    expect(matters!).toBeLessThan(other! / 3)
    expect(process.parameters.noise).toBeLessThan(1e-3)
  })

  it('tells noise from a function by the likelihood', () => {
    const points = Array.from({ length: 80 }, (_, i) => [(i * 0.618) % 1])
    const wobble = (i: number) => 0.3 * Math.sin(1e4 * (i + 1) ** 2)
    const noiseOf = (noisy: boolean) => {
      const process = fitGaussianProcess(points, points.map(([x], i) => Math.sin(6 * x!) + (noisy ? wobble(i) : 0)))!
      return process.parameters.noise
    }
    expect(noiseOf(true)).toBeGreaterThan(1e-3)
    expect(noiseOf(false)).toBeLessThan(1e-8)
  })

  it('has the log expected improvement of scipy, also where it underflows', () => {
    const { z, value } = golden.logExpectedImprovement
    z.forEach((at, i) =>
      expect(Math.abs(logExpectedImprovement(-at, 1, 0) - value[i]!), `z = ${at}`).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(value[i]!)),
      ),
    )
    expect(logExpectedImprovement(60, 1, 0)).toBeGreaterThan(-1820)
    expect(logExpectedImprovement(60, 1, 0)).toBeLessThan(-1800)
    expect(Number.isFinite(logExpectedImprovement(1e5, 1, 0))).toBe(true)
  })
})

describe('the sampler', () => {
  const space = searchSpace({ x: floatRange(-5, 10), y: floatRange(0, 15) })
  // Branin's function, least value 0.397887.
  const branin = (p: Params) => {
    const [x, y] = [p['x'] as number, p['y'] as number]
    return (
      (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10
    )
  }
  async function best(sampler: Sampler, seed: number) {
    const study = createStudy({ name: 's', space, sampler, seed })
    await study.optimize(({ params }) => branin(params), { trials: 35 })
    return study.best!.values![0]!
  }

  it("finds the minimum of Branin's function within 35 trials, where even points do not", async () => {
    for (const seed of [1, 2]) {
      const found = await best(gaussianProcessSampler(), seed)
      expect(found).toBeLessThan(0.42)
      expect(found).toBeLessThan(await best(quasiRandomSampler(), seed))
    }
  })

  it('keeps workers apart, ranges, steps and other parameters', async () => {
    const mixed = searchSpace({ n: intRange(1, 9), x: floatRange(1e-4, 1, { log: true }), kind: oneOf(['a', 'b']) })
    const study = createStudy({ name: 's', space: mixed, sampler: gaussianProcessSampler({ startupTrials: 5 }) })
    await study.optimize(({ params }) => Math.log10(params['x'] as number) ** 2 + (params['n'] as number), {
      trials: 8,
    })
    const asked = [study.ask(), study.ask(), study.ask()]
    expect(new Set(asked.map(trial => JSON.stringify(trial.params))).size).toBe(3)
    for (const trial of study.trials) expect(() => { checkParams(mixed, trial.params) }).not.toThrow()
  })

  it('does not ask for a setting twice while others are left', async () => {
    const few = searchSpace({ n: intRange(1, 6), m: intRange(1, 4) })
    const study = createStudy({ name: 's', space: few, sampler: gaussianProcessSampler({ startupTrials: 4 }) })
    await study.optimize(({ params }) => ((params['n'] as number) - 5) ** 2 + (params['m'] as number), { trials: 20 })
    const asked = study.trials.map(({ params }) => JSON.stringify(params))
    expect(new Set(asked.slice(4)).size).toBe(16)
  })

  it.each(['minimize', 'maximize'] as const)('leaves a part where trials are pruned: %s', async direction => {
    const sign = direction === 'minimize' ? 1 : -1
    const few = searchSpace({ n: intRange(1, 6), m: intRange(1, 4) })
    for (const reports of [false, true]) {
      const sampler = gaussianProcessSampler({ startupTrials: 4 })
      const study = createStudy({ name: 's', space: few, sampler, direction })
      // What is best by the others is pruned; its first report is far worse than what a whole training ends with.
      await study.optimize(trial => {
        const { n, m } = trial.params as { n: number; m: number }
        if (n > 3 && reports) trial.report(1, sign * 1e4)
        return n > 3 ? 'pruned' : sign * (m - n)
      }, { trials: 24 })
      const asked = study.trials.map(({ params }) => JSON.stringify(params))
      expect(new Set(asked.slice(4)).size).toBe(20)
      expect(study.trials.slice(4, 14).filter(({ state }) => state === 'pruned').length).toBeLessThan(8)
    }
  })

  it('is not blinded by a loss that is out of all proportion', async () => {
    const line = searchSpace({ x: floatRange(0, 1) })
    for (const high of [1e30, 1e200, Infinity]) {
      const study = createStudy({ name: 's', space: line, sampler: gaussianProcessSampler({ startupTrials: 6 }) })
      await study.optimize(({ params }) => {
        const x = params['x'] as number
        return x > 0.9 ? high : (x - 0.3) ** 2
      }, { trials: 20 })
      expect(study.best!.values![0]!, String(high)).toBeLessThan(1e-5)
    }
  })

  it.each([1e-300, 1e-170, 1e170, 1e300])('finds the same at every scale of the loss: %s', async scale => {
    const line = searchSpace({ x: floatRange(0, 1) })
    const study = createStudy({ name: 's', space: line, sampler: gaussianProcessSampler({ startupTrials: 6 }) })
    await study.optimize(({ params }) => scale * ((params['x'] as number) - 0.3) ** 2, { trials: 16 })
    expect(study.best!.values![0]! / scale).toBeLessThan(1e-5)
  })

  it('takes the largest of numbers for a loss, wherever most trials have it', async () => {
    const line = searchSpace({ x: floatRange(0, 1) })
    for (const edge of [0.2, 0.5]) {
      const study = createStudy({ name: 's', space: line, sampler: gaussianProcessSampler({ startupTrials: 6 }) })
      await study.optimize(({ params }) => {
        const x = params['x'] as number
        return x > edge ? Number.MAX_VALUE : (x - 0.3) ** 2
      }, { trials: 20 })
      expect(study.trials.length).toBe(20)
      expect(study.best!.values![0]!).toBeLessThan(0.03)
    }
  })

  it('leaves a part where trials fail', async () => {
    const line = searchSpace({ x: floatRange(0, 1) })
    const study = createStudy({ name: 's', space: line, sampler: gaussianProcessSampler({ startupTrials: 6 }) })
    // The loss falls up to a cliff, as a training's does up to the learning rate at which it diverges.
    await study.optimize(({ params }) => ((params['x'] as number) > 0.7 ? NaN : -(params['x'] as number)), {
      trials: 40,
    })
    const late = study.trials.slice(-10)
    expect(study.best!.values![0]!).toBeLessThan(-0.65)
    expect(late.filter(({ state }) => state === 'failed').length).toBeLessThan(8)
  })

  it('refuses what it does not serve', () => {
    expect(() => gaussianProcessSampler({ startupTrials: NaN })).toThrow(/startupTrials must be a whole number/)
    const wide = searchSpace(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`x${i}`, floatRange(0, 1)])))
    const question = { space: wide, directions: ['minimize'] as const, trials: [], number: 0, seed: 0 }
    expect(() => gaussianProcessSampler().suggest(question)).toThrow(/up to ten/)
    expect(() => gaussianProcessSampler().suggest({ ...question, directions: ['minimize', 'minimize'] })).toThrow(
      /one objective/,
    )
  })
})
