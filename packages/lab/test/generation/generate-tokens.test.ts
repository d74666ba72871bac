// Texts made token by token: greedy tokens equal the full forward pass for models with learned, sinusoidal and rotary
// positions, grouped heads and recurrence, on every runtime; one seed gives one text however it is handed on.
import { describe, expect, it } from 'vitest'
import {
  Embedding, GRU, LayerNorm, LearnedPositions, Linear, LSTM, MultiHeadAttention, rotary, SinusoidalPositions,
  withSeed, type MultiHeadAttentionOptions, type PrepareHeads,
} from '@ddlf/nn'
import { add, gelu, pad, referenceRuntime, slice, tensor, type Runtime, type Tensor } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { beamSearch, generateTokens, type GenerateOptions } from '../../src/index.ts'

const [words, size, capacity] = [13, 16, 16]
const native = onnxNodeRuntime({ threads: 1 })

class Block {
  readonly norm = new LayerNorm(size)
  readonly attention: MultiHeadAttention
  readonly expand = new Linear(size, 2 * size)
  readonly reduce = new Linear(2 * size, size)
  constructor(
    options: MultiHeadAttentionOptions,
    readonly prepare: PrepareHeads | undefined,
  ) {
    this.attention = new MultiHeadAttention(size, 4, { batchFirst: true, ...options })
  }
  forward(x: Tensor): Tensor {
    const h = this.norm.forward(x)
    const y = add(x, this.attention.forward(h, h, h, { causal: true, ...(this.prepare && { prepare: this.prepare }) }))
    return add(y, this.reduce.forward(gelu(this.expand.forward(y))))
  }
}

class Transformer {
  readonly tokens = new Embedding(words, size)
  readonly blocks
  readonly logits = new Linear(size, words)
  constructor(
    readonly positions: { forward(x: Tensor): Tensor } | undefined,
    options: MultiHeadAttentionOptions = {},
    prepare?: PrepareHeads,
  ) {
    this.blocks = [0, 1].map(() => new Block(options, prepare))
  }
  forward(tokens: Tensor): Tensor {
    const embedded = this.tokens.forward(tokens)
    const x = this.positions?.forward(embedded) ?? embedded
    return this.logits.forward(this.blocks.reduce((y, block) => block.forward(y), x))
  }
}

class Recurrent {
  readonly tokens = new Embedding(words, size)
  readonly logits = new Linear(size, words)
  constructor(readonly layer: LSTM | GRU) {}
  forward(tokens: Tensor): Tensor {
    return this.logits.forward(this.layer.forward(this.tokens.forward(tokens)).output)
  }
}

/** Adds to each token's vector that of the one before, and keeps nothing of it. */
class Previous {
  readonly tokens = new Embedding(words, size)
  readonly logits = new Linear(size, words)
  forward(tokens: Tensor): Tensor {
    const x = this.tokens.forward(tokens)
    const before = slice(pad(x, [[0, 0], [1, 0], [0, 0]]), { axis: 1, end: tokens.shape[1]! })
    return this.logits.forward(add(x, before))
  }
}

/** Attends to all tokens, also to those that come later. */
class Ahead extends Previous {
  readonly attention = new MultiHeadAttention(size, 4, { batchFirst: true })
  override forward(tokens: Tensor): Tensor {
    const x = this.tokens.forward(tokens)
    return this.logits.forward(add(x, this.attention.forward(x, x, x)))
  }
}

type Model = Transformer | Recurrent | Previous
const MODELS: Record<string, () => Model> = {
  'learned positions': () => new Transformer(new LearnedPositions(capacity, size)),
  'sinusoids': () => new Transformer(new SinusoidalPositions(capacity, size)),
  'rotary positions': () => new Transformer(undefined, {}, x => rotary(x)),
  'grouped heads': () => new Transformer(new LearnedPositions(capacity, size), { keyValueHeads: 2 }),
  'one head of keys': () => new Transformer(new LearnedPositions(capacity, size), { keyValueHeads: 1 }),
  'an LSTM of two layers': () => new Recurrent(new LSTM(size, size, { numLayers: 2, batchFirst: true })),
  'a model that keeps nothing of earlier tokens': () => new Previous(),
  'a GRU': () => new Recurrent(new GRU(size, size, { batchFirst: true })),
}

const built = (name: string): Model => withSeed(4, MODELS[name]!)
const optionsOf = (model: Model, runtime: Runtime): Omit<GenerateOptions<Model>, 'prompts' | 'tokens'> => ({
  model,
  runtime,
  capacity,
  logits: (one, tokens) => one.forward(tokens),
})

/** What was made in all, a list for each prompt. */
async function collect(options: GenerateOptions<Model>): Promise<number[][]> {
  const texts = options.prompts.map((): number[] => [])
  for await (const made of generateTokens(options)) made.forEach((tokens, i) => texts[i]!.push(...tokens))
  return texts
}

/** The most likely next tokens by the full forward pass, without caches. */
function fully(model: Model, prompt: readonly number[], count: number): number[] {
  const text = [...prompt]
  for (let i = 0; i < count; i++) {
    const logits = model
      .forward(tensor(Int32Array.from(text), { shape: [1, text.length] }))
      .toTypedArray()
      .slice(-words)
    text.push(logits.indexOf(Math.max(...logits)))
  }
  return text.slice(prompt.length)
}

const prompts = [[3], [1, 4, 1, 5, 9], [2, 7, 1]]

describe.each(Object.keys(MODELS))('greedy tokens of %s', name => {
  it.each([
    ['reference', () => referenceRuntime],
    ['native', () => native],
    ['WebAssembly', () => onnxWebRuntime()],
  ] as const)('equal the full forward pass (%s)', async (_runtime, runtime) => {
    const model = built(name)
    const made = await collect({ ...optionsOf(model, runtime()), prompts, tokens: 10, temperature: 0, perRun: 4 })
    made.forEach((tokens, i) => expect(tokens, `prompt ${i}`).toEqual(fully(model, prompts[i]!, 10)))
  })
})

describe('a text', () => {
  const model = built('learned positions')
  const given = { ...optionsOf(model, native), prompts, tokens: 25, temperature: 0.9, topK: 6, topP: 0.9 }

  it('is the same in runs of 1, 8 and 64 tokens, and on two threads', async () => {
    const eight = await collect({ ...given, seed: 5 })
    expect(await collect({ ...given, seed: 5, perRun: 1 })).toEqual(eight)
    expect(await collect({ ...given, seed: 5, perRun: 64 })).toEqual(eight)
    expect(await collect({ ...given, seed: 5, runtime: onnxNodeRuntime({ threads: 2 }) })).toEqual(eight)
    expect(await collect({ ...given, seed: 6 })).not.toEqual(eight)
    expect(eight.map(({ length }) => length)).toEqual([25, 25, 25])
  })

  it('goes on behind the last place of the caches, from what it reads again', async () => {
    const [long] = await collect({ ...optionsOf(model, native), prompts: [[3]], tokens: 40, temperature: 0 })
    expect(long).toHaveLength(40)
    // Up to there nothing is forgotten.
    expect(long!.slice(0, capacity - 1)).toEqual(fully(model, [3], capacity - 1))
    // Then the last half of the text is read again, and the next token follows from it alone.
    const text = [3, ...long!.slice(0, capacity)]
    expect(long![capacity]).toBe(fully(model, text.slice(-capacity / 2), 1)[0])
  })

  it('is handed on as it is made', async () => {
    const sizes: number[] = []
    for await (const made of generateTokens({ ...given, tokens: 12, perRun: 5 })) sizes.push(made[0]!.length)
    expect(sizes.reduce((a, b) => a + b)).toBe(12)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5)
  })

  it('may stop early', async () => {
    for await (const made of generateTokens({ ...given, tokens: 1000 })) {
      expect(made).toHaveLength(3)
      break
    }
  })
})

describe('mistakes', () => {
  const given = { ...optionsOf(built('learned positions'), native), prompts: [[1]], tokens: 2 }
  const first = async (options: GenerateOptions<Model>) => generateTokens(options).next()
  it.each([
    ['no prompt', { prompts: [] }, /begins with a token at least[^]*no prompt/],
    ['an empty prompt', { prompts: [[1], []] }, /begins with a token at least[^]*prompt 1 of 2 is empty/],
    ['a negative temperature', { temperature: -1 }, /temperature must be a number of at least 0[^]*-1/],
    ['a share beyond 1', { topP: 1.5 }, /topP must be a number above 0 and at most 1[^]*1\.5/],
    ['no tokens', { tokens: 0 }, /tokens must be a whole number of at least 1/],
    ['a misspelt option', { top_k: 3 } as object, /Did you mean topK/],
    ['more places than the model has', { capacity: 2 * capacity }, /up to 16 positions[^]*32/],
  ] as [string, Partial<GenerateOptions<Model>>, RegExp][])('%s', async (_name, wrong, message) => {
    await expect(first({ ...given, ...wrong })).rejects.toThrow(message)
  })

  it('a layer that reads backwards', async () => {
    const model = new Recurrent(new GRU(size, size / 2, { batchFirst: true, bidirectional: true }))
    await expect(first({ ...optionsOf(model, native), prompts: [[1]], tokens: 2 })).rejects.toThrow(
      /GRU: a layer that reads backwards cannot/,
    )
  })
})

describe('a model that keeps nothing of what it needs', () => {
  const given = { model: withSeed(4, () => new Previous()), runtime: native, capacity }

  it('reads all that it can see of a long text', async () => {
    const [long] = await collect({ ...optionsOf(given.model, native), prompts: [[3]], tokens: 30, temperature: 0 })
    expect(long).toEqual(fully(given.model, [3], 30))
  })

  it('is refused by a beam search, which goes on token by token', async () => {
    const logits = (one: Previous, ids: Tensor) => one.forward(ids)
    await expect(beamSearch({ ...given, logits, prompts: [[1]], tokens: 4, endToken: 0 })).rejects.toThrow(
      /A beam search needs a model that keeps what it needs[^]*keptState/,
    )
  })

  it('is refused where it looks ahead', async () => {
    const model = withSeed(4, () => new Ahead())
    await expect(collect({ ...optionsOf(model, native), prompts, tokens: 2 })).rejects.toThrow(
      /must not look ahead[^]*causal: true/,
    )
  })
})
