// Matrix products.
import { checkOptions, kinds, UserError } from '../errors.ts'
import type { ReferenceArray } from '../ir/dtype.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { broadcastShapes, broadcastStrides, formatShape, sizeAt, sizeOf } from '../ir/shape.ts'
import { formatType, requireTensors, Tensor } from '../ir/tensor.ts'
import { dependsOnThreads, emitProduct } from '../onnx/emit-product.ts'
import { unbroadcast } from './define-elementwise.ts'
import { sum } from './reduce.ts'
import { reshape } from './shape.ts'

/** Which operands enter with their last two axes exchanged. */
export interface MatmulOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

interface MatmulAttributes extends Attributes {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Rows, inner size and columns of a product of two matrices (or stacks of matrices). */
function dimensions(a: TensorType, b: TensorType, { transposeA, transposeB }: MatmulAttributes) {
  const [aRows, aColumns] = [a.shape.at(-2) as number, a.shape.at(-1) as number]
  const [bRows, bColumns] = [b.shape.at(-2) as number, b.shape.at(-1) as number]
  return {
    rows: transposeA ? aColumns : aRows,
    inner: transposeA ? aRows : aColumns,
    bInner: transposeB ? bColumns : bRows,
    columns: transposeB ? bRows : bColumns,
  }
}

/** Sizes of one product of matrices, and how far apart its elements lie in memory. */
interface ProductSteps {
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly start: number
  readonly aStart: number
  readonly aRow: number
  readonly aInner: number
  readonly bStart: number
  readonly bInner: number
  readonly bColumn: number
}

/**
 * One product of matrices, each element summed in double precision along the inner axis. The order of the loops is the
 * one in which memory is read: a row of the result at a time, so that a small net trains in a page without kernels.
 */
function product(a: ReferenceArray, b: ReferenceArray, output: ReferenceArray, steps: ProductSteps): void {
  const { rows, inner, columns, start, aStart, aRow, aInner, bStart, bInner, bColumn } = steps
  const sums = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    const first = aStart + i * aRow
    if (bColumn === 1) {
      sums.fill(0)
      for (let k = 0; k < inner; k++) {
        const factor = a[first + k * aInner] as number
        const row = bStart + k * bInner
        for (let j = 0; j < columns; j++) sums[j] = (sums[j] as number) + factor * (b[row + j] as number)
      }
    } else {
      for (let j = 0; j < columns; j++) {
        const column = bStart + j * bColumn
        let total = 0
        for (let k = 0; k < inner; k++) total += (a[first + k * aInner] as number) * (b[column + k * bInner] as number)
        sums[j] = total
      }
    }
    output.set(sums, start + i * columns)
  }
}

const matmulOp = defineOp<MatmulAttributes>({
  name: 'matmul',
  infer([a, b], attributes) {
    const [left, right] = [a as TensorType, b as TensorType]
    if (left.dtype !== 'float32' || right.dtype !== 'float32') throw new UserError({
      rule: 'the operands must be float32.', received: `${formatType(left)} and ${formatType(right)}`,
    })
    const { rows, inner, bInner, columns } = dimensions(left, right, attributes)
    const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2))
    if (inner !== bInner || !batch) {
      const note = (on: boolean) => (on ? ' (transposed)' : '')
      throw new UserError({
        rule: `the shapes ${formatShape(left.shape)}${note(attributes.transposeA)} and ` +
          `${formatShape(right.shape)}${note(attributes.transposeB)} do not multiply: ` +
            `${inner === bInner ? 'the leading axes do not broadcast' : `the inner sizes are ${inner} and ${bInner}`}.`,
        next: 'Transpose or reshape one of them.',
      })
    }
    return { shape: [...batch, rows, columns], dtype: 'float32' }
  },
  gradient({ inputs: [a, b], gradient: g, attributes: { transposeA, transposeB } }) {
    const [left, right] = [a as Tensor, b as Tensor]
    const ga = transposeA ? matmul(
      right, g, { transposeA: transposeB, transposeB: true },
    ) : matmul(g, right, { transposeB: !transposeB })
    const gb = transposeB ? matmul(
      g, left, { transposeA: true, transposeB: transposeA },
    ) : matmul(left, g, { transposeA: !transposeA })
    return [unbroadcast(ga, left.shape), unbroadcast(gb, right.shape)]
  },
  flop: ([a, b], output, attributes) =>
    2 * sizeOf(output.shape) * dimensions(a as TensorType, b as TensorType, attributes).inner,
  onnx(emitter, { names, inputs, output, attributes }) {
    const { transposeA, transposeB } = attributes
    // The kernels leave the memory as it is where there is nothing to add up.
    if (inputs.some(type => sizeOf(type.shape) === 0)) return emitter.zeros(output.shape)
    const form = { ...dimensions(inputs[0] as TensorType, inputs[1] as TensorType, attributes), transposeA, transposeB }
    if (inputs.every(type => type.shape.length === 2)) return emitProduct(emitter, names, form)
    if (sizeOf(output.shape) === form.rows * form.columns && dependsOnThreads({ ...form, transposeA: false })) {
      const matrices = names.map((name, i) => emitter.reshape(name, (inputs[i] as TensorType).shape.slice(-2)))
      return emitter.reshape(emitProduct(emitter, matrices, form), output.shape)
    }
    const oriented = inputs.map((type, i) => {
      const name = names[i] as string
      if (!(i === 0 ? transposeA : transposeB)) return name
      const axes = type.shape.map((_, axis) => axis)
      return emitter.node('Transpose', [name], { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] })
    })
    return emitter.node('MatMul', oriented)
  },
  reference({ inputs: [a, b], output, attributes }) {
    const [left, right] = [a as ReferenceValue, b as ReferenceValue]
    const { rows, inner, columns } = dimensions(left, right, attributes)
    const [aRow, aInner] = attributes.transposeA ? [1, rows] : [inner, 1]
    const [bInner, bColumn] = attributes.transposeB ? [1, inner] : [columns, 1]
    const batchShape = output.shape.slice(0, -2)
    const batches = sizeOf(batchShape)
    const aBatch = broadcastStrides(left.shape.slice(0, -2), batchShape)
    const bBatch = broadcastStrides(right.shape.slice(0, -2), batchShape)
    for (let batch = 0; batch < batches; batch++) {
      let aStart = 0
      let bStart = 0
      for (let axis = batchShape.length - 1, rest = batch; axis >= 0; axis--) {
        const size = batchShape[axis] as number
        aStart += (rest % size) * (aBatch[axis] as number) * rows * inner
        bStart += (rest % size) * (bBatch[axis] as number) * inner * columns
        rest = Math.floor(rest / size)
      }
      const steps = { aStart, aRow, aInner, bStart, bInner, bColumn }
      product(left.data, right.data, output.data, { rows, inner, columns, start: batch * rows * columns, ...steps })
    }
  },
  samples: [
    {
      inputs: [{ shape: [2, 3], low: -1, high: 1 }, { shape: [3, 4], low: -1, high: 1 }],
      attributes: { transposeA: false, transposeB: false },
    },
    {
      inputs: [{ shape: [3, 2], low: -1, high: 1 }, { shape: [4, 3], low: -1, high: 1 }],
      attributes: { transposeA: true, transposeB: true },
    },
    {
      inputs: [{ shape: [2, 2, 3], low: -1, high: 1 }, { shape: [2, 4, 3], low: -1, high: 1 }],
      attributes: { transposeA: false, transposeB: true },
    },
    {
      inputs: [{ shape: [2, 1, 3, 2], low: -1, high: 1 }, { shape: [3, 3, 4], low: -1, high: 1 }],
      attributes: { transposeA: true, transposeB: false },
    },
    {
      inputs: [{ shape: [1, 5], low: -1, high: 1 }, { shape: [5, 1], low: -1, high: 1 }],
      attributes: { transposeA: false, transposeB: false },
    },
    { inputs: [{ shape: [2, 0] }, { shape: [0, 3] }], attributes: { transposeA: false, transposeB: false } },
    { inputs: [{ shape: [2, 2, 0] }, { shape: [3, 0] }], attributes: { transposeA: false, transposeB: true } },
  ],
})

/**
 * Matrix product over the last two axes; leading axes broadcast. A tensor with one axis counts as a row on the left and
 * as a column on the right, and that axis is dropped from the result.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = checkOptions(
    'matmul', options, { transposeA: kinds.flag, transposeB: kinds.flag },
  )
  requireTensors('matmul', a, b)
  if (a.rank === 0 || b.rank === 0) throw new UserError({
    rule: 'matmul: a scalar has no rows or columns; use mul.', received: `${formatType(a)} and ${formatType(b)}`,
  })
  if (a.rank === 1) {
    const product = matmul(reshape(a, [1, a.size]), b, { transposeB })
    return reshape(product, product.shape.toSpliced(b.rank === 1 ? 0 : -2, 1))
  }
  if (b.rank === 1) {
    const product = matmul(a, reshape(b, [b.size, 1]), { transposeA })
    return reshape(product, product.shape.slice(0, -1))
  }
  if (a.rank > 2 && b.rank === 2 && !transposeA) {
    // One tall matrix: a single large product, also in the gradient.
    const columns = sizeAt(b.shape, transposeB ? 0 : 1)
    const inner = a.shape.at(-1) as number
    return reshape(
      matmul(reshape(a, [sizeOf(a.shape.slice(0, -1)), inner]), b, { transposeB }), [...a.shape.slice(0, -1), columns],
    )
  }
  return Tensor.apply(matmulOp, [a, b], { transposeA, transposeB })
}

/** A weight lies as [out, in]. */
const TURNED_WEIGHT = { transposeA: false, transposeB: true }

const linearOp = defineOp<Readonly<Record<string, never>>>({
  name: 'linear',
  infer([x, weight, bias]) {
    const [input, matrix, offset] = [x as TensorType, weight as TensorType, bias as TensorType]
    if (matrix.shape.length !== 2 || input.shape.length !== 2 ||
      input.shape[1] !== matrix.shape[1] || offset.shape.length !== 1 || offset.shape[0] !== matrix.shape[0]) {
      throw new UserError({
        rule: `an input of shape ${formatShape(input.shape)} does not fit a weight of shape ` +
          `${formatShape(matrix.shape)} [out, in] and a bias of shape ${formatShape(offset.shape)} [out]: the last ` +
            `axis of the input must have the size 'in'.`,
      })
    }
    return { shape: [input.shape[0] as number, matrix.shape[0] as number], dtype: 'float32' }
  },
  gradient: ({ inputs: [x, weight], gradient: g }) =>
    [matmul(g, weight as Tensor), matmul(g, x as Tensor, { transposeA: true }), sum(g, { axes: 0 })],
  flop: ([x], output) => 2 * sizeOf(output.shape) * (x?.shape[1] ?? 0),
  onnx: (emitter, { names, inputs: [x, weight], output }) => sizeOf((x as TensorType).shape) === 0
    ? emitter.node('Expand', [names[2] as string, emitter.constant(output.shape, 'int64', [2])])
    : emitProduct(emitter, names, {
      ...dimensions(x as TensorType, weight as TensorType, TURNED_WEIGHT), ...TURNED_WEIGHT,
    }),
  reference({ inputs: [x, weight, bias], output }) {
    const [input, matrix, offset] = [x as ReferenceValue, weight as ReferenceValue, bias as ReferenceValue]
    matmulOp.reference({ inputs: [input, matrix], outputs: [output], attributes: TURNED_WEIGHT, regions: [] })
    const columns = offset.data.length
    for (let i = 0; i < output.data.length; i++) output.data[i] = (output.data[i] as number) +
      (offset.data[i % columns] as number)
  },
  samples: [
    { inputs: [
      { shape: [4, 3], low: -1, high: 1 }, { shape: [2, 3], low: -1, high: 1 }, { shape: [2], low: -1, high: 1 },
    ], attributes: {} },
    { inputs: [
      { shape: [1, 1], low: -1, high: 1 }, { shape: [5, 1], low: -1, high: 1 }, { shape: [5], low: -1, high: 1 },
    ], attributes: {} },
    { inputs: [{ shape: [2, 0] }, { shape: [3, 0] }, { shape: [3], low: -1, high: 1 }], attributes: {} },
  ],
})

/** x W^T + b over the last axis of x, with the weight as [out, in] like PyTorch's. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  requireTensors('linear', x, weight, ...(bias ? [bias] : []))
  if (!bias) return matmul(x, weight, { transposeB: true })
  if (x.rank === 2) return Tensor.apply(linearOp, [x, weight, bias], {})
  const features = x.shape.at(-1) ?? 1
  const flat = Tensor.apply(linearOp, [reshape(x, [sizeOf(x.shape.slice(0, -1)), features]), weight, bias], {})
  return reshape(flat, [...x.shape.slice(0, -1), sizeAt(flat.shape, 1)])
}
