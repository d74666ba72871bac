// A list of whole numbers that grows, without a boxed number per entry.

export class IntList {
  #data: Int32Array
  readonly #shared: boolean
  length = 0

  /**
   * @param capacity entries that there is room for at first; memory that is never written costs nothing
   * @param shared keep them in memory that threads share; default false
   */
  constructor(capacity = 64, shared = false) {
    this.#shared = shared
    this.#data = this.#allocate(Math.max(1, capacity))
  }

  #allocate(entries: number): Int32Array {
    return new Int32Array(this.#shared ? new SharedArrayBuffer(4 * entries) : new ArrayBuffer(4 * entries))
  }

  #makeRoom(entries: number): void {
    if (entries <= this.#data.length) return
    const grown = this.#allocate(Math.max(entries, 2 * this.#data.length))
    grown.set(this.#data.subarray(0, this.length))
    this.#data = grown
  }

  push(value: number): void {
    this.#makeRoom(this.length + 1)
    this.#data[this.length++] = value
  }

  /** Adds many at once. */
  append(values: ArrayLike<number>): void {
    this.#makeRoom(this.length + values.length)
    this.#data.set(values, this.length)
    this.length += values.length
  }

  /** The entries, as a view that further ones may leave behind. */
  view(): Int32Array {
    return this.#data.subarray(0, this.length)
  }

  /** The entries, as a copy. */
  toArray(): Int32Array {
    return this.#data.slice(0, this.length)
  }
}
