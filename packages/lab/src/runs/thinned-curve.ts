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

interface Stretch {
  readonly low: CurvePoint
  readonly high: CurvePoint
}

const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number)
const pointSchema = z.tuple([number, number, number, number, number])
const storedSchema = z.object({
  stride: z.number().int().min(1),
  count: z.number().int().min(1),
  stretches: z.array(z.union([z.tuple([pointSchema]), z.tuple([pointSchema, pointSchema])])).max(MOST_STRETCHES),
  first: pointSchema,
  last: pointSchema,
})

/** A curve as JSON holds it. */
export type StoredCurve = z.input<typeof storedSchema>

type StoredPoint = StoredCurve['first']
const write = ({ place, step, epoch, wallTime, value }: CurvePoint): StoredPoint =>
  [place, step, epoch, wallTime, Number.isFinite(value) ? value : (String(value) as 'NaN')]
const read = ([place, step, epoch, wallTime, value]: z.output<typeof pointSchema>): CurvePoint => ({ place, step, epoch, wallTime, value })

/** A finite value counts before one that is none, so that a stretch shows what can be drawn. */
const lower = (a: CurvePoint, b: CurvePoint) => (b.value < a.value || (!Number.isFinite(a.value) && Number.isFinite(b.value)) ? b : a)
const higher = (a: CurvePoint, b: CurvePoint) => (b.value > a.value || (!Number.isFinite(a.value) && Number.isFinite(b.value)) ? b : a)
const finiteLow = (a: CurvePoint, b: CurvePoint) => (Number.isFinite(a.value) && !Number.isFinite(b.value) ? a : lower(a, b))
const finiteHigh = (a: CurvePoint, b: CurvePoint) => (Number.isFinite(a.value) && !Number.isFinite(b.value) ? a : higher(a, b))

/**
 * Takes measurements one by one. Each stretch stands for `stride` of them; when there are too many, neighbours become one and
 * the stride doubles. So the result follows from the sequence of measurements alone, however they arrived.
 */
export class ThinnedCurve {
  #stride = 1
  #count = 0
  #stretches: Stretch[] = []
  #first: CurvePoint | undefined
  #last: CurvePoint | undefined

  /** @throws ZodError where it is no stored curve */
  static from(stored: unknown): ThinnedCurve {
    const { stride, count, stretches, first, last } = storedSchema.parse(stored)
    const curve = new ThinnedCurve()
    curve.#stride = stride
    curve.#count = count
    curve.#stretches = stretches.map(([low, high = low]) => ({ low: read(low), high: read(high) }))
    curve.#first = read(first)
    curve.#last = read(last)
    return curve
  }

  /** Measurements taken in. */
  get count(): number {
    return this.#count
  }

  /** The newest measurement. */
  get last(): CurvePoint | undefined {
    return this.#last
  }

  add(point: CurvePoint): void {
    const current = this.#stretches.at(-1)
    if (current && this.#count % this.#stride !== 0) {
      this.#stretches[this.#stretches.length - 1] = { low: finiteLow(current.low, point), high: finiteHigh(current.high, point) }
    } else {
      if (this.#stretches.length === MOST_STRETCHES) this.#halve()
      this.#stretches.push({ low: point, high: point })
    }
    this.#count++
    this.#first ??= point
    this.#last = point
  }

  #halve(): void {
    this.#stretches = Array.from({ length: MOST_STRETCHES / 2 }, (_, i) => {
      const [left, right] = [this.#stretches[2 * i] as Stretch, this.#stretches[2 * i + 1] as Stretch]
      return { low: finiteLow(left.low, right.low), high: finiteHigh(left.high, right.high) }
    })
    this.#stride *= 2
  }

  /** The measurements that are kept, in their order: the first, the last, and the extremes of each stretch. */
  points(): CurvePoint[] {
    const kept = new Map<number, CurvePoint>()
    const keep = (point: CurvePoint | undefined) => { if (point) kept.set(point.place, point) }
    keep(this.#first)
    for (const { low, high } of this.#stretches) {
      keep(low.place <= high.place ? low : high)
      keep(low.place <= high.place ? high : low)
    }
    keep(this.#last)
    return [...kept.values()].sort((a, b) => a.place - b.place)
  }

  toJSON(): StoredCurve | undefined {
    if (!this.#first || !this.#last) return undefined
    const stretches = this.#stretches.map(({ low, high }): [StoredPoint] | [StoredPoint, StoredPoint] => (low === high ? [write(low)] : [write(low), write(high)]))
    return { stride: this.#stride, count: this.#count, stretches, first: write(this.#first), last: write(this.#last) }
  }
}
