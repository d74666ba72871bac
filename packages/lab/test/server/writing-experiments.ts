// A model of language that is quick to build, for runs whose text is asked for.
import {
  classification, classificationSettings, experiment, languageModel, textStream, trainingSettings, windowSettings,
  type DataSource, type Experiment,
} from '@ddlf/lab'
import { Embedding, GRU, Linear } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'
import { z } from 'zod'

export const ALPHABET = '\n abcdefgh'

class Writer {
  readonly table = new Embedding(ALPHABET.length, 8)
  readonly rnn = new GRU(8, 8, { batchFirst: true })
  readonly logits = new Linear(8, ALPHABET.length)
  forward(ids: Tensor): Tensor {
    return this.logits.forward(this.rnn.forward(this.table.forward(ids)).output)
  }
}

/** Texts of which a vocabulary is kept, and no tokenizer. */
const words: DataSource<unknown> = {
  name: 'words',
  parts: ['train', 'test'],
  form: () => ({ columns: { words: { dtype: 'float32', shape: [2] } }, classes: ['a', 'b'] }),
  async settle(_, io) {
    await io.artifact('vocabulary.json', () => Promise.resolve('["a", "b"]'))
    return {}
  },
}

export const experiments: readonly Experiment[] = [
  experiment({
    name: 'writer',
    title: 'Writer',
    question: 'What does it write?',
    data: textStream({ texts: { train: 'none' }, tokenizer: { alphabet: ALPHABET } }),
    config: z.strictObject({ ...trainingSettings.shape, ...windowSettings }),
    task: languageModel(),
    model: () => new Writer(),
  }),
  experiment({
    name: 'reader',
    title: 'Reader',
    question: 'Of which class is it?',
    data: words,
    config: classificationSettings,
    task: classification({ input: 'words' }),
    model: () => new Linear(2, 2),
  }),
]
