// Draws words again and again as often as they are weighted, at the same cost for any number of words.
// Source: Walker, "An efficient method for generating discrete random variables with general distributions", 1977.
import { randomKey } from '@ddlf/tensor/random'

/** Between all words alike (0) and as often as they stand there (1). Source: Mikolov et al., 2013, section 2.2. */
export const NOISE_POWER = 0.75

/** Numbers one after another, from 0 up to but without 1. */
export type Draw = () => number

/** A quick generator for draws that nobody repeats one by one. Source: Ettinger, mulberry32, 2017. */
export function quickDraw(seed: number, ...stream: readonly (string | number)[]): Draw {
  let state = randomKey(seed, ...stream)[0] | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Words by number, drawn in proportion to their counts to the power of {@link NOISE_POWER}. */
export class DrawnWords {
  /** How much of a slot is its own word; the rest is the word that stands in for it. */
  readonly #own: Float64Array
  readonly #standIn: Int32Array
  readonly #draw: Draw

  constructor(counts: ArrayLike<number>, draw: Draw) {
    const weights = Float64Array.from(counts, count => count ** NOISE_POWER)
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
    this.#own = weights.map(weight => weight / mean)
    this.#standIn = Int32Array.from(weights, (_, i) => i)
    this.#draw = draw
    const small: number[] = []
    const large: number[] = []
    this.#own.forEach((share, i) => (share < 1 ? small : large).push(i))
    while (small.length > 0 && large.length > 0) {
      const [poor, rich] = [small.pop() as number, large.pop() as number]
      this.#standIn[poor] = rich
      const left = (this.#own[rich] as number) + (this.#own[poor] as number) - 1
      this.#own[rich] = left
      if (left < 1) small.push(rich)
      else large.push(rich)
    }
  }

  next(): number {
    const at = this.#draw() * this.#own.length
    const slot = at | 0
    return at - slot < (this.#own[slot] as number) ? slot : (this.#standIn[slot] as number)
  }
}
