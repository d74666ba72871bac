// Encodings of unequal length as one batch: cut to a length, filled up to a length.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import type { Encoding } from './tokenizer.ts'

const sideKind = kinds.oneOf('left', 'right')

export interface TruncateOptions {
  /** Most tokens that are left, special tokens included. */
  readonly length: number
  /** The side at which tokens are taken away; default right. */
  readonly side?: 'left' | 'right'
}

/** How many tokens each of two texts may keep: the longer one loses first. Hugging Face's `longest_first`. */
function shares(a: number, b: number, room: number): [number, number] {
  if (a + b <= room) return [a, b]
  if (b === 0) return [room, 0]
  const [short, swapped] = a <= b ? [a, false] : [b, true]
  const [less, more] = 2 * short >= room ? [Math.floor(room / 2), Math.ceil(room / 2)] : [short, room - short]
  return swapped ? [more, less] : [less, more]
}

/**
 * Cuts encodings to a length; special tokens that were added around the text stay. Of a pair, the longer text loses
 * first.
 * @throws UserError where the special tokens alone are more than the length
 */
export function truncate(encodings: readonly Encoding[], options: TruncateOptions): Encoding[] {
  const { length, side = 'right' } = checkOptions(
    'truncate', options, { length: kinds.needed(kinds.number), side: sideKind },
  )
  return encodings.map(encoding => {
    if (encoding.ids.length <= length) return encoding
    const count = [0, 0, 0]
    for (const sequence of encoding.sequences) count[sequence + 1] = (count[sequence + 1] as number) + 1
    const [added = 0, a = 0, b = 0] = count
    if (!(Number.isInteger(length) && length >= added)) {
      throw new UserError({
        rule: 'The length must be a whole number that leaves room for the special tokens.',
        received: `${length}, and ${added} special tokens`,
        next: `Use at least ${Math.max(1, added)}.`,
      })
    }
    const kept = shares(a, b, length - added)
    const total = [a, b]
    const seen = [0, 0]
    const places = [...encoding.sequences.keys()].filter(i => {
      const sequence = encoding.sequences[i] as number
      if (sequence < 0) return true
      const place = seen[sequence] as number
      seen[sequence] = place + 1
      return side === 'right'
        ? place < (kept[sequence] as number)
        : place >= (total[sequence] as number) - (kept[sequence] as number)
    })
    const pick = (values: Int32Array) => Int32Array.from(places, i => values[i] as number)
    return {
      ids: pick(encoding.ids),
      starts: pick(encoding.starts),
      ends: pick(encoding.ends),
      typeIds: pick(encoding.typeIds),
      sequences: Int8Array.from(places, i => encoding.sequences[i] as number),
    }
  })
}

export interface PadOptions {
  /** The id that fills; of a tokenizer with a token for it, `tokenizer.idOf('<pad>')`. */
  readonly padId: number
  /** The length of the batch; default that of the longest encoding. */
  readonly length?: number
  /** The side that is filled; default right. Left suits generation, which goes on at the end. */
  readonly side?: 'left' | 'right'
  /** Rounds the length up to a multiple; default 1. */
  readonly multipleOf?: number
}

/** A batch of encodings of one length. */
export interface PaddedBatch {
  /** Number of encodings and their length: the shape of `ids`, `attentionMask` and `typeIds`. */
  readonly shape: readonly [number, number]
  readonly ids: Int32Array
  /** 1 where there is a token, 0 where the batch was filled. */
  readonly attentionMask: Uint8Array
  readonly typeIds: Int32Array
  /** The length of each encoding, shape [N]. */
  readonly lengths: Int32Array
}

/**
 * Fills encodings up to one length, row by row.
 * @throws UserError where an encoding is longer than the length asked for
 */
export function padBatch(encodings: readonly Encoding[], options: PadOptions): PaddedBatch {
  const {
    padId,
    length,
    side = 'right',
    multipleOf = 1,
  } = checkOptions('padBatch', options, {
    padId: kinds.needed(kinds.whole(0)), length: kinds.whole(0), side: sideKind, multipleOf: kinds.whole(1),
  })
  const longest = encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0)
  if (length !== undefined && longest > length) {
    throw new UserError({
      rule: `No encoding may be longer than the batch, ${length} tokens.`,
      received: `one of ${longest}`,
      next: 'Cut them before: padBatch(truncate(encodings, { length }), ...).',
    })
  }
  const width = Math.ceil((length ?? longest) / multipleOf) * multipleOf
  const shape = [encodings.length, width] as const
  const ids = new Int32Array(encodings.length * width).fill(padId)
  const attentionMask = new Uint8Array(ids.length)
  const typeIds = new Int32Array(ids.length)
  for (const [row, encoding] of encodings.entries()) {
    const from = row * width + (side === 'left' ? width - encoding.ids.length : 0)
    ids.set(encoding.ids, from)
    typeIds.set(encoding.typeIds, from)
    attentionMask.fill(1, from, from + encoding.ids.length)
  }
  return { shape, ids, attentionMask, typeIds, lengths: Int32Array.from(encodings, encoding => encoding.ids.length) }
}
