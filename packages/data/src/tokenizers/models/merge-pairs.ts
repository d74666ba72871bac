// The heart of byte pair encoding: symbols are merged, the pair that was learned first before all others, until none
// is left.
import type { PairTable } from '../pair-table.ts'

/**
 * Merges by pair: `ranks` gives the place of a pair in the order in which merges were learned, `made` the id it
 * becomes.
 */
export interface Merges {
  readonly ranks: PairTable
  readonly made: Int32Array
}

/** Symbols of a word and where each ends; the first begins at 0. Merging shortens both. */
export interface Symbols {
  readonly ids: number[]
  readonly ends: number[]
}

/** Up to here, looking through the whole word for the next merge is faster than a heap. */
const SHORT = 40

/** Merges in place. Sennrich et al. 2016, algorithm 1, applied to one word. */
export function mergePairs(symbols: Symbols, merges: Merges): void {
  if (merges.ranks.size === 0 || symbols.ids.length < 2) return
  if (symbols.ids.length <= SHORT) mergeShort(symbols, merges)
  else mergeLong(symbols, merges)
}

function mergeShort({ ids, ends }: Symbols, { ranks, made }: Merges): void {
  const rank: number[] = []
  for (let i = 0; i + 1 < ids.length; i++) rank.push(ranks.get(ids[i] as number, ids[i + 1] as number))
  for (;;) {
    let best = -1
    for (let i = 0; i < rank.length; i++)
      if (rank[i] !== -1 && (best === -1 || (rank[i] as number) < (rank[best] as number))) best = i
    if (best === -1) return
    ids[best] = made[rank[best] as number] as number
    ends[best] = ends[best + 1] as number
    // Words are short: moving what follows by one place costs less than a list.
    for (const list of [ids, ends, rank]) list.splice(list === rank ? best : best + 1, 1)
    if (best > 0) rank[best - 1] = ranks.get(ids[best - 1] as number, ids[best] as number)
    if (best < rank.length) rank[best] = ranks.get(ids[best] as number, ids[best + 1] as number)
  }
}

/** A key that orders by rank, then by place: exact, as ranks lie below 2^21 and places below 2^32. */
const PLACES = 2 ** 32

function mergeLong({ ids, ends }: Symbols, { ranks, made }: Merges): void {
  const n = ids.length
  const next = Int32Array.from({ length: n }, (_, i) => i + 1)
  const previous = Int32Array.from({ length: n }, (_, i) => i - 1)
  const heap = new NumberHeap()
  const offer = (i: number) => {
    const j = next[i] as number
    const rank = j < n ? ranks.get(ids[i] as number, ids[j] as number) : -1
    if (rank !== -1) heap.push(rank * PLACES + i)
  }
  for (let i = 0; i + 1 < n; i++) offer(i)
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const rank = Math.floor(key / PLACES)
    const i = key - rank * PLACES
    const j = next[i] as number
    // A merge that came first took one of the two away.
    if (ids[i] === -1 || j >= n || ranks.get(ids[i] as number, ids[j] as number) !== rank) continue
    ids[i] = made[rank] as number
    ends[i] = ends[j] as number
    ids[j] = -1
    const after = next[j] as number
    next[i] = after
    if (after < n) previous[after] = i
    if ((previous[i] as number) >= 0) offer(previous[i] as number)
    offer(i)
  }
  let out = 0
  for (let i = 0; i < n; i++) {
    if (ids[i] === -1) continue
    ids[out] = ids[i] as number
    ends[out++] = ends[i] as number
  }
  ids.length = out
  ends.length = out
}

/** A heap of numbers, the smallest first. */
class NumberHeap {
  readonly #keys: number[] = []

  push(key: number): void {
    const keys = this.#keys
    let i = keys.push(key) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if ((keys[parent] as number) <= key) break
      keys[i] = keys[parent] as number
      i = parent
    }
    keys[i] = key
  }

  pop(): number | undefined {
    const keys = this.#keys
    const first = keys[0]
    const last = keys.pop()
    if (last === undefined || keys.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= keys.length) break
      if (child + 1 < keys.length && (keys[child + 1] as number) < (keys[child] as number)) child++
      if ((keys[child] as number) >= last) break
      keys[i] = keys[child] as number
      i = child
    }
    keys[i] = last
    return first
  }
}
