// A curve of any length in the room that a screen can show: the least and the greatest value of each stretch.
import { z } from 'zod'
import type { Measurement } from './metrics-log.ts'

/** One measurement of a curve. */
export interface CurvePoint extends Omit<Measurement, 'name'> {
  /** Its place among all measurements of the log. */
  readonly place: number
}

/** More than a screen is wide. A curve of up to so many measurements is kept whole. */
const MOST_STRETCHES = 1024
/** Numbers of a measurement: place, step, epoch, wallTime, value. */
const POINT = 5
const VALUE = 4
/** Numbers of a stretch: its lowest measurement, then its highest. */
const STRETCH = 2 * POINT
const FEW_STRETCHES = 16

const storedSchema = z.object({
  stride: z.number().int().min(1),
  count: z.number().int().min(1),
  /** Base64 of the first measurement, the last, and the stretches, in float64. */
  points: z.base64().max(2 ** 18),
})

/** A curve as JSON holds it. */
export type StoredCurve = z.input<typeof storedSchema>

/** Whether `b` takes the place of `a` as the lowest: a finite value counts before one that cannot be drawn. */
const isLower = (b: number, a: number) =>
  Number.isFinite(b) ? b < a || !Number.isFinite(a) : !Number.isFinite(a) && b < a
const isHigher = (b: number, a: number) =>
  Number.isFinite(b) ? b > a || !Number.isFinite(a) : !Number.isFinite(a) && b > a

function write(numbers: Float64Array, at: number, { place, step, epoch, wallTime, value }: CurvePoint): void {
  numbers[at] = place
  numbers[at + 1] = step
  numbers[at + 2] = epoch
  numbers[at + 3] = wallTime
  numbers[at + VALUE] = value
}

const pointAt = (numbers: Float64Array, at: number): CurvePoint => {
  const [place = 0, step = 0, epoch = 0, wallTime = 0, value = 0] = numbers.subarray(at, at + POINT)
  return { place, step, epoch, wallTime, value }
}

/**
 * Takes measurements one by one. Each stretch stands for `stride` of them; when there are too many, neighbours become
 * one and the stride doubles. So the result follows from the sequence of measurements alone, however they arrived.
 */
export class ThinnedCurve {
  #stride = 1
  #count = 0
  #length = 0
  #stretches = new Float64Array(FEW_STRETCHES * STRETCH)
  readonly #ends = new Float64Array(2 * POINT)

  /** @throws Error where it is no stored curve */
  static from(stored: unknown): ThinnedCurve {
    const { stride, count, points } = storedSchema.parse(stored)
    const length = Math.ceil(count / stride)
    const bytes = Buffer.from(points, 'base64')
    const room = (2 * POINT + length * STRETCH) * Float64Array.BYTES_PER_ELEMENT
    if (length > MOST_STRETCHES || bytes.byteLength !== room)
      throw new Error('The stretches are not those of its length.')
    const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + room))
    const curve = new ThinnedCurve()
    curve.#stride = stride
    curve.#count = count
    curve.#length = length
    curve.#ends.set(numbers.subarray(0, 2 * POINT))
    curve.#reserve(length)
    curve.#stretches.set(numbers.subarray(2 * POINT))
    return curve
  }

  /** Measurements taken in. */
  get count(): number {
    return this.#count
  }

  /** Bytes that the curve takes in memory. */
  get room(): number {
    return this.#stretches.byteLength + this.#ends.byteLength
  }

  /** The newest measurement. */
  get last(): CurvePoint | undefined {
    return this.#count === 0 ? undefined : pointAt(this.#ends, POINT)
  }

  add(point: CurvePoint): void {
    if (this.#count === 0) write(this.#ends, 0, point)
    write(this.#ends, POINT, point)
    if (this.#count % this.#stride === 0) this.#begin(point)
    else this.#widen(point)
    this.#count++
  }

  #begin(point: CurvePoint): void {
    if (this.#length === MOST_STRETCHES) this.#halve()
    this.#reserve(this.#length + 1)
    const at = this.#length++ * STRETCH
    write(this.#stretches, at, point)
    write(this.#stretches, at + POINT, point)
  }

  #widen(point: CurvePoint): void {
    const at = (this.#length - 1) * STRETCH
    if (isLower(point.value, this.#stretches[at + VALUE] as number)) write(this.#stretches, at, point)
    if (isHigher(point.value, this.#stretches[at + POINT + VALUE] as number))
      write(this.#stretches, at + POINT, point)
  }

  #reserve(length: number): void {
    if (length * STRETCH <= this.#stretches.length) return
    const numbers = new Float64Array(
      Math.min(MOST_STRETCHES, Math.max(length, (2 * this.#stretches.length) / STRETCH)) * STRETCH,
    )
    numbers.set(this.#stretches)
    this.#stretches = numbers
  }

  #halve(): void {
    const numbers = this.#stretches
    for (let i = 0; i < MOST_STRETCHES / 2; i++) {
      const [left, right] = [2 * i * STRETCH, (2 * i + 1) * STRETCH]
      const low = isLower(numbers[right + VALUE] as number, numbers[left + VALUE] as number) ? right : left
      const high = isHigher(numbers[right + POINT + VALUE] as number, numbers[left + POINT + VALUE] as number)
        ? right
        : left
      // The target lies before both sources, and the lower half of a source is read before it is overwritten.
      const highest = numbers.slice(high + POINT, high + STRETCH)
      numbers.copyWithin(i * STRETCH, low, low + POINT)
      numbers.set(highest, i * STRETCH + POINT)
    }
    this.#length = MOST_STRETCHES / 2
    this.#stride *= 2
  }

  /** The measurements that are kept, in their order: the first, the last, and the extremes of each stretch. */
  points(): CurvePoint[] {
    if (this.#count === 0) return []
    const kept = new Map<number, CurvePoint>()
    const keep = (numbers: Float64Array, at: number) => {
      const place = numbers[at] as number
      if (!kept.has(place)) kept.set(place, pointAt(numbers, at))
    }
    for (const at of [0, POINT]) keep(this.#ends, at)
    for (let at = 0; at < this.#length * STRETCH; at += POINT) keep(this.#stretches, at)
    return [...kept.values()].sort((a, b) => a.place - b.place)
  }

  toJSON(): StoredCurve | undefined {
    if (this.#count === 0) return undefined
    const numbers = new Float64Array(2 * POINT + this.#length * STRETCH)
    numbers.set(this.#ends)
    numbers.set(this.#stretches.subarray(0, this.#length * STRETCH), 2 * POINT)
    return { stride: this.#stride, count: this.#count, points: Buffer.from(numbers.buffer).toString('base64') }
  }
}
