// The importance of parameters against Optuna 5.0.0.
import { describe, expect, it } from 'vitest'
import { distributionFromOptuna, floatRange, oneOf, pedAnova, type Distribution, type Params } from '../../src/studies/index.ts'
import golden from './golden/importance.json' with { type: 'json' }
import more from './golden/ped-anova.json' with { type: 'json' }
import { completeTrial, madeTrial } from './made-trials.ts'

const read = (space: Record<string, string>) => Object.fromEntries(Object.entries(space).map(([name, json]): [string, Distribution] => [name, distributionFromOptuna(json)]))

function compare(made: Record<string, number>, expected: Record<string, number>): void {
  expect(Object.keys(made).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, value] of Object.entries(expected)) expect(Math.abs(made[name]! - value), name).toBeLessThan(1e-6)
}

describe('PED-ANOVA', () => {
  it('equals Optuna over 200 trials', () => {
    const space = read(golden.space)
    const made = pedAnova(golden.trials.map((trial, i) => completeTrial(i, trial.params as Params, trial.value, space)))
    compare(made, golden.importance.pedAnova)
    expect(Object.keys(made)).toEqual(Object.keys(golden.importance.pedAnova))
  })

  it.each(more.cases.map((c, i) => [`${c.trials.length} trials, ${c.direction}`, i] as const))('equals Optuna with steps, logarithms, conditions and ties: %s', (_name, i) => {
    const c = more.cases[i]!
    const space = read(c.space)
    const trials = c.trials.map((trial, number) => {
      const params = trial.params as unknown as Params
      return completeTrial(number, params, trial.value, Object.fromEntries(Object.keys(params).map(name => [name, space[name]!])))
    })
    const made = pedAnova(trials, { direction: c.direction as 'minimize' | 'maximize' })
    compare(made, c.importance)
  })

  it('leaves out failed and infinite trials, and says nothing about one trial', () => {
    const distributions = { x: floatRange(0, 1), c: oneOf(['a']) }
    const trials = Array.from({ length: 30 }, (_, i) => completeTrial(i, { x: i / 30, c: 'a' }, i, distributions))
    const made = pedAnova(trials)
    expect(made).toEqual({ x: 1, c: 0 })
    expect(pedAnova([...trials, completeTrial(30, { x: 0.9, c: 'a' }, -Infinity, distributions), madeTrial(31, { state: 'failed', distributions })])).toEqual(made)
    expect(pedAnova(trials.slice(0, 1))).toEqual({})
    expect(() => pedAnova(trials, { targetQuantile: 1 })).toThrow(/between 0 and 1/)
  })
})
