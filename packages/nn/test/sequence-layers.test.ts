// The layers for sequences against PyTorch, on the reference and natively: names and shapes of the state, outputs,
// and the gradients of every parameter and input. Then dropout, tied weights, what padding may hold, and what is
// refused.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  add, differentiate, evaluate, graph, input, mul, ones, referenceRuntime, sum, tensor, Tensor, unsqueeze, UserError,
  zeros, type DType, type TypedArray,
} from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  adamW, AdaptiveAvgPool1d, AdaptiveMaxPool1d, alibi, attend, AvgPool1d, BahdanauAttention, Conv1d, crossEntropy, ELU,
  Embedding, EmbeddingBag, LearnedPositions, lengthMask, Linear, loadStateDict, LSTM, LuongAttention, MaxPool1d,
  MultiHeadAttention, namedParameters, parameterCount, RmsNorm, rotary, scaledDotProductAttention, SiLU,
  SinusoidalPositions, stateDict, SwiGlu, trainingStep, TransformerDecoderLayer, TransformerEncoderLayer, withMode,
} from '../src/index.ts'
import { expectClose } from './closeness.ts'

interface Packed {
  shape: number[]
  dtype: DType
  data: (number | string)[]
}
interface Case {
  name: string
  state: Record<string, Packed>
  inputs: Packed[]
  outputs: Packed[]
  seeds: Packed[]
  gradients: Record<string, Packed>
  inputGradients: (Packed | null)[]
}

const { cases } = JSON.parse(readFileSync(new URL('golden/sequence-layers.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

function arrayOf({ dtype, data }: Packed): TypedArray {
  const numbers = data.map(Number)
  return dtype === 'float32'
    ? Float32Array.from(numbers)
    : dtype === 'int32'
      ? Int32Array.from(numbers)
      : Uint8Array.from(numbers)
}

type Run = (...inputs: Tensor[]) => Tensor | readonly Tensor[]
/** A layer, and what is computed with it. */
const of = <L extends object>(layer: L, run: (layer: L) => Run) => ({ layer, run: run(layer) })
const plain = (layer: { forward(x: Tensor): Tensor }) => of(layer, one => x => one.forward(x))
const attention = (
  layer: MultiHeadAttention,
  run: (layer: MultiHeadAttention) => (...inputs: Tensor[]) => { output: Tensor; weights: Tensor },
) =>
  of(layer, one => (...inputs) => {
    const { output, weights } = run(one)(...inputs)
    return [output, weights]
  })
const sdpa = (options: (mask?: Tensor) => Parameters<typeof scaledDotProductAttention>[3]) =>
  of({}, () => (q, k, v, mask) => scaledDotProductAttention(q, k, v, options(mask)))
const bag = (mode: 'sum' | 'mean' | 'max', paddingIndex?: number) =>
  of(
    new EmbeddingBag(5, 3, { mode, ...(paddingIndex !== undefined && { paddingIndex }) }),
    layer => (i, offsets?: Tensor) => layer.forward(i, offsets ? { offsets } : {}),
  )
const looking = (layer: BahdanauAttention | LuongAttention) =>
  of(layer, one => (q, keys, padding?: Tensor) => {
    const { context, weights } = one.forward(q, keys, padding)
    return [context, weights]
  })
class Tied {
  readonly embedding = new Embedding(5, 3)
  readonly logits = new Linear(3, 5, { bias: false, weight: this.embedding.weight })
  forward(i: Tensor): Tensor {
    return this.logits.forward(this.embedding.forward(i).tanh())
  }
}

const SETUPS: Record<string, () => { layer: object; run: Run }> = {
  'sdpa': () => sdpa(() => ({})),
  'sdpa causal': () => sdpa(() => ({ causal: true })),
  'sdpa scale': () => sdpa(() => ({ scale: 0.3 })),
  'sdpa mask': () => sdpa(mask => ({ mask })),
  'sdpa bias': () => sdpa(mask => ({ mask })),
  'sdpa infinite bias': () => sdpa(mask => ({ mask })),
  'sdpa grouped': () => sdpa(() => ({ causal: true })),
  'mha': () => attention(new MultiHeadAttention(8, 2), layer => x => layer.withWeights(x)),
  'mha causal without bias': () =>
    attention(
      new MultiHeadAttention(8, 2, { bias: false }),
      layer => (x, attentionMask) => layer.withWeights(x, x, x, { attentionMask }),
    ),
  'mha batch first with padding': () =>
    attention(
      new MultiHeadAttention(8, 2, { batchFirst: true }),
      layer => (q, k, v, keyPaddingMask) => layer.withWeights(q, k, v, { keyPaddingMask }),
    ),
  'mha with both masks': () =>
    attention(
      new MultiHeadAttention(8, 2, { batchFirst: true }),
      layer => (x, keyPaddingMask, attentionMask) => layer.withWeights(x, x, x, { keyPaddingMask, attentionMask }),
    ),
  'mha of other sizes with a bias a head': () =>
    attention(
      new MultiHeadAttention(8, 2, { kdim: 5, vdim: 7 }),
      layer => (q, k, v, attentionMask) => layer.withWeights(q, k, v, { attentionMask }),
    ),
  'mha grouped': () =>
    of(
      new MultiHeadAttention(8, 4, { keyValueHeads: 2, batchFirst: true }),
      layer => x => layer.forward(x, x, x, { causal: true }),
    ),
  'encoder layer': () => plain(new TransformerEncoderLayer(8, 2, { dimFeedforward: 12 })),
  'encoder layer norm first': () =>
    of(
      new TransformerEncoderLayer(8, 2, { dimFeedforward: 12, activation: 'gelu', normFirst: true, batchFirst: true }),
      layer => (x, keyPaddingMask) => layer.forward(x, { causal: true, keyPaddingMask }),
    ),
  'encoder layer without bias': () =>
    plain(new TransformerEncoderLayer(8, 4, { dimFeedforward: 12, bias: false, layerNormEps: 1e-3 })),
  'decoder layer': () =>
    of(new TransformerDecoderLayer(8, 2, { dimFeedforward: 12 }), layer => (x, memory) => layer.forward(x, memory)),
  'decoder layer norm first': () =>
    of(
      new TransformerDecoderLayer(8, 2, { dimFeedforward: 12, normFirst: true, batchFirst: true }),
      layer => (x, memory, memoryKeyPaddingMask) => layer.forward(x, memory, { causal: true, memoryKeyPaddingMask }),
    ),
  'sinusoids': () => plain(new SinusoidalPositions(9, 6)),
  'learned positions': () => plain(new LearnedPositions(7, 4)),
  'rotary': () => of({}, () => x => rotary(x)),
  'rotary interleaved': () => of({}, () => x => rotary(x, { interleaved: true })),
  'rotary at positions': () => of({}, () => (x, positions) => rotary(x, { positions: positions, base: 500 })),
  'alibi': () => of({}, () => q => scaledDotProductAttention(q, q, q, { mask: alibi(6, 4), causal: true })),
  'RmsNorm': () => plain(new RmsNorm(6)),
  'RmsNorm of two axes': () => plain(new RmsNorm([2, 3], { eps: 1e-2 })),
  'RmsNorm without scale': () => plain(new RmsNorm(6, { affine: false })),
  'SwiGlu': () => plain(new SwiGlu(4, 6)),
  'SiLU': () => plain(new SiLU()),
  'ELU': () => plain(new ELU()),
  'ELU of half': () => plain(new ELU(0.5)),
  'Conv1d': () => plain(new Conv1d(4, 3, 3)),
  'Conv1d with options': () =>
    plain(new Conv1d(4, 6, 3, { stride: 2, padding: 2, dilation: 2, groups: 2, bias: false })),
  'Conv1d same': () => plain(new Conv1d(4, 3, 4, { padding: 'same' })),
  'Conv1d causal': () => plain(new Conv1d(4, 3, 3, { padding: 'causal', dilation: 2 })),
  'MaxPool1d': () => plain(new MaxPool1d(3, { stride: 2, padding: 1 })),
  'AvgPool1d': () => plain(new AvgPool1d(2)),
  'AvgPool1d without padding': () => plain(new AvgPool1d(3, { stride: 2, padding: 1, countPadding: false })),
  'AdaptiveMaxPool1d': () => plain(new AdaptiveMaxPool1d()),
  'AdaptiveAvgPool1d': () => plain(new AdaptiveAvgPool1d(2)),
  'Embedding with padding': () => plain(new Embedding(5, 3, { paddingIndex: 4 })),
  ...(Object.fromEntries(
    (['sum', 'mean', 'max'] as const).flatMap(mode => [
      [`EmbeddingBag ${mode}`, () => bag(mode)],
      [`EmbeddingBag ${mode} with padding`, () => bag(mode, -1)],
      [`EmbeddingBag ${mode} with offsets`, () => bag(mode, 4)],
    ]),
  ) as Record<string, () => ReturnType<typeof bag>>),
  'EmbeddingBag weighted': () =>
    of(
      new EmbeddingBag(5, 3, { mode: 'sum' }),
      layer => (i, perSampleWeights) => layer.forward(i, { perSampleWeights: perSampleWeights }),
    ),
  'tied': () => plain(new Tied()),
  'Bahdanau': () => looking(new BahdanauAttention(3, 4, 5)),
  'Luong dot': () => looking(new LuongAttention(4, 4, { score: 'dot' })),
  'Luong general': () => looking(new LuongAttention(3, 4)),
  'Luong concat': () => looking(new LuongAttention(3, 4, { score: 'concat', hiddenSize: 6 })),
}

const sorted = (entries: [string, unknown, unknown][]) => entries.sort(([a], [b]) => (a < b ? -1 : 1))
const native = onnxNodeRuntime({ threads: 1 })

describe('layers for sequences against PyTorch', () => {
  it('have a setup for every case of the golden file', () => {
    expect(cases.map(({ name }) => name).sort()).toEqual(Object.keys(SETUPS).sort())
  })

  it.each(cases.map(given => [given.name, given] as const))('%s', async (name, given) => {
    const { layer, run } = SETUPS[name]!()
    const typesOf = (state: Record<string, { shape: readonly number[]; dtype: DType }>) =>
      sorted(Object.entries(state).map(([key, { shape, dtype }]) => [key, shape, dtype]))
    expect(typesOf(stateDict(layer))).toEqual(typesOf(given.state))
    loadStateDict(
      layer,
      Object.fromEntries(
        Object.entries(given.state).map(([key, packed]) => [
          key,
          { shape: packed.shape, dtype: packed.dtype, data: arrayOf(packed) },
        ]),
      ),
    )
    const leaves = given.inputs.map(({ shape, dtype }, i) => input(`x${i}`, { shape, dtype }))
    const result = run(...leaves)
    const outputs = result instanceof Tensor ? [result] : [...result]
    expect(outputs.map(({ shape }) => shape)).toEqual(given.outputs.map(({ shape }) => shape))
    const loss = outputs
      .map((y, i) => sum(mul(y, tensor(arrayOf(given.seeds[i]!), { shape: y.shape }))))
      .reduce((a, b) => add(a, b))
    const parameters = namedParameters(layer)
    const wanted = [...[...parameters.values()], ...leaves.filter((_, i) => given.inputGradients[i])]
    const all = [...outputs, ...differentiate(loss, wanted)]
    const expected = [
      ...given.outputs,
      ...[...parameters.keys()].map(key => given.gradients[key]!),
      ...given.inputGradients.filter(packed => packed !== null),
    ]
    const closed = graph('layer', leaves, all)
    const fed = [...given.inputs.map(arrayOf), ...closed.inputs.slice(leaves.length).map(({ leaf }) => leaf!.data!)]
    for (const runtime of [referenceRuntime, native]) {
      const executable = await runtime.compile(closed)
      const values = await executable.run(fed)
      await executable.release()
      expected.forEach((packed, i) =>
        expectClose(values[i]!, packed.data.map(Number), 1e-5, `${runtime.name}, value ${i}`),
      )
    }
  })
})

describe('attention', () => {
  const values = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(3 * i + 1))
  const x = tensor(
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    { shape: [1, 2, 3, 4] },
  )

  it('drops weights in training, with a key, and none in evaluation', () => {
    const randomKey = tensor(Int32Array.of(1, 2), { shape: [2] })
    const { output } = withMode({ training: true, randomKey }, () => attend(x, x, x, { dropout: 0.5 }))
    expect(output.output.toArray()).not.toEqual(attend(x, x, x).output.toArray())
    expect(attend(x, x, x, { dropout: 0.5 }).output.toArray()).toEqual(attend(x, x, x).output.toArray())
  })

  it('sees nothing of what comes later where padding hides all that came before', () => {
    const mask = tensor(Uint8Array.of(0, 1, 1), { shape: [1, 3], dtype: 'bool' })
    const { weights } = attend(x, x, x, { mask, causal: true })
    expect(weights.toTypedArray().slice(0, 3)).toEqual(Float32Array.of(0, 0, 0))
    expect(weights.toTypedArray()[4]).toBe(1)
  })

  it('takes lengths as a mask', () => {
    const { weights } = attend(x, x, x, { mask: lengthMask(tensor([2], { dtype: 'int32' }), 3) })
    weights.toTypedArray().forEach((value, i) => expect(value === 0).toBe(i % 3 === 2))
  })

  // PyTorch 2.15: zeros of scaled_dot_product_attention, and of MultiheadAttention without need_weights.
  it('gives zeros where padding alone is left, and finite gradients', () => {
    const padding = tensor([[false, false, true], [true, true, true]])
    const [query, keys] = [tensor(values(8), { shape: [2, 4] }), tensor(values(24), { shape: [2, 3, 4] })]
    const heads = new MultiHeadAttention(4, 2, { batchFirst: true, bias: false })
    const found = [
      heads.withWeights(unsqueeze(query, 1), keys, keys, { keyPaddingMask: padding }),
      ...[new BahdanauAttention(4, 4, 5), new LuongAttention(4)].map(one => {
        const { context: output, weights } = one.forward(query, keys, padding)
        return { output, weights }
      }),
    ]
    for (const { output, weights } of found) {
      const [slope] = differentiate(sum(mul(output, output)), [keys])
      const [outputs, shares, slopes] = evaluate([output, weights, slope!])
      for (const value of [...outputs!.subarray(-4), ...shares!.subarray(-3)]) expect(Math.abs(value)).toBe(0)
      expect(outputs!.subarray(0, 4).every(value => value !== 0)).toBe(true)
      expect([...shares!].reduce((total, value) => total + value)).toBeCloseTo(shares!.length / 6, 6)
      expect([...slopes!].every(Number.isFinite)).toBe(true)
    }
  })

  it('passes no gradient to keys that are padding', () => {
    const [gradient] = differentiate(
      sum(scaledDotProductAttention(x, x.mul(1), x, { mask: tensor([[true, true, false]]) })),
      [x],
    )
    expect(evaluate([gradient!])[0]!.every(Number.isFinite)).toBe(true)
  })
})

describe('second derivatives', () => {
  const attentions: Record<string, (x: Tensor) => Tensor> = {
    'causal attention': x => scaledDotProductAttention(x, x, x, { causal: true }),
    'grouped attention with a mask': x => {
      const one = x.slice({ axis: 1, end: 1 })
      return scaledDotProductAttention(x, one, one, { mask: tensor([[true, true, false]]) })
    },
    'turned attention': x => scaledDotProductAttention(rotary(x), rotary(x), x),
    'an LSTM': x => new LSTM(4, 3).forward(x.reshape([2, 3, 4])).output,
  }
  it.each(Object.keys(attentions))('of %s as finite differences', name => {
    const x = input('x', { shape: [1, 2, 3, 4], dtype: 'float32' })
    const wave = (length: number, rate: number) => Float32Array.from({ length }, (_, i) => Math.cos(rate * i + 0.3))
    const y = attentions[name]!(x)
    const [slope] = differentiate(sum(mul(y.square(), tensor(wave(y.size, 1.7), { shape: y.shape }))), [x])
    const loss = sum(mul(slope!, tensor(wave(24, 2.9), { shape: x.shape })))
    const [second] = differentiate(loss, [x])
    const values = Float64Array.from({ length: 24 }, (_, i) => Math.sin(2.3 * i + 1))
    const at = (wanted: Tensor) => evaluate([wanted], new Map([[x, values]]), 'float64')[0]!
    const found = at(second!)
    const differences = Array.from(values, (value, i) => {
      const lossAt = (moved: number) => {
        values[i] = moved
        return at(loss)[0]!
      }
      const difference = (lossAt(value + 1e-5) - lossAt(value - 1e-5)) / 2e-5
      values[i] = value
      return difference
    })
    expectClose(found, differences, 2e-6, name)
  })
})

describe('tied weights', () => {
  it('are one parameter with one slot, under the first name', () => {
    const model = new Tied()
    expect([...namedParameters(model).keys()]).toEqual(['embedding.weight'])
    expect(parameterCount(model)).toBe(15)
    const step = trainingStep({
      model,
      optimizer: adamW(),
      batch: { i: { shape: [2], dtype: 'int32' } },
      loss: (tied, { i }) => ({ loss: crossEntropy(tied.forward(i), i) }),
    })
    expect(step.state.map(({ name }) => name)).toEqual([
      'embedding.weight',
      'firstMoment/embedding.weight',
      'secondMoment/embedding.weight',
    ])
  })
})

describe('padding', () => {
  it('starts at 0', () => {
    const rows = new Embedding(3, 2, { paddingIndex: 1 }).weight.toArray() as number[][]
    expect(rows[1]).toEqual([0, 0])
    expect(rows[0]!.every(value => value !== 0)).toBe(true)
  })
})

describe('mistakes name the layer and what it received', () => {
  const x = ones([2, 3, 8])
  it.each([
    [
      'heads that do not divide',
      () => new MultiHeadAttention(8, 3),
      /numHeads must divide embedDim[^]*embedDim 8, numHeads 3/,
    ],
    [
      'groups that do not divide',
      () => new MultiHeadAttention(8, 4, { keyValueHeads: 3 }),
      /keyValueHeads must divide numHeads/,
    ],
    ...([ones([2, 3]), tensor([[true, false]]), tensor([true, false, true])] as const).map(
      keyPaddingMask => [
        `a keyPaddingMask ${String(keyPaddingMask.shape)}`,
        () => new MultiHeadAttention(8, 2, { batchFirst: true }).forward(x, x, x, { keyPaddingMask }),
        /MultiHeadAttention: keyPaddingMask is bool \[B, S\][^]*here \[2, 3\]\.\s+Received: (float32|bool)\[/,
      ] as const,
    ),
    ...([ones([2, 3]), tensor([[1]], { dtype: 'int32' }), ones([2, 3, 3])] as const).map(
      attentionMask => [
        `an attentionMask ${String(attentionMask.shape)}`,
        () => new MultiHeadAttention(8, 2, { batchFirst: true }).forward(x, x, x, { attentionMask }),
        /MultiHeadAttention: attentionMask is bool[^]*here \[3, 3\] or \[4, 3, 3\]\./,
      ] as const,
    ),
    [
      'padding of other keys',
      () => new BahdanauAttention(8, 8, 5).forward(ones([2, 8]), x, tensor([[true, false]])),
      /BahdanauAttention: padding is bool \[B, S\][^]*here \[2, 3\]/,
    ],
    [
      'an input of another rank',
      () => new MultiHeadAttention(8, 2).forward(ones([3, 8])),
      /MultiHeadAttention: inputs are \[L, B, E\][^]*\[3, 8\]/,
    ],
    [
      'keys of another size',
      () => scaledDotProductAttention(ones([1, 2, 3]), ones([1, 2, 4]), ones([1, 2, 3])),
      /scaledDotProductAttention[^]*\[1, 2, 4\]/,
    ],
    [
      'a mask of whole numbers',
      () => attend(x, x, x, { mask: zeros([3, 3], 'int32') }),
      /bool \(true: take part\) or float32/,
    ],
    [
      'an unknown activation',
      () => new TransformerEncoderLayer(8, 2, { activation: 'swish' as 'relu' }),
      /'relu' or 'gelu', or a function[^]*swish/,
    ],
    ['too long a sequence', () => new LearnedPositions(2, 8).forward(x), /up to 2 positions[^]*3[^]*Cut the sequence/],
    ['vectors of an odd size', () => rotary(ones([2, 3])), /even size[^]*3/],
    ['a sequence without channels', () => new Conv1d(3, 4, 2).forward(ones([3, 8])), /sequences are \[N, C, L\]/],
    ["'same' with a stride", () => new Conv1d(3, 4, 2, { padding: 'same', stride: 2 }).forward(x), /stride of 1[^]*2/],
    ['windows that are not equal', () => new AdaptiveMaxPool1d(3).forward(x), /divides into 3 equal windows/],
    [
      'a padding beyond the table',
      () => new Embedding(3, 2, { paddingIndex: 3 }),
      /paddingIndex must be a whole number from -3 to 2[^]*3/,
    ],
    [
      'weights of a mean',
      () => new EmbeddingBag(3, 2).forward(zeros([1, 2], 'int32'), { perSampleWeights: ones([1, 2]) }),
      /need mode 'sum'/,
    ],
    ...[[1, 2], [0, 2, 1], [0, 4]].map((begins): [string, () => unknown, RegExp] => [
      `bags that begin at ${begins.join(', ')}`,
      () => new EmbeddingBag(3, 2).forward(zeros([3], 'int32'), { offsets: tensor(Int32Array.from(begins)) }),
      /offsets begin at 0, do not fall, and are at most 3/,
    ]),
    [
      'a shared weight of another shape',
      () => new Linear(2, 3, { weight: ones([2, 3]) }),
      /shape \[3, 2\][^]*\[2, 3\]/,
    ],
    ['dot products of two sizes', () => new LuongAttention(3, 4, { score: 'dot' }), /one size[^]*3 and 4/],
    ['a query of another batch', () => new BahdanauAttention(8, 8, 4).forward(ones([3, 8]), x), /a query is \[B, Q\]/],
  ] as [string, () => unknown, RegExp][])('%s', (_name, f, message) => {
    expect(f).toThrow(message)
    expect(f).toThrow(UserError)
  })
})

it.each(['sum', 'mean', 'max'] as const)('empty bags give 0, by %s', mode => {
  const layer = new EmbeddingBag(3, 2, { mode })
  const none = [[0, 0], [0, 0]]
  expect(layer.forward(zeros([2, 0], 'int32')).toArray()).toEqual(none)
  expect(layer.forward(zeros([0], 'int32'), { offsets: tensor(Int32Array.of(0, 0)) }).toArray()).toEqual(none)
})
