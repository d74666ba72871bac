// The convolution layers.
import {
  conv2d, convKinds, convTranspose2d, pairKind, transposedKinds, type Padding, type Pair, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, type Kind } from '@ddlf/tensor/errors'
import { initializerKind, kaimingUniform, newParameter, uniform, zeros, type Initializer } from '../init.ts'

/** Settings of a convolution layer. */
export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: Pair
  /** Zeros around the image: a number, [height, width], or sides by name; default 0. */
  readonly padding?: Padding
  /** Distance between the elements of the kernel; default 1. */
  readonly dilation?: Pair
  /** Into how many separate convolutions the channels are divided; default 1. */
  readonly groups?: number
  /** Whether to add a bias; default true. */
  readonly bias?: boolean
  /** Initialiser of the weight; the bias then starts at 0. Default: PyTorch's, both uniform in +-1/sqrt(fan in). */
  readonly init?: Initializer
}

const layerKinds = { ...convKinds, bias: kinds.flag, init: initializerKind }

/** The options of the convolution itself. */
const ofConvolution = <O extends Conv2dOptions>(options: O): Omit<O, 'bias' | 'init'> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'bias' && name !== 'init')) as Omit<O,
  'bias' | 'init'>

const sizeOf = (kernelSize: Pair): readonly [number, number] =>
  (typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize)

function parametersOf(
  shape: readonly [number, number, number, number], outputs: number, { bias = true, init }: Conv2dOptions,
) {
  const limit = 1 / Math.sqrt(shape[1] * shape[2] * shape[3])
  return {
    weight: newParameter(shape, init ?? kaimingUniform({ slope: Math.sqrt(5) })),
    bias: bias ? newParameter([outputs], init ? zeros : uniform(-limit, limit)) : undefined,
  }
}

function check(owner: string, inChannels: number, outChannels: number, kernelSize: Pair, groups: number): void {
  const divisible: Kind = {
    is: `a whole number of at least 1 that ${groups} groups divide`,
    accepts: value => kinds.whole(1).accepts(value) && (value as number) % groups === 0,
  }
  checkArgument(owner, 'inChannels', inChannels, groups === 1 ? kinds.whole(1) : divisible)
  checkArgument(owner, 'outChannels', outChannels, groups === 1 ? kinds.whole(1) : divisible)
  checkArgument(owner, 'kernelSize', kernelSize, pairKind, `Write new ${owner}(inChannels, outChannels, 3).`)
}

/**
 * Convolution of images: [N, inChannels, H, W] to [N, outChannels, H', W']. The weight is [out, in / groups, height,
 * width].
 */
export class Conv2d {
  readonly weight: Tensor
  readonly bias: Tensor | undefined

  constructor(
    readonly inChannels: number, readonly outChannels: number, kernelSize: Pair, readonly options: Conv2dOptions = {},
  ) {
    const { groups = 1 } = checkOptions('Conv2d', options, layerKinds)
    check('Conv2d', inChannels, outChannels, kernelSize, groups)
    const parameters = parametersOf([outChannels, inChannels / groups, ...sizeOf(kernelSize)], outChannels, options)
    this.weight = parameters.weight
    this.bias = parameters.bias
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, ofConvolution(this.options))
  }
}

/**
 * Transposed convolution, which enlarges images where a convolution shrinks them: [N, inChannels, H, W] to
 * [N, outChannels, H', W']. The weight is [in, out / groups, height, width].
 */
export class ConvTranspose2d {
  readonly weight: Tensor
  readonly bias: Tensor | undefined

  /** @param options as for Conv2d; `outputPadding` adds rows and columns at the far side */
  constructor(
    readonly inChannels: number, readonly outChannels: number, kernelSize: Pair,
    readonly options: Conv2dOptions & { readonly outputPadding?: Pair } = {},
  ) {
    const { groups = 1 } = checkOptions('ConvTranspose2d', options, { ...layerKinds, ...transposedKinds })
    check('ConvTranspose2d', inChannels, outChannels, kernelSize, groups)
    const parameters = parametersOf([inChannels, outChannels / groups, ...sizeOf(kernelSize)], outChannels, options)
    this.weight = parameters.weight
    this.bias = parameters.bias
  }

  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, ofConvolution(this.options))
  }
}
