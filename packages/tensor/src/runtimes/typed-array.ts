// What the engine knows of a typed array: properties that were put on it or on its class do not count.
import type { DType, TypedArray } from '../ir/dtype.ts'

const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object

interface Getter<Value> {
  readonly get: (this: unknown) => Value
}

const getterOf = <Value>(of: object, name: PropertyKey) => Object.getOwnPropertyDescriptor(of, name) as Getter<Value>
const length = getterOf<number>(prototype, 'length')
const byteLength = getterOf<number>(prototype, 'byteLength')
const byteOffset = getterOf<number>(prototype, 'byteOffset')
const buffer = getterOf<ArrayBufferLike>(prototype, 'buffer')
const className = getterOf<string | undefined>(prototype, Symbol.toStringTag)
const unsharedLength = getterOf<number>(ArrayBuffer.prototype, 'byteLength')

/** The class of the arrays that hold each dtype. */
export const ARRAY_CLASSES: Readonly<Record<DType, string>> = {
  float32: 'Float32Array', int32: 'Int32Array', uint8: 'Uint8Array', bool: 'Uint8Array',
}

/** Whether a value is an array of so many elements of a dtype. */
export const isArrayOf = (value: unknown, dtype: DType, count: number): value is TypedArray =>
  className.get.call(value) === ARRAY_CLASSES[dtype] && length.get.call(value) === count

export const byteLengthOf = (array: TypedArray): number => byteLength.get.call(array)
export const byteOffsetOf = (array: TypedArray): number => byteOffset.get.call(array)
export const bufferOf = (array: TypedArray): ArrayBufferLike => buffer.get.call(array)

/** Whether other threads can write into an array: whether its memory is a `SharedArrayBuffer`. */
export function isShared(array: TypedArray): boolean {
  try {
    // Asked of memory that is shared, it throws.
    unsharedLength.get.call(bufferOf(array))
    return false
  } catch {
    return true
  }
}

/** Another array over the same elements, without properties of its own. */
export function plainArray(array: TypedArray): TypedArray {
  const [memory, from, count] = [bufferOf(array), byteOffsetOf(array), length.get.call(array)]
  switch (className.get.call(array)) {
    case 'Float32Array': return new Float32Array(memory, from, count)
    case 'Int32Array': return new Int32Array(memory, from, count)
    default: return new Uint8Array(memory, from, count)
  }
}
