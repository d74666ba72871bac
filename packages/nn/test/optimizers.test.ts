// Ten steps of every optimizer against PyTorch, with its options, clipping, max-norm and moving average.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { add, mul, parameter, referenceRuntime, sum, tensor, type Runtime, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  adadelta, adagrad, adam, adamW, clipGlobalNorm, isBiasOrNorm, lookahead, maxNorm, rmsProp, sgd, trainingStep,
  type LookaheadOptions, type Optimizer,
} from '../src/index.ts'
import { oneMinusPower } from '../src/optimizers/optimizer.ts'
import { expectClose } from './closeness.ts'

interface Packed { shape: number[]; data: number[] }
interface Case {
  name: string
  options: object
  step: { clipNorm?: number; maxNorm?: number; ema?: number }
  exclude: boolean
  lookahead?: LookaheadOptions
  curve: [number[], number[]][]
  norms?: number[]
  average?: [number[], number[]]
}
interface Golden { weight: Packed; bias: Packed; rates: number[]; gradients: [number[], number[]][]; cases: Case[] }

const golden = JSON.parse(readFileSync(new URL('golden/optimizers.json', import.meta.url), 'utf8')) as Golden
const OPTIMIZERS: Record<string, (options: object) => Optimizer> = { sgd, adam, adamW, rmsProp, adagrad, adadelta }

/** Runs a case: the loss is sum(weight * gw) + sum(bias * gb), so that the gradients are the given ones. */
async function run(given: Case, runtime: Runtime) {
  const model = {
    weight: parameter(Float32Array.from(golden.weight.data), golden.weight.shape),
    bias: parameter(Float32Array.from(golden.bias.data), golden.bias.shape),
  }
  const step = trainingStep({
    model,
    batch: { gw: { shape: golden.weight.shape }, gb: { shape: golden.bias.shape } },
    loss: ({ weight, bias }, { gw, gb }) => ({ loss: add(sum(mul(weight, gw)), sum(mul(bias, gb))) }),
    optimizer: given.lookahead ? lookahead(
      OPTIMIZERS[given.name]!(given.options), given.lookahead,
    ) : OPTIMIZERS[given.name]!(given.options),
    ...given.step,
    ...(given.exclude && { exclude: isBiasOrNorm }),
  })
  const executable = await runtime.compileSteps(step)
  let state = step.state.map(entry => entry.data.slice())
  const states: (typeof state)[] = []
  const norms: number[] = []
  for (const [i, [gw, gb]] of golden.gradients.entries()) {
    const next = state.map(data => data.slice())
    const fresh = [
      Float32Array.from(gw), Float32Array.from(gb), Float32Array.of(golden.rates[i]!), Float32Array.of(i + 1),
      Int32Array.of(0, 0),
    ]
    const reported = await executable.run(state, next, fresh, 1)
    norms.push(reported[step.reported.indexOf('gradientNorm')]?.[0] ?? 0)
    states.push(next)
    state = next
  }
  await executable.release()
  return { step, states, norms }
}

describe.each([referenceRuntime, onnxNodeRuntime({ threads: 1 })])('optimizers against PyTorch on $name', runtime => {
  it.each(golden.cases.map((given, i) => {
    const excluded = given.exclude && { exclude: 'biases' }
    const settings = { ...given.options, ...given.step, ...given.lookahead, ...excluded }
    return [`${i} ${given.name} ${JSON.stringify(settings)}`, given] as const
  }))('%s', async (_name, given) => {
    const { step, states, norms } = await run(given, runtime)
    given.curve.forEach(([weight, bias], i) => {
      expectClose(states[i]![0]!, weight, 2e-6, `weight after step ${i + 1}`)
      expectClose(states[i]![1]!, bias, 2e-6, `bias after step ${i + 1}`)
    })
    if (given.norms) expectClose(norms, given.norms, 1e-6, 'gradient norms')
    given.average?.forEach((expected, k) => {
      const position = step.state.findIndex(entry => entry.name === `ema/${['weight', 'bias'][k]}`)
      expectClose(states.at(-1)![position]!, expected, 1e-6, 'moving average')
    })
  })
})

describe('state of the optimizers', () => {
  const names = (optimizer: Optimizer) =>
    trainingStep({
      model: { weight: parameter(new Float32Array(2), [2]), bias: parameter(new Float32Array(1), [1]) },
      batch: {},
      loss: ({ weight, bias }) => ({ loss: add(sum(weight), sum(bias)) }),
      optimizer,
      ema: 0.9,
    }).state.map(entry => entry.name)

  it('has stable names: slot by slot, parameter by parameter', () => {
    const averages = ['ema/weight', 'ema/bias']
    expect(names(sgd())).toEqual(['weight', 'bias', ...averages])
    expect(names(sgd({ momentum: 0.5 }))).toEqual(['weight', 'bias', 'momentum/weight', 'momentum/bias', ...averages])
    expect(names(adam())).toEqual([
      'weight', 'bias', 'firstMoment/weight', 'firstMoment/bias', 'secondMoment/weight', 'secondMoment/bias',
      ...averages
    ])
    expect(names(lookahead(sgd({ momentum: 0.5 }))))
      .toEqual(['weight', 'bias', 'momentum/weight', 'momentum/bias', 'slow/weight', 'slow/bias', ...averages])
    expect(names(adagrad())).toEqual(['weight', 'bias', 'sum/weight', 'sum/bias', ...averages])
    expect(names(adadelta())).toEqual([
      'weight', 'bias', 'squareAverage/weight', 'squareAverage/bias', 'changeAverage/weight', 'changeAverage/bias',
      ...averages,
    ])
  })
})

describe('1 - base^step', () => {
  it('is right to float32 precision near 0 and near 1', () => {
    for (const base of [0, 0.5, 0.9, 0.999, 0.99999]) {
      for (const step of [1, 2, 10, 1000, 1e6]) {
        const expected = -Math.expm1(step * Math.log(base))
        expect(Math.abs(oneMinusPower(base, tensor(step)).item() / expected - 1)).toBeLessThan(4e-7)
      }
    }
  })
})

describe('constraints', () => {
  const norm = (x: Tensor) => Math.hypot(...x.toTypedArray())

  it('leave short gradients and short rows alone', () => {
    const x = tensor([[0.3, 0.4], [3, 4]])
    expect(clipGlobalNorm([x], 10).gradients[0]!.toArray()).toEqual(x.toArray())
    const constrained = maxNorm(x, 1)
    expect(constrained.slice({ axis: 0, end: 1 }).toTypedArray()).toEqual(Float32Array.of(0.3, 0.4))
    expect(norm(constrained.slice({ axis: 0, start: 1 }))).toBeCloseTo(1, 6)
  })

  it('refuse limits that are not above 0, and settings out of range', () => {
    expect(() => clipGlobalNorm([tensor([1])], 0)).toThrow(/maxNorm must be a number above 0/)
    expect(() => maxNorm(tensor([[1]]), -1)).toThrow(/limit must be a number above 0[^]*-1/)
    expect(() => sgd({ momentum: 1 })).toThrow(/momentum must be a number of at least 0 and less than 1/)
    expect(() => sgd({ nesterov: true })).toThrow(/nesterov needs a momentum/)
    expect(() => adam({ beta2: 1.1 })).toThrow(/beta2/)
    expect(() => lookahead(sgd(), { every: 2.5 })).toThrow(/every must be a whole number[^]*2\.5/)
    expect(() => lookahead(sgd(), { share: 0 })).toThrow(/share must be a number above 0/)
    expect(() => lookahead(sgd(), { steps: 0 })).toThrow(/steps must be a number of at least 1/)
    expect(() => adamW({ weightDecay: -1 })).toThrow(/weightDecay must be a number of at least 0/)
  })
})
