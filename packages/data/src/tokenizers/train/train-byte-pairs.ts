// Byte pair encoding learned from distinct words: counts of pairs are kept up to date, not counted again for each
// merge.
import { byteCharacters, bytesInOrder } from '../byte-alphabet.ts'
import { PairTable } from '../pair-table.ts'
import { PairHeap } from './pair-heap.ts'

/** Two tokens, as the vocabulary writes them, that become one. */
export type Merge = readonly [string, string]

/** Called now and then: how many of how many merges are learned. */
export type OnMerges = (done: number, total: number) => void

const PROGRESS_EVERY = 64

/** All words in one array: a merge shortens its words in place. */
class Words {
  readonly symbols: Int32Array
  readonly begin: Int32Array
  readonly length: Int32Array
  readonly weight: Float64Array

  constructor(counts: ReadonlyMap<string, number>) {
    const utf8 = new TextEncoder()
    const rank = new Int32Array(256)
    for (const [id, byte] of bytesInOrder.entries()) rank[byte] = id
    const spelled = [...counts.keys()].map(word => utf8.encode(word))
    this.begin = new Int32Array(spelled.length)
    this.length = Int32Array.from(spelled, ({ length }) => length)
    this.weight = Float64Array.from(counts.values())
    this.symbols = new Int32Array(spelled.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const [word, bytes] of spelled.entries()) {
      this.begin[word] = at
      for (const byte of bytes) this.symbols[at++] = rank[byte] as number
    }
  }
}

/** The pairs that occur: their ids, how often, and the words where they may be found. */
class Pairs {
  readonly first: number[] = []
  readonly second: number[] = []
  readonly count: number[] = []
  readonly words: number[][] = []
  readonly #slots = new PairTable(2 ** 16)

  /** The slot of a pair, made where it is new. */
  slot(a: number, b: number): number {
    const found = this.#slots.get(a, b)
    if (found !== -1) return found
    const slot = this.first.push(a) - 1
    this.second.push(b)
    this.count.push(0)
    this.words.push([])
    this.#slots.set(a, b, slot)
    return slot
  }

  add(slot: number, count: number, word: number): void {
    this.count[slot] = (this.count[slot] as number) + count
    const words = this.words[slot] as number[]
    if (words.at(-1) !== word) words.push(word)
  }

  remove(a: number, b: number, count: number): void {
    const slot = this.slot(a, b)
    this.count[slot] = (this.count[slot] as number) - count
  }
}

class Training {
  readonly #words: Words
  readonly #pairs = new Pairs()
  readonly #grown = new Set<number>()
  readonly #heap = new PairHeap(this.#pairs)
  readonly #tokens: string[] = bytesInOrder.map(byte => byteCharacters[byte] as string)
  readonly #ids = new Map(this.#tokens.map((token, id) => [token, id]))

  constructor(counts: ReadonlyMap<string, number>) {
    this.#words = new Words(counts)
    const { symbols, begin, length, weight } = this.#words
    for (let word = 0; word < begin.length; word++) {
      const end = (begin[word] as number) + (length[word] as number)
      for (let i = begin[word] as number; i + 1 < end; i++)
        this.#pairs.add(this.#pairs.slot(symbols[i] as number, symbols[i + 1] as number), weight[word] as number, word)
    }
    for (let slot = 0; slot < this.#pairs.count.length; slot++) this.#heap.push(slot)
  }

  run(size: number, minimumCount: number, onMerges: OnMerges | undefined): { tokens: string[]; merges: Merge[] } {
    const merges: Merge[] = []
    const total = Math.max(0, size - 256)
    while (this.#tokens.length < size) {
      const slot = this.#heap.pop()
      if (slot === undefined || (this.#pairs.count[slot] as number) < minimumCount) break
      const pair: Merge = [
        this.#tokens[this.#pairs.first[slot] as number] as string,
        this.#tokens[this.#pairs.second[slot] as number] as string,
      ]
      this.#merge(slot, this.#idOf(pair.join('')))
      merges.push(pair)
      if (merges.length % PROGRESS_EVERY === 0) onMerges?.(Math.min(total, this.#tokens.length - 256), total)
    }
    onMerges?.(total, total)
    return { tokens: this.#tokens, merges }
  }

  /** Two ways of spelling a token give one token. */
  #idOf(token: string): number {
    const known = this.#ids.get(token)
    if (known !== undefined) return known
    const id = this.#tokens.push(token) - 1
    this.#ids.set(token, id)
    return id
  }

  #merge(slot: number, made: number): void {
    const words = this.#pairs.words[slot] as number[]
    this.#pairs.words[slot] = []
    for (const word of words)
      this.#mergeWord(word, this.#pairs.first[slot] as number, this.#pairs.second[slot] as number, made)
    for (const grown of this.#grown) this.#heap.push(grown)
    this.#grown.clear()
  }

  /** Merges in one word from left to right: only the pairs beside a merge change their counts. */
  #mergeWord(word: number, a: number, b: number, made: number): void {
    const { symbols, begin, length, weight } = this.#words
    const from = begin[word] as number
    const end = from + (length[word] as number)
    const times = weight[word] as number
    const pairs = this.#pairs
    const appears = (left: number, right: number) => {
      const slot = pairs.slot(left, right)
      pairs.add(slot, times, word)
      this.#grown.add(slot)
    }
    let out = from
    for (let i = from; i < end; i++, out++) {
      if (symbols[i] !== a || i + 1 >= end || symbols[i + 1] !== b) {
        symbols[out] = symbols[i] as number
        continue
      }
      if (out > from) {
        pairs.remove(symbols[out - 1] as number, a, times)
        appears(symbols[out - 1] as number, made)
      }
      if (i + 2 < end) {
        pairs.remove(b, symbols[i + 2] as number, times)
        appears(made, symbols[i + 2] as number)
      }
      symbols[out] = made
      i++
    }
    length[word] = out - from
  }
}

/**
 * Learns merges: again and again the most frequent pair of neighbours within words becomes one token. Of equally
 * frequent
 * pairs the one with the smaller ids is taken, as Hugging Face's trainer does, so that the merges are the same.
 * Sennrich et al. 2016; over bytes: Radford et al. 2019.
 * @param counts how often each distinct word occurs
 * @param size most tokens, the 256 bytes included
 * @param minimumCount how often a pair must occur to be merged
 * @returns all tokens in the order of their ids, bytes first, and the merges in the order in which they were learned
 */
export const trainBytePairs = (
  counts: ReadonlyMap<string, number>,
  size: number,
  minimumCount: number,
  onMerges?: OnMerges,
): { tokens: string[]; merges: Merge[] } => new Training(counts).run(size, minimumCount, onMerges)
