// Python's random.seed and random.shuffle, for splits that were published as a seed of theirs.
import { UserError } from '@ddlf/tensor/errors'

const SIZE = 624
const SHIFT = 397

/**
 * MT19937, seeded as Python seeds it with a whole number: by its 32-bit words.
 * Source: Matsumoto and Nishimura, "Mersenne Twister", 1998, and their mt19937ar.c (2002), init_by_array.
 */
class MersenneTwister {
  readonly #state = new Uint32Array(SIZE)
  #at = SIZE

  constructor(seed: number) {
    const words = seed < 2 ** 32 ? [seed] : [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]
    const state = this.#state
    state[0] = 19_650_218
    for (let i = 1; i < SIZE; i++) {
      const last = state[i - 1] as number
      state[i] = Math.imul(1_812_433_253, last ^ (last >>> 30)) + i
    }
    let i = 1
    const next = () => {
      if (++i < SIZE) return
      state[0] = state[SIZE - 1] as number
      i = 1
    }
    const mixed = (factor: number) => {
      const last = state[i - 1] as number
      return (state[i] as number) ^ Math.imul(last ^ (last >>> 30), factor)
    }
    for (let k = 0; k < SIZE; k++) {
      const j = k % words.length
      state[i] = mixed(1_664_525) + (words[j] as number) + j
      next()
    }
    for (let k = 1; k < SIZE; k++) {
      state[i] = mixed(1_566_083_941) - i
      next()
    }
    state[0] = 0x80000000
  }

  #refill(): void {
    const state = this.#state
    for (let k = 0; k < SIZE; k++) {
      const y = ((state[k] as number) & 0x80000000) | ((state[(k + 1) % SIZE] as number) & 0x7fffffff)
      state[k] = (state[(k + SHIFT) % SIZE] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#at = 0
  }

  /** The next 32 bits. */
  next(): number {
    if (this.#at >= SIZE) this.#refill()
    let y = this.#state[this.#at++] as number
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  /** A whole number below `limit`, as Python's `_randbelow` draws it: bits that are too large are drawn again. */
  below(limit: number): number {
    const bits = 32 - Math.clz32(limit)
    for (;;) {
      const drawn = this.next() >>> (32 - bits)
      if (drawn < limit) return drawn
    }
  }
}

/**
 * The order in which `random.seed(seed); random.shuffle(list)` leaves a list: the place that each entry comes from.
 * @throws UserError for a seed that is no whole number from 0 on, and for more entries than 32 bits count
 */
export function pythonShuffle(length: number, seed: number): Int32Array {
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    const rule = "A seed of Python's shuffle must be a whole number from 0 on."
    throw new UserError({ rule, received: String(seed) })
  }
  const order = Int32Array.from({ length }, (_, i) => i)
  const random = new MersenneTwister(seed)
  for (let i = length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order
}
