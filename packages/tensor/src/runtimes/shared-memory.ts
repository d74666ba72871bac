// Whether arrays that are written share memory with others: kernels would read what is half written, and say nothing.
import { UserError } from '../errors.ts'
import type { TypedArray } from '../ir/dtype.ts'

/** Arrays of one kind, as a message calls them. */
export interface NamedArrays {
  readonly what: string
  readonly arrays: readonly TypedArray[]
}

interface Span {
  readonly from: number
  readonly to: number
  readonly name: string
}

const spanOf = (what: string, place: number, { byteOffset, byteLength }: TypedArray): Span =>
  ({ from: byteOffset, to: byteOffset + byteLength, name: `array ${place} of ${what}` })

const sameArrays = (a: readonly TypedArray[], b: readonly TypedArray[]): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The written arrays that were found apart from the arrays they take turns with, and their memory. */
interface Apart {
  readonly written: readonly TypedArray[]
  readonly turns: readonly TypedArray[]
  readonly spans: ReadonlyMap<ArrayBufferLike, readonly Span[]>
}

/** Two lists of arrays take turns in being read and written. */
const REMEMBERED = 2

/**
 * Makes the check of arrays that are written: no two may share memory, nor one with what is read. The last lists are
 * remembered, for a training gives the same ones at every step.
 * @returns a function of what is written, what takes turns with it, and what else is read; it throws a UserError
 */
export function sharedMemoryCheck(): (
  written: NamedArrays, turns: NamedArrays, others: readonly NamedArrays[],
) => void {
  const remembered: Apart[] = []
  return (written, turns, others) => {
    let apart = remembered.find(known =>
      sameArrays(known.written, written.arrays) && sameArrays(known.turns, turns.arrays))
    if (!apart) {
      const spans = new Map<ArrayBufferLike, Span[]>()
      written.arrays.forEach((array, i) => {
        requireApart(spans, written.what, i, array)
        if (array.byteLength > 0) spans.set(
          array.buffer, [...(spans.get(array.buffer) ?? []), spanOf(written.what, i, array)],
        )
      })
      turns.arrays.forEach((array, i) => { requireApart(spans, turns.what, i, array) })
      apart = { written: [...written.arrays], turns: [...turns.arrays], spans }
      if (remembered.unshift(apart) > REMEMBERED) remembered.pop()
    }
    for (const { what, arrays } of others) {
      for (let i = 0; i < arrays.length; i++) requireApart(apart.spans, what, i, arrays[i] as TypedArray)
    }
  }
}

function requireApart(
  spans: ReadonlyMap<ArrayBufferLike, readonly Span[]>, what: string, place: number, array: TypedArray,
): void {
  const near = spans.get(array.buffer)
  if (!near) return
  const { from, to, name } = spanOf(what, place, array)
  const other = near.find(span => span.from < to && from < span.to)
  if (!other) return
  throw new UserError({
    rule: 'run: the next state is written while others are read: they must be different arrays and share no memory.',
    received: `${other.name} in the memory of ${name}`,
    next: 'Keep two sets of arrays and exchange them after every run.',
  })
}
