// Normalisations over the last axes: layer normalisation and RMS normalisation.
import { formatShape, layerNorm, requireTensors, rmsNorm, type Shape, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { newParameter, ones, zeros } from '../init.ts'

/** Settings of a layer normalisation. */
export interface LayerNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly eps?: number
  /** Whether to learn a scale; default true. */
  readonly affine?: boolean
  /** Whether to learn an offset as well; default true. */
  readonly bias?: boolean
}

const sizesKind = kinds.either(kinds.whole(1), kinds.listOf(kinds.whole(1), 'such numbers'))

function requireLastAxes(owner: string, x: Tensor, normalizedShape: Shape): void {
  requireTensors(owner, x)
  if (formatShape(x.shape.slice(-normalizedShape.length)) === formatShape(normalizedShape)) return
  throw new UserError({
    rule: `${owner}: the last axes of the input must be ${formatShape(normalizedShape)}.`,
    received: formatShape(x.shape),
  })
}

/**
 * Normalises each sample over its last axes, then scales and shifts each element.
 * Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
 */
export class LayerNorm {
  readonly normalizedShape: Shape
  readonly eps: number
  readonly weight: Tensor | undefined
  readonly bias: Tensor | undefined

  /** @param normalizedShape sizes of the last axes of the input, or the size of the last one */
  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    const { eps = 1e-5, affine = true, bias = true } = checkOptions('LayerNorm', options, {
      eps: kinds.atLeast(0), affine: kinds.flag, bias: kinds.flag,
    })
    checkArgument('LayerNorm', 'normalizedShape', normalizedShape, sizesKind)
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    this.eps = eps
    this.weight = affine ? newParameter(this.normalizedShape, ones) : undefined
    this.bias = affine && bias ? newParameter(this.normalizedShape, zeros) : undefined
  }

  forward(x: Tensor): Tensor {
    requireLastAxes('LayerNorm', x, this.normalizedShape)
    return layerNorm(x, this.weight, this.bias, { axes: this.normalizedShape.length, eps: this.eps })
  }
}

/**
 * Divides each sample by the root of its mean square over its last axes, then scales each element. PyTorch: RMSNorm.
 * Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.
 */
export class RmsNorm {
  readonly normalizedShape: Shape
  readonly eps: number | undefined
  readonly weight: Tensor | undefined

  /**
   * @param normalizedShape sizes of the last axes of the input, or the size of the last one
   * @param options `eps` is added to the mean square, default 2^-23 as in PyTorch; `affine: false` learns no scale
   */
  constructor(normalizedShape: number | Shape, options: Omit<LayerNormOptions, 'bias'> = {}) {
    const { eps, affine = true } = checkOptions('RmsNorm', options, { eps: kinds.atLeast(0), affine: kinds.flag })
    checkArgument('RmsNorm', 'normalizedShape', normalizedShape, sizesKind)
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    this.eps = eps
    this.weight = affine ? newParameter(this.normalizedShape, ones) : undefined
  }

  forward(x: Tensor): Tensor {
    requireLastAxes('RmsNorm', x, this.normalizedShape)
    const axes = this.normalizedShape.length
    return rmsNorm(x, this.weight, this.eps === undefined ? { axes } : { axes, eps: this.eps })
  }
}
