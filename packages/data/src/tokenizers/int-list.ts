// A list of whole numbers that grows, without a boxed number per entry.

export class IntList {
  #data: Int32Array<ArrayBuffer>
  length = 0

  constructor(capacity = 64) {
    this.#data = new Int32Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.#data.length) {
      const grown = new Int32Array(2 * this.length)
      grown.set(this.#data)
      this.#data = grown
    }
    this.#data[this.length++] = value
  }

  /** The entries, as a copy. */
  toArray(): Int32Array<ArrayBuffer> {
    return this.#data.slice(0, this.length)
  }
}
