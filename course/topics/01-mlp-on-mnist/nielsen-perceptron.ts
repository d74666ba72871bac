// The perceptrons of a book that many learned from: sigmoids everywhere, and no softmax.
import { add, matmul, mul, oneHot, sigmoid, type Tensor } from '@ddlf/tensor'
import {
  binaryCrossEntropyWithLogits, correctCount, Flatten, init, meanSquaredError, newParameter, type Module,
} from '@ddlf/nn'
import {
  classification, classificationSettings, experiment, publishedSet, type Phase, type Task,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { booksOnMnist } from './published-books.ts'

/** How a perceptron of the book begins. */
interface NielsenOptions {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[]
  /** Deviation of the first weights: 1, or 1 / sqrt(inputs of a unit). */
  readonly start: 'wide' | 'narrow'
}

/**
 * Layers of sigmoids: [N, 1, 28, 28] to [N, 10], the sums before the last sigmoids. First biases are normal with
 * deviation 1. Source: Nielsen, "Neural networks and deep learning", 2015, chapters 1 and 3, network.py, network2.py.
 */
export class NielsenPerceptron implements Module {
  readonly layers: readonly { readonly weight: Tensor; readonly bias: Tensor }[]
  readonly #flatten = new Flatten()

  constructor({ hidden, start }: NielsenOptions) {
    const sizes = [784, ...hidden, 10]
    this.layers = sizes.slice(1).map((units, i) => {
      const inputs = sizes[i] ?? 784
      return {
        weight: newParameter([inputs, units], init.normal(0, start === 'wide' ? 1 : 1 / Math.sqrt(inputs))),
        bias: newParameter([units], init.normal(0, 1)),
      }
    })
  }

  /** @param images [N, 1, 28, 28], from 0 to 1 */
  forward(images: Tensor): Tensor {
    return this.layers.reduce(
      (x, { weight, bias }, i) => add(matmul(i === 0 ? x : sigmoid(x), weight), bias),
      this.#flatten.forward(images),
    )
  }
}

const base = classificationSettings.shape

const settings = z.strictObject({
  ...base,
  epochs: base.epochs.default(30),
  batchSize: base.batchSize.default(10),
  learningRate: base.learningRate.default(0.5),
  momentum: base.momentum.default(0),
  decayNormsAndBiases: base.decayNormsAndBiases.default(false),
  hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([30]).describe('units in each hidden layer'),
  start: z.enum(['wide', 'narrow']).default('wide').describe('first weights: deviation 1, or 1 / sqrt(inputs)'),
  loss: z.enum(['squaredError', 'crossEntropy']).default('crossEntropy').describe('what is minimised'),
})
type NielsenSettings = z.infer<typeof settings>

const classes = classification()

// #region cost
/** Half the squared distance, or the cross-entropy of ten yes-or-no answers: sums over the outputs. */
const cost: Phase<NielsenSettings> = {
  name: 'cost',
  columns: ['images', 'labels'],
  loss(model, batch, { loss }) {
    const [images, labels] = [batch['images'] as Tensor, batch['labels'] as Tensor]
    const sums = model.forward(classes.prepare?.(images) ?? images)
    const wanted = oneHot(labels, 10)
    return {
      // Both are means over the ten outputs.
      loss: loss === 'squaredError'
        ? mul(meanSquaredError(sigmoid(sums), wanted), 5)
        : mul(binaryCrossEntropyWithLogits(sums, wanted), 10),
      metrics: { accuracy: correctCount(sums, labels) },
    }
  },
}
// #endregion

const task: Task<NielsenSettings> = { ...classes, phases: () => [cost] }

/** The last 10,000 training digits are held out, as in the file that the book reads. */
const common = {
  data: publishedSet('mnist', { heldOut: 10_000 }),
  task,
  model: (chosen: NielsenSettings) => new NielsenPerceptron(chosen),
  published: booksOnMnist,
}

/** The networks of Nielsen's chapters 1, 3 and 5. */
export const nielsenPerceptrons = experiment({
  ...common,
  name: 'nielsen-perceptrons',
  title: "The perceptrons of Nielsen's book",
  question: 'Does a book that many learned from say what anyone finds who runs its networks again?',
  config: settings,
})

const steps = 150_000

/** The end of chapter 3: as many steps whatever the number of digits. */
export const nielsenByDigits = experiment({
  ...common,
  name: 'nielsen-by-digits',
  title: 'A perceptron by the number of its digits',
  question: 'What do more digits bring, where a net takes as many steps with few of them? (Nielsen 2015, chapter 3)',
  config: z.strictObject({
    ...settings.shape,
    steps: base.steps.default(steps),
    evaluateEvery: base.evaluateEvery.default(steps / 10),
    weightDecay: base.weightDecay.default(0.0001),
  }),
})
