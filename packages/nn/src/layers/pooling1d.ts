// Pooling over time.
import { averagePool2d, formatType, max, maxPool2d, mean, requireTensors, reshape, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { padding1dKind, type Padding1d } from './conv1d.ts'

/** How the windows of a pooling over time lie. */
export interface Pooling1dOptions {
  /** Default: the size of the window. */
  readonly stride?: number
  /** Default 0. */
  readonly padding?: Padding1d
}

const KINDS = { stride: kinds.whole(1), padding: padding1dKind }

/** Sequences [N, C, L] as images of one row. */
function asImages(owner: string, x: Tensor): Tensor {
  requireTensors(owner, x)
  if (x.rank !== 3) throw new UserError({ rule: `${owner}: sequences are [N, C, L].`, received: formatType(x) })
  return reshape(x, [x.shape[0] as number, x.shape[1] as number, 1, x.shape[2] as number])
}

const asSequences = (x: Tensor): Tensor => reshape(x, x.shape.toSpliced(2, 1))

function windows(kernelSize: number, { stride = kernelSize, padding = 0 }: Pooling1dOptions) {
  const [left, right] = typeof padding === 'number' ? [padding, padding] : padding
  return { kernel: [1, kernelSize], stride: [1, stride], padding: { left, right } } as const
}

/** The largest element of each window of time: [N, C, L] to [N, C, L']. */
export class MaxPool1d {
  constructor(
    readonly kernelSize: number,
    readonly options: Pooling1dOptions = {},
  ) {
    checkOptions('MaxPool1d', options, KINDS)
    checkArgument('MaxPool1d', 'kernelSize', kernelSize, kinds.whole(1))
  }

  forward(x: Tensor): Tensor {
    return asSequences(maxPool2d(asImages('MaxPool1d', x), windows(this.kernelSize, this.options)))
  }
}

/** The average of each window of time; `countPadding: false` leaves the padding out of it. */
export class AvgPool1d {
  constructor(
    readonly kernelSize: number,
    readonly options: Pooling1dOptions & { readonly countPadding?: boolean } = {},
  ) {
    checkOptions('AvgPool1d', options, { ...KINDS, countPadding: kinds.flag })
    checkArgument('AvgPool1d', 'kernelSize', kernelSize, kinds.whole(1))
  }

  forward(x: Tensor): Tensor {
    const { countPadding = true, ...options } = this.options
    return asSequences(averagePool2d(asImages('AvgPool1d', x), { ...windows(this.kernelSize, options), countPadding }))
  }
}

function equalWindows(owner: string, x: Tensor, size: number): Tensor {
  requireTensors(owner, x)
  const length = x.shape[2] ?? 0
  if (x.rank !== 3 || length % size !== 0) {
    throw new UserError({
      rule: `${owner}: a sequence [N, C, L] divides into ${size} equal windows.`,
      received: formatType(x),
      next: 'Pad or cut the sequence.',
    })
  }
  return reshape(x, [...x.shape.slice(0, 2), size, length / size])
}

/** The largest element of each of `outputSize` (default 1) equal parts of time. */
export class AdaptiveMaxPool1d {
  constructor(readonly outputSize = 1) {
    checkArgument('AdaptiveMaxPool1d', 'outputSize', outputSize, kinds.whole(1))
  }

  forward(x: Tensor): Tensor {
    return max(equalWindows('AdaptiveMaxPool1d', x, this.outputSize), { axes: 3 })
  }
}

/** The average of each of `outputSize` (default 1) equal parts of time. */
export class AdaptiveAvgPool1d {
  constructor(readonly outputSize = 1) {
    checkArgument('AdaptiveAvgPool1d', 'outputSize', outputSize, kinds.whole(1))
  }

  forward(x: Tensor): Tensor {
    return mean(equalWindows('AdaptiveAvgPool1d', x, this.outputSize), { axes: 3 })
  }
}
