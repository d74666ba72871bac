// TensorBoard's event files: protobuf messages in TFRecord frames, written and read.
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { UserError } from '@ddlf/tensor/errors'
import { maskedCrc32c } from './crc32c.ts'
import {
  EventSchema,
  SessionLog_SessionStatus,
  type Event,
  type Summary_Value,
  type Summary_ValueSchema,
} from './generated/event_pb.ts'

/** How often values fall between edges. Bucket i reaches from `limits[i - 1]` (`min` for the first) to `limits[i]`. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly count: number
  readonly sum: number
  readonly sumSquares: number
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

/** What one event says. `other` stands for what this project does not write (graphs, audio, tensors). */
export type EventContent =
  | { readonly kind: 'version'; readonly version: string }
  /** A new attempt: TensorBoard drops what earlier files hold at this step and later. */
  | { readonly kind: 'start' }
  | { readonly kind: 'scalar'; readonly tag: string; readonly value: number }
  | { readonly kind: 'histogram'; readonly tag: string; readonly histogram: Histogram }
  | {
      readonly kind: 'image'
      readonly tag: string
      readonly width: number
      readonly height: number
      readonly png: Uint8Array
    }
  | { readonly kind: 'other' }

/** One event: `wallTime` in Unix seconds, `step` in optimizer steps. */
export type LoggedEvent = EventContent & { readonly wallTime: number; readonly step: number }

/** The version that the first event of every file states. */
export const eventFileVersion = 'brain.Event:2'

/**
 * The distribution of the finite values in buckets of equal width between their least and greatest.
 * @param buckets how many buckets, 30 by default, as TensorBoard shows
 */
export function histogramOf(values: ArrayLike<number>, buckets = 30): Histogram {
  let [min, max, count, sum, sumSquares] = [Infinity, -Infinity, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
    count++
    sum += value
    sumSquares += value * value
  }
  if (count === 0) return { min: 0, max: 0, count: 0, sum: 0, sumSquares: 0, limits: [0], counts: [0] }
  if (min === max) return { min, max, count, sum, sumSquares, limits: [max], counts: [count] }
  // The difference of two large values may overflow; that of their halves does not.
  const unit = Number.isFinite(max - min) ? 1 : 0.5
  const width = max * unit - min * unit
  const limits = Array.from({ length: buckets }, (_, i) =>
    i + 1 === buckets ? max : Math.min(max, (min * unit + width * ((i + 1) / buckets)) / unit),
  )
  const counts = limits.map(() => 0)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) continue
    const bucket = Math.min(buckets - 1, Math.floor(((value * unit - min * unit) / width) * buckets))
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return { min, max, count, sum, sumSquares, limits, counts }
}

const PNG_SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
/** TensorBoard's colour space by PNG's colour type: grey, RGB, palette (shown as RGB), grey and alpha, RGBA. */
const COLORSPACE: Partial<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }

/**
 * The size and TensorBoard colour space that the header of a PNG file states.
 * @throws UserError where the bytes are no PNG
 */
export function pngHeader(png: Uint8Array): { width: number; height: number; colorspace: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  const colorspace = COLORSPACE[png[25] ?? -1]
  if (png.length < 33 || PNG_SIGNATURE.some((byte, i) => png[i] !== byte) || colorspace === undefined) {
    throw new UserError({
      rule: 'An image must be logged as the bytes of a PNG file.',
      received: `${png.length} bytes`,
    })
  }
  return { width: view.getUint32(16), height: view.getUint32(20), colorspace }
}

type EventInit = MessageInitShape<typeof EventSchema>
type ValueInit = NonNullable<Exclude<MessageInitShape<typeof Summary_ValueSchema>, Summary_Value>['value']>

function toMessage(event: LoggedEvent): EventInit {
  const { wallTime, step } = event
  if (!Number.isSafeInteger(step))
    throw new UserError({ rule: 'The step of an event must be a whole number.', received: String(step) })
  const base = { wallTime, step: BigInt(step) }
  const summary = (tag: string, value: ValueInit): EventInit => ({
    ...base,
    what: { case: 'summary', value: { value: [{ tag, value }] } },
  })
  switch (event.kind) {
    case 'version':
      return { ...base, what: { case: 'fileVersion', value: event.version } }
    case 'start':
      return { ...base, what: { case: 'sessionLog', value: { status: SessionLog_SessionStatus.START } } }
    // The field is a float32: what is larger becomes infinite, as a cast would make it.
    case 'scalar':
      return summary(event.tag, { case: 'simpleValue', value: Math.fround(event.value) })
    case 'histogram': {
      const { min, max, count, sum, sumSquares, limits, counts } = event.histogram
      return summary(event.tag, {
        case: 'histo',
        value: { min, max, num: count, sum, sumSquares, bucketLimit: [...limits], bucket: [...counts] },
      })
    }
    case 'image':
      return summary(event.tag, { case: 'image', value: { ...pngHeader(event.png), encodedImageString: event.png } })
    case 'other':
      throw new UserError({ rule: 'An event of an unknown kind is not written.' })
  }
}

const HEADER_BYTES = 12
const FOOTER_BYTES = 4

/** A TFRecord: length (uint64, little endian), its masked CRC, the data, their masked CRC. */
function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER_BYTES + data.length + FOOTER_BYTES)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true)
  record.set(data, HEADER_BYTES)
  view.setUint32(HEADER_BYTES + data.length, maskedCrc32c(data), true)
  return record
}

/**
 * One event as it is appended to an event file. A file starts with an event of kind `version`.
 * @throws UserError where the step is not whole or an image is no PNG
 */
export const encodeEvent = (event: LoggedEvent): Uint8Array =>
  frame(toBinary(EventSchema, create(EventSchema, toMessage(event))))

const damaged = (offset: number, received: string, cause?: unknown) =>
  new UserError(
    {
      rule: 'The event file is damaged, or not one.',
      received: `${received} at byte ${offset}`,
      next: 'Restore the file from a copy.',
    },
    { cause },
  )

function contentOf({ tag, value }: Summary_Value): EventContent {
  switch (value.case) {
    case 'simpleValue': return { kind: 'scalar', tag, value: value.value }
    case 'histo': {
      const { min, max, num: count, sum, sumSquares, bucketLimit: limits, bucket: counts } = value.value
      return { kind: 'histogram', tag, histogram: { min, max, count, sum, sumSquares, limits, counts } }
    }
    case 'image': {
      const { width, height, encodedImageString: png } = value.value
      return { kind: 'image', tag, width, height, png }
    }
    case undefined: return { kind: 'other' }
  }
}

function contentsOf({ what }: Event): EventContent[] {
  switch (what.case) {
    case 'fileVersion': return [{ kind: 'version', version: what.value }]
    case 'summary': return what.value.value.map(contentOf)
    case 'sessionLog': return [{ kind: what.value.status === SessionLog_SessionStatus.START ? 'start' : 'other' }]
    case undefined: return [{ kind: 'other' }]
  }
}

/** What an event file holds; `torn` where it ends within a record, as a kill or a writer at work leaves it. */
export interface DecodedEventFile {
  readonly events: LoggedEvent[]
  readonly torn: boolean
}

/** Gives `length` bytes from an offset on, fewer at the end. */
type Read = (offset: number, length: number) => Uint8Array

/**
 * Reads an event file of any size, one record in memory at a time; see {@link decodeEventFile}.
 * @returns whether it ends within a record
 */
export function* eventsIn(read: Read, size: number): Generator<LoggedEvent, boolean> {
  let offset = 0
  while (offset + HEADER_BYTES <= size) {
    const head = read(offset, HEADER_BYTES)
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
    if (maskedCrc32c(head.subarray(0, 8)) !== view.getUint32(8, true))
      throw damaged(offset, 'a wrong checksum of a length')
    const length = view.getBigUint64(0, true)
    const start = offset + HEADER_BYTES
    if (length > BigInt(size - start - FOOTER_BYTES)) break
    const framed = read(start, Number(length) + FOOTER_BYTES)
    const data = framed.subarray(0, Number(length))
    const expected = new DataView(framed.buffer, framed.byteOffset, framed.byteLength).getUint32(data.length, true)
    if (maskedCrc32c(data) !== expected) throw damaged(offset, 'a wrong checksum of an event')
    let event: Event
    try {
      event = fromBinary(EventSchema, data)
    } catch (error) {
      throw damaged(offset, `data that is no event (${error instanceof Error ? error.message : String(error)})`, error)
    }
    for (const content of contentsOf(event)) yield { ...content, wallTime: event.wallTime, step: Number(event.step) }
    offset = start + framed.length
  }
  return offset !== size
}

/**
 * Reads an event file, any program's. Both checksums of every record are verified.
 * @throws UserError with the offset of a record that is damaged or is no event
 */
export function decodeEventFile(bytes: Uint8Array): DecodedEventFile {
  const events: LoggedEvent[] = []
  const reading = eventsIn((offset, length) => bytes.subarray(offset, offset + length), bytes.length)
  for (;;) {
    const { done, value } = reading.next()
    if (done) return { events, torn: value }
    events.push(value)
  }
}
