// A heap of pairs by their counts, the most frequent first; of equally frequent ones the pair with the smaller ids.

/** Counts may have changed since a pair was put in: `pop` finds out, and puts it in again with its true count. */
export class PairHeap {
  readonly #slots: number[] = []
  readonly #counts: number[] = []
  readonly #first: readonly number[]
  readonly #second: readonly number[]
  readonly #count: readonly number[]

  /** The ids and the true count of the pair in each slot; they are read, not copied. */
  constructor(pairs: {
    readonly first: readonly number[]
    readonly second: readonly number[]
    readonly count: readonly number[]
  }) {
    this.#first = pairs.first
    this.#second = pairs.second
    this.#count = pairs.count
  }

  #above(slot: number, count: number, otherSlot: number, otherCount: number): boolean {
    if (count !== otherCount) return count > otherCount
    const [a, b] = [this.#first[slot] as number, this.#first[otherSlot] as number]
    return a !== b ? a < b : (this.#second[slot] as number) < (this.#second[otherSlot] as number)
  }

  push(slot: number): void {
    const count = this.#count[slot] as number
    const slots = this.#slots
    const counts = this.#counts
    let i = slots.push(slot) - 1
    counts.push(count)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#above(slot, count, slots[parent] as number, counts[parent] as number)) break
      slots[i] = slots[parent] as number
      counts[i] = counts[parent] as number
      i = parent
    }
    slots[i] = slot
    counts[i] = count
  }

  /** Takes the first pair out; `undefined` when no pair occurs any more. */
  pop(): number | undefined {
    for (;;) {
      const slot = this.#slots[0]
      if (slot === undefined) return undefined
      const count = this.#counts[0] as number
      this.#removeFirst()
      const now = this.#count[slot] as number
      if (now === count && count > 0) return slot
      if (now > 0) this.push(slot)
    }
  }

  #removeFirst(): void {
    const slots = this.#slots
    const counts = this.#counts
    const slot = slots.pop() as number
    const count = counts.pop() as number
    if (slots.length === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= slots.length) break
      const right = child + 1
      if (
        right < slots.length &&
        this.#above(slots[right] as number, counts[right] as number, slots[child] as number, counts[child] as number)
      )
        child = right
      if (!this.#above(slots[child] as number, counts[child] as number, slot, count)) break
      slots[i] = slots[child] as number
      counts[i] = counts[child] as number
      i = child
    }
    slots[i] = slot
    counts[i] = count
  }
}
