// Models for a user's own data that need no tuning to start with: a small convolutional net, a perceptron, a bag of
// tokens.
import { cast, greater, maximum, sum, unsqueeze, type Tensor } from '@ddlf/tensor'
import {
  namedParameters,
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  init,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  type Module,
} from '@ddlf/nn'

/** A stack of dense layers with ReLU between them; without hidden sizes it is linear. */
export const perceptron = (inputs: number, hidden: readonly number[], classes: number, dropout: number): Sequential => {
  const sizes = [inputs, ...hidden]
  return new Sequential(
    new Flatten(),
    ...hidden.flatMap((units, i) => [
      new Linear(sizes[i] ?? inputs, units),
      new ReLU(),
      ...(dropout > 0 ? [new Dropout(dropout)] : []),
    ]),
    new Linear(sizes.at(-1) ?? inputs, classes),
  )
}

/**
 * A perceptron whose first layer starts at zero for some inputs: those that training may never set, so that they say
 * nothing when they are met later.
 */
export function silentPerceptron(
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  dropout: number,
  silent: readonly number[],
): Sequential {
  const model = perceptron(inputs, hidden, outputs, dropout)
  const [first] = namedParameters(model).values()
  const weight = first?.leaf?.data
  // [units, inputs]
  if (weight) for (const place of silent) for (let at = place; at < weight.length; at += inputs) weight[at] = 0
  return model
}

/**
 * Blocks of convolution 3x3, batch norm, ReLU and pooling by 2 that double the channels, then the mean over the picture
 * and one dense layer: works for any size from 4 pixels on.
 * @param width channels of the first block
 */
export function smallCnn(channels: number, size: number, classes: number, width: number, dropout: number): Sequential {
  const blocks = Math.max(1, Math.min(4, Math.floor(Math.log2(size)) - 1))
  const widths = Array.from({ length: blocks }, (_, i) => width * 2 ** i)
  return new Sequential(
    ...widths.flatMap((out, i) => [
      new Conv2d(i === 0 ? channels : (widths[i - 1] as number), out, 3, { padding: 1, bias: false }),
      new BatchNorm2d(out),
      new ReLU(),
      new MaxPool2d(2),
    ]),
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    ...(dropout > 0 ? [new Dropout(dropout)] : []),
    new Linear(widths.at(-1) ?? width, classes),
  )
}

/**
 * The mean of the embeddings of a text's tokens, then dense layers: int32 [N, tokens] to [N, classes].
 * Source: Joulin et al., "Bag of tricks for efficient text classification", 2016, figure 1.
 */
export class TokenBag implements Module {
  readonly embedding: Embedding
  readonly head: Sequential

  constructor(buckets: number, dimensions: number, hidden: readonly number[], classes: number, dropout: number) {
    this.embedding = new Embedding(buckets + 1, dimensions, { init: init.uniform(-1 / dimensions, 1 / dimensions) })
    this.head = perceptron(dimensions, hidden, classes, dropout)
  }

  forward(tokens: Tensor): Tensor {
    // [N, tokens]: 1 where there is a token, 0 where the text was filled up.
    const present = cast(greater(tokens, 0), 'float32')
    const total = sum(this.embedding.forward(tokens).mul(unsqueeze(present, 2)), { axes: 1 })
    const count = maximum(sum(present, { axes: 1, keepDims: true }), 1)
    return this.head.forward(total.div(count))
  }
}

