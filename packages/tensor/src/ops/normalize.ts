// Normalisations of images: over the batch, over groups of channels, over neighbouring channels.
import { checkArgument, checkOptions, describe, kinds, UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { sameShape, sizeAt, sizeOf } from '../ir/shape.ts'
import { formatType, full, Tensor, tensor, tensorOf } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { conv2d } from './conv.ts'
import { add, div, mul, neg, sqrt, square, sub } from './elementwise.ts'
import { mean, sum } from './reduce.ts'
import { reshape } from './shape.ts'
import { requireImages } from './window.ts'

type None = Readonly<Record<string, never>>

/**
 * Normalises each sample over groups of its channels and all positions: (x - mean) / sqrt(variance + eps).
 * @param x [N, C, ...]
 * @param groups must divide C
 * @param options `eps` default 1e-5
 */
export function groupNorm(x: Tensor, groups: number, options: { readonly eps?: number } = {}): Tensor {
  const { eps = 1e-5 } = checkOptions('groupNorm', options, { eps: kinds.atLeast(0) })
  const [batch, channels] = tensorOf('groupNorm', x).shape
  if (batch === undefined ||
    channels === undefined || !Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new UserError({
      rule: 'groupNorm: the number of groups must divide the channels on axis 1.',
      received: `${describe(groups)} groups, ${formatType(x)}`,
    })
  }
  const rows = reshape(x, [batch * groups, sizeOf(x.shape.slice(1)) / groups])
  const centered = sub(rows, mean(rows, { axes: 1, keepDims: true }))
  const deviation = sqrt(add(mean(square(centered), { axes: 1, keepDims: true }), eps))
  return reshape(div(centered, deviation), x.shape)
}

/** All axes but the channels'. */
const overBatch = (x: Tensor): number[] => x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]))

/** Mean and biased variance, E[(x - mean)^2], of each channel over the batch and all positions, [C]. */
export function channelMoments(x: Tensor): { mean: Tensor; variance: Tensor } {
  const axes = overBatch(tensorOf('channelMoments', x))
  const average = mean(x, { axes })
  return { mean: average, variance: mean(square(centered(x, average)), { axes }) }
}

/** x - mean of its channel. */
const centered = (x: Tensor, average: Tensor): Tensor => channelAffine(x, full(average.shape, 1), neg(average))

const channelAffineOp = defineOp<None>({
  name: 'channelAffine',
  infer([x, scale, shift, addend]) {
    const images = x as TensorType
    requireChannels(images, [scale as TensorType, shift as TensorType])
    if (addend && (addend.dtype !== 'float32' || !sameShape(addend.shape, images.shape))) {
      throw new UserError({
        rule: 'what is added must be float32 and have the shape of the input.', received: formatType(addend),
      })
    }
    return images
  },
  gradient: ({ inputs: [x, scale, , addend], gradient }) => [
    channelAffine(gradient, scale as Tensor, full((scale as Tensor).shape, 0)),
    sum(mul(gradient, x as Tensor), { axes: overBatch(gradient) }),
    sum(gradient, { axes: overBatch(gradient) }),
    ...(addend ? [gradient] : []),
  ],
  onnx(emitter, { names: [x, scale, shift, addend], inputs: [images] }) {
    const type = images as TensorType
    const channels = sizeAt(type.shape, 1)
    if (emitter.fitsBlocks(type) && emitter.hasBlocked(x as string)) {
      // A depthwise 1x1 convolution, which adds a bias and another tensor on the way.
      const operands = [
        emitter.blocked(x as string), emitter.reshape(scale as string, [channels, 1, 1, 1]), shift as string,
        ...(addend ? [emitter.blocked(addend)] : [])
      ]
      return emitter.unblocked(
        emitter.native('Conv', operands, { kernel_shape: [1, 1], group: channels }), channels,
      )
    }
    // Inference's batch norm with mean 0 and variance 1: one pass over the images instead of two.
    const filled = (value: number) => emitter.constant(new Float32Array(channels).fill(value), 'float32', [channels])
    const scaled = emitter.node(
      'BatchNormalization', [x as string, scale as string, shift as string, filled(0), filled(1)],
      { epsilon: { float: 0 } },
    )
    return addend ? emitter.node('Add', [scaled, addend]) : scaled
  },
  reference({ inputs: [x, scale, shift, addend], output }) {
    const [images, factor, offset] = [x as ReferenceValue, scale as ReferenceValue, shift as ReferenceValue]
    const channels = factor.data.length
    const area = sizeOf(images.shape.slice(2))
    for (let i = 0; i < output.data.length; i++) {
      const c = Math.floor(i / area) % channels
      output.data[i] = (images.data[i] as number) *
        (factor.data[c] as number) + (offset.data[c] as number) + (addend?.data[i] ?? 0)
    }
  },
  samples: [[2, 3, 2, 2], [4, 3], [2, 2, 3]].map((shape, i) => ({
    inputs: [
      shape, [shape[1] as number], [shape[1] as number], ...(i === 0 ? [shape] : [])
    ].map(size => ({ shape: size, low: -2, high: 2 })),
    attributes: {},
  })),
})

function requireChannels(x: TensorType, vectors: readonly TensorType[]): void {
  const channels = x.shape[1]
  if (x.shape.length < 2 || x.dtype !== 'float32' ||
    vectors.some(({ shape, dtype }) => dtype !== 'float32' || shape.length !== 1 || shape[0] !== channels)) {
    throw new UserError({
      rule: 'the input must be float32 [N, C, ...], and what belongs to each channel float32 [C].',
      received: [x, ...vectors].map(formatType).join(', '),
    })
  }
}

/**
 * x * scale + shift (+ addend) with one scale and one shift for each channel: x and addend [N, C, ...], scale and shift
 * [C].
 */
export const channelAffine = (x: Tensor, scale: Tensor, shift: Tensor, addend?: Tensor): Tensor =>
  Tensor.apply(channelAffineOp, addend ? [x, scale, shift, addend] : [x, scale, shift], {})

interface EpsAttributes extends Attributes {
  readonly eps: number
}

const inverseDeviation = (variance: Tensor, eps: number): Tensor => div(1, sqrt(add(variance, eps)))

const batchNormOp = defineOp<EpsAttributes>({
  name: 'batchNorm',
  infer([x, weight, bias]) {
    const images = x as TensorType
    requireChannels(images, [weight as TensorType, bias as TensorType])
    if (sizeOf(images.shape) / sizeAt(images.shape, 1) < 2) throw new UserError({
      rule: 'the batch must hold more than one value for each channel.', received: formatType(images),
    })
    return images
  },
  // With c = x - mean and r = 1 / sqrt(variance + eps), equations of Ioffe and Szegedy, section 3:
  // dx = weight r (g - mean(g) - c r^2 mean(g c))
  gradient({ inputs: [x, weight], gradient: g, attributes: { eps } }) {
    const [images, scale] = [x as Tensor, weight as Tensor]
    const axes = overBatch(images)
    const { mean: average, variance } = channelMoments(images)
    const c = centered(images, average)
    const r = inverseDeviation(variance, eps)
    const count = images.size / scale.size
    const total = sum(g, { axes })
    const along = sum(mul(g, c), { axes })
    const factor = mul(scale, r)
    const slope = mul(mul(along, mul(r, r)), mul(factor, -1 / count))
    const dx = channelAffine(
      c, slope, mul(mul(factor, total), -1 / count), channelAffine(g, factor, full(factor.shape, 0)),
    )
    return [dx, mul(along, r), total]
  },
  decompose([x, weight, bias], { eps }) {
    const [images, scale, shift] = [x as Tensor, weight as Tensor, bias as Tensor]
    const { mean: average, variance } = channelMoments(images)
    // From the centered values: x * scale - mean * scale would cancel where the mean is large.
    return channelAffine(centered(images, average), mul(scale, inverseDeviation(variance, eps)), shift)
  },
  onnx: () => { throw new Error('batchNorm is decomposed before it is lowered.') },
  reference({ inputs: [x, weight, bias], output, attributes: { eps } }) {
    const [images, scale, shift] = [x as ReferenceValue, weight as ReferenceValue, bias as ReferenceValue]
    const channels = scale.data.length
    const area = sizeOf(images.shape.slice(2))
    const count = images.data.length / channels
    for (let c = 0; c < channels; c++) {
      const each = (f: (i: number) => void) => {
        for (let n = 0; n < count / area; n++) for (let p = 0; p < area; p++) f((n * channels + c) * area + p)
      }
      let total = 0
      each(i => (total += images.data[i] as number))
      const average = total / count
      let squares = 0
      each(i => (squares += ((images.data[i] as number) - average) ** 2))
      const factor = (scale.data[c] as number) / Math.sqrt(squares / count + eps)
      each(i => (output.data[i] = ((images.data[i] as number) - average) * factor + (shift.data[c] as number)))
    }
  },
  samples: [[4, 3, 2, 3], [5, 2], [3, 2, 4]].map(shape => ({
    inputs: [
      { shape, low: -2, high: 2 }, { shape: [shape[1] as number], low: 0.5, high: 2 },
      { shape: [shape[1] as number], low: -1, high: 1 },
    ],
    attributes: { eps: 1e-3 },
  })),
})

/**
 * Normalises each channel over the batch and all positions, then scales and shifts it:
 * (x - mean) / sqrt(variance + eps) * weight + bias, with the batch's own mean and biased variance (see
 * `channelMoments`). Source: Ioffe and Szegedy, "Batch normalization", 2015, algorithm 1.
 * @param x [N, C, ...]
 * @param weight [C]
 * @param bias [C]
 * @param options `eps` default 1e-5
 */
export const batchNorm = (x: Tensor, weight: Tensor, bias: Tensor, options: { readonly eps?: number } = {}): Tensor => {
  const { eps = 1e-5 } = checkOptions('batchNorm', options, { eps: kinds.atLeast(0) })
  return Tensor.apply(batchNormOp, [x, weight, bias], { eps })
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
  gradient: ({ inputs: [x], output, gradient, attributes: { exponent } }) =>
    [mul(gradient, mul(div(output, x as Tensor), exponent))],
  onnx: (emitter, { names: [x], attributes: { exponent } }) => emitPower(emitter, x as string, exponent),
  reference({ inputs: [x], output, attributes: { exponent } }) {
    const { data } = x as ReferenceValue
    for (let i = 0; i < data.length; i++) output.data[i] = (data[i] as number) ** exponent
  },
  samples: [
    -0.75, 0.75, -0.5, 0.25, -1, 0.6,
  ].map(exponent => ({ inputs: [{ shape: [2, 3], low: 0.5, high: 3 }], attributes: { exponent } })),
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

/** What the settings of a local response normalisation may be. */
export const responseKinds = { alpha: kinds.finite, beta: kinds.finite, k: kinds.finite }

/**
 * x / (k + alpha mean(x^2))^beta, the mean over a window of `size` neighbouring channels (zeros beyond the first and
 * last). Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3, with the mean instead of the sum as in PyTorch.
 * @param x [N, C, H, W]
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = checkOptions('localResponseNorm', options, responseKinds)
  requireImages(x)
  const channels = sizeAt(x.shape, 1)
  checkArgument('localResponseNorm', 'the window', size, kinds.whole(1))
  // The window sum is a 1x1 convolution with a band of ones; alpha / size and k come with it at no cost.
  const band = new Float32Array(channels * channels)
  const before = Math.floor(size / 2)
  for (let i = 0; i < channels; i++) {
    const end = Math.min(channels, i - before + size)
    for (let j = Math.max(0, i - before); j < end; j++) band[i * channels + j] = alpha / size
  }
  const denominator = conv2d(square(x), tensor(band, { shape: [channels, channels, 1, 1] }), full([channels], k))
  return mul(x, Tensor.apply(powConstantOp, [denominator], { exponent: -beta }))
}
