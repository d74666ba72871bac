// Normalisations of images: over the batch, over groups of channels, over neighbouring channels.
import { UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue } from '../ir/op.ts'
import { sizeAt } from '../ir/shape.ts'
import { formatType, full, Tensor, tensor } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { conv2d } from './conv.ts'
import { add, div, mul, sqrt, square, sub } from './elementwise.ts'
import { mean } from './reduce.ts'
import { reshape } from './shape.ts'
import { requireImages } from './window.ts'

/**
 * Normalises each sample over groups of its channels and all positions: (x - mean) / sqrt(variance + eps).
 * @param x [N, C, ...]
 * @param groups must divide C
 * @param options `eps` default 1e-5
 */
export function groupNorm(x: Tensor, groups: number, { eps = 1e-5 }: { readonly eps?: number } = {}): Tensor {
  const [batch, channels] = x.shape
  if (batch === undefined || channels === undefined || !Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new UserError({ rule: 'groupNorm: the number of groups must divide the channels on axis 1.', received: `${groups} groups, ${formatType(x)}` })
  }
  const rows = reshape(x, [batch * groups, x.size / (batch * groups)])
  const centered = sub(rows, mean(rows, { axes: 1, keepDims: true }))
  const deviation = sqrt(add(mean(square(centered), { axes: 1, keepDims: true }), eps))
  return reshape(div(centered, deviation), x.shape)
}

interface ExponentAttributes extends Attributes {
  readonly exponent: number
}

const powConstantOp = defineOp<ExponentAttributes>({
  name: 'powConstant',
  infer([x]) {
    if (x?.dtype !== 'float32') throw new UserError({ rule: 'the base must be float32.' })
    return x
  },
  // d x^e = e x^e / x
  gradient: ({ inputs: [x], output, gradient, attributes: { exponent } }) => [mul(gradient, mul(div(output, x as Tensor), exponent))],
  onnx: (emitter, { names: [x], attributes: { exponent } }) => emitPower(emitter, x as string, exponent),
  reference({ inputs: [x], output, attributes: { exponent } }) {
    const { data } = x as ReferenceValue
    for (let i = 0; i < data.length; i++) output.data[i] = (data[i] as number) ** exponent
  },
  samples: [-0.75, 0.75, -0.5, 0.25, -1, 0.6].map(exponent => ({ inputs: [{ shape: [2, 3], low: 0.5, high: 3 }], attributes: { exponent } })),
})

/** Square roots are vectorised and powers are not: quarters of up to one are built from roots. */
function emitPower(emitter: Emitter, x: string, exponent: number): string {
  if (exponent < 0) return emitter.node('Reciprocal', [emitPower(emitter, x, -exponent)])
  if (exponent === 1) return x
  if (exponent === 0.5) return emitter.node('Sqrt', [x])
  if (exponent === 0.25) return emitter.node('Sqrt', [emitter.node('Sqrt', [x])])
  if (exponent === 0.75) {
    const root = emitter.node('Sqrt', [x])
    return emitter.node('Mul', [root, emitter.node('Sqrt', [root])])
  }
  return emitter.node('Pow', [x, emitter.constant(exponent, 'float32')])
}

/** Settings of a local response normalisation. */
export interface LocalResponseNormOptions {
  /** Weight of the neighbours' mean square, default 1e-4. */
  readonly alpha?: number
  /** Exponent, default 0.75. */
  readonly beta?: number
  /** Added to the mean square, default 1. */
  readonly k?: number
}

/**
 * x / (k + alpha mean(x^2))^beta, the mean over a window of `size` neighbouring channels (zeros beyond the first and last).
 * Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3, with the mean instead of the sum as in PyTorch.
 * @param x [N, C, H, W]
 */
export function localResponseNorm(x: Tensor, size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}): Tensor {
  requireImages(x)
  const channels = sizeAt(x.shape, 1)
  if (!Number.isInteger(size) || size < 1) throw new UserError({ rule: 'localResponseNorm: the window must be a whole number of channels, at least 1.', received: String(size) })
  // The window sum is a 1x1 convolution with a band of ones; alpha / size and k come with it at no cost.
  const band = new Float32Array(channels * channels)
  const before = Math.floor(size / 2)
  for (let i = 0; i < channels; i++) {
    for (let j = Math.max(0, i - before); j < Math.min(channels, i - before + size); j++) band[i * channels + j] = alpha / size
  }
  const denominator = conv2d(square(x), tensor(band, { shape: [channels, channels, 1, 1] }), full([channels], k))
  return mul(x, Tensor.apply(powConstantOp, [denominator], { exponent: -beta }))
}
