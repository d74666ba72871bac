// The models of gpt-step.ts: nanoGPT, recurrent models of characters, and Kim's convolutions over sentences.
import {
  accuracy, adamW, Conv1d, crossEntropy, Dropout, Embedding, GRU, isBiasOrNorm, Linear, LSTM, trainingStep, withSeed,
  type TrainingStep,
} from '@ddlf/nn'
import { concat, max, relu, slice, transpose, type Tensor } from '@ddlf/tensor'
import { Gpt, type GptSizes } from '../../packages/nn/test/gpt.ts'

/** What a case is made of: PyTorch's side reads the same numbers. */
export type LanguageCase =
  | (GptSizes & { readonly kind: 'gpt'; readonly batch: number })
  | {
      readonly kind: 'lstm' | 'gru'
      readonly words: number
      readonly size: number
      readonly time: number
      readonly batch: number
    }
  | {
      readonly kind: 'cnn'
      readonly words: number
      readonly size: number
      readonly time: number
      readonly batch: number
      readonly channels: number
    }

class Characters {
  readonly embedding
  readonly rnn
  readonly logits
  constructor(kind: 'lstm' | 'gru', words: number, size: number) {
    this.embedding = new Embedding(words, size)
    this.rnn = kind === 'lstm' ? new LSTM(size, size, { batchFirst: true }) : new GRU(size, size, { batchFirst: true })
    this.logits = new Linear(size, words)
  }

  forward(tokens: Tensor): Tensor {
    return this.logits.forward(this.rnn.forward(this.embedding.forward(tokens)).output)
  }
}

/** Source: Kim, "Convolutional neural networks for sentence classification", 2014, CNN-rand. */
class KimCnn {
  readonly embedding
  readonly convolutions
  readonly dropout = new Dropout(0.5)
  readonly logits
  constructor(words: number, size: number, channels: number) {
    this.embedding = new Embedding(words, size)
    this.convolutions = [3, 4, 5].map(kernel => new Conv1d(size, channels, kernel))
    this.logits = new Linear(3 * channels, 2)
  }

  forward(tokens: Tensor): Tensor {
    const x = transpose(this.embedding.forward(tokens), [0, 2, 1])
    const features = this.convolutions.map(convolution => max(relu(convolution.forward(x)), { axes: 2 }))
    return this.logits.forward(this.dropout.forward(concat(features, 1)))
  }
}

function model(given: LanguageCase): { forward(tokens: Tensor): Tensor } {
  switch (given.kind) {
    case 'gpt':
      return new Gpt(given)
    case 'cnn':
      return new KimCnn(given.words, given.size, given.channels)
    default:
      return new Characters(given.kind, given.words, given.size)
  }
}

/** A training step: AdamW without decay on vectors, gradients clipped at 1. */
export function languageStep(given: LanguageCase): TrainingStep {
  const { batch, time } = given
  const sentences = given.kind === 'cnn'
  return withSeed(1, () =>
    trainingStep({
      model: model(given),
      batch: {
        tokens: { shape: [batch, sentences ? time : time + 1], dtype: 'int32' },
        labels: { shape: [batch], dtype: 'int32' },
      },
      loss(one, { tokens, labels }) {
        const logits = one.forward(sentences ? tokens : slice(tokens, { axis: 1, end: -1 }))
        const targets = sentences ? labels : slice(tokens, { axis: 1, start: 1 })
        const loss = crossEntropy(logits, targets, { ignoreIndex: null })
        return sentences ? { loss, metrics: { accuracy: accuracy(logits, labels) } } : { loss }
      },
      optimizer: adamW({ beta2: 0.99, weightDecay: 0.1 }),
      clipNorm: 1,
      exclude: isBiasOrNorm,
    }),
  )
}
