// Says in the product's words what ONNX Runtime reports when values do not fit a graph, as the reference runtime says
// it.
import { UserError } from '../errors.ts'

/** The error of a user behind an error of ONNX Runtime; any other error as it is. */
export function explainError(error: unknown): unknown {
  const text = error instanceof Error ? error.message : ''
  const index = /idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/.exec(text)
  if (index) return indexOutOfRange(Number(index[1]), Number(index[3]) + 1, { cause: error })
  if (/Out of range value in index tensor/.test(text)) {
    // The kernel does not say which.
    const rule = 'takeAlongAxis: every index must name an entry of its axis; negative ones count from the end.'
    return new UserError({ rule }, { cause: error })
  }
  if (/Integer division by zero/.test(text)) return divisionByZero({ cause: error })
  return error
}

/** An index that names no entry of an axis of `size`. */
export const indexOutOfRange = (index: number, size: number, options?: ErrorOptions): UserError => new UserError({
  rule: 'gather, takeAlongAxis and their scatters: ' + (size === 0 ? 'an axis of size 0 has no entries to name.'
    : `every index must be from ${-size} to ${size - 1}; negative ones count from the end.`),
  received: String(index),
}, options)

/** An integer divided by 0. */
export const divisionByZero = (options?: ErrorOptions): UserError =>
  new UserError({
    rule: 'div: an integer cannot be divided by 0, and mod has no remainder there.',
    next: "Divide float32 tensors: x.cast('float32').",
  }, options)
