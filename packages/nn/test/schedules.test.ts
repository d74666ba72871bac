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
  it.each(cases.map(given => [`${given.name} ${JSON.stringify(given.options)}${given.then ? ` then ${given.then}` : ''}`, given] as const))('%s', (_name, given) => {
    const schedule = MAKERS[given.name]!(given.options as never, given.then ? MAKERS[given.then]!({} as never) : undefined)
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

  it('never leave (0, 1] and stay finite, wherever training stands', () => {
    const all = [schedules.constant(), schedules.step({ every: 3 }), schedules.multiStep({ milestones: [1, 4] }), schedules.exponential({ gamma: 0.9 }),
      schedules.cosine({ minimum: 0.01 }), schedules.oneCycle(), schedules.oneCycle({ anneal: 'linear', rising: 0 }), schedules.linearWarmup({ steps: 5 }, schedules.cosine({ minimum: 0.01 }))]
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 50 }), (totalSteps, share, stepsPerEpoch) => {
      const step = Math.floor(share * (totalSteps - 1))
      for (const schedule of all) {
        const factor = schedule({ step, totalSteps, stepsPerEpoch })
        expect(factor).toBeGreaterThan(0)
        expect(factor).toBeLessThanOrEqual(1 + 1e-12)
      }
    }))
  })

  it('of the warm-up rise in equal steps to the base rate', () => {
    const schedule = schedules.linearWarmup({ steps: 4 })
    expect([0, 1, 2, 3, 4, 5].map(step => schedule({ step, totalSteps: 10 }))).toEqual([0.2, 0.4, 0.6, 0.8, 1, 1].map(value => expect.closeTo(value, 12) as number))
  })

  it('refuse settings that make no schedule', () => {
    expect(() => schedules.step({ every: 0 })).toThrow(/every must be at least 1[^]*0/)
    expect(() => schedules.cosine({ minimum: 2 })).toThrow(/minimum must be from 0 to 1/)
    expect(() => schedules.exponential({ gamma: 0 })).toThrow(/gamma/)
  })
})
