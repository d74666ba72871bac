// Experiments on a small table that train, or die in one of the ways in which a training dies.
import {
  arrays,
  classification,
  classificationSettings,
  experiment,
  imageFolder,
  languageModel,
  ownData,
  ownTextSettings,
  tabular,
  textTable,
  trainingSettings,
  vocabularyOf,
  type Experiment,
} from '@ddlf/lab'
import { Embedding, Linear } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'
import { z } from 'zod'

const table: Experiment = textTable

/** As text-table, but something happens once the run exists. */
const dying = (name: string, die: () => void): Experiment => ({ ...table, name, prepare: die })

/** Each token from the one before. */
class Bigram {
  readonly tokens: Embedding
  readonly logits: Linear
  constructor(vocabulary: number) {
    this.tokens = new Embedding(vocabulary, 8)
    this.logits = new Linear(8, vocabulary)
  }
  forward(x: Tensor): Tensor {
    return this.logits.forward(this.tokens.forward(x))
  }
}

/** On a text of one's own. */
const letters = experiment({
  name: 'letters',
  title: 'Letters',
  question: 'Is a text learned?',
  data: ownData('texts', 'your text', ({ blockSize }: { readonly blockSize: number }) => {
    const column = { dtype: 'int32', shape: [blockSize] } as const
    return { tokens: column, targets: column }
  }),
  config: z.strictObject({ ...trainingSettings.shape, ...ownTextSettings }),
  task: languageModel(),
  model: (_, form) => new Bigram(vocabularyOf(form)),
})

/** Two clouds of points, with a validation part and no test part. */
const clouds = experiment({
  name: 'clouds',
  title: 'Clouds',
  question: 'Are two clouds told apart?',
  data: arrays('clouds', { train: cloudsOf(60, 0), validation: cloudsOf(30, 1), classes: ['left', 'right'] }),
  config: classificationSettings,
  task: classification({ input: 'points' }),
  model: () => new Linear(2, 2),
})

/** Points around -1 and around 1, in turns, that overlap. @param shift where their pattern begins */
function cloudsOf(count: number, shift: number) {
  const points = Array.from({ length: 2 * count }, (_, i) => {
    const centre = (i >> 1) % 2 === 0 ? -1 : 1
    return centre + 2 * Math.sin(12.9898 * (i + 1 + 1000 * shift))
  })
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  return { points: { data: Float32Array.from(points), shape: [count, 2] }, labels }
}

export const experiments: readonly Experiment[] = [
  table,
  imageFolder,
  dying('eats-memory', () => {
    const held: number[][] = []
    for (;;) held.push(new Array<number>(50_000).fill(held.length + 0.5))
  }),
  dying('crashes', () => process.abort()),
  dying('leaves', () => process.exit(3)),
  tabular,
  letters,
  clouds,
]
