// Four small experiments that tell no classes apart: one that takes noise away, two that write, one that draws.
import { fileURLToPath } from 'node:url'
import {
  adversarial, arrays, denoising, experiment, languageModel, textStream, trainingSettings, vocabularyOf, windowSettings,
} from '@ddlf/lab'
import { Conv2d, Embedding, GRU, Linear, Sequential, Tanh } from '@ddlf/nn'
import { add, pad, reshape, slice, type Tensor } from '@ddlf/tensor'
import { z } from 'zod'

const { epochs, steps, batchSize } = trainingSettings.shape
const base = { ...trainingSettings.shape, epochs: epochs.default(1), batchSize: batchSize.default(16) }

/** Bright bars on black, 7 x 7. */
const bars = (count: number) => {
  const isBar = (picture: number, row: number) => picture % 7 === row
  const pixel = (_: unknown, i: number) => (isBar(Math.floor(i / 49), Math.floor(i / 7) % 7) ? 240 : 0)
  return { images: { data: Uint8Array.from({ length: count * 49 }, pixel), shape: [count, 1, 7, 7] } }
}
const pictures = arrays('bars', { train: bars(64), test: bars(16) })

const cleaner = experiment({
  name: 'cleaner',
  title: 'A cleaner',
  question: 'Does it take noise away?',
  data: pictures,
  config: z.strictObject({ ...base, noise: z.number().default(0.2) }),
  task: denoising(),
  model: () => {
    const layer = new Conv2d(1, 1, 3, { padding: 1 })
    return { layer, forward: (x: Tensor) => add(x, layer.forward(x)) }
  },
})

const draughtsman = experiment({
  name: 'draughtsman',
  title: 'A draughtsman',
  question: 'Does it draw bars?',
  data: pictures,
  config: z.strictObject({ ...base, latent: z.number().default(4) }),
  task: adversarial(),
  model: ({ latent }) => {
    const layers = new Sequential(new Linear(latent, 49), new Tanh())
    const judge = new Linear(49, 1)
    const generator = { layers, forward: (x: Tensor) => reshape(layers.forward(x), [x.shape[0] ?? 1, 1, 7, 7]) }
    const discriminator = { judge, forward: (x: Tensor) => judge.forward(x.flatten(1)) }
    return { generator, discriminator, forward: generator.forward }
  },
})

class Writer {
  readonly table: Embedding
  readonly rnn = new GRU(8, 8, { batchFirst: true })
  readonly logits: Linear
  constructor(vocabulary: number) {
    this.table = new Embedding(vocabulary, 8)
    this.logits = new Linear(8, vocabulary)
  }
  forward(ids: Tensor): Tensor {
    return this.logits.forward(this.rnn.forward(this.table.forward(ids)).output)
  }
}

/** The text that it learns from is this file. */
const text = fileURLToPath(import.meta.url)
const ALPHABET = `\n${Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')}`

const writer = experiment({
  name: 'writer',
  title: 'A writer',
  question: 'Does it write like this file?',
  data: textStream({ texts: { train: text, validation: text }, tokenizer: { alphabet: ALPHABET } }),
  config: z.strictObject({ ...base, steps: steps.default(8), ...windowSettings }),
  task: languageModel(),
  model: (_, form) => new Writer(vocabularyOf(form)),
})

/** Says of each token what it says of the one before, and keeps nothing of that. */
class Glancer {
  readonly table: Embedding
  constructor(vocabulary: number) {
    this.table = new Embedding(vocabulary, vocabulary)
  }
  forward(ids: Tensor): Tensor {
    const table = this.table.forward(ids)
    return add(table, slice(pad(table, [[0, 0], [1, 0], [0, 0]]), { axis: 1, end: ids.shape[1] ?? 1 }))
  }
}

const glancer = experiment({
  name: 'glancer',
  title: 'A writer that keeps nothing',
  question: 'Does it write like this file?',
  data: textStream({ texts: { train: text, validation: text }, tokenizer: { alphabet: ALPHABET } }),
  config: z.strictObject({ ...base, steps: steps.default(8), ...windowSettings }),
  task: languageModel(),
  model: (_, form) => new Glancer(vocabularyOf(form)),
})

export const experiments = [cleaner, writer, draughtsman, glancer]
