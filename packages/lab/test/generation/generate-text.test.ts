// Texts: characters spread over tokens are held back, stops end a text, and the same seed writes the same on every
// runtime; ALiBi and a recurrent decoder with a first state go on as their full forward pass.
import { describe, expect, it } from 'vitest'
import { trainTokenizer, type Tokenizer } from '@ddlf/data/tokenizers'
import { Embedding, GRU, Linear, MultiHeadAttention, withSeed } from '@ddlf/nn'
import { add, reshape, tensor, type Runtime, type Tensor } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { beamSearch, generateText, generateTokens, type GenerateTextOptions } from '../../src/index.ts'

const native = onnxNodeRuntime({ threads: 1 })

/** A model that knows what follows each token: `next` is certain. */
class Chain {
  readonly table
  constructor(next: readonly number[]) {
    const words = next.length
    this.table = new Embedding(words, words)
    const data = this.table.weight.leaf!.data as Float32Array
    data.fill(0)
    next.forEach((to, from) => (data[from * words + to] = 60))
  }
  forward(tokens: Tensor): Tensor {
    return this.table.forward(tokens)
  }
}

/** A chain through the tokens of a text, each of which must occur once. */
function chainOf(tokenizer: Tokenizer, text: string): Chain {
  const { ids } = tokenizer.encode(text)
  const next = Array.from({ length: tokenizer.vocabularySize }, () => 0)
  ids.forEach((id, i) => (next[id] = ids[(i + 1) % ids.length]!))
  return new Chain(next)
}

async function written(
  options: Omit<GenerateTextOptions<Chain>, 'runtime' | 'capacity' | 'logits'>,
): Promise<{ texts: string[]; pieces: (readonly string[])[] }> {
  const texts = options.prompts.map(() => '')
  const pieces: (readonly string[])[] = []
  const stream = generateText({ runtime: native, capacity: 64, logits: (one, ids) => one.forward(ids), ...options })
  for await (const piece of stream) {
    pieces.push(piece)
    piece.forEach((part, i) => (texts[i] = `${texts[i]!}${part}`))
  }
  return { texts, pieces }
}

describe('a text', () => {
  const letters = trainTokenizer(['abcdefgh'], { kind: 'characters' })
  const given = { model: chainOf(letters, 'abcdefgh'), tokenizer: letters, temperature: 0, tokens: 12 }

  it('goes on with each prompt', async () => {
    const { texts } = await written({ ...given, prompts: ['ab', 'h'] })
    expect(texts).toEqual(['cdefghabcdef', 'abcdefghabcd'])
  })

  it('ends before the first stop, however it is handed on, and others go on', async () => {
    for (const perRun of [1, 2, 5]) {
      const { texts, pieces } = await written({ ...given, perRun, prompts: ['a', 'e'], stop: ['fg', 'efz', 'ha'] })
      expect(texts).toEqual(['bcde', ''])
      // All have reached a stop: the rest is not made.
      expect(pieces.flat().join('').length).toBe(4)
    }
  })

  it('gives what looked like the beginning of a stop where it was none', async () => {
    const { texts } = await written({ ...given, prompts: ['a'], tokens: 5, stop: ['efgz'] })
    expect(texts).toEqual(['bcdef'])
  })

  it('holds characters back until all of their bytes are there', async () => {
    const bytes = trainTokenizer(['x'], { kind: 'bpe', vocabularySize: 257 })
    const model = chainOf(bytes, 'a\u00e9\u65e5')
    const { pieces } = await written({
      model, tokenizer: bytes, temperature: 0, tokens: 6, perRun: 1, prompts: ['a'],
    })
    expect(pieces.flat().filter(piece => piece !== '')).toEqual(['\u00e9', '\u65e5', 'a'])
  })

  it('begins as a text does where nothing is given', async () => {
    const bytes = trainTokenizer(['x'], { kind: 'bpe', vocabularySize: 257 })
    const end = bytes.idOf('<|endoftext|>')!
    const next = Array.from({ length: 257 }, () => bytes.idOf('b')!)
    next[end] = bytes.idOf('a')!
    const { texts } = await written({
      model: new Chain(next), tokenizer: bytes, temperature: 0, tokens: 3, prompts: [''],
    })
    expect(texts).toEqual(['abb'])
  })

  it('refuses characters that were never seen, an empty stop and no prompt', async () => {
    await expect(written({ ...given, prompts: ['xyz'] })).rejects.toThrow(/"x"|'x'/)
    await expect(written({ ...given, prompts: ['a'], stop: [''] })).rejects.toThrow(/stop must be a list of texts/)
    await expect(written({ ...given, prompts: [] })).rejects.toThrow(/a text to go on with[^]*no prompt/)
  })
})

const [words, size, capacity] = [29, 16, 64]

class Distant {
  readonly tokens = new Embedding(words, size)
  readonly attention = new MultiHeadAttention(size, 4, { batchFirst: true })
  readonly second = new MultiHeadAttention(size, 4, { batchFirst: true, keyValueHeads: 2 })
  readonly logits = new Linear(size, words)
  forward(ids: Tensor): Tensor {
    const x = this.tokens.forward(ids)
    const y = add(x, this.attention.forward(x, x, x, { causal: true, alibi: true }))
    return this.logits.forward(add(y, this.second.forward(y, y, y, { causal: true, alibi: true })))
  }
}

describe('a model with ALiBi', () => {
  const model = withSeed(3, () => new Distant())
  const prompts = [[3], [1, 4, 1, 5, 9]]
  const given = { model, capacity, logits: (one: Distant, ids: Tensor) => one.forward(ids), prompts }
  const collect = async (runtime: Runtime, more: object) => {
    const texts = prompts.map((): number[] => [])
    for await (const made of generateTokens({ ...given, runtime, tokens: 20, ...more })) {
      made.forEach((ids, i) => texts[i]!.push(...ids))
    }
    return texts
  }

  it('makes the greedy tokens of its full forward pass', async () => {
    const made = await collect(native, { temperature: 0 })
    made.forEach((tokens, i) => {
      const text = [...prompts[i]!]
      for (const token of tokens) {
        const ids = tensor(Int32Array.from(text), { shape: [1, text.length] })
        const logits = model.forward(ids).toTypedArray().slice(-words)
        expect(token).toBe(logits.indexOf(Math.max(...logits)))
        text.push(token)
      }
    })
  })

  it('writes the same for one seed on one thread, on two and in WebAssembly', async () => {
    const sampling = { tokens: 120, topK: 12, topP: 0.95, seed: 9 }
    const one = await collect(native, sampling)
    expect(await collect(onnxNodeRuntime({ threads: 2 }), sampling)).toEqual(one)
    expect(await collect(onnxWebRuntime(), sampling)).toEqual(one)
    expect(await collect(native, { ...sampling, seed: 10 })).not.toEqual(one)
  })
})

/** A decoder whose first state is an encoder's last one, and that reads a vector of it at every token. */
class Decoder {
  readonly tokens = new Embedding(5, 6)
  readonly rnn = new GRU(6, 6, { batchFirst: true })
  readonly logits = new Linear(6, 5)
  forward(ids: Tensor, [first]: readonly Tensor[]): Tensor {
    const hidden = reshape(first!, [1, first!.shape[0]!, 6])
    return this.logits.forward(this.rnn.forward(this.tokens.forward(ids), { hidden }).output)
  }
}

describe('beam search over a decoder that reads an encoding', () => {
  const model = withSeed(5, () => new Decoder())
  for (const weight of [model.tokens.weight, model.logits.weight]) {
    const data = weight.leaf!.data as Float32Array
    data.forEach((value, i) => (data[i] = value * 3))
  }
  const first = Float32Array.from({ length: 12 }, (_, i) => Math.sin(3 * i))
  const [begin, end, tokens] = [0, 1, 4]

  /** The probability of every text of up to so many tokens, by the full forward pass. */
  function exhaustive(row: number): { tokens: number[]; sum: number }[] {
    const state = tensor(first.slice(row * 6, row * 6 + 6), { shape: [1, 6] })
    const found: { tokens: number[]; sum: number }[] = []
    const follow = (text: number[], sum: number) => {
      if (text.at(-1) === end || text.length === tokens) {
        found.push({ tokens: text, sum })
        return
      }
      const ids = tensor(Int32Array.from([begin, ...text]), { shape: [1, text.length + 1] })
      const logits = Array.from(model.forward(ids, [state]).toTypedArray().slice(-5))
      const whole = Math.log(logits.reduce((total, value) => total + Math.exp(value), 0))
      logits.forEach((value, token) => follow([...text, token], sum + value - whole))
    }
    follow([], 0)
    return found
  }

  it.each([0, 1, 0.6])('finds the best of all texts where nothing is cut off (length penalty %s)', async penalty => {
    const found = await beamSearch({
      model, runtime: native, capacity: 8, endToken: end, tokens, beams: 200, lengthPenalty: penalty,
      logits: (one, ids, context) => one.forward(ids, context),
      prompts: [[begin], [begin]],
      context: [{ shape: [2, 6], dtype: 'float32', data: first }],
    })
    found.forEach(([best], row) => {
      const all = exhaustive(row).map(one => ({ ...one, score: one.sum / one.tokens.length ** penalty }))
      const winner = all.reduce((a, b) => (b.score > a.score ? b : a))
      expect(best!.score).toBeCloseTo(winner.score, 4)
      expect([...best!.tokens, ...(best!.ended ? [end] : [])]).toEqual(winner.tokens)
    })
  })
})
