// Sequences decoded inside a graph: the best of all continuations where nothing is cut off, greedily what the full
// forward pass finds likeliest, and the end behind the end.
import { describe, expect, it } from 'vitest'
import { compile, reshape, tensor, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { decodeSequences, Embedding, GRU, Linear, repeatRows, withSeed } from '../src/index.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const [WORDS, SIZE, STEPS, BATCH, START, END] = [5, 6, 3, 2, 0, 1]

class Decoder {
  readonly tokens = new Embedding(WORDS, SIZE)
  readonly rnn = new GRU(SIZE, SIZE, { batchFirst: true })
  readonly logits = new Linear(SIZE, WORDS)
  forward(ids: Tensor, first: Tensor): Tensor {
    const hidden = reshape(first, [1, first.shape[0]!, SIZE])
    return this.logits.forward(this.rnn.forward(this.tokens.forward(ids), { hidden }).output)
  }
}

const model = withSeed(5, () => new Decoder())
// Weights at which some sequences end early and others do not.
for (const weight of [model.tokens.weight, model.logits.weight]) {
  const data = weight.leaf!.data as Float32Array
  data.forEach((value, i) => (data[i] = value * 3))
}
const first = Float32Array.from({ length: BATCH * SIZE }, (_, i) => Math.sin(3 * i))

/** Logarithms of the probabilities of the next token, by the full forward pass. */
function nextOf(row: number, text: readonly number[]): number[] {
  const state = tensor(first.slice(row * SIZE, (row + 1) * SIZE), { shape: [1, SIZE] })
  const ids = tensor(Int32Array.from([START, ...text]), { shape: [1, text.length + 1] })
  const logits = Array.from(model.forward(ids, state).toTypedArray().slice(-WORDS))
  const whole = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0))
  return logits.map(value => value - whole)
}

/** Every text of up to so many tokens, with the logarithm of its probability. */
function all(row: number): { text: number[]; sum: number }[] {
  const found: { text: number[]; sum: number }[] = []
  const follow = (text: number[], sum: number): void => {
    if (text.at(-1) === END || text.length === STEPS) found.push({ text, sum })
    else nextOf(row, text).forEach((more, token) => follow([...text, token], sum + more))
  }
  follow([], 0)
  return found
}

async function decoded(beams: number, lengthPenalty = 1): Promise<number[][]> {
  const decode = compile(
    (state: Tensor) => {
      const states = repeatRows(state, beams)
      return decodeSequences({
        logits: ids => model.forward(ids, states), batch: BATCH, steps: STEPS, startToken: START, endToken: END, beams,
        lengthPenalty,
      })
    },
    [{ shape: [BATCH, SIZE] }],
    { runtime },
  )
  const { data } = await decode(first)
  await decode.release()
  return Array.from({ length: BATCH }, (_, row) => Array.from(data.subarray(row * STEPS, (row + 1) * STEPS)))
}

/** With the end behind its end. */
const filled = (text: readonly number[]) => [...text, ...new Array<number>(STEPS - text.length).fill(END)]

describe('decodeSequences', () => {
  it.each([0, 0.6])('finds the best of all texts where nothing is cut off (length penalty %s)', async penalty => {
    const best = Array.from({ length: BATCH }, (_, row) => {
      const scored = all(row).map(({ text, sum }) => ({ text, score: sum / text.length ** penalty }))
      return filled(scored.reduce((a, b) => (b.score > a.score ? b : a)).text)
    })
    expect(await decoded(60, penalty)).toEqual(best)
  })
  it('takes the likeliest token at every step where one continuation is followed', async () => {
    const greedy = Array.from({ length: BATCH }, (_, row) => {
      const text: number[] = []
      while (text.length < STEPS && text.at(-1) !== END) {
        const next = nextOf(row, text)
        text.push(next.indexOf(Math.max(...next)))
      }
      return filled(text)
    })
    expect(await decoded(1)).toEqual(greedy)
  })
  it('refuses what it cannot follow', () => {
    const given = { logits: (ids: Tensor) => model.forward(ids, tensor([[0, 0, 0, 0, 0, 0]])), batch: 1, steps: 2 }
    expect(() => decodeSequences({ ...given, startToken: 0, endToken: 1, beams: 0 })).toThrow(/beams/)
  })
})
