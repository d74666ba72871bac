// Layer normalisation.
import { add, checkOptions, div, formatShape, mean, mul, sqrt, square, sub, UserError, type Shape, type Tensor } from '@ddlf/tensor'
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
    const { eps = 1e-5, affine = true, bias = true } = checkOptions('LayerNorm', options, ['eps', 'affine', 'bias'])
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    this.eps = eps
    this.weight = affine ? newParameter(this.normalizedShape, ones) : undefined
    this.bias = affine && bias ? newParameter(this.normalizedShape, zeros) : undefined
  }

  forward(x: Tensor): Tensor {
    const count = this.normalizedShape.length
    if (formatShape(x.shape.slice(-count)) !== formatShape(this.normalizedShape)) {
      throw new UserError({ rule: `LayerNorm: the last axes of the input must be ${formatShape(this.normalizedShape)}.`, received: formatShape(x.shape) })
    }
    const axes = this.normalizedShape.map((_, i) => x.rank - count + i)
    const centered = sub(x, mean(x, { axes, keepDims: true }))
    const deviation = sqrt(add(mean(square(centered), { axes, keepDims: true }), this.eps))
    const normalized = div(centered, deviation)
    const scaled = this.weight ? mul(normalized, this.weight) : normalized
    return this.bias ? add(scaled, this.bias) : scaled
  }
}
