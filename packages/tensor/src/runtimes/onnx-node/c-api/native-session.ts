// A session behind the C API: what native code holds for one executable, and when it is given back.
import { sizeOf, type Shape } from '../../../ir/shape.ts'
import type { DType, TypedArray } from '../../../ir/dtype.ts'
import type { TensorType } from '../../../ir/op.ts'
import { ONNX_DTYPES } from '../../../onnx/emitter.ts'
import { explainError } from '../../explain-error.ts'
import { afterRelease } from '../../open-session.ts'
import { byteLengthOf } from '../../typed-array.ts'
import type { Address } from './koffi.ts'
import { fixedWords, type OrtApi } from './ort-api.ts'

/**
 * What native code holds of one executable, and all memory of this thread that it may read or write: apart from the
 * object that uses it, so that both outlive that object until they are freed.
 */
class Holdings {
  /** Tensors, and the arrays they lie over. */
  readonly tensors = new Map<Address, TypedArray>()
  /** What else runs read and write. */
  memory: readonly ArrayBufferView[]
  readonly #api: OrtApi
  #session: Address | undefined

  constructor(api: OrtApi, session: Address, memory: readonly ArrayBufferView[]) {
    this.#api = api
    this.#session = session
    this.memory = memory
    waitForExit()
    open.add(this)
  }

  /** @throws UserError after the release: nothing would free what is made then */
  requireOpen(): Address {
    if (this.#session !== undefined) return this.#session
    throw afterRelease()
  }

  free(): void {
    open.delete(this)
    for (const tensor of this.tensors.keys()) this.#api.releaseTensor(tensor)
    this.tensors.clear()
    if (this.#session !== undefined) this.#api.releaseSession(this.#session)
    this.#session = undefined
    this.memory = []
  }
}

/** Of this thread. */
const open = new Set<Holdings>()

let waitsForExit = false

/** The threads of sessions must have ended before the process takes its memory apart. */
function waitForExit(): void {
  if (waitsForExit) return
  waitsForExit = true
  process.once('exit', () => {
    for (const holdings of open) holdings.free()
  })
}

const forgotten = new FinalizationRegistry<Holdings>(holdings => holdings.free())

/** How many sessions and tensors of this thread native code holds. */
export const nativeHoldings = (): { readonly sessions: number; readonly tensors: number } => ({
  sessions: open.size, tensors: [...open].reduce((count, { tensors }) => count + tensors.size, 0),
})

const BYTES: Readonly<Record<DType, number>> = { float32: 4, int32: 4, uint8: 1, bool: 1 }

/** @throws Error where an array is shorter than the checks before should have seen to */
export function requireBytes(array: TypedArray, bytes: number): void {
  const held = byteLengthOf(array)
  if (held < bytes) throw new Error(`An array of ${held} bytes is given for ${bytes}.`)
}

/** Where the bytes of no element lie. */
const NOTHING = new Uint8Array(new ArrayBuffer(64))

/** The element type and shape of an input or output, as native code reads them. */
export class NativeType {
  readonly bytes: number
  readonly onnxType: number
  readonly rank: number
  readonly shapeAt: Address
  /** What `shapeAt` points to. */
  readonly shape: BigUint64Array

  constructor(api: OrtApi, { shape, dtype }: TensorType) {
    this.bytes = sizeOf(shape) * BYTES[dtype]
    this.onnxType = ONNX_DTYPES[dtype]
    this.rank = shape.length
    this.shape = wordsOf(shape)
    this.shapeAt = api.koffi.address(this.shape)
  }
}

function wordsOf(shape: Shape): BigUint64Array {
  const words = fixedWords(Math.max(shape.length, 1))
  shape.forEach((size, axis) => (words[axis] = BigInt(size)))
  return words
}

/** Text for C: names one after another, each with a 0 behind it, and where each begins. */
function cNames(api: OrtApi, names: readonly string[]): { readonly text: Uint8Array; readonly places: BigUint64Array } {
  const encoded = names.map(name => new TextEncoder().encode(`${name}\0`))
  const text = new Uint8Array(new ArrayBuffer(encoded.reduce((sum, { length }) => sum + length, 64)))
  const places = fixedWords(names.length)
  let at = api.koffi.address(text)
  let position = 0
  encoded.forEach((bytes, i) => {
    text.set(bytes, position)
    places[i] = at
    position += bytes.length
    at += BigInt(bytes.length)
  })
  return { text, places }
}

/** A compiled model whose inputs and outputs are arrays of this thread, read and written in place. */
export class NativeSession {
  readonly #api: OrtApi
  readonly #holdings: Holdings
  /** Addresses of the tensors of the next run, in the order of the names. */
  readonly inputs: BigUint64Array
  readonly outputs: BigUint64Array
  readonly #inputsAt: Address
  readonly #outputsAt: Address
  readonly #inputNamesAt: Address
  readonly #outputNamesAt: Address

  constructor(
    api: OrtApi, bytes: Uint8Array, names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
    threads: number,
  ) {
    this.#api = api
    this.inputs = fixedWords(names.inputs.length)
    this.outputs = fixedWords(names.outputs.length)
    const inputNames = cNames(api, names.inputs)
    const outputNames = cNames(api, names.outputs)
    const { koffi } = api
    this.#inputsAt = koffi.address(this.inputs)
    this.#outputsAt = koffi.address(this.outputs)
    this.#inputNamesAt = koffi.address(inputNames.places)
    this.#outputNamesAt = koffi.address(outputNames.places)
    const memory = [
      this.inputs, this.outputs, inputNames.text, inputNames.places, outputNames.text, outputNames.places,
    ]
    this.#holdings = new Holdings(api, explained(() => api.createSession(bytes, threads)), memory)
    forgotten.register(this, this.#holdings, this)
  }

  /** A tensor over elements of an array, from a number of bytes on. It stays until it is released, or the session. */
  tensor(array: TypedArray, type: NativeType, offset = 0): Address {
    this.#holdings.requireOpen()
    requireBytes(array, offset + type.bytes)
    const at = type.bytes === 0 ? this.#api.koffi.address(NOTHING) : this.#api.koffi.address(array) + BigInt(offset)
    const made = this.#api.createTensor(at, type.bytes, type.shapeAt, type.rank, type.onnxType)
    this.#holdings.tensors.set(made, array)
    return made
  }

  releaseTensor(tensor: Address): void {
    if (this.#holdings.tensors.delete(tensor)) this.#api.releaseTensor(tensor)
  }

  /** Runs the model on the tensors in `inputs` and `outputs`. Their arrays must be held by the caller meanwhile. */
  run(): void {
    const session = this.#holdings.requireOpen()
    explained(() => this.#api.run(
      session, this.#inputNamesAt, this.#inputsAt, this.inputs.length, this.#outputNamesAt, this.#outputsAt,
      this.outputs.length,
    ))
  }

  release(): void {
    forgotten.unregister(this)
    this.#holdings.free()
  }
}

/** What a function returns; what it throws as a user can read it. */
function explained<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw explainError(error)
  }
}
