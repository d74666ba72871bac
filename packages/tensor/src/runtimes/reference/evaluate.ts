// Evaluates graphs in plain TypeScript: slow, synchronous, and the meaning of every op.
import { UserError } from '../../errors.ts'
import { allocate, type DType, type ReferenceArray, type TypedArray } from '../../ir/dtype.ts'
import { topologicalOrder } from '../../ir/graph.ts'
import type { ReferenceValue } from '../../ir/op.ts'
import { sizeOf } from '../../ir/shape.ts'
import { formatType, type Tensor } from '../../ir/tensor.ts'

/** Storage of float32 tensors while evaluating: their own precision, or double for checks against finite differences. */
export type Precision = 'float32' | 'float64'

const allocateAt = (dtype: DType, length: number, precision: Precision): ReferenceArray =>
  dtype === 'float32' && precision === 'float64' ? new Float64Array(length) : allocate(dtype, length)

/**
 * Computes tensors, each intermediate value once.
 * @param fed values of leaves; parameters, buffers and constants fall back to the data they hold
 * @throws UserError when an input was not fed
 */
export function evaluate(tensors: readonly Tensor[], fed: ReadonlyMap<Tensor, ReferenceArray> = new Map(), precision: Precision = 'float32'): ReferenceArray[] {
  const values = new Map<Tensor, ReferenceValue>()
  const valueOf = (tensor: Tensor) => values.get(tensor) as ReferenceValue
  for (const node of topologicalOrder(tensors)) {
    const type = { shape: node.shape, dtype: node.dtype }
    if (!node.origin) {
      const data = fed.get(node) ?? node.leaf?.data
      if (!data) {
        throw new UserError({
          rule: `${node.toString()} has no value of its own: it is fed when a compiled function runs.`,
          next: 'Call the compiled function, or build the expression from tensor(...) to see numbers.',
        })
      }
      values.set(node, { ...type, data })
      continue
    }
    const output = { ...type, data: allocateAt(node.dtype, sizeOf(node.shape), precision) }
    node.origin.op.reference({ inputs: node.origin.inputs.map(valueOf), output, attributes: node.origin.attributes })
    values.set(node, output)
  }
  return tensors.map(tensor => valueOf(tensor).data)
}

/** The values of one tensor, flat in row-major order; always a copy. */
export function valuesOf(tensor: Tensor): TypedArray {
  const [data] = evaluate([tensor])
  if (!data || data instanceof Float64Array) throw new Error(`No value for ${formatType(tensor)}.`)
  return data.slice()
}
