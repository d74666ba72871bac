// The perceptrons by which dropout was compared with other regularizers: their units, their thinning, their penalties.
import { add, mul, relu, sigmoid, type Tensor } from '@ddlf/tensor'
import {
  correctCount, crossEntropy, Dropout, Flatten, init, l1Penalty, Linear, sgd, sparsityPenalty, type Module,
} from '@ddlf/nn'
import {
  classification, classificationSettings, experiment, publishedSet, type Experiment, type Phase, type Recipe, type Task,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { published } from './published.ts'

/** What a perceptron of 2014 is made of. */
interface Options {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[]
  readonly units: 'relu' | 'sigmoid'
  /** Share of hidden units dropped in training. */
  readonly dropout: number
  /** Share of input pixels dropped in training. */
  readonly inputDropout: number
}

const activations = { relu, sigmoid } as const

/**
 * Deviation of the first weights times the root of a unit's inputs: 1 in the paper's code. Three layers of logistic
 * units do not begin to learn from there within epochs of ours; 4 keeps their signals at one size (Glorot and Bengio
 * 2010).
 */
const GAIN = { relu: 1, sigmoid: 4 } as const

// #region thinned
/**
 * Layers thinned by dropout: [N, 1, 28, 28] to [N, 10]. What is left in training keeps its size, and in evaluation all
 * is multiplied by the share that training keeps: rates and limits on norms are then those of the paper's code. First
 * weights are normal, first biases 0.
 * Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014, section 4, and
 * their code, nitishsrivastava/deepnet, examples/ff/model_dropout.pbtxt.
 */
export class PerceptronOf2014 implements Module {
  readonly hidden: readonly Linear[]
  readonly logits: Linear
  readonly #flatten = new Flatten()
  readonly #activation: (x: Tensor) => Tensor
  readonly #drops: readonly [input: Dropout, hidden: Dropout]

  constructor({ hidden, units, dropout, inputDropout }: Options) {
    const sizes = [784, ...hidden, 10]
    const layers = sizes.slice(1).map((outputs, i) => {
      const inputs = sizes[i] ?? 784
      return new Linear(inputs, outputs, { init: init.normal(0, GAIN[units] / Math.sqrt(inputs)) })
    })
    this.hidden = layers.slice(0, -1)
    this.logits = layers.at(-1) as Linear
    this.#activation = activations[units]
    this.#drops = [new Dropout(inputDropout), new Dropout(dropout)]
  }

  /** What the units of each hidden layer say, before they are thinned, and the logits. */
  all(images: Tensor): { readonly hidden: readonly Tensor[]; readonly logits: Tensor } {
    // Dropout divides what is left by the share that is kept: this takes it back, and is the factor of evaluation.
    const thinned = (x: Tensor, drop: Dropout) => (drop.p === 0 ? x : mul(drop.forward(x), 1 - drop.p))
    const hidden: Tensor[] = []
    const last = this.hidden.reduce((x, layer) => {
      const said = this.#activation(layer.forward(x))
      hidden.push(said)
      return thinned(said, this.#drops[1])
    }, thinned(this.#flatten.forward(images), this.#drops[0]))
    return { hidden, logits: this.logits.forward(last) }
  }

  /** @param images [N, 1, 28, 28], from 0 to 1 */
  forward(images: Tensor): Tensor {
    return this.all(images).logits
  }
}
// #endregion

const base = classificationSettings.shape
const share = z.number().min(0).lt(1)

const settings = z.strictObject({
  ...base,
  epochs: base.epochs.default(30),
  batchSize: base.batchSize.default(100),
  learningRate: base.learningRate.default(0.1),
  momentum: base.momentum.default(0.95),
  decayNormsAndBiases: base.decayNormsAndBiases.default(false),
  hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([1024, 1024, 2048])
    .describe('units in each hidden layer'),
  units: z.enum(['relu', 'sigmoid']).default('relu').describe('what the hidden units compute of their sums'),
  dropout: share.default(0).describe('share of hidden units dropped in training'),
  inputDropout: share.default(0).describe('share of input pixels dropped in training'),
  l1: z.number().min(0).max(1).default(0).describe('factor of the sum of absolute weights in the loss'),
  sparsity: z.number().min(0).max(1).default(0).describe('factor of how far units are from the wanted mean activation'),
  sparsityTarget: z.number().gt(0).lt(1).default(0.1).describe('the wanted mean activation of a hidden unit'),
})
type Settings = z.infer<typeof settings>

const classes = classification()

// #region penalised
/** The cross-entropy, with what is asked for of the absolute weights and of the mean activations. */
const penalised: Phase<Settings, PerceptronOf2014> = {
  name: 'penalised',
  columns: ['images', 'labels'],
  loss(model, batch, { l1, sparsity, sparsityTarget: target, units }) {
    const [images, labels] = [batch['images'] as Tensor, batch['labels'] as Tensor]
    const { hidden, logits } = model.all(classes.prepare?.(images) ?? images)
    const far = hidden.map(said =>
      sparsityPenalty(said, { target, units: units === 'relu' ? 'poisson' : 'bernoulli' }))
    const penalties = [
      ...(l1 > 0 ? [mul(l1Penalty([...model.hidden, model.logits].map(({ weight }) => weight)), l1)] : []),
      ...(sparsity > 0 ? far.map(one => mul(one, sparsity)) : []),
    ]
    return {
      loss: penalties.reduce((loss, penalty) => add(loss, penalty), crossEntropy(logits, labels)),
      metrics: { accuracy: correctCount(logits, labels) },
    }
  },
}
// #endregion

const task: Task<Settings> = { ...classes, phases: () => [penalised] }

/** The code's rate, 1 / (1 + 10 t) over the training, and its momentum, which rises from a half to what is set. */
const recipe = ({ momentum, weightDecay }: Settings, { totalSteps: steps }: { totalSteps: number }): Recipe => ({
  optimizer: sgd({ momentum, weightDecay, momentumRise: { steps } }),
  schedule: ({ step, totalSteps }) => 1 / (1 + (10 * step) / totalSteps),
})

const common = {
  data: publishedSet('mnist'), task, recipe, published, model: (chosen: Settings) => new PerceptronOf2014(chosen),
} as const

/** The net of table 9, each time with other regularizers. */
export const widePerceptrons = experiment({
  ...common,
  name: 'wide-perceptrons-of-2014',
  title: 'Dropout against other regularizers',
  question: 'Which regularizer is worth most to one wide net? (Srivastava et al. 2014, table 9)',
  config: settings,
})

/** The first net with dropout of table 2: logistic units, no limit on the norms. */
export const logisticPerceptron: Experiment = experiment({
  ...common,
  name: 'logistic-perceptron-of-2014',
  title: 'Logistic units with dropout',
  question: 'What does dropout make of a wide net of logistic units? (Srivastava et al. 2014, table 2)',
  config: settings.extend({
    epochs: settings.shape.epochs.default(40),
    learningRate: settings.shape.learningRate.default(1),
    hidden: settings.shape.hidden.default([1024, 1024, 1024]),
    units: settings.shape.units.default('sigmoid'),
    dropout: settings.shape.dropout.default(0.5),
    inputDropout: settings.shape.inputDropout.default(0.2),
  }),
})
