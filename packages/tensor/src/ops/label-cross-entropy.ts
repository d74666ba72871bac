// Cross-entropy between logits and class numbers, without a one-hot: it stays lean with 50,000 classes.
import { checkOptions, kinds, UserError } from '../errors.ts'
import { defineOp, type Attributes, type ReferenceValue, type Sample, type TensorType } from '../ir/op.ts'
import { sameShape } from '../ir/shape.ts'
import { formatType, requireTensors, Tensor, tensorKind } from '../ir/tensor.ts'
import { emitProduct } from '../onnx/emit-product.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { where } from './choice.ts'
import { add, equal, greaterEqual, less, logicalAnd, logicalNot, logicalOr, mul, sub } from './elementwise.ts'
import { gather } from './gather.ts'
import { classLabels, followFromInputs } from './labels.ts'
import { sum } from './reduce.ts'
import { reshape, unsqueeze } from './shape.ts'
import { emitLogSoftmax, softmax } from './softmax.ts'
import { takeAlongAxis } from './take-along.ts'

interface LossAttributes extends Attributes {
  /** Share of the target that is spread evenly over all classes. */
  readonly smoothing: number
  /** The one value outside the classes that is allowed; empty: none. */
  readonly ignored: readonly number[]
}

// A row x with the label y has the loss -sum_c t_c log softmax(x)_c, where its target is
// t_c = (1 - e) w_y [c = y] + e w_c / C (e: smoothing, w: weights), and so the gradient softmax(x) sum_c t_c - t.

function checkTypes(types: readonly TensorType[]): { rows: number; classes: number } {
  const [logits, labels, weight] = types as [TensorType, TensorType, TensorType?]
  const [rows = 0, classes = 0] = logits.shape
  const fits =
    logits.dtype === 'float32' &&
    labels.dtype === 'int32' &&
    logits.shape.length === 2 &&
    sameShape(labels.shape, [rows]) &&
    (!weight || (weight.dtype === 'float32' && sameShape(weight.shape, [classes])))
  if (!fits) {
    throw new UserError({
      rule: 'the logits must be float32 [N, C], the labels int32 [N], and weights float32 [C].',
      received: types.map(formatType).join(', '),
    })
  }
  return { rows, classes }
}

/**
 * The vectors that the lowerings of loss and gradient share: labels as a column, those to leave out, and their
 * weights.
 */
function emitLabels(
  emitter: Emitter,
  labels: string,
  weight: string | undefined,
  rows: number,
  { smoothing, ignored: [ignored] }: LossAttributes,
) {
  const left = ignored === undefined ? undefined : emitter.node('Equal', [labels, emitter.constant(ignored, 'int32')])
  const safe = left === undefined ? labels : emitter.node('Where', [left, emitter.constant(0, 'int32'), labels])
  const share = emitter.constant(1 - smoothing, 'float32')
  const own = weight === undefined ? undefined : emitter.node('Gather', [weight, safe])
  const factor = own === undefined ? share : smoothing === 0 ? own : emitter.node('Mul', [own, share])
  const without = (value: string) =>
    left === undefined ? value : emitter.node('Where', [left, emitter.constant(0, 'float32'), value])
  return {
    left,
    without,
    factor: smoothing === 0 && own === undefined ? undefined : factor,
    column: emitter.reshape(safe, [rows, 1]),
  }
}

const lossOp = defineOp<LossAttributes>({
  name: 'labelCrossEntropy',
  infer(types) {
    return { shape: [checkTypes(types).rows], dtype: 'float32' }
  },
  gradient: ({ inputs: [logits, labels, ...weight], gradient, attributes }) => [
    Tensor.apply(gradientOp, [logits as Tensor, labels as Tensor, gradient, ...weight], attributes),
    null,
    ...weight.map(() => null),
  ],
  onnx(emitter, { names: [logits, labels, weight], inputs, attributes }) {
    const { rows, classes } = checkTypes(inputs)
    const { without, factor, column } = emitLabels(emitter, labels as string, weight, rows, attributes)
    const logProbabilities = emitLogSoftmax(emitter, logits as string, 1)
    const picked = emitter.node('GatherElements', [logProbabilities, column], { axis: 1 })
    const own = emitter.node('Neg', [emitter.reshape(picked, [rows])])
    const weighted = factor === undefined ? own : emitter.node('Mul', [own, factor])
    if (attributes.smoothing === 0) return without(weighted)
    const share = attributes.smoothing / classes
    const shares =
      weight === undefined
        ? emitter.constant(new Float32Array(classes).fill(share), 'float32', [classes, 1])
        : emitter.reshape(emitter.node('Mul', [weight, emitter.constant(share, 'float32')]), [classes, 1])
    const form = { rows, inner: classes, columns: 1, transposeA: false, transposeB: false }
    const spread = emitter.reshape(emitProduct(emitter, [logProbabilities, shares], form), [rows])
    return without(emitter.node('Sub', [weighted, spread]))
  },
  reference({ inputs: [logits, labels, weight], output, attributes: { smoothing, ignored } }) {
    const [
      {
        data,
        shape: [rows = 0, classes = 0],
      },
      names,
    ] = [logits as ReferenceValue, labels as ReferenceValue]
    for (let i = 0; i < rows; i++) {
      const label = names.data[i] as number
      if (label === ignored[0]) continue
      const row = data.subarray(i * classes, (i + 1) * classes)
      const logSum = logSumExpOf(row)
      const weightOf = (c: number) => weight?.data[c] ?? 1
      let loss = (1 - smoothing) * weightOf(label) * (logSum - (row[label] as number))
      if (smoothing > 0) row.forEach((x, c) => (loss += (smoothing / classes) * weightOf(c) * (logSum - x)))
      output.data[i] = loss
    }
  },
  samples: samplesOf(false),
})

/** log(sum(e^x)) of a row, without overflow. */
function logSumExpOf(row: ArrayLike<number>): number {
  let largest = -Infinity
  for (let c = 0; c < row.length; c++) largest = Math.max(largest, row[c] as number)
  let total = 0
  for (let c = 0; c < row.length; c++) total += Math.exp((row[c] as number) - largest)
  return largest + Math.log(total)
}

const gradientOp = defineOp<LossAttributes>({
  name: 'labelCrossEntropyGradient',
  infer([logits, labels, gradient, ...weight]) {
    const { rows } = checkTypes([logits as TensorType, labels as TensorType, ...weight])
    if (!sameShape(gradient?.shape ?? [], [rows]))
      throw new UserError({ rule: 'there must be one gradient a row.', received: formatType(gradient as TensorType) })
    return logits as TensorType
  },
  gradient({ inputs: [x, y, g, weight], gradient: h, attributes: { smoothing, ignored } }) {
    const [logits, labels, flowing] = [x as Tensor, y as Tensor, g as Tensor]
    const classes = logits.shape[1] as number
    const share = smoothing / classes
    const left = ignored[0] === undefined ? undefined : equal(labels, ignored[0])
    const without = (value: Tensor) => (left ? where(left, 0, value) : value)
    const safe = left ? where(left, 0, labels) : labels
    const own = weight ? mul(gather(weight, safe), 1 - smoothing) : 1 - smoothing
    const total = weight ? add(mul(sum(weight), share), own) : 1
    const probabilities = softmax(logits)
    const along = sum(mul(probabilities, h), { axes: 1 })
    const picked = reshape(takeAlongAxis(h, unsqueeze(safe, 1), 1), [labels.size])
    const spread = mul(sum(weight ? mul(h, weight) : h, { axes: 1 }), share)
    // The op is linear in the rows' gradients: T_i (s . h) - own_i h_y - share (w . h) for each.
    const perRow = sub(sub(mul(along, total), mul(picked, own)), spread)
    const scale = unsqueeze(without(mul(flowing, total)), 1)
    const dx = mul(mul(probabilities, sub(h, unsqueeze(along, 1))), scale)
    return [left ? where(unsqueeze(left, 1), 0, dx) : dx, null, without(perRow), ...(weight ? [null] : [])]
  },
  onnx(emitter, { names: [logits, labels, flowing, weight], inputs: [x, y, , w], attributes }) {
    const { rows, classes } = checkTypes([x, y, ...(w ? [w] : [])] as TensorType[])
    const { left, without, factor, column } = emitLabels(emitter, labels as string, weight, rows, attributes)
    const kept = without(flowing as string)
    const own = factor === undefined ? kept : emitter.node('Mul', [kept, factor])
    const share =
      attributes.smoothing === 0
        ? undefined
        : emitter.node('Mul', [kept, emitter.constant(attributes.smoothing / classes, 'float32')])
    const weights =
      weight === undefined ? emitter.constant(classes, 'float32') : emitter.node('ReduceSum', [weight], { keepdims: 0 })
    const total = share === undefined ? own : emitter.node('Add', [own, emitter.node('Mul', [share, weights])])
    const asColumn = (form: Emitter, value: string) => form.reshape(value, [rows, 1])
    const compute = (form: Emitter) => {
      let product = form.node('Mul', [form.node('Softmax', [logits as string], { axis: 1 }), asColumn(form, total)])
      if (share !== undefined) {
        const spread = asColumn(form, share)
        product = form.node('Sub', [product, weight === undefined ? spread : form.node('Mul', [spread, weight])])
      }
      const taken = asColumn(form, form.node('Neg', [own]))
      return form.node('ScatterElements', [product, column, taken], { axis: 1, reduction: 'add' })
    }
    if (left === undefined) return compute(emitter)
    // A row that is left out may hold what is not a number, and 0 times that is not 0: it is chosen away where there
    // is one.
    const any = () => emitter.cast(emitter.node('ReduceMax', [emitter.cast(left, 'float32')], { keepdims: 0 }), 'bool')
    const type = { shape: [rows, classes], dtype: 'float32' } as const
    const chosen = (form: Emitter) =>
      form.node('Where', [asColumn(form, left), form.constant(0, 'float32'), compute(form)])
    return emitter.branches ? emitter.either(any, type, chosen, compute) : chosen(emitter)
  },
  reference({ inputs: [logits, labels, flowing, weight], output, attributes: { smoothing, ignored } }) {
    const {
      data,
      shape: [rows = 0, classes = 0],
    } = logits as ReferenceValue
    const weightOf = (c: number) => weight?.data[c] ?? 1
    let weights = 0
    for (let c = 0; c < classes; c++) weights += weightOf(c)
    for (let i = 0; i < rows; i++) {
      const label = (labels as ReferenceValue).data[i] as number
      if (label === ignored[0]) continue
      const g = (flowing as ReferenceValue).data[i] as number
      const row = data.subarray(i * classes, (i + 1) * classes)
      const logSum = logSumExpOf(row)
      const own = (1 - smoothing) * weightOf(label)
      row.forEach((value, c) => {
        const target = (c === label ? own : 0) + (smoothing / classes) * weightOf(c)
        output.data[i * classes + c] = g * (Math.exp(value - logSum) * (own + (smoothing / classes) * weights) - target)
      })
    }
  },
  samples: samplesOf(true),
})

/** Cases of the loss, or of its gradient, which also takes the gradient of each row. */
function samplesOf(ofGradient: boolean): Sample<LossAttributes>[] {
  const inputs = (labels: readonly number[], classes: number, weighted: boolean, values?: readonly number[]) => [
    { shape: [labels.length, classes], low: -3, high: 3, ...(values && { values }) },
    { shape: [labels.length], dtype: 'int32' as const, values: labels },
    ...(ofGradient ? [{ shape: [labels.length], low: 0.5, high: 2 }] : []),
    ...(weighted ? [{ shape: [classes], low: 0.2, high: 2 }] : []),
  ]
  return [
    ...[false, true].flatMap(weighted =>
      [0, 0.2].flatMap(smoothing => [
        { inputs: inputs([2, 0, 3, 3], 4, weighted), attributes: { smoothing, ignored: [] } },
        { inputs: inputs([-100, 4, 0, -100, 1], 5, weighted), attributes: { smoothing, ignored: [-100] } },
        { inputs: inputs([1, 2, 0], 3, weighted), attributes: { smoothing, ignored: [2] } },
      ]),
    ),
    {
      inputs: inputs([1, 0], 3, false, [1, 2, -Infinity, 1000, -1000, 0]),
      attributes: { smoothing: 0, ignored: [] },
      singular: true,
    },
  ]
}

/** Settings of a cross-entropy with class numbers. */
export interface LabelCrossEntropyOptions {
  /** Share of the target spread evenly over all classes, default 0. Source: Szegedy et al. 2016, section 7. */
  readonly labelSmoothing?: number
  /** One weight a class, float32 [C]; default 1 each. */
  readonly weight?: Tensor | undefined
  /**
   * Labels with this value have the loss 0, and their rows pass no gradient on; default `null`: every label is a
   * class.
   */
  readonly ignoreIndex?: number | null
}

/**
 * The cross-entropy of each row between softmax(logits) and its label, in nats. A row that is left out may hold
 * anything, NaN too.
 * @param logits float32 [..., C]
 * @param labels int32 [...]
 * @returns float32 [...]; NaN for labels that the graph computes itself from its parameters where they are no classes
 * @throws UserError when shapes do not fit, or naming a label that is neither a class nor `ignoreIndex`, see
 * `classLabels`
 */
export function labelCrossEntropy(logits: Tensor, labels: Tensor, options: LabelCrossEntropyOptions = {}): Tensor {
  const { labelSmoothing = 0, weight, ignoreIndex = null } = checkOptions('labelCrossEntropy', options, {
    labelSmoothing: kinds.between(0, 1), weight: tensorKind, ignoreIndex: kinds.nullable(kinds.whole()),
  })
  requireTensors('labelCrossEntropy', logits, labels)
  const classes = logits.shape.at(-1)
  if (classes === undefined || !sameShape(labels.shape, logits.shape.slice(0, -1))) {
    throw new UserError({
      rule: 'labelCrossEntropy: logits float32 [..., C] need labels int32 [...].',
      received: [logits, labels].map(formatType).join(' and '),
    })
  }
  const checked = classLabels(labels, classes, ignoreIndex)
  const rows = [reshape(logits, [labels.size, classes]), reshape(checked, [labels.size])] as const
  const attributes = { smoothing: labelSmoothing, ignored: ignoreIndex === null ? [] : [ignoreIndex] }
  const of = (names: Tensor) => Tensor.apply(lossOp, weight ? [rows[0], names, weight] : [rows[0], names], attributes)
  if (followFromInputs(labels)) return reshape(of(rows[1]), labels.shape)
  // Compiled code cannot stop at labels that it computes itself.
  const wrong = logicalOr(less(rows[1], 0), greaterEqual(rows[1], classes))
  const outside = ignoreIndex === null ? wrong : logicalAnd(wrong, logicalNot(equal(rows[1], ignoreIndex)))
  return reshape(where(outside, NaN, of(where(outside, 0, rows[1]))), labels.shape)
}
