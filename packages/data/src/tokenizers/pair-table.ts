// A hash table from pairs of token ids to whole numbers, in flat memory: a Map's keys would be numbers beyond 2^31,
// each an object.

export class PairTable {
  /** Three numbers an entry: first id (or -1 where it is free), second id, value. */
  #entries: Int32Array
  #mask: number
  size = 0

  constructor(expected = 1024) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * expected)))
    this.#mask = capacity - 1
    this.#entries = new Int32Array(3 * capacity).fill(-1)
  }

  #place(a: number, b: number): number {
    const hash = Math.imul(Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b), 0xc2b2ae35)
    let i = (hash ^ (hash >>> 15)) & this.#mask
    const entries = this.#entries
    while (entries[3 * i] !== -1 && (entries[3 * i] !== a || entries[3 * i + 1] !== b)) i = (i + 1) & this.#mask
    return 3 * i
  }

  /** The value of a pair, or -1. */
  get(a: number, b: number): number {
    const place = this.#place(a, b)
    return this.#entries[place] === -1 ? -1 : (this.#entries[place + 2] as number)
  }

  /** Sets the value (at least 0) of a pair. */
  set(a: number, b: number, value: number): void {
    const place = this.#place(a, b)
    const entries = this.#entries
    if (entries[place] === -1) this.size++
    entries[place] = a
    entries[place + 1] = b
    entries[place + 2] = value
    if (2 * this.size > this.#mask) this.#grow()
  }

  #grow(): void {
    const old = this.#entries
    this.#mask = 2 * this.#mask + 1
    this.#entries = new Int32Array(2 * old.length).fill(-1)
    for (let k = 0; k < old.length; k += 3) {
      if (old[k] === -1) continue
      this.#entries.set(old.subarray(k, k + 3), this.#place(old[k] as number, old[k + 1] as number))
    }
  }
}
