// k nearest neighbours: the examples themselves are the model, and the nearest ones vote.
// Source: Cover and Hart, "Nearest neighbor pattern classification", 1967.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  add, buffer, div, gather, log, matmul, mul, oneHot, reshape, square, sub, sum, topK, transpose, type Tensor,
} from '@ddlf/tensor'
import { columnOf, exampleOf, type Dataset } from '@ddlf/data'
import {
  classification,
  type ClassificationOptions,
  type ClassificationSettings,
} from '../classification/classification.ts'
import type { Task } from '../task.ts'
import { otherModel } from './other-model.ts'

/** Sizes of {@link NearestNeighbours}. */
export interface NearestNeighboursOptions {
  /** Examples that are kept. */
  readonly examples: number
  /** Numbers of an example. */
  readonly features: number
  readonly classes: number
  /** How many of the nearest ones vote. */
  readonly k: number
}

/** The examples that were learned, by Euclidean distance. */
export class NearestNeighbours {
  /** float32 [examples, features], as the model reads them, and int32 [examples]. */
  readonly examples: Tensor
  readonly labels: Tensor
  readonly k: number
  readonly classes: number

  constructor({ examples, features, classes, k }: NearestNeighboursOptions) {
    this.examples = buffer(new Float32Array(examples * features), [examples, features])
    this.labels = buffer(new Int32Array(examples), [examples], 'int32')
    this.k = Math.min(k, examples)
    this.classes = classes
  }

  /** @param x float32 [N, ...] @returns logarithms of shares of votes, one vote more spread over all: [N, classes] */
  forward(x: Tensor): Tensor {
    const flat = reshape(x, [x.shape[0] ?? 1, -1])
    // |x - e|^2 without |x|^2, which is the same for every example.
    const norms = sum(square(this.examples), { axes: 1 })
    const distances = sub(norms, mul(matmul(flat, transpose(this.examples, [1, 0])), 2))
    const { indices } = topK(distances, this.k, { largest: false })
    const votes = sum(oneHot(gather(this.labels, indices), this.classes), { axes: 1 })
    return log(div(add(votes, 1 / this.classes), this.k + 1))
  }
}

/** Keeps the examples. @throws UserError where they are others than the model has room for */
function keep({ examples, labels }: NearestNeighbours, train: Dataset, input: string, target: string): void {
  const [column, answers] = [columnOf(train, input), columnOf(train, target)]
  const [count = 0, features = 0] = examples.shape
  if (train.length !== count) {
    throw new UserError({
      rule: `The model keeps ${count} examples.`,
      received: `${train.length} to learn from`,
      next: 'Leave validation out, or say how many with trainExamples.',
    })
  }
  const [data, numbers] = [examples.leaf?.data as Float32Array, labels.leaf?.data as Int32Array]
  // Pixels are kept as the task scales them.
  const factor = column.dtype === 'uint8' ? 1 / 255 : 1
  for (let i = 0; i < count; i++) {
    exampleOf(column, i).forEach((value, f) => (data[i * features + f] = value * factor))
    numbers[i] = answers.data[i] as number
  }
}

/** Classification by {@link NearestNeighbours}: no steps are taken. */
export function nearestNeighbours(
  options: Pick<ClassificationOptions, 'input' | 'target'> = {},
): Task<ClassificationSettings> {
  const { input = 'images', target = 'labels' } = checkOptions('nearestNeighbours', options, ['input', 'target'])
  return {
    ...classification({ input, target }),
    name: 'classification by neighbours',
    phases: () => [],
    fit: {
      learn: (model, train) => {
        if (!(model instanceof NearestNeighbours)) throw otherModel('nearestNeighbours', 'a NearestNeighbours')
        keep(model, train, input, target)
      },
      // Each example is its own nearest neighbour.
      judgesTraining: false,
    },
  }
}
