// Normalisations over the last axes: by mean and deviation, and by the root of the mean square.
import { checkOptions, kinds, UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type Sample, type TensorType } from '../ir/op.ts'
import { sameShape, sizeOf } from '../ir/shape.ts'
import { formatType, requireTensors, Tensor } from '../ir/tensor.ts'
import { add, div, mul, sqrt, square, sub } from './elementwise.ts'
import { mean, sum } from './reduce.ts'

interface NormAttributes extends Attributes {
  /** How many of the last axes are normalised together. */
  readonly axes: number
  readonly eps: number
}

/** Settings of a normalisation over the last axes. */
export interface RowNormOptions {
  /** How many of the last axes are normalised together; default as many as the weight has, else 1. */
  readonly axes?: number
  /** Added to the variance or to the mean square. */
  readonly eps?: number
}

const lastAxes = (x: Tensor, count: number) => Array.from({ length: count }, (_, i) => x.rank - count + i)

/** The normalised rows n and the factor r that they were multiplied by. */
function normalised(x: Tensor, { axes: count, eps }: NormAttributes, centers: boolean): { n: Tensor; r: Tensor } {
  const over = { axes: lastAxes(x, count), keepDims: true }
  const c = centers ? sub(x, mean(x, over)) : x
  const r = div(1, sqrt(add(mean(square(c), over), eps)))
  return { n: mul(c, r), r }
}

const samplesOf = (centers: boolean): Sample<NormAttributes>[] => [
  ...[0, 1, ...(centers ? [2] : [])].map(vectors => ({
    inputs: [[3, 2, 5], ...[[5], [5]].slice(0, vectors)].map(shape => ({ shape, low: -2, high: 2 })),
    attributes: { axes: 1, eps: 1e-5 },
  })),
  {
    inputs: [[4, 2, 3], [2, 3]].map(shape => ({ shape, low: -2, high: 2 })),
    attributes: { axes: 2, eps: 1e-2 },
  },
  { inputs: [{ shape: [2, 2], values: [3, 3, 0, 0] }], attributes: { axes: 1, eps: 1e-5 } },
]

/** What differs between the two: whether the mean is taken off first. */
function defineRowNorm(name: 'layerNorm' | 'rmsNorm', centers: boolean) {
  const op = defineOp<NormAttributes>({
    name,
    infer(types, { axes }) {
      const [x, ...vectors] = types as [TensorType, ...TensorType[]]
      const normalizedShape = x.shape.slice(-axes)
      if (!Number.isInteger(axes) || axes < 1 || axes > x.shape.length) {
        throw new UserError({
          rule: `axes must be a whole number from 1 to ${x.shape.length}.`,
          received: String(axes),
        })
      }
      if (
        types.some(({ dtype }) => dtype !== 'float32') ||
        vectors.some(({ shape }) => !sameShape(shape, normalizedShape))
      ) {
        throw new UserError({
          rule: 'the input must be float32, and weight and bias float32 in the shape of its last axes.',
          received: types.map(formatType).join(', '),
        })
      }
      return x
    },
    // With u = g w: dx = r (u - mean(u) - n mean(u n)), without mean(u) where no mean is taken off. Ba et al. 2016.
    gradient({ inputs: [x, weight, bias], gradient: g, attributes }) {
      const input = x as Tensor
      const over = { axes: lastAxes(input, attributes.axes), keepDims: true }
      const rows = { axes: Array.from({ length: input.rank - attributes.axes }, (_, axis) => axis) }
      const { n, r } = normalised(input, attributes, centers)
      const u = weight ? mul(g, weight) : g
      const along = mul(n, mean(mul(u, n), over))
      const dx = mul(r, sub(centers ? sub(u, mean(u, over)) : u, along))
      return [dx, ...(weight ? [sum(mul(g, n), rows)] : []), ...(bias ? [sum(g, rows)] : [])]
    },
    decompose([x, weight, bias], attributes) {
      const { n } = normalised(x as Tensor, attributes, centers)
      const scaled = weight ? mul(n, weight) : n
      return bias ? add(scaled, bias) : scaled
    },
    onnx: () => {
      throw new Error(`${name} is decomposed before it is lowered.`)
    },
    reference({ inputs: [x, weight, bias], output, attributes: { axes, eps } }) {
      const { data, shape } = x as ReferenceValue
      const size = sizeOf(shape.slice(-axes))
      for (let start = 0; start < data.length; start += size) {
        const row = data.subarray(start, start + size)
        let average = 0
        if (centers) for (const value of row) average += value / size
        let squares = 0
        for (const value of row) squares += (value - average) ** 2
        const r = 1 / Math.sqrt(squares / size + eps)
        for (let i = 0; i < size; i++) {
          output.data[start + i] = ((row[i] as number) - average) * r * (weight?.data[i] ?? 1) + (bias?.data[i] ?? 0)
        }
      }
    },
    samples: samplesOf(centers),
  })
  return (x: Tensor, vectors: readonly (Tensor | undefined)[], axes: number, eps: number): Tensor =>
    Tensor.apply(op, [x, ...vectors.filter(vector => vector !== undefined)], { axes, eps })
}

const ROW_KINDS = { axes: kinds.whole(1), eps: kinds.atLeast(0) }

const layerNormOf = defineRowNorm('layerNorm', true)
const rmsNormOf = defineRowNorm('rmsNorm', false)

/**
 * (x - mean) / sqrt(variance + eps) * weight + bias over the last axes of each sample, with the biased variance.
 * Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
 * @param weight the shape of the last axes; default 1 everywhere
 * @param bias as the weight, beside which it may stand; default 0
 * @param options `eps` default 1e-5
 */
export function layerNorm(x: Tensor, weight?: Tensor, bias?: Tensor, options: RowNormOptions = {}): Tensor {
  const { axes, eps = 1e-5 } = checkOptions('layerNorm', options, ROW_KINDS)
  requireTensors('layerNorm', x, ...[weight, bias].filter(vector => vector !== undefined))
  if (bias && !weight)
    throw new UserError({ rule: 'layerNorm: a bias stands beside a weight.', next: 'Give a weight of ones.' })
  return layerNormOf(x, [weight, bias], axes ?? weight?.rank ?? 1, eps)
}

/** The distance from 1 to the next float32: PyTorch's default eps of an RMS normalisation. */
const FLOAT32_EPSILON = 2 ** -23

/**
 * x / sqrt(mean(x^2) + eps) * weight over the last axes of each sample.
 * Source: Zhang and Sennrich, "Root mean square layer normalization", 2019.
 * @param weight the shape of the last axes; default 1 everywhere
 * @param options `eps` default 2^-23, as in PyTorch
 */
export function rmsNorm(x: Tensor, weight?: Tensor, options: RowNormOptions = {}): Tensor {
  const { axes, eps = FLOAT32_EPSILON } = checkOptions('rmsNorm', options, ROW_KINDS)
  requireTensors('rmsNorm', x, ...(weight === undefined ? [] : [weight]))
  return rmsNormOf(x, [weight], axes ?? weight?.rank ?? 1, eps)
}
