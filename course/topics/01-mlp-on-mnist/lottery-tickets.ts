// Lottery tickets: a net whose smallest weights are taken out between trainings that all begin alike.
import type { Tensor } from '@ddlf/tensor'
import { Flatten, init, Linear, pruned, ReLU, Sequential, type Module } from '@ddlf/nn'
import { classification, classificationSettings, experiment, optimizerOf, publishedSet } from '@ddlf/lab/experiments'
import { z } from 'zod'

const CLASSES = 10

/** LeNet-300-100 with first weights normal after Glorot, and biases 0: [N, 1, 28, 28] to [N, 10]. */
class TicketNet implements Module {
  readonly hidden: Sequential
  readonly logits: Linear
  readonly #flatten = new Flatten()

  constructor(hidden: readonly number[]) {
    const options = { init: init.xavierNormal() }
    const sizes = [784, ...hidden]
    const layers = hidden.flatMap((units, i) => [new Linear(sizes[i] ?? 784, units, options), new ReLU()])
    this.hidden = new Sequential(...layers)
    this.logits = new Linear(sizes.at(-1) ?? 784, CLASSES, options)
  }

  /** @param images [N, 1, 28, 28], from 0 to 1 */
  forward(images: Tensor): Tensor {
    return this.logits.forward(this.hidden.forward(this.#flatten.forward(images)))
  }
}

const base = classificationSettings.shape

/** Trainings one behind the other, each with a fifth of the weights less, from the same first weights. */
export const lotteryTickets = experiment({
  name: 'lottery-tickets',
  title: 'Lottery tickets',
  question:
    'Does a net hold a much smaller one that learns as well alone, from where it began? (Frankle and Carbin 2019)',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...base,
    steps: base.steps.default(50_000),
    evaluateEvery: base.evaluateEvery.default(500),
    batchSize: base.batchSize.default(60),
    optimizer: base.optimizer.default('adam'),
    learningRate: base.learningRate.default(0.0012),
    // 5,000 digits, by which the paper stops early.
    validation: base.validation.default(0.0833333),
    hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([300, 100])
      .describe('units in each hidden layer'),
    roundSteps: z.number().int().min(2).max(10_000_000).default(50_000).describe('steps of each of the trainings'),
    pruned: z.number().min(0).lt(1).default(0.2)
      .describe('share of the weights left that goes after a training; of the last layer half of it'),
  }),
  task: classification(),
  model: ({ hidden }) => new TicketNet(hidden),
  // #region recipe
  recipe: (settings, { totalSteps }) => ({
    optimizer: pruned(optimizerOf(settings), {
      every: settings.roundSteps,
      rounds: Math.max(1, Math.ceil(totalSteps / settings.roundSteps)),
      share: ({ shape }) => (shape[0] === CLASSES ? settings.pruned / 2 : settings.pruned),
    }),
  }),
  // #endregion
})
