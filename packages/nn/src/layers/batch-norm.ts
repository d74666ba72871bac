// Batch normalisation.
import {
  add, batchNorm, buffer, cast, channelAffine, channelMoments, div, formatShape, full, mul, requireTensors, sizeOf,
  sqrt, sub,
  type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { newParameter, ones, zeros } from '../init.ts'
import { bufferValue, isTraining, updateBuffer } from '../mode.ts'

/** Settings of a batch normalisation. */
export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number
  /** Share of the new batch in the running statistics, default 0.1; `null`: the mean over all batches so far. */
  readonly momentum?: number | null
  /** Whether to learn a scale and an offset for each channel; default true. */
  readonly affine?: boolean
}

/** The layer for inputs with the given numbers of axes; channels are on axis 1. */
class BatchNorm {
  readonly weight: Tensor | undefined
  readonly bias: Tensor | undefined
  readonly running_mean: Tensor
  readonly running_var: Tensor
  readonly num_batches_tracked: Tensor
  readonly eps: number
  readonly momentum: number | null
  readonly #name: string
  readonly #ranks: readonly number[]

  constructor(name: string, ranks: readonly number[], readonly numFeatures: number, options: BatchNormOptions) {
    const { eps = 1e-5, momentum = 0.1, affine = true } = checkOptions(name, options, {
      eps: kinds.atLeast(0), momentum: kinds.nullable(kinds.between(0, 1)), affine: kinds.flag,
    })
    checkArgument(name, 'numFeatures', numFeatures, kinds.whole(1))
    this.#name = name
    this.#ranks = ranks
    this.eps = eps
    this.momentum = momentum
    this.weight = affine ? newParameter([numFeatures], ones) : undefined
    this.bias = affine ? newParameter([numFeatures], zeros) : undefined
    this.running_mean = buffer(new Float32Array(numFeatures), [numFeatures])
    this.running_var = buffer(new Float32Array(numFeatures).fill(1), [numFeatures])
    this.num_batches_tracked = buffer(new Int32Array(1), [], 'int32')
  }

  forward(x: Tensor): Tensor {
    requireTensors(this.#name, x)
    if (!this.#ranks.includes(x.rank) || x.shape[1] !== this.numFeatures) {
      throw new UserError({
        rule: `${this.#name}: the input must have ${this.#ranks.join(' or ')} axes with ${this.numFeatures} channels ` +
          `on axis 1.`,
        received: formatShape(x.shape),
      })
    }
    const scale = this.weight ?? full([this.numFeatures], 1)
    const shift = this.bias ?? full([this.numFeatures], 0)
    if (isTraining()) {
      this.#follow(x)
      return batchNorm(x, scale, shift, { eps: this.eps })
    }
    const factor = div(scale, sqrt(add(this.running_var, this.eps)))
    return channelAffine(x, factor, sub(shift, mul(this.running_mean, factor)))
  }

  /** Moves the running statistics towards the batch's mean and unbiased variance. */
  #follow(x: Tensor): void {
    const count = sizeOf(x.shape) / this.numFeatures
    if (count < 2) {
      throw new UserError({
        rule: `${this.#name}: training needs more than one value for each channel.`,
        received: formatShape(x.shape),
        next: 'Use a larger batch, or evaluation mode.',
      })
    }
    const { mean, variance } = channelMoments(x)
    const tracked = add(bufferValue(this.num_batches_tracked), 1)
    const share = this.momentum ?? div(1, cast(tracked, 'float32'))
    const move = (running: Tensor, fresh: Tensor) => {
      const before = bufferValue(running)
      updateBuffer(running, add(before, mul(sub(fresh, before), share)))
    }
    move(this.running_mean, mean)
    move(this.running_var, mul(variance, count / (count - 1)))
    updateBuffer(this.num_batches_tracked, tracked)
  }
}

/**
 * Normalises each channel of [N, C] or [N, C, L] over the batch in training, and by running statistics in evaluation.
 * Source: Ioffe and Szegedy, "Batch normalization", 2015, algorithms 1 and 2. Names of the state are PyTorch's.
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super('BatchNorm1d', [2, 3], numFeatures, options)
  }
}

/** {@link BatchNorm1d} for images, [N, C, H, W]. */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super('BatchNorm2d', [4], numFeatures, options)
  }
}
