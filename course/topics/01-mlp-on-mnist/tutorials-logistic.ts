// The softmax regression of the Deep Learning Tutorials, on the very digits that their program reads.
import { Linear, Flatten, init, Sequential } from '@ddlf/nn'
import { range } from '@ddlf/data'
import {
  classification, classificationSettings, experiment, publishedSet, type DataSource,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { examplesOnMnist } from './published-books.ts'

/** Digits of the test part in whole batches of 600: the program leaves the last 400 out. */
const TESTED = 9600

const divided = publishedSet('mnist', { heldOut: 10_000 })

/** 50,000 digits, 10,000 held out, 9,600 tested. */
const digits: DataSource<unknown> = {
  ...divided,
  async load(part, settings, io) {
    const whole = part === 'test' ? await io.dataset('mnist', 'test') : await divided.load?.(part, settings, io)
    if (!whole) throw new Error('A published set loads its parts.')
    return part === 'test' ? { ...range(whole, 0, TESTED), name: `mnist/first ${TESTED} of test` } : whole
  },
}

const base = classificationSettings.shape

/** Nothing of it is drawn: weights begin at 0, and digits come as they lie in the file. */
export const tutorialsLogistic = experiment({
  name: 'tutorials-logistic',
  title: 'The softmax regression of a tutorial',
  question: 'Can a figure of 2013 be met to the last digit, where nothing of the training is drawn?',
  data: digits,
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(73),
    batchSize: base.batchSize.default(600),
    dropLast: base.dropLast.default(true),
    sampling: base.sampling.default('sequential'),
    learningRate: base.learningRate.default(0.13),
    momentum: base.momentum.default(0),
  }),
  task: classification(),
  model: () => new Sequential(new Flatten(), new Linear(784, 10, { init: init.zeros, biasInit: init.zeros })),
  published: examplesOnMnist,
})
