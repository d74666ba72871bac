// Evaluates graphs in plain TypeScript: slow, synchronous, and the meaning of every op.
import { checkArgument, kinds, UserError } from '../../errors.ts'
import { allocate, type DType, type ReferenceArray, type TypedArray } from '../../ir/dtype.ts'
import { partsOf } from '../../ir/graph.ts'
import type { ReferenceValue } from '../../ir/op.ts'
import { sizeOf } from '../../ir/shape.ts'
import { formatType, requireTensorList, type Tensor } from '../../ir/tensor.ts'

/**
 * Storage of float32 tensors while evaluating: their own precision, or double for checks against finite differences.
 */
export type Precision = 'float32' | 'float64'

const allocateAt = (dtype: DType, length: number, precision: Precision): ReferenceArray =>
  dtype === 'float32' && precision === 'float64' ? new Float64Array(length) : allocate(dtype, length)

/**
 * Computes tensors, each intermediate value once.
 * @param fed values of leaves; parameters, buffers and constants fall back to the data they hold
 * @throws UserError when an input was not fed
 */
export function evaluate(
  tensors: readonly Tensor[], fed: ReadonlyMap<Tensor, ReferenceArray> = new Map(), precision: Precision = 'float32',
): ReferenceArray[] {
  requireTensorList('evaluate', tensors)
  checkArgument('evaluate', 'what is fed', fed, {
    is: 'a Map from tensors to typed arrays', accepts: value => value instanceof Map,
  })
  checkArgument('evaluate', 'the precision', precision, kinds.oneOf('float32', 'float64'))
  const values = new Map<Tensor, ReferenceValue>()
  const valueOf = (tensor: Tensor) => values.get(tensor) as ReferenceValue
  for (const part of partsOf(tensors)) {
    if (part.leaf) {
      const { leaf } = part
      const data = fed.get(leaf) ?? leaf.leaf?.data
      if (!data) {
        throw new UserError({
          rule: `${leaf.toString()} has no value of its own: it is fed when a compiled function runs.`,
          next: 'Call the compiled function, or build the expression from tensor(...) to see numbers.',
        })
      }
      if (fed.has(leaf)) requireElements(leaf, data)
      values.set(leaf, { shape: leaf.shape, dtype: leaf.dtype, data })
      continue
    }
    const { op, inputs, attributes, regions } = part.application
    const outputs = part.outputs.map(output => output && {
      shape: output.shape, dtype: output.dtype, data: allocateAt(output.dtype, output.size, precision),
    })
    op.reference({ inputs: inputs.map(valueOf), outputs, attributes, regions })
    part.outputs.forEach((output, i) => output && values.set(output, outputs[i] as ReferenceValue))
  }
  return tensors.map(tensor => valueOf(tensor).data)
}

/** @throws UserError where an array cannot be the value of a leaf */
function requireElements(leaf: Tensor, data: ReferenceArray): void {
  const count = sizeOf(leaf.shape)
  const fits = (data instanceof Float64Array || kinds.typedArray.accepts(data)) && data.length === count
  checkArgument('evaluate', leaf.toString(), data, { is: `fed an array of ${count} elements`, accepts: () => fits })
}

/** The values of one tensor, flat in row-major order; always a copy. */
export function valuesOf(tensor: Tensor): TypedArray {
  const [data] = evaluate([tensor])
  if (!data || data instanceof Float64Array) throw new Error(`No value for ${formatType(tensor)}.`)
  return data.slice()
}
