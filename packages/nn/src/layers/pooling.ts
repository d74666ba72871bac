// Pooling layers.
import {
  adaptiveAveragePool2d, averagePool2d, maxPool2d, paddingKind, pairKind, type Padding, type Pair, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'

/** How the windows of a pooling layer lie. */
export interface PoolingOptions {
  /** Default: the size of the window. */
  readonly stride?: Pair
  /** Default 0. */
  readonly padding?: Padding
}

const windowKinds = { stride: pairKind, padding: paddingKind }

/** The largest element of each window. */
export class MaxPool2d {
  constructor(readonly kernelSize: Pair, readonly options: PoolingOptions = {}) {
    checkOptions('MaxPool2d', options, windowKinds)
    checkArgument('MaxPool2d', 'kernelSize', kernelSize, pairKind)
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, { kernel: this.kernelSize, ...this.options })
  }
}

/** The average of each window; `countPadding: false` leaves the padding out of it. */
export class AvgPool2d {
  constructor(readonly kernelSize: Pair, readonly options: PoolingOptions & { readonly countPadding?: boolean } = {}) {
    checkOptions('AvgPool2d', options, { ...windowKinds, countPadding: kinds.flag })
    checkArgument('AvgPool2d', 'kernelSize', kernelSize, pairKind)
  }

  forward(x: Tensor): Tensor {
    return averagePool2d(x, { kernel: this.kernelSize, ...this.options })
  }
}

/** Averages over a grid of equal windows, whatever the size of the images; 1 averages each whole channel. */
export class AdaptiveAvgPool2d {
  constructor(readonly outputSize: Pair = 1) {
    checkArgument('AdaptiveAvgPool2d', 'outputSize', outputSize, pairKind)
  }

  forward(x: Tensor): Tensor {
    return adaptiveAveragePool2d(x, this.outputSize)
  }
}
