// Whether arrays have their memory for themselves: that which is written and others read is half written when it is
// read, and what other threads may write can change between a check and the kernel that relies on it.
import { UserError } from '../errors.ts'
import type { TypedArray } from '../ir/dtype.ts'
import { bufferOf, byteLengthOf, byteOffsetOf, isShared } from './typed-array.ts'

/** Arrays of one kind, as a message calls them. */
export interface NamedArrays {
  readonly what: string
  readonly arrays: readonly TypedArray[]
}

/** @throws UserError where other threads can write into an array */
export function requireUnshared(what: string, place: number, array: TypedArray): void {
  if (!isShared(array)) return
  throw new UserError({
    rule: `${what}: array ${place} must have its memory for itself: other threads can write into shared memory while ` +
      'kernels read it.',
    received: 'an array over a SharedArrayBuffer',
    next: 'Give a copy: array.slice() of a part, or new Float32Array(array).',
  })
}

interface Span {
  readonly from: number
  readonly to: number
  readonly name: string
}

function spanOf(what: string, place: number, array: TypedArray): Span {
  const from = byteOffsetOf(array)
  return { from, to: from + byteLengthOf(array), name: `array ${place} of ${what}` }
}

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
 * Makes the check of arrays that are written: no two may share memory, nor one with what is read, nor those or what
 * takes turns with them with other threads. The last lists are remembered, for a training gives the same ones at every
 * step.
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
        requireUnshared(written.what, i, array)
        requireApart(spans, written.what, i, array)
        const memory = bufferOf(array)
        if (byteLengthOf(array) > 0) spans.set(memory, [...(spans.get(memory) ?? []), spanOf(written.what, i, array)])
      })
      turns.arrays.forEach((array, i) => {
        requireUnshared(turns.what, i, array)
        requireApart(spans, turns.what, i, array)
      })
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
  const near = spans.get(bufferOf(array))
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
