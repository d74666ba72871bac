// Lets work in as long as the memory that it takes fits beside that of the others.

/**
 * A gate that admits work in the order in which it comes, as long as all that is inside fits into the memory together.
 * Work that passes two gates must pass them in the same order everywhere: whoever is inside the last one never waits,
 * so nobody waits for ever.
 */
export class MemoryGate {
  readonly #most: number
  #free: number
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = []

  /** @param most bytes of all that is inside at once */
  constructor(most: number) {
    this.#most = most
    this.#free = most
  }

  /**
   * Does the work when there is room for it.
   * @param bytes that it takes; what takes more than there is passes alone
   */
  async through<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#most)
    if (this.#waiting.length > 0 || taken > this.#free)
      await new Promise<void>(enter => this.#waiting.push({ bytes: taken, enter }))
    else this.#free -= taken
    try {
      return await work()
    } finally {
      this.#free += taken
      this.#letIn()
    }
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.bytes
      next.enter()
    }
  }
}
