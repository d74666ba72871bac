// The safetensors file format: named tensors behind a JSON header. Written exactly, read with suspicion.
import { UserError } from '@ddlf/tensor/errors'

/** An element type of the tensor engine. */
export type SafetensorsDtype = 'float32' | 'int32' | 'uint8' | 'bool'

/** An element type that a file may hold and {@link decodeSafetensors} reads. */
export type StoredDtype =
  'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U64' | 'U32' | 'U16' | 'U8' | 'BOOL'

/** A tensor as plain memory: `data` holds the elements in row-major order; `bool` is one byte an element, 0 or 1. */
export interface NamedTensor {
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array
}

/** A tensor that was read, with the type it had in the file. */
export interface DecodedTensor extends NamedTensor {
  readonly stored: StoredDtype
}

/** What a safetensors file holds. */
export interface DecodedSafetensors {
  readonly tensors: Record<string, DecodedTensor>
  readonly metadata: Record<string, string>
}

const METADATA = '__metadata__'
/** The reference implementation's limit on the header, in bytes. */
const HEADER_LIMIT = 100_000_000
const BYTES: Record<StoredDtype, number> = {
  F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2, I8: 1, U8: 1, BOOL: 1,
}
const STORED: Record<SafetensorsDtype, StoredDtype> = { float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' }
const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array } as const

const elementCount = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** False for text with a lone surrogate, which UTF-8 cannot hold. */
const isWellFormed = (text: string) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)) === text

function checkTensor(name: string, { dtype, shape, data }: NamedTensor): void {
  const received = `${name}: ${dtype} [${shape.join(', ')}] with ${data.length} elements in a ${data.constructor.name}`
  if (!Object.hasOwn(STORED, dtype)) {
    throw new UserError({ rule: 'safetensors files are written from float32, int32, uint8 or bool tensors.', received })
  }
  if (name === METADATA || !isWellFormed(name)) {
    throw new UserError({ rule: `A tensor's name is well-formed text other than ${METADATA}.`, received })
  }
  if (!(data instanceof ARRAYS[dtype]))
    throw new UserError({ rule: `A ${dtype} tensor must be held in a ${ARRAYS[dtype].name}.`, received })
  if (shape.some(size => !Number.isSafeInteger(size) || size < 0) || elementCount(shape) !== data.length) {
    throw new UserError({ rule: 'The product of a shape must be the number of elements.', received })
  }
}

/**
 * The consecutive pieces of a safetensors file, so that a large file can be written without being copied first:
 * the header, then views of the tensors' own memory. The wider types come first and names are in code unit order
 * among themselves, as the reference implementation has it, so every tensor is aligned to its element size.
 * @throws UserError where a tensor's shape, type and data disagree
 */
export function safetensorsChunks(
  tensors: Readonly<Record<string, NamedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const ordered = Object.entries(tensors)
  for (const [name, tensor] of ordered) checkTensor(name, tensor)
  ordered.sort(([a, x], [b, y]) => BYTES[STORED[y.dtype]] - BYTES[STORED[x.dtype]] || compareText(a, b))
  let offset = 0
  const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata]]
  for (const [name, { dtype, shape, data }] of ordered) {
    header.push([name, { dtype: STORED[dtype], shape, data_offsets: [offset, offset + data.byteLength] }])
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const padded = Math.ceil(json.length / 8) * 8
  if (padded > HEADER_LIMIT) {
    throw new UserError({
      rule: `A safetensors header must be at most ${HEADER_LIMIT} bytes.`,
      received: `${padded} bytes`,
    })
  }
  const head = new Uint8Array(8 + padded).fill(0x20)
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true)
  head.set(json, 8)
  return [head, ...ordered.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]
}

/**
 * Encodes tensors as one safetensors file: an 8-byte little-endian header length, the JSON header padded with spaces
 * to a multiple of 8 bytes, then the data without holes.
 * Source: the format's description, https://github.com/huggingface/safetensors#format
 * @param metadata free text by name, stored under `__metadata__`
 * @throws UserError where a tensor's shape, type and data disagree
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, NamedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const chunks = safetensorsChunks(tensors, metadata)
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

const malformed = (rule: string, received?: string) =>
  new UserError({ rule: `Not a valid safetensors file: ${rule}`, received, next: 'Write or download the file again.' })

const shorten = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}...` : text)

/** A part of the header for a message. */
function show(name: string, value: unknown): string {
  try {
    return shorten(`${JSON.stringify(name)}: ${JSON.stringify(value)}`)
  } catch {
    return shorten(`${JSON.stringify(name)}: (nested too deeply to show)`)
  }
}

/** The first key that any one object of the (valid) JSON text has twice; `JSON.parse` would silently keep the last. */
function duplicatedKey(json: string): string | undefined {
  const objects: (Set<string> | null)[] = []
  let isKey = false
  for (let i = 0; i < json.length; i++) {
    const character = json[i]
    if (character === '{' || character === '[') objects.push(character === '{' ? new Set() : null)
    if (character === '}' || character === ']') objects.pop()
    if (character === '{' || character === ',') isKey = objects.at(-1) instanceof Set
    if (character === ':') isKey = false
    if (character !== '"') continue
    const start = i
    for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++
    if (!isKey) continue
    const key = JSON.parse(json.slice(start, i + 1)) as string
    const keys = objects.at(-1)
    if (keys?.has(key)) return key
    keys?.add(key)
  }
  return undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && (size as number) >= 0)

interface Entry {
  name: string
  stored: StoredDtype
  shape: number[]
  begin: number
  end: number
}

function parseEntry(name: string, value: unknown): Entry {
  const wrong = (rule: string, more = '') => malformed(rule, show(name, value) + more)
  if (!isRecord(value)) throw wrong('every tensor is described by an object.')
  const extra = Object.keys(value).find(key => !['dtype', 'shape', 'data_offsets'].includes(key))
  if (extra !== undefined) throw wrong('a tensor has dtype, shape and data_offsets only.')
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) {
    throw wrong(`a tensor's dtype is one of ${Object.keys(BYTES).join(', ')}.`)
  }
  if (!isSizes(shape)) throw wrong('a shape is a list of whole numbers of 0 or more.')
  if (!isSizes(offsets) || offsets.length !== 2) throw wrong('data_offsets are two whole numbers of 0 or more.')
  const [begin, end] = offsets as [number, number]
  const stored = dtype as StoredDtype
  const size = elementCount(shape) * BYTES[stored]
  if (!Number.isSafeInteger(size) || end - begin !== size) {
    throw wrong('data_offsets span as many bytes as the shape and dtype need.', ` (needs ${size} bytes)`)
  }
  return { name, stored, shape, begin, end }
}

const halfToFloat = (bits: number) => {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  return exponent === 31 ? (fraction ? NaN : sign * Infinity) : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** Converts one tensor's bytes (already copied out, so aligned) to the engine's type. */
function convert({ name, stored, shape }: Entry, bytes: Uint8Array): DecodedTensor {
  const { buffer } = bytes
  const int32 = (values: ArrayLike<number> | ArrayLike<bigint>): DecodedTensor => {
    const data = new Int32Array(values.length)
    for (let i = 0; i < data.length; i++) {
      const value = Number(values[i])
      data[i] = value
      if (data[i] !== value) {
        throw new UserError({
          rule: `A ${stored} tensor is read as int32, so its values must lie in the int32 range.`,
          received: `${name}: ${value}`,
        })
      }
    }
    return { dtype: 'int32', shape, stored, data }
  }
  const float32 = (data: Float32Array): DecodedTensor => ({ dtype: 'float32', shape, stored, data })
  switch (stored) {
    case 'F32': return float32(new Float32Array(buffer))
    case 'F64': return float32(Float32Array.from(new Float64Array(buffer)))
    case 'F16': return float32(Float32Array.from(new Uint16Array(buffer), halfToFloat))
    // bfloat16 is the upper half of a float32
    case 'BF16': return float32(new Float32Array(Uint32Array.from(new Uint16Array(buffer), bits => bits << 16).buffer))
    case 'I32': return { dtype: 'int32', shape, stored, data: new Int32Array(buffer) }
    case 'I64': return int32(new BigInt64Array(buffer))
    case 'U64': return int32(new BigUint64Array(buffer))
    case 'U32': return int32(new Uint32Array(buffer))
    case 'I16': return int32(new Int16Array(buffer))
    case 'U16': return int32(new Uint16Array(buffer))
    case 'I8': return int32(new Int8Array(buffer))
    case 'U8': return { dtype: 'uint8', shape, stored, data: bytes }
    case 'BOOL': {
      const wrong = bytes.find(value => value > 1)
      if (wrong !== undefined) throw malformed('a BOOL is stored as 0 or 1.', `${name}: ${wrong}`)
      return { dtype: 'bool', shape, stored, data: bytes }
    }
  }
}

/** The head of a safetensors file, checked. */
interface Header {
  /** By where their data lie. */
  readonly entries: readonly Entry[]
  readonly metadata: Record<string, string>
}

/** How many bytes the header has, by the first eight of the file. @param size of the file, in bytes */
function headerLength(first: Uint8Array, size: number): number {
  if (first.length < 8) throw malformed('it starts with 8 bytes of header length.', `${first.length} bytes`)
  const length = new DataView(first.buffer, first.byteOffset, first.byteLength).getBigUint64(0, true)
  if (length > BigInt(HEADER_LIMIT)) {
    throw malformed(`the header is at most ${HEADER_LIMIT} bytes.`, `a header length of ${length.toString()}`)
  }
  if (8 + Number(length) > size) {
    throw malformed('the header lies inside the file.', `a header that ends at byte ${8 + Number(length)} of ${size}`)
  }
  return Number(length)
}

/** @param available bytes behind the header, which the tensors fill */
function parseHeader(bytes: Uint8Array, available: number): Header {
  let json: string
  let header: unknown
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(json)
  } catch (error) {
    throw malformed('the header is JSON in UTF-8.', shorten(error instanceof Error ? error.message : String(error)))
  }
  if (!json.startsWith('{') || !isRecord(header))
    throw malformed('the header is an object and starts with "{".', shorten(json))
  const duplicate = duplicatedKey(json)
  if (duplicate !== undefined) throw malformed('no key occurs twice.', shorten(JSON.stringify(duplicate)))

  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {}
  if (!isRecord(metadata) || Object.values(metadata).some(value => typeof value !== 'string')) {
    throw malformed(`${METADATA} maps names to text.`, show(METADATA, metadata))
  }
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => parseEntry(name, value))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let expected = 0
  for (const { name, begin, end } of entries) {
    if (begin !== expected) {
      const fault = begin < expected ? 'overlap' : 'leave a hole'
      throw malformed(
        `tensors follow each other; these offsets ${fault}.`,
        `${shorten(name)}: [${begin}, ${end}] after byte ${expected}`,
      )
    }
    expected = end
  }
  if (expected !== available) {
    throw malformed(
      'the tensors fill the file exactly.',
      `tensors of ${expected} bytes, ${available} bytes after the header`,
    )
  }
  return { entries, metadata: metadata as Record<string, string> }
}

/** What the head of a safetensors file says. */
export interface SafetensorsHead {
  /** In the order of their data. */
  readonly tensors: readonly Pick<Entry, 'name' | 'stored' | 'shape'>[]
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The head of a safetensors file alone: names, types and shapes, whatever the data weigh.
 * @param read gives `length` bytes from an offset on @param size of the file, in bytes
 * @throws UserError as {@link decodeSafetensors}, of the head
 */
export function decodeSafetensorsHead(
  read: (offset: number, length: number) => Uint8Array,
  size: number,
): SafetensorsHead {
  const length = headerLength(read(0, Math.min(8, size)), size)
  const { entries, metadata } = parseHeader(read(8, length), size - 8 - length)
  return { tensors: entries.map(({ name, stored, shape }) => ({ name, stored, shape })), metadata }
}

/**
 * Decodes a safetensors file. Nothing in the file is trusted: sizes are checked before memory is taken, so memory
 * stays within a small multiple of the file's size.
 *
 * Conversions to the engine's types: F32, I32, U8 and BOOL are kept; F16 and BF16 become float32 exactly; F64 is
 * rounded to the nearest float32; I8, I16, U16 become int32 exactly; I64, U32 and U64 become int32 and a value outside
 * the int32 range is an error. `stored` says what the file held.
 * @throws UserError with what is wrong: truncated, header too long or not JSON, a key twice, unknown type, shape and
 * offsets that disagree, offsets that overlap, leave holes or leave the file
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedSafetensors {
  const dataStart = 8 + headerLength(bytes, bytes.length)
  const { entries, metadata } = parseHeader(bytes.subarray(8, dataStart), bytes.length - dataStart)
  const tensors = Object.fromEntries(
    entries.map(entry => [
      entry.name,
      convert(entry, Uint8Array.from(bytes.subarray(dataStart + entry.begin, dataStart + entry.end))),
    ]),
  )
  return { tensors, metadata }
}
