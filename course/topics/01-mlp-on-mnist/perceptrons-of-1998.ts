// The perceptrons of 1998 as they were: squashed sums, squared errors, digits drawn anew or set upright.
import {
  add, cast, clamp, div, floor, greater, matmul, mul, oneHot, pad, sub, sum, takeAlongAxis, tanh, tensor, type Tensor,
} from '@ddlf/tensor'
import { correctCount, Flatten, init, meanSquaredError, newParameter, type Module } from '@ddlf/nn'
import {
  classification, classificationSettings, experiment, publishedSet, type Phase, type Task,
} from '@ddlf/lab/experiments'
import { z } from 'zod'
import { published } from './published.ts'

const SIDE = 28
const columns = tensor(Float32Array.from({ length: SIDE }, (_, i) => i), { shape: [1, 1, 1, SIDE] })
const rows = tensor(Float32Array.from({ length: SIDE }, (_, i) => i), { shape: [1, 1, SIDE, 1] })

// #region upright
/**
 * Digits set upright: each row is moved to the side, in proportion to its height above the middle, so that the main
 * axis of the ink stands straight. Ink is what is darker than half; its moments count it as 1 and paper as 0.
 * @param images [N, 1, 28, 28], paper 0, ink up to 1; the same comes out
 * Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998, section III.A.
 */
export function upright(images: Tensor): Tensor {
  const over = { axes: [2, 3], keepDims: true }
  const ink = cast(greater(images, 0.5), 'float32')
  const count = add(sum(ink, over), 1e-6)
  const right = sub(columns, div(sum(mul(ink, columns), over), count))
  const down = sub(rows, div(sum(mul(ink, rows), over), count))
  // How far the ink goes to the right for each row that it goes down.
  const slant = div(sum(mul(ink, mul(right, down)), over), add(sum(mul(ink, mul(down, down)), over), 1e-6))
  const from = add(columns, mul(slant, down))
  const first = floor(from)
  const share = sub(from, first)
  const framed = pad(images, [[0, 0], [0, 0], [0, 0], [1, 1]])
  const at = (step: number) =>
    takeAlongAxis(framed, cast(clamp(add(first, step + 1), 0, SIDE + 1), 'int32'), 3)
  return add(mul(at(0), sub(1, share)), mul(at(1), share))
}
// #endregion

/** What a perceptron of 1998 is made of. */
interface Options {
  /** Units of each hidden layer; none: a linear classifier. */
  readonly hidden: readonly number[]
  readonly upright: boolean
}

/** 1.7159 tanh(2 x / 3), which takes 1 to 1 and -1 to -1 (appendix A). */
const squash = (x: Tensor): Tensor => mul(tanh(mul(x, 2 / 3)), 1.7159)

/**
 * Dense layers and squashed sums, the last ones too: [N, 1, 28, 28] to [N, 10]. Paper is -0.1 and ink 1.175; first
 * weights are uniform within 2.4 / inputs of a unit (appendix A of the paper).
 */
export class PerceptronOf1998 implements Module {
  readonly layers: readonly { readonly weight: Tensor; readonly bias: Tensor }[]
  readonly #flatten = new Flatten()
  readonly #isUpright: boolean

  constructor({ hidden, upright: isUpright }: Options) {
    const sizes = [784, ...hidden, 10]
    this.layers = sizes.slice(1).map((units, i) => {
      const inputs = sizes[i] ?? 784
      return {
        weight: newParameter([inputs, units], init.uniform(-2.4 / inputs, 2.4 / inputs)),
        bias: newParameter([units], init.zeros),
      }
    })
    this.#isUpright = isUpright
  }

  /** @param images [N, 1, 28, 28], from 0 to 1 */
  forward(images: Tensor): Tensor {
    const seen = sub(mul(this.#isUpright ? upright(images) : images, 1.275), 0.1)
    return this.layers.reduce((x, { weight, bias }) => {
      const sums = add(matmul(x, weight), bias)
      return this.layers.length === 1 ? sums : squash(sums)
    }, this.#flatten.forward(seen))
  }
}

const base = classificationSettings.shape

const settings = z.strictObject({
  ...base,
  epochs: base.epochs.default(20),
  batchSize: base.batchSize.default(32),
  learningRate: base.learningRate.default(0.01),
  schedule: base.schedule.default('cosine'),
  momentum: base.momentum.default(0),
  hidden: z.array(z.number().int().min(1).max(10_000)).max(10).default([300]).describe('units in each hidden layer'),
  distort: z.boolean().default(false).describe('shift, scale, squeeze and shear the training digits at random'),
  upright: z.boolean().default(false).describe('set the digits upright before they are read'),
})
type Settings = z.infer<typeof settings>

const classes = classification()

/** The squared distance of the outputs from 1 for the digit and -1 for the others, summed over the outputs. */
const squaredError: Phase<Settings> = {
  name: 'squared error',
  columns: ['images', 'labels'],
  loss(model, batch) {
    const [images, labels] = [batch['images'] as Tensor, batch['labels'] as Tensor]
    const outputs = model.forward(classes.prepare?.(images) ?? images)
    return {
      loss: mul(meanSquaredError(outputs, sub(mul(oneHot(labels, 10), 2), 1)), 10),
      metrics: { accuracy: correctCount(outputs, labels) },
    }
  },
}

const task: Task<Settings> = { ...classes, phases: () => [squaredError] }

/** The fully connected nets of 1998, with their own loss and units. */
export const perceptronsOf1998 = experiment({
  name: 'perceptrons-of-1998',
  title: 'The perceptrons of 1998, as they were',
  question: 'What do the fully connected nets of 1998 reach with the loss and the units of their day?',
  data: publishedSet('mnist'),
  config: settings,
  task,
  model: chosen => new PerceptronOf1998(chosen),
  // The planar changes of the paper; their extent is ours, the paper gives none.
  transforms: ({ distort }) =>
    distort ? [{ kind: 'affine', degrees: 0, translate: 0.07, scale: [0.9, 1.1], shear: 10 }] : [],
  published,
})
