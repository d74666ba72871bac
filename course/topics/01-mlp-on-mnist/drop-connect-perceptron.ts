// A perceptron whose weights are dropped at random, where dropout drops units.
import type { Tensor } from '@ddlf/tensor'
import { DropConnect, Flatten, Linear, type Module } from '@ddlf/nn'
import { classification, classificationSettings, experiment, publishedSet } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { published } from './published.ts'

/**
 * Layers of DropConnect, then logits: [N, 1, 28, 28] to [N, 10].
 * Source: Wan et al., "Regularization of neural networks using DropConnect", 2013, section 6.1.
 */
export class DropConnectPerceptron implements Module {
  readonly hidden: readonly DropConnect[]
  readonly logits: Linear
  readonly #flatten = new Flatten()

  constructor({ hidden, dropConnect: p }: { readonly hidden: readonly number[]; readonly dropConnect: number }) {
    const sizes = [784, ...hidden]
    this.hidden = hidden.map((units, i) => new DropConnect(sizes[i] ?? 784, units, { p }))
    this.logits = new Linear(sizes.at(-1) ?? 784, 10)
  }

  /** @param images [N, 1, 28, 28], from 0 to 1 */
  forward(images: Tensor): Tensor {
    return this.logits.forward(this.hidden.reduce((x, layer) => layer.forward(x), this.#flatten.forward(images)))
  }
}

const base = classificationSettings.shape

/** Two layers of 800 units. */
export const dropConnectPerceptron = experiment({
  name: 'drop-connect-perceptron',
  title: 'DropConnect',
  question: 'Is it better to drop weights than units? (Wan et al. 2013)',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(60),
    batchSize: base.batchSize.default(128),
    schedule: base.schedule.default('cosine'),
    hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([800, 800])
      .describe('units in each hidden layer'),
    dropConnect: z.number().min(0).lt(1).default(0.5).describe('share of weights dropped in training'),
  }),
  task: classification(),
  model: chosen => new DropConnectPerceptron(chosen),
  published,
})
