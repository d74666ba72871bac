// Pruning between trainings: against the same trainings one by one, with weights taken out by hand.
import { describe, expect, it } from 'vitest'
import { add, mul, referenceRuntime, square, sub, sum, tensor, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { adam, lookahead, newParameter, pruned, sgd, trainingStep, type Optimizer } from '../src/index.ts'

const START = [0.9, -0.2, 0.5, 0.1, -0.7, 0.3, 0.05, -0.4]
const GOAL = [1, -1, 0.2, 0.02, -0.6, 0.7, 0.03, 0.04]
const EVERY = 4
const ROUNDS = 3

/** A weight of 2 by 4 and a bias, drawn to their goals. */
const model = () => ({
  weight: newParameter([2, 4], () => Float32Array.from(START)),
  bias: newParameter([2], () => Float32Array.of(0.5, -0.5)),
})
const goal = tensor(Float32Array.from(GOAL), { shape: [2, 4] })
const loss = ({ weight, bias }: { weight: Tensor; bias: Tensor }) => ({
  loss: add(sum(square(sub(weight, goal))), sum(square(mul(bias, 2)))),
})

/** The state after each step. */
async function states(optimizer: Optimizer, steps: number, runtime = referenceRuntime) {
  const step = trainingStep({ model: model(), batch: {}, loss, optimizer })
  const executable = await runtime.compileSteps(step)
  let state = step.state.map(({ data }) => data.slice())
  const found: Record<string, number[]>[] = []
  for (let i = 1; i <= steps; i++) {
    const next = state.map(data => data.slice())
    await executable.run(state, next, [Float32Array.of(0.1), Float32Array.of(i), Int32Array.of(0, 0)], 1)
    state = next
    found.push(Object.fromEntries(step.state.map(({ name }, k) => [name, [...state[k] as Float32Array]])))
  }
  await executable.release()
  return found
}

/** One training by hand: plain gradient descent with momentum from the first weights, some of them taken out. */
function byHand(mask: readonly number[], steps: number) {
  let [weight, velocity] = [START.map((value, i) => value * (mask[i] ?? 0)), START.map(() => 0)]
  for (let t = 0; t < steps; t++) {
    velocity = velocity.map((v, i) => 0.5 * v + 2 * ((weight[i] ?? 0) - (GOAL[i] ?? 0)) * (mask[i] ?? 0))
    weight = weight.map((value, i) => value - 0.1 * (velocity[i] ?? 0))
  }
  return weight
}

const withoutSmallest = (weight: readonly number[], mask: readonly number[], count: number) => {
  const left = weight.map((value, i) => ({ i, size: Math.abs(value) })).filter(({ i }) => mask[i] === 1)
  const gone = left.sort((a, b) => a.size - b.size).slice(0, count).map(({ i }) => i)
  return mask.map((one, i) => (gone.includes(i) ? 0 : one))
}

describe.each([referenceRuntime, onnxNodeRuntime({ threads: 1 })])('pruning between trainings on $name', runtime => {
  it('is one training after another from the first weights, each with a quarter of the weights less', async () => {
    const options = { every: EVERY, rounds: ROUNDS, share: 0.25 }
    const all = await states(pruned(sgd({ momentum: 0.5 }), options), EVERY * (ROUNDS + 1), runtime)
    let mask: readonly number[] = START.map(() => 1)
    for (let round = 0; round < ROUNDS; round++) {
      // The step that rewinds trains nothing, and the last training goes on.
      const trained = round === 0 ? EVERY : round === ROUNDS - 1 ? 2 * EVERY - 1 : EVERY - 1
      const end = all[round === ROUNDS - 1 ? all.length - 1 : EVERY * (round + 1) - 1] as Record<string, number[]>
      byHand(mask, trained).forEach((value, i) => { expect(end['weight']?.[i]).toBeCloseTo(value, 5) })
      expect(end['mask/weight']).toEqual(mask)
      if (round === ROUNDS - 1) break
      // 8 weights lose 2, 6 lose 1.5: one, as 4.5 are rounded to 5.
      mask = withoutSmallest(end['weight'] as number[], mask, round === 0 ? 2 : 1)
      const next = all[EVERY * (round + 1)] as Record<string, number[]>
      next['weight']?.forEach((value, i) => { expect(value).toBeCloseTo((START[i] ?? 0) * (mask[i] ?? 0), 6) })
      expect(next['bias']).toEqual([0.5, -0.5])
      expect(next['momentum/weight']).toEqual(START.map(() => 0))
    }
    expect(Object.keys(all[0] as object)).not.toContain('mask/bias')
  })
})

it('lets the inner optimizer count its steps anew, and begin with its slots', async () => {
  const [all, plain] = [
    await states(pruned(adam(), { every: EVERY, rounds: 2, share: 0 }), 2 * EVERY), await states(adam(), EVERY),
  ]
  expect(all[2 * EVERY - 1]?.['weight']).toEqual(plain[EVERY - 2]?.['weight'])
  expect(all[2 * EVERY - 1]?.['bias']).toEqual(plain[EVERY - 2]?.['bias'])
  const slow = await states(pruned(lookahead(sgd()), { every: EVERY, rounds: 2, share: 0 }), EVERY + 1)
  expect(slow.at(-1)?.['slow/bias']).toEqual([0.5, -0.5])
})

it('prunes each parameter by its own share, and refuses what is none', async () => {
  const all = await states(pruned(sgd(), { every: 2, rounds: 2, share: ({ shape }) => 1 / (shape[0] ?? 1) }), 3)
  expect(all.at(-1)?.['mask/weight']?.reduce((a, b) => a + b)).toBe(4)
  expect(() => pruned(sgd(), { every: 2, rounds: 2, share: 1 })).toThrow(/share/)
  await expect(states(pruned(sgd(), { every: 2, rounds: 2, share: () => 2 }), 1)).rejects.toThrow(/share of a parameter/)
  expect(() => pruned(sgd(), { every: 1, rounds: 2 })).toThrow(/every must be a whole number of at least 2/)
})
