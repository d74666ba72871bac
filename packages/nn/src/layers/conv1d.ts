// Convolution over time.
import { conv2d, formatType, requireTensors, reshape, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { initializerKind, kaimingUniform, newParameter, uniform, zeros, type Initializer } from '../init.ts'

/** Zeros before and after a sequence: one number for both, or [before, after]. */
export type Padding1d = number | readonly [number, number]

/** Settings of a convolution over time. */
export interface Conv1dOptions {
  /** Default 1. */
  readonly stride?: number
  /**
   * Default 0. 'same' keeps the length (with stride 1); 'causal' puts all zeros before, so that no output sees what
   * comes after it.
   */
  readonly padding?: Padding1d | 'same' | 'causal'
  /** Distance between the elements of the kernel; default 1. */
  readonly dilation?: number
  /** Into how many separate convolutions the channels are divided; default 1. */
  readonly groups?: number
  /** Whether to add a bias; default true. */
  readonly bias?: boolean
  /** Initialiser of the weight; the bias then starts at 0. Default: PyTorch's, both uniform in +-1/sqrt(fan in). */
  readonly init?: Initializer
}

const amount = kinds.whole(0)
/** What the padding of a sequence may be. */
export const padding1dKind: Kind = {
  is: `${amount.is}, or two of them, [before, after]`,
  accepts: value => amount.accepts(value) ||
    (kinds.listOf(amount, '').accepts(value) && (value as readonly number[]).length === 2),
}

const KINDS = {
  stride: kinds.whole(1), padding: kinds.either(padding1dKind, kinds.oneOf('same', 'causal')), dilation: kinds.whole(1),
  groups: kinds.whole(1),
  bias: kinds.flag, init: initializerKind,
}

/**
 * Convolution of sequences: [N, inChannels, L] to [N, outChannels, L']. The weight is [out, in / groups, kernel], as
 * in PyTorch.
 */
export class Conv1d {
  readonly weight: Tensor
  readonly bias: Tensor | undefined

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    readonly kernelSize: number,
    readonly options: Conv1dOptions = {},
  ) {
    const { groups = 1, bias = true, init } = checkOptions('Conv1d', options, KINDS)
    const sizes = { inChannels, outChannels, kernelSize }
    for (const [name, value] of Object.entries(sizes)) checkArgument('Conv1d', name, value, kinds.whole(1))
    checkArgument('Conv1d', 'inChannels / groups', inChannels / groups, kinds.whole(1))
    checkArgument('Conv1d', 'outChannels / groups', outChannels / groups, kinds.whole(1))
    const limit = 1 / Math.sqrt((inChannels / groups) * kernelSize)
    this.weight = newParameter(
      [outChannels, inChannels / groups, kernelSize],
      init ?? kaimingUniform({ slope: Math.sqrt(5) }),
    )
    this.bias = bias ? newParameter([outChannels], init ? zeros : uniform(-limit, limit)) : undefined
  }

  forward(x: Tensor): Tensor {
    requireTensors('Conv1d', x)
    if (x.rank !== 3) throw new UserError({ rule: 'Conv1d: sequences are [N, C, L].', received: formatType(x) })
    const { stride = 1, dilation = 1, groups = 1 } = this.options
    const [left, right] = this.sides()
    const images = reshape(x, [x.shape[0] as number, x.shape[1] as number, 1, x.shape[2] as number])
    const weight = reshape(this.weight, [this.outChannels, this.inChannels / groups, 1, this.kernelSize])
    const y = conv2d(images, weight, this.bias, {
      stride: [1, stride],
      dilation: [1, dilation],
      padding: { left, right },
      groups,
    })
    return reshape(y, [y.shape[0] as number, this.outChannels, y.shape[3] as number])
  }

  private sides(): readonly [number, number] {
    const { padding = 0, dilation = 1, stride = 1 } = this.options
    const reach = dilation * (this.kernelSize - 1)
    if (typeof padding === 'number') return [padding, padding]
    if (padding === 'causal') return [reach, 0]
    if (padding !== 'same') return padding
    if (stride !== 1)
      throw new UserError({ rule: "Conv1d: padding 'same' needs a stride of 1.", received: String(stride) })
    // As in PyTorch, an odd zero more comes behind.
    return [Math.floor(reach / 2), reach - Math.floor(reach / 2)]
  }
}
