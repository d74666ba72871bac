// The element types of tensors and the typed arrays that hold them.
import { checkArgument, kinds, UserError } from '../errors.ts'

/** The element types a tensor may have. */
export type DType = 'float32' | 'int32' | 'uint8' | 'bool'

/** All element types. */
export const DTYPES = ['float32', 'int32', 'uint8', 'bool'] as const satisfies readonly DType[]

/** The kind of an argument that names an element type. */
export const dtypeKind = kinds.oneOf(...DTYPES)

/** Most elements a tensor may have: positions among them are int32. */
export const MOST_ELEMENTS = 2 ** 31 - 1

/** Flat storage in row-major order. `bool` is held as 0 and 1 in a `Uint8Array`. */
export type TypedArray = Float32Array | Int32Array | Uint8Array

/** Storage inside the reference runtime, which can also compute in double precision. */
export type ReferenceArray = TypedArray | Float64Array

/** A zero-filled array of `length` elements. @throws UserError where there is no such array, or no memory for it */
export function allocate(dtype: DType, length: number): TypedArray {
  checkArgument('allocate', 'the dtype', dtype, dtypeKind)
  checkArgument('allocate', 'the number of elements', length, kinds.whole(0, MOST_ELEMENTS))
  try {
    return filledWithZeros(dtype, length)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UserError({
      rule: `There is no memory for ${length} elements of ${dtype}.`,
      next: 'Use smaller shapes, or close other programs.',
    }, { cause: error })
  }
}

function filledWithZeros(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32': return new Float32Array(length)
    case 'int32': return new Int32Array(length)
    case 'uint8':
    case 'bool': return new Uint8Array(length)
  }
}

/** Whether a typed array is the storage of a dtype. */
export function holds(dtype: DType, data: TypedArray): boolean {
  switch (dtype) {
    case 'float32': return data instanceof Float32Array
    case 'int32': return data instanceof Int32Array
    case 'uint8':
    case 'bool': return data instanceof Uint8Array
  }
}

/** The whole numbers that a dtype holds. */
export const WHOLE_NUMBERS: Readonly<Record<Exclude<DType, 'float32'>, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  bool: [0, 1],
}

/** What the elements of a dtype are, for a message. */
export const elementsOf = (dtype: DType): string =>
  dtype === 'float32' ? 'numbers' : `whole numbers from ${WHOLE_NUMBERS[dtype].join(' to ')}`

/** Whether a number can be an element of a dtype as it is. */
export function isValueOf(dtype: DType, value: number): boolean {
  if (dtype === 'float32') return true
  const [lowest, highest] = WHOLE_NUMBERS[dtype]
  return Number.isInteger(value) && value >= lowest && value <= highest
}
