// What language models are trained with: 20 steps of GPT small against PyTorch, Muon against torch.optim.Muon, and the
// schedules against nanoGPT's and Hugging Face's.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { add, mul, parameter, referenceRuntime, sum, tensor } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  isHiddenMatrix, muon, orthogonalized, schedules, sgd, trainingStep, type
  MuonOptions, type Optimizer, type Schedule,
} from '../src/index.ts'
import { expectClose } from './closeness.ts'
import { gptLosses, gptSmall, gptTokens } from './gpt-training.ts'

interface Packed {
  shape: number[]
  data: number[]
}
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'))

describe('GPT small against PyTorch', () => {
  const golden = read('gpt') as { rate: number; losses: number[]; checksum: number }
  const farthest = (losses: readonly number[]) =>
    Math.max(...losses.map((loss, i) => Math.abs(loss / golden.losses[i]! - 1)))

  it('reads the same tokens', () => expect(gptTokens(gptSmall, 3).reduce((a, b) => a + b)).toBe(golden.checksum))

  it('20 steps natively: the loss within 1e-5 relative', async () => {
    expect(farthest(await gptLosses(onnxNodeRuntime({ threads: 2 }), 20, { perRun: 10 }))).toBeLessThan(1e-5)
  })

  it('5 steps in WebAssembly: the loss within 1e-5 relative', async () => {
    expect(farthest(await gptLosses(onnxWebRuntime(), 5))).toBeLessThan(1e-5)
  })
})

describe('Muon', () => {
  interface Golden {
    weights: Record<string, Packed>
    rates: number[]
    othersRate: number
    gradients: Record<string, number[]>[]
    cases: { options: MuonOptions; curve: Record<string, number[]>[] }[]
    matrix: Packed
    orthogonalized: Packed
  }
  const golden = read('muon') as Golden
  const names = Object.keys(golden.weights)
  const modelOf = () => {
    const made = Object.fromEntries(
      names.map(name => {
        const { data, shape } = golden.weights[name]!
        return [name, parameter(Float32Array.from(data), shape)]
      }),
    )
    return {
      hidden: { weight: made['hidden.weight']!, bias: made['hidden.bias']! },
      wide: { weight: made['wide.weight']! },
      embedding: { weight: made['embedding.weight']! },
    }
  }
  const stepOf = (options: MuonOptions) =>
    trainingStep({
      model: modelOf(),
      batch: Object.fromEntries(names.map(name => [name, { shape: golden.weights[name]!.shape }])),
      // Its gradients are the given ones.
      loss: ({ hidden, wide, embedding }, batch) => ({
        loss: [
          [hidden.weight, 'hidden.weight'],
          [hidden.bias, 'hidden.bias'],
          [wide.weight, 'wide.weight'],
          [embedding.weight, 'embedding.weight'],
        ]
          .map(([weight, name]) => sum(mul(weight as never, batch[name as string]!)))
          .reduce((a, b) => add(a, b)),
      }),
      optimizer: muon({ ...options, othersRate: golden.othersRate }),
    })

  it.each(golden.cases.map(given => [JSON.stringify(given.options), given] as const))(
    'ten steps as PyTorch with %s',
    async (_name, { options, curve }) => {
      for (const runtime of [referenceRuntime, onnxNodeRuntime({ threads: 1 })]) {
        const step = stepOf(options)
        const executable = await runtime.compileSteps(step)
        let state = step.state.map(({ data }) => data.slice())
        for (const [i, expected] of curve.entries()) {
          const next = state.map(data => data.slice())
          const fresh = [
            ...names.map(name => Float32Array.from(golden.gradients[i]![name]!)),
            Float32Array.of(golden.rates[i]!),
            Float32Array.of(i + 1),
            Int32Array.of(0, 0),
          ]
          await executable.run(state, next, fresh, 1)
          for (const name of names) {
            const at = step.state.findIndex(entry => entry.name === name)
            expectClose(next[at]!, expected[name]!, 2e-5, `${name} after step ${i + 1}`)
          }
          state = next
        }
        await executable.release()
      }
    },
  )

  it('makes singular values nearly equal, as PyTorch', () => {
    const { matrix, orthogonalized: expected } = golden
    expectClose(
      orthogonalized(tensor(Float32Array.from(matrix.data), { shape: matrix.shape })).toTypedArray(),
      expected.data,
      1e-5,
      'matrix',
    )
  })

  it('keeps one slot for a matrix and those of AdamW for all else', () => {
    expect(
      stepOf({})
        .state.filter(({ kind }) => kind === 'slot')
        .map(({ name }) => name),
    ).toEqual([
      'momentum/hidden.weight',
      'momentum/wide.weight',
      'firstMoment/hidden.bias',
      'firstMoment/embedding.weight',
      'secondMoment/hidden.bias',
      'secondMoment/embedding.weight',
    ])
  })

  it('leaves tables and last layers to the other optimizer by their names', () => {
    const matrix = parameter(new Float32Array(4), [2, 2])
    const taken = [
      'blocks.0.c_fc.weight',
      'attn.in_proj_weight',
      'wte.weight',
      'wpe.weight',
      'embedding.weight',
      'logits.weight',
      'lm_head.weight',
    ]
    expect(taken.filter(name => isHiddenMatrix(name, matrix))).toEqual(['blocks.0.c_fc.weight', 'attn.in_proj_weight'])
    expect(isHiddenMatrix('norm.weight', parameter(new Float32Array(2), [2]))).toBe(false)
  })

  it('takes the weight decay of a group for matrices and all else, and betas for the other optimizer', () => {
    const group = muon({ weightDecay: 0.1 }).with!({ weightDecay: 0.5, beta1: 0.8 })
    for (const parameter of [tensor([8, 4]), tensor([[8, 4], [2, 6]])]) {
      const slots = Object.fromEntries(Object.entries(group.init(parameter)).map(([name, values]) =>
        [name, tensor(values, { shape: parameter.shape })]))
      // Without a gradient nothing but the decay changes a parameter.
      const [learningRate, step, gradient] = [tensor(1), tensor(1), mul(parameter, 0)]
      const next = group.update({ parameter, gradient, slots, learningRate, step }).parameter
      expect(next.toArray()).toEqual(mul(parameter, 0.5).toArray())
    }
    const fixed = Object.fromEntries(Object.entries(sgd()).filter(([name]) => name !== 'with')) as unknown as Optimizer
    expect(() => muon({ others: fixed }).with!({ weightDecay: 0 })).toThrow(
      /the other parameters, 'sgd', has no settings to change[^]*weightDecay/,
    )
  })

  it('refuses settings out of range', () => {
    expect(() => muon({ momentum: 1 })).toThrow(/momentum must be a number of at least 0 and less than 1/)
    expect(() => muon({ steps: 0 })).toThrow(/steps must be a whole number from 1 to 100/)
    expect(() => muon({ adjust: 'none' as 'original' })).toThrow(/adjust must be 'original'[^]*none/)
    expect(() => muon({ others: sgd(), othersRate: -1 })).toThrow(/othersRate must be a number of at least 0/)
    expect(() => orthogonalized(tensor([1, 2]))).toThrow(/a matrix has two axes/)
  })
})

describe('schedules of language models', () => {
  const cases = read('language-schedules') as {
    name: 'warmupCosine' | 'warmupStableDecay'
    options: never
    factors: number[]
  }[]
  it.each(cases.map(given => [`${given.name} ${JSON.stringify(given.options)}`, given] as const))(
    '%s',
    (_name, { name, options, factors }) => {
      const schedule = (schedules[name] as (options: never) => Schedule)(options)
      factors.forEach((factor, step) =>
        expect(Math.abs(schedule({ step, totalSteps: factors.length }) - factor), `step ${step}`).toBeLessThan(1e-9),
      )
    },
  )

  it('refuse settings out of range', () => {
    expect(() => schedules.warmupStableDecay({ decay: -1 })).toThrow(
      /decay must be a number of at least 0[^]*-1/,
    )
    expect(() => schedules.warmupStableDecay({ shape: 'square' as 'linear' })).toThrow(
      /'linear', 'cosine' or '1-sqrt'[^]*square/,
    )
    expect(() => schedules.warmupStableDecay({ minimum: 2 })).toThrow(/minimum must be a number from 0 to 1/)
  })
})
