// Labels that say nothing: a perceptron that learns CIFAR-10 by heart, with the true labels and with others.
import { div, maximum, mean, slice, sqrt, square, sub, type Tensor } from '@ddlf/tensor'
import { integerAt, randomKey } from '@ddlf/tensor/random'
import { columnOf } from '@ddlf/data'
import { Flatten, Linear, ReLU, Sequential, type Module } from '@ddlf/nn'
import {
  classification, classificationSettings, experiment, publishedSet, type PublishedReference,
} from '@ddlf/lab/experiments'
import { z } from 'zod'

const SIDE = 28
/** What is left out on each side of images of 32 by 32. */
const BORDER = 2

// #region whitened
/**
 * The middle of images, each with mean 0 and deviation 1 over all its numbers: [N, 3, 32, 32] to [N, 3, 28, 28].
 * A deviation below 1 / sqrt(numbers) counts as that, as in TensorFlow's per_image_standardization.
 */
export function whitened(images: Tensor): Tensor {
  const rows = slice(images, { axis: 2, start: BORDER, end: BORDER + SIDE })
  const middle = slice(rows, { axis: 3, start: BORDER, end: BORDER + SIDE })
  const over = { axes: [1, 2, 3], keepDims: true }
  const centred = sub(middle, mean(middle, over))
  return div(centred, maximum(sqrt(mean(square(centred), over)), 1 / Math.sqrt(3 * SIDE * SIDE)))
}
// #endregion

/**
 * Dense layers and ReLUs on whitened images: [N, 3, 32, 32] to [N, 10].
 * Source: Zhang et al., "Understanding deep learning requires rethinking generalization", 2017, appendix A.
 */
export class MemorisingPerceptron implements Module {
  readonly layers: Sequential

  constructor(hidden: readonly number[]) {
    const sizes = [3 * SIDE * SIDE, ...hidden]
    this.layers = new Sequential(
      new Flatten(),
      ...hidden.flatMap((units, i) => [new Linear(sizes[i] ?? 1, units), new ReLU()]),
      new Linear(sizes.at(-1) ?? 1, 10),
    )
  }

  /** @param images [N, 3, 32, 32] */
  forward(images: Tensor): Tensor {
    return this.layers.forward(whitened(images))
  }
}

const source = {
  citation:
    'Zhang, Bengio, Hardt, Recht and Vinyals, Understanding deep learning requires rethinking generalization, 2017',
  url: 'https://arxiv.org/abs/1611.03530',
  table: 'table 1, MLP 3 x 512',
} as const

/** What a test on 10,000 images can tell apart, near a half. */
const OF_TEST = 0.005

const published: readonly PublishedReference[] = (
  [
    ['true', 'CIFAR-10 as it is', 0.4761],
    ['decay', 'CIFAR-10 as it is, weight decay', 0.4665],
    ['labels', 'CIFAR-10 with random labels, test images as they are', 0.8952],
  ] as const
).map(([id, protocol, value]) => ({
  id: `zhang-2017-${id}`, source, protocol, metric: 'error', value, tolerance: OF_TEST, comparable: 'same protocol',
}))

const base = classificationSettings.shape

/** Three layers of 512 on CIFAR-10, whose training labels may be drawn anew. */
export const randomLabels = experiment({
  name: 'random-labels',
  title: 'Labels that say nothing',
  question: 'Can a perceptron learn labels that were drawn at random, and what does it read then? (Zhang et al. 2017)',
  data: publishedSet('cifar-10'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(100),
    batchSize: base.batchSize.default(128),
    learningRate: base.learningRate.default(0.01),
    schedule: base.schedule.default('exponential'),
    scheduleFactor: base.scheduleFactor.default(0.95),
    hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([512, 512, 512])
      .describe('units in each hidden layer'),
    randomLabels: z.boolean().default(false).describe('draw the labels of the training images anew, from all ten'),
  }),
  task: classification(),
  model: ({ hidden }) => new MemorisingPerceptron(hidden),
  trainingSet(train, { randomLabels: areRandom, seed }) {
    if (!areRandom) return train
    const labels = columnOf(train, 'labels')
    const key = randomKey(seed, 'random labels')
    const data = Int32Array.from(labels.data, (_, i) => integerAt(key, i, 10))
    return { ...train, columns: { ...train.columns, labels: { ...labels, data } } }
  },
  published,
})
