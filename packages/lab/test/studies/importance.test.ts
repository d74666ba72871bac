// The importance of parameters against Optuna 5.0.0.
import { describe, expect, it } from 'vitest'
import { distributionFromOptuna, fanova, floatRange, oneOf, pedAnova } from '../../src/studies/index.ts'
import type { Distribution, Params } from '../../src/studies/index.ts'
import { marginalShare, type Bounds } from '../../src/studies/importance/fanova.ts'
import type { TreeNode } from '../../src/studies/importance/regression-forest.ts'
import forest from './golden/fanova.json' with { type: 'json' }
import golden from './golden/importance.json' with { type: 'json' }
import more from './golden/ped-anova.json' with { type: 'json' }
import { completeTrial, madeTrial } from './made-trials.ts'

const read = (space: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(space).map(([name, json]): [string, Distribution] => [name, distributionFromOptuna(json)]),
  )

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

  it.each(more.cases.map((c, i) => [`${c.trials.length} trials, ${c.direction}`, i] as const))(
    'equals Optuna with steps, logarithms, conditions and ties: %s',
    (_name, i) => {
      const c = more.cases[i]!
      const space = read(c.space)
      const trials = c.trials.map((trial, number) => {
        const params = trial.params as unknown as Params
        return completeTrial(
          number,
          params,
          trial.value,
          Object.fromEntries(Object.keys(params).map(name => [name, space[name]!])),
        )
      })
      const made = pedAnova(trials, { direction: c.direction as 'minimize' | 'maximize' })
      compare(made, c.importance)
    },
  )

  it('leaves out failed and infinite trials, and says nothing about one trial', () => {
    const distributions = { x: floatRange(0, 1), c: oneOf(['a']) }
    const trials = Array.from({ length: 30 }, (_, i) => completeTrial(i, { x: i / 30, c: 'a' }, i, distributions))
    const made = pedAnova(trials)
    expect(made).toEqual({ x: 1, c: 0 })
    expect(
      pedAnova([
        ...trials,
        completeTrial(30, { x: 0.9, c: 'a' }, -Infinity, distributions),
        madeTrial(31, { state: 'failed', distributions }),
      ]),
    ).toEqual(made)
    expect(pedAnova(trials.slice(0, 1))).toEqual({})
    expect(() => pedAnova(trials, { targetQuantile: 1 })).toThrow(/between 0 and 1/)
    expect(() => pedAnova(trials, { objective: 1 })).toThrow(/number of an objective[^]*1, and trials with one/)
    expect(() => pedAnova(trials, { direction: 'max' as never })).toThrow(/direction must be 'minimize' or/)
  })
})

describe('fANOVA', () => {
  it.each(forest.trees.map((_, i) => i))("measures tree %i of scikit-learn as Optuna does", i => {
    const { root, shares } = forest.trees[i]!
    for (const [k, columns] of forest.columns.entries()) {
      expect(marginalShare(root as TreeNode, forest.bounds as unknown as Bounds, columns)).toBeCloseTo(shares[k]!, 9)
    }
  })

  it('finds the importance that Optuna finds, as near as another forest of its own', () => {
    const space = read(golden.space)
    const trials = golden.trials.map((trial, i) => completeTrial(i, trial.params as Params, trial.value, space))
    const made = fanova(trials)
    expect(Object.keys(made)[0]).toBe(Object.entries(forest.mean).sort((a, b) => b[1] - a[1])[0]![0])
    for (const [name, mean] of Object.entries(forest.mean)) {
      const spread = forest.high[name as 'a'] - forest.low[name as 'a']
      expect(Math.abs(made[name]! - mean), name).toBeLessThan(spread + 0.01)
    }
    expect(Object.values(made).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    // Ten seeds of a forest: the same seed, the same numbers.
    expect(fanova(trials, { seed: 4 })).toEqual(fanova(trials, { seed: 4 }))
  })

  it('gives a parameter without effect nothing, and says nothing about one trial or one value', () => {
    const distributions = { x: floatRange(0, 1), y: floatRange(0, 1), c: oneOf(['a']) }
    const paramsOf = (i: number) => ({ x: i / 40, y: ((i * 17) % 40) / 40, c: 'a' })
    const trials = Array.from({ length: 40 }, (_, i) => completeTrial(i, paramsOf(i), i < 20 ? 0 : 1, distributions))
    const made = fanova(trials)
    expect(made['x']).toBeGreaterThan(0.98)
    expect(made['c']).toBe(0)
    expect(fanova(trials.slice(0, 1))).toEqual({})
    const flat = trials.map((trial, i) => completeTrial(i, trial.params, 1, distributions))
    expect(fanova(flat)).toEqual({ x: 0, y: 0, c: 0 })
    expect(() => fanova(trials, { trees: 0 })).toThrow(/trees must be a whole number[^]*0/)
    expect(() => fanova(trials, { objective: 1 })).toThrow(/number of an objective[^]*1, and trials with one/)
    expect(() => fanova(trials, { direction: 'max' as never })).toThrow(/direction must be 'minimize' or/)
  })
})
