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
    return new UserError({ rule, next: 'Run it on referenceRuntime, which says which index it is.' }, { cause: error })
  }
  const put = /invalid indice found, indice = (-?\d+)/.exec(text)
  if (put) return new UserError({
    rule: 'indexPut: every index must name an entry of its axis; negative ones count from the end.',
    received: put[1] ?? '',
  }, { cause: error })
  if (/Integer division by zero/.test(text)) return divisionByZero({ cause: error })
  return error
}

/** How an index was meant, and where it was found. */
interface IndexOptions extends ErrorOptions {
  /** Whether negative ones count from the end; default true. */
  readonly fromEnd?: boolean
  readonly place?: string
}

/** An index that names no entry of an axis of `size`. */
export function indexOutOfRange(index: number, size: number, options: IndexOptions = {}): UserError {
  const { fromEnd = true, place, ...cause } = options
  const ops = fromEnd ? 'gather, takeAlongAxis and their scatters' : 'embedding'
  const range = fromEnd ? `from ${-size} to ${size - 1}; negative ones count from the end` : `from 0 to ${size - 1}`
  return new UserError({
    rule: `${ops}: ${size === 0 ? 'an axis of size 0 has no entries to name' : `every index must be ${range}`}.`,
    received: `${index}${place === undefined ? '' : ` ${place}`}`,
  }, cause)
}

/** An integer divided by 0. */
export const divisionByZero = (options?: ErrorOptions): UserError =>
  new UserError({
    rule: 'div: an integer cannot be divided by 0, and mod has no remainder there.',
    next: "Divide float32 tensors: x.cast('float32').",
  }, options)
