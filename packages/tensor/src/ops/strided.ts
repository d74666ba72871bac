// How the reference moves elements between arrays of any strides.
import type { ReferenceValue } from '../ir/op.ts'
import { sizeOf, type Shape } from '../ir/shape.ts'

/**
 * Visits the elements of a shape in row-major order: where each lies, from `start` with a stride along each axis, and
 * its number.
 */
function eachOffset(
  shape: Shape, strides: readonly number[], start: number, visit: (offset: number, i: number) => void,
): void {
  const index = new Array<number>(shape.length).fill(0)
  const total = sizeOf(shape)
  let offset = start
  for (let i = 0; i < total; i++) {
    visit(offset, i)
    for (let axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      offset += strides[axis] as number
      if ((index[axis] as number) < (shape[axis] as number)) break
      offset -= (strides[axis] as number) * (shape[axis] as number)
      index[axis] = 0
    }
  }
}

/** Fills `output` in order, reading `input` at `start` plus the given stride along each axis of the output. */
export function copyStrided(
  input: ReferenceValue, output: ReferenceValue, strides: readonly number[], start = 0,
): void {
  eachOffset(output.shape, strides, start, (offset, i) => (output.data[i] = input.data[offset] as number))
}

/** Writes `input` in order to `output` at `start` plus the given stride along each axis of the input. */
export function scatterStrided(
  input: ReferenceValue, output: ReferenceValue, strides: readonly number[], start: number,
): void {
  eachOffset(input.shape, strides, start, (offset, i) => (output.data[offset] = input.data[i] as number))
}
