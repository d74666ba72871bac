// A model of language that is quick to build, for runs whose text is asked for.
import { experiment, languageModel, textStream, trainingSettings, windowSettings, type Experiment } from '@ddlf/lab'
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
]
