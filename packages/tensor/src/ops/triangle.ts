// The lower and the upper triangle of matrices.
import { checkArgument, kinds, UserError } from '../errors.ts'
import { defineOp, type Attributes, type OpDefinition, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape } from '../ir/shape.ts'
import { Tensor, tensorOf } from '../ir/tensor.ts'

interface DiagonalAttributes extends Attributes {
  readonly diagonal: number
}

/** `keeps` says of the distance column - row - diagonal whether an element stays. */
function defineTriangle(name: 'tril' | 'triu', keeps: (distance: number) => boolean) {
  const op: OpDefinition<DiagonalAttributes> = defineOp<DiagonalAttributes>({
    name,
    infer([x], { diagonal }) {
      const type = x as TensorType
      if (type.shape.length < 2)
        throw new UserError({ rule: 'a matrix, or a stack of them, is needed.', received: formatShape(type.shape) })
      if (!Number.isInteger(diagonal))
        throw new UserError({ rule: 'the diagonal must be a whole number.', received: String(diagonal) })
      return type
    },
    gradient: ({ gradient, attributes }) => [Tensor.apply(op, [gradient], attributes)],
    onnx(emitter, { names: [x], output: { shape, dtype }, attributes: { diagonal } }) {
      if (dtype === 'float32' && emitter.provider !== 'webgpu') {
        return emitter.node('Trilu', [x as string, emitter.constant(diagonal, 'int64')], {
          upper: name === 'triu' ? 1 : 0,
        })
      }
      const positions = (length: number, dims: readonly number[]) =>
        emitter.constant(
          Int32Array.from({ length }, (_, i) => i),
          'int32',
          dims,
        )
      const [rows, columns] = shape.slice(-2) as [number, number]
      const end = emitter.node('Add', [positions(rows, [rows, 1]), emitter.constant(diagonal, 'int32')])
      const kept = emitter.node(name === 'tril' ? 'LessOrEqual' : 'GreaterOrEqual', [
        positions(columns, [1, columns]),
        end,
      ])
      if (dtype !== 'bool') return emitter.node('Where', [kept, x as string, emitter.constant(0, dtype)])
      return emitter.node('And', [kept, x as string])
    },
    reference({ inputs: [x], output, attributes: { diagonal } }) {
      const { data } = x as ReferenceValue
      const [rows, columns] = output.shape.slice(-2) as [number, number]
      for (let i = 0; i < data.length; i++) {
        const [row, column] = [Math.floor(i / columns) % rows, i % columns]
        if (keeps(column - row - diagonal)) output.data[i] = data[i] as number
      }
    },
    samples: [
      ...[0, 1, -2, 9].map(diagonal => ({ inputs: [{ shape: [4, 3], low: -2, high: 2 }], attributes: { diagonal } })),
      { inputs: [{ shape: [2, 2, 3], low: -2, high: 2 }], attributes: { diagonal: 0 } },
      { inputs: [{ shape: [2, 2], values: [NaN, NaN, Infinity, NaN] }], attributes: { diagonal: 0 }, singular: true },
      ...(['int32', 'uint8', 'bool'] as const).map(dtype => ({
        inputs: [{ shape: [3, 3], dtype, values: [1, 1, 1, 1, 1, 1, 0, 1, 1] }],
        attributes: { diagonal: 0 },
      })),
    ],
  })
  return (x: Tensor, diagonal = 0): Tensor => {
    checkArgument(name, 'the diagonal', diagonal, kinds.whole())
    return Tensor.apply(op, [tensorOf(name, x)], { diagonal })
  }
}

/**
 * The elements of matrices [..., rows, columns] on and below a diagonal, zeros elsewhere. The diagonal is the main
 * one by default; 1 is the one above it, -1 the one below.
 */
export const tril = defineTriangle('tril', distance => distance <= 0)

/** The elements of matrices [..., rows, columns] on and above a diagonal, zeros elsewhere; see {@link tril}. */
export const triu = defineTriangle('triu', distance => distance >= 0)
