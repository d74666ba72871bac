// The element types of tensors and the typed arrays that hold them.

/** The element types a tensor may have. */
export type DType = 'float32' | 'int32' | 'uint8' | 'bool'

/** Flat storage in row-major order. `bool` is held as 0 and 1 in a `Uint8Array`. */
export type TypedArray = Float32Array | Int32Array | Uint8Array

/** Storage inside the reference runtime, which can also compute in double precision. */
export type ReferenceArray = TypedArray | Float64Array

/** A zero-filled array of `length` elements. */
export function allocate(dtype: DType, length: number): TypedArray {
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

/** Whether a number can be an element of a dtype as it is. */
export function isValueOf(dtype: DType, value: number): boolean {
  if (dtype === 'float32') return true
  const [lowest, highest] = WHOLE_NUMBERS[dtype]
  return Number.isInteger(value) && value >= lowest && value <= highest
}
