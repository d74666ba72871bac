// Three trainings of recurrent models, whose losses PyTorch's side knows: an LSTM that predicts tokens, a bidirectional
// GRU over sequences of several lengths, and an encoder and decoder with attention.
import {
  concat, flip, gather, greaterEqual, mod, range, reshape, scan, slice, tensor, transpose, unsqueeze, type Runtime,
  type Tensor, type TypedArray,
} from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import {
  adamW, BahdanauAttention, crossEntropy, Embedding, GRU, GRUCell, Linear, LSTM, namedParameters, trainingStep,
} from '../src/index.ts'

const [words, time, batch, size] = [11, 9, 6, 16]

class LanguageModel {
  readonly embedding = new Embedding(words, size)
  readonly rnn = new LSTM(size, size, { numLayers: 2, batchFirst: true })
  readonly logits = new Linear(size, words)
  loss(tokens: Tensor): Tensor {
    const { output } = this.rnn.forward(this.embedding.forward(slice(tokens, { axis: 1, end: -1 })))
    return crossEntropy(this.logits.forward(output), slice(tokens, { axis: 1, start: 1 }))
  }
}

/** [2, B, H] to [B, 2 H]. */
const joined = (hidden: Tensor): Tensor =>
  reshape(transpose(hidden, [1, 0, 2]), [hidden.shape[1]!, 2 * hidden.shape[2]!])

class Classifier {
  readonly embedding = new Embedding(words, size)
  readonly rnn = new GRU(size, size, { batchFirst: true, bidirectional: true })
  readonly logits = new Linear(2 * size, 3)
  loss(tokens: Tensor, lengths: Tensor): Tensor {
    const { hidden } = this.rnn.forward(this.embedding.forward(tokens), { lengths })
    return crossEntropy(this.logits.forward(joined(hidden)), mod(gather(tokens, tensor(0, { dtype: 'int32' }), 1), 3))
  }
}

class Translator {
  readonly embedding = new Embedding(words, size)
  readonly encoder = new GRU(size, size / 2, { batchFirst: true, bidirectional: true })
  readonly attention = new BahdanauAttention(size, size, 8)
  readonly cell = new GRUCell(2 * size, size)
  readonly logits = new Linear(size, words)
  loss(tokens: Tensor, lengths: Tensor): Tensor {
    const { output: keys, hidden } = this.encoder.forward(this.embedding.forward(tokens), { lengths })
    const padding = greaterEqual(range(time), unsqueeze(lengths, 1))
    const target = flip(tokens, 1)
    const read = transpose(this.embedding.forward(slice(target, { axis: 1, end: -1 })), [1, 0, 2])
    const {
      ys: [states],
    } = scan(
      ([state], [token]) => {
        const { context } = this.attention.forward(state, keys, padding)
        const next = this.cell.forward(concat([token, context], 1), state)
        return { carry: [next], ys: [next] as const }
      },
      [joined(hidden)],
      [read],
    )
    return crossEntropy(this.logits.forward(transpose(states, [1, 0, 2])), slice(target, { axis: 1, start: 1 }))
  }
}

const MODELS = { lstm: () => new LanguageModel(), gru: () => new Classifier(), translator: () => new Translator() }
export type TrainingName = keyof typeof MODELS

/** The losses of the first steps, from weights and tokens that PyTorch's side draws too. */
export async function recurrentLosses(name: TrainingName, runtime: Runtime, steps: number): Promise<number[]> {
  const model: { loss(tokens: Tensor, lengths: Tensor): Tensor } = MODELS[name]()
  for (const [key, { size: count, leaf }] of namedParameters(model))
    leaf?.data?.set(uniforms(randomKey(5, key), count, -0.3, 0.3))
  const step = trainingStep({
    model,
    batch: { tokens: { shape: [batch, time], dtype: 'int32' }, lengths: { shape: [batch], dtype: 'int32' } },
    loss: (one, { tokens, lengths }) => ({ loss: one.loss(tokens, lengths) }),
    optimizer: adamW(),
    clipNorm: 1,
  })
  const executable = await runtime.compileSteps(step)
  const numbers = Array.from({ length: steps }, (_, i) => i)
  const drawn = (stream: string, count: number, of: (value: number) => number) =>
    Int32Array.from(numbers.flatMap(i => Array.from(uniforms(randomKey(7, stream, i), count), of)))
  const state: TypedArray[] = step.state.map(({ data }) => data.slice())
  const reported = await executable.run(
    state,
    state.map(data => data.slice()),
    [
      drawn('tokens', batch * time, value => Math.floor(value ** 2 * words)),
      drawn('lengths', batch, value => Math.floor(value * time) + 1),
      new Float32Array(steps).fill(5e-3),
      Float32Array.from(numbers, i => i + 1),
      new Int32Array(2 * steps),
    ],
    steps,
  )
  await executable.release()
  return [...(reported[0] as Float32Array)]
}
