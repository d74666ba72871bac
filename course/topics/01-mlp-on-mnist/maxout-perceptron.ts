// A perceptron of maxout units, as those who proposed them trained it.
import { mul, type Tensor } from '@ddlf/tensor'
import { Dropout, Flatten, init, isTraining, Linear, Maxout, sgd, type Module } from '@ddlf/nn'
import { classification, classificationSettings, experiment, publishedSet } from '@ddlf/lab/experiments'
import { z } from 'zod'
import { published } from './published.ts'

/** Sizes of the perceptron. */
interface Options {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[]
  /** Sums of which a unit is the largest. */
  readonly pieces: number
  readonly dropout: number
  readonly inputDropout: number
}

/**
 * Layers of maxout units with dropout: [N, 1, 28, 28] to [N, 10]. First weights are uniform within 0.005. Of the
 * pixels, what training leaves is not enlarged, of the hidden units it is: as the code of the paper has it.
 * Source: Goodfellow et al., "Maxout networks", 2013, section 5.1; lisa-lab/pylearn2, papers/maxout/mnist_pi.yaml.
 */
export class MaxoutPerceptron implements Module {
  readonly hidden: readonly Linear[]
  readonly logits: Linear
  readonly #flatten = new Flatten()
  readonly #maxout: Maxout
  readonly #drops: readonly [input: Dropout, hidden: Dropout]

  constructor({ hidden, pieces, dropout, inputDropout }: Options) {
    const options = { init: init.uniform(-0.005, 0.005) }
    const sizes = [784, ...hidden]
    this.hidden = hidden.map((units, i) => new Linear(sizes[i] ?? 784, pieces * units, options))
    this.logits = new Linear(sizes.at(-1) ?? 784, 10, options)
    this.#maxout = new Maxout(pieces)
    this.#drops = [new Dropout(inputDropout), new Dropout(dropout)]
  }

  // #region forward
  /** @param images [N, 1, 28, 28], from 0 to 1 */
  forward(images: Tensor): Tensor {
    const [onPixels, onUnits] = this.#drops
    const pixels = this.#flatten.forward(images)
    const seen = isTraining() ? mul(onPixels.forward(pixels), 1 - onPixels.p) : pixels
    const last = this.hidden.reduce((x, layer) => onUnits.forward(this.#maxout.forward(layer.forward(x))), seen)
    return this.logits.forward(last)
  }
  // #endregion
}

const base = classificationSettings.shape
const share = z.number().min(0).lt(1)

/** Two layers of 240 units, each the largest of 5 sums. */
export const maxoutPerceptron = experiment({
  name: 'maxout-perceptron',
  title: 'Maxout',
  question: 'What do units gain that learn their own activation? (Goodfellow et al. 2013)',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    epochs: base.epochs.default(100),
    batchSize: base.batchSize.default(100),
    momentum: base.momentum.default(0.7),
    maxNorm: base.maxNorm.default(1.9365),
    hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([240, 240])
      .describe('units in each hidden layer'),
    pieces: z.number().int().min(1).max(100).default(5).describe('sums of which a unit is the largest'),
    dropout: share.default(0.5).describe('share of hidden units dropped in training'),
    inputDropout: share.default(0.2).describe('share of input pixels dropped in training'),
    rateDecay: z.number().min(1).max(2).default(1.000004).describe('what the learning rate is divided by at each step'),
    momentumEpochs: z.number().positive().default(250).describe('epochs over which the momentum rises from a half'),
  }),
  task: classification(),
  model: chosen => new MaxoutPerceptron(chosen),
  recipe: ({ momentum, weightDecay, rateDecay, momentumEpochs, epochs }, { totalSteps }) => ({
    optimizer: sgd({ momentum, weightDecay, momentumRise: { steps: (momentumEpochs * totalSteps) / epochs } }),
    schedule: ({ step }) => rateDecay ** -step,
  }),
  published,
})
