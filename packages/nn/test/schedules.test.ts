// Every schedule against PyTorch's schedulers.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schedules, type Schedule } from '../src/index.ts'

interface Case { name: string; options: Record<string, never>; then?: string; factors: number[] }

const cases = JSON.parse(readFileSync(new URL('golden/schedules.json', import.meta.url), 'utf8')) as Case[]
const MAKERS: Record<string, (options: never, then?: Schedule) => Schedule> = {
  step: schedules.step,
  multiStep: schedules.multiStep,
  exponential: schedules.exponential,
  cosine: schedules.cosine,
  oneCycle: schedules.oneCycle,
  linearWarmup: schedules.linearWarmup,
}

describe('schedules against PyTorch', () => {
  it.each(cases.map(given => [
    `${given.name} ${JSON.stringify(given.options)}${given.then ? ` then ${given.then}` : ''}`, given,
  ] as const))('%s', (_name, given) => {
    const schedule = MAKERS[given.name]!(
      given.options as never, given.then ? MAKERS[given.then]!({} as never) : undefined
    )
    const found = given.factors.map((_, step) => schedule({ step, totalSteps: given.factors.length }))
    found.forEach((factor, step) => expect(Math.abs(factor - given.factors[step]!), `step ${step}`).toBeLessThan(1e-9))
  })
})

describe('schedules', () => {
  it('by epochs hold their factor during an epoch', () => {
    const schedule = schedules.step({ every: 2 })
    const factors = Array.from({ length: 12 }, (_, step) => schedule({ step, totalSteps: 12, stepsPerEpoch: 3 }))
    expect(factors).toEqual([1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
  })

  it('fall with the root of the step, counted from 1', () => {
    const schedule = schedules.inverseSquareRoot()
    const factors = [0, 3, 8, 24].map(step => schedule({ step, totalSteps: 100, stepsPerEpoch: 10 }))
    expect(factors).toEqual([1, 1 / 2, 1 / 3, 1 / 5])
  })

  it('never leave (0, 1] and stay finite, wherever training stands', () => {
    const all = [schedules.constant(), schedules.step({ every: 3 }), schedules.multiStep({ milestones: [1, 4] }),
      schedules.exponential({ gamma: 0.9 }), schedules.inverseSquareRoot(),
      schedules.cosine({ minimum: 0.01 }), schedules.oneCycle(), schedules.oneCycle({ anneal: 'linear', rising: 0 }),
      schedules.linearWarmup({ steps: 5 }, schedules.cosine({ minimum: 0.01 }))]
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 50 }), (totalSteps, share, stepsPerEpoch) => {
      const step = Math.floor(share * (totalSteps - 1))
      for (const schedule of all) {
        const factor = schedule({ step, totalSteps, stepsPerEpoch })
        expect(factor).toBeGreaterThan(0)
        expect(factor).toBeLessThanOrEqual(1 + 1e-12)
      }
    }))
  })

  it('are finite for every valid configuration, also where a phase has no length', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const gamma = fc.oneof(fc.constantFrom(0, 1), share)
    const warm = (then: fc.Arbitrary<Schedule>) => fc.tuple(fc.nat({ max: 30 }), fc.option(share), then)
      .map(([steps, from, next]) => schedules.linearWarmup({ steps, ...(from !== null && { from }) }, next))
    const plain: fc.Arbitrary<Schedule> = fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 20 }), gamma).map(([every, by]) => schedules.step({ every, gamma: by })),
      fc.tuple(fc.array(fc.nat({ max: 20 }), { maxLength: 4 }), gamma)
        .map(([milestones, by]) => schedules.multiStep({ milestones, gamma: by })),
      share.filter(by => by > 0).map(by => schedules.exponential({ gamma: by })),
      share.map(minimum => schedules.cosine({ minimum })),
      // Shares of which the rising part has 0, 1 or all steps are likely.
      fc.tuple(
        fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 8 }), share, fc.boolean(),
        fc.constantFrom<('cosine' | 'linear')>('cosine', 'linear')
      )
        .map(([part, of, any, exact, anneal]) =>
          schedules.oneCycle({ rising: exact ? Math.min(part / of, 1) : any, anneal })),
      fc.constant(schedules.constant()),
    )
    fc.assert(fc.property(fc.oneof(plain, warm(plain)), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }),
      (schedule, totalSteps, stepsPerEpoch) => {
      for (let step = 0; step <= totalSteps; step++) {
        const factor = schedule({ step, totalSteps, stepsPerEpoch })
        expect(Number.isFinite(factor), `${factor} at step ${step} of ${totalSteps}`).toBe(true)
        expect(factor).toBeGreaterThanOrEqual(0)
        expect(factor).toBeLessThanOrEqual(1 + 1e-12)
      }
    }), { numRuns: 2000 })
  })

  // torch.optim.lr_scheduler.OneCycleLR of PyTorch 2.9; where the rising part has one step it divides by zero.
  it.each([
    [1, 0.3, [4e-6]], [1, 0, [4e-6]], [2, 0, [0.500002, 4e-6]], [2, 0.3, [0.81174565395, 4e-6]], [2, 1, [0.04, 1]],
    [3, 0.25, [0.969846431008, 0.413178258463, 4e-6]], [3, 0.5, [0.04, 0.750001, 4e-6]], [3, 1, [0.04, 0.52, 1]],
    [4, 0.5, [0.04, 1, 0.500002, 4e-6]],
  ] as [number, number, number[]][])('of one cycle in %i steps, %d of them rising, are those of PyTorch',
    (totalSteps, rising, factors) => {
    const schedule = schedules.oneCycle({ rising })
    expect(factors.map((_, step) => schedule({ step, totalSteps })))
      .toEqual(factors.map(value => expect.closeTo(value, 9) as number))
  })

  it.each([
    [10, 0.1], [4, 0.25], [2, 0.5], [1, 1],
  ])('of one cycle begin at the base rate where the rising part is the first of %i steps', (totalSteps, rising) => {
    for (const anneal of ['cosine', 'linear'] as const) {
      const schedule = schedules.oneCycle({ rising, anneal })
      expect(schedule({ step: 0, totalSteps })).toBe(1)
      if (totalSteps > 1) expect(schedule({ step: totalSteps - 1, totalSteps })).toBeCloseTo(4e-6, 12)
    }
  })

  it('of the warm-up rise in equal steps to the base rate', () => {
    const schedule = schedules.linearWarmup({ steps: 4 })
    expect([0, 1, 2, 3, 4, 5].map(step => schedule({ step, totalSteps: 10 })))
      .toEqual([0.2, 0.4, 0.6, 0.8, 1, 1].map(value => expect.closeTo(value, 12) as number))
  })

  it('refuse settings that make no schedule', () => {
    expect(() => schedules.step({ every: 0 })).toThrow(/every must be a number of at least 1[^]*0/)
    expect(() => schedules.cosine({ minimum: 2 })).toThrow(/minimum must be a number from 0 to 1/)
    expect(() => schedules.exponential({ gamma: 0 })).toThrow(/gamma/)
    expect(() => schedules.exponential({ gamma: 1.5 })).toThrow(/gamma must be a number above 0 and at most 1[^]*1.5/)
    expect(() => schedules.oneCycle({ initialDivisor: 0 })).toThrow(/initialDivisor must be a number of at least 1/)
    expect(() => schedules.oneCycle({ finalDivisor: Infinity })).toThrow(/finalDivisor/)
    expect(() => schedules.oneCycle({ anneal: 'cos' as 'cosine' }))
      .toThrow(/anneal must be 'cosine' or 'linear'[^]*cos/)
    expect(() => schedules.linearWarmup({ steps: Infinity })).toThrow(/steps must be a number/)
  })
})
