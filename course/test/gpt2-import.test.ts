// A tiny random GPT-2 of Hugging Face's in Gpt: its logits, its greedy texts, and the texts and scores of its beam
// searches; the same weights as nanoGPT lays them out; and what is refused.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { beamSearch, generateTokens, loadWeights } from '@ddlf/lab'
import { stateDict, withSeed, type StateDict } from '@ddlf/nn'
import { referenceRuntime, tensor, type Runtime, type Tensor } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { Gpt } from '../topics/08-transformer-and-gpt/gpt.ts'
import { gpt2Weights } from '../topics/08-transformer-and-gpt/gpt2-weights.ts'

interface Golden {
  state: Record<string, { shape: number[]; data: number[] }>
  tokens: number[][]
  logits: number[]
  greedy: number[][]
  searches: { beams: number; lengthPenalty: number; endToken: number; texts: number[][][]; scores: number[] }[]
}
const golden = JSON.parse(readFileSync(new URL('golden/gpt2.json', import.meta.url), 'utf8')) as Golden
const runtime = onnxNodeRuntime({ threads: 1 })

const state: StateDict = Object.fromEntries(
  Object.entries(golden.state).map(([name, { shape, data }]) => [
    name,
    { shape, dtype: 'float32', data: Float32Array.from(data) },
  ]),
)
const sizes = {
  vocabulary: 65, blockSize: 16, layers: 2, heads: 4, width: 16, dropout: 0, biases: true, activation: 'gelu-tanh',
} as const

function imported(tied: boolean, given: StateDict = state): Gpt {
  const gpt = withSeed(1, () => new Gpt({ ...sizes, tied }))
  loadWeights(gpt, given, [], gpt2Weights)
  return gpt
}
const prompts = golden.tokens.map(row => row.slice(0, 4))
const asked = (model: Gpt, on: Runtime) => ({
  model, runtime: on, capacity: 16, logits: (one: Gpt, tokens: Tensor) => one.forward(tokens),
})

describe.each([true, false])('a GPT-2 whose last layer is tied in ours: %s', tied => {
  const gpt = imported(tied)

  it('gives the logits of Hugging Face', () => {
    const tokens = tensor(Int32Array.from(golden.tokens.flat()), { shape: [2, 9], dtype: 'int32' })
    const logits = gpt.forward(tokens).toTypedArray()
    const scale = Math.max(...golden.logits.map(Math.abs))
    logits.forEach((value, i) => expect(Math.abs(value - golden.logits[i]!) / scale, `logit ${i}`).toBeLessThan(1e-5))
  })

  it('goes on with texts as it does', async () => {
    const texts = prompts.map((): number[] => [])
    for await (const made of generateTokens({ ...asked(gpt, runtime), prompts, tokens: 10, temperature: 0 })) {
      made.forEach((tokens, i) => texts[i]!.push(...tokens))
    }
    expect(texts).toEqual(golden.greedy)
  })
})

describe.each([
  ['native', runtime],
  ['reference', referenceRuntime],
  ['WebAssembly', onnxWebRuntime()],
] as const)('beam search, %s', (_name, on) => {
  it.each(golden.searches)('finds the texts of $beams beams, penalty $lengthPenalty, end $endToken', async search => {
    const { beams, lengthPenalty, endToken, texts, scores } = search
    const found = await beamSearch({
      ...asked(imported(true), on),
      prompts,
      tokens: 10,
      beams,
      lengthPenalty,
      endToken,
    })
    expect(found.map(results => results.map(({ tokens }) => tokens))).toEqual(texts)
    found.flat().forEach(({ score }, i) => expect(score).toBeCloseTo(scores[i]!, 4))
  })
})

it('reads the layout of nanoGPT, whose linear layers are [out, in]', () => {
  const turned = Object.fromEntries(
    Object.entries(state).map(([name, value]) => {
      if (!/\.(c_attn|c_proj|c_fc)\.weight$/.test(name)) return [name, value]
      const [rows, columns] = value.shape as [number, number]
      const data = Float32Array.from(value.data, (_, i) => value.data[(i % rows) * columns + Math.floor(i / rows)]!)
      return [name, { ...value, shape: [columns, rows], data }]
    }),
  )
  expect(stateDict(imported(true, turned))).toEqual(stateDict(imported(true)))
})

it('leaves other states as they are, and says what does not fit', () => {
  const own = stateDict(imported(true))
  expect(gpt2Weights(own)).toBe(own)
  const wider = withSeed(1, () => new Gpt({ ...sizes, width: 32 }))
  expect(() => loadWeights(wider, state, [], gpt2Weights)).toThrow(
    /has the shape \[65, 32\] in the model[^]*\[65, 16\]/,
  )
  const without = withSeed(1, () => new Gpt({ ...sizes, biases: false }))
  expect(() => loadWeights(without, state, [], gpt2Weights)).toThrow(/names that the model does not have[^]*bias/)
})

it('a beam search without room for all tokens says so', async () => {
  const search = beamSearch({ ...asked(imported(true), runtime), prompts, tokens: 14, endToken: 3 })
  await expect(search).rejects.toThrow(/room for the prompt[^]*a prompt of 4 and 14 tokens[^]*16/)
})
