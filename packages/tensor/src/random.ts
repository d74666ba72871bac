// Counter-based random numbers: every value is a pure function of (key, counter), so shuffling, augmentation,
// initialisation and dropout are the same on every runtime and a resumed run continues bit for bit.

/** A 64-bit key as two unsigned 32-bit words. Derive one with {@link randomKey}. */
export type RandomKey = readonly [number, number]

const rotateLeft = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits))
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/**
 * Threefry-2x32 with 20 rounds: encrypts a two-word counter under a two-word key.
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 * @returns two unsigned 32-bit words
 */
export function threefry2x32(key: RandomKey, counter: RandomKey): [number, number] {
  const k0 = key[0] | 0
  const k1 = key[1] | 0
  const schedule = [k0, k1, k0 ^ k1 ^ 0x1bd11bda] as const
  let x0 = (counter[0] + k0) | 0
  let x1 = (counter[1] + k1) | 0
  for (let group = 0; group < 5; group++) {
    for (const bits of group % 2 === 0 ? ROTATIONS[0] : ROTATIONS[1]) {
      x0 = (x0 + x1) | 0
      x1 = rotateLeft(x1, bits) ^ x0
    }
    x0 = (x0 + (schedule[(group + 1) % 3] as number)) | 0
    x1 = (x1 + (schedule[(group + 2) % 3] as number) + group + 1) | 0
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** FNV-1a, 32 bits: turns the name of a stream into a counter word. */
function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * Derives an independent key from a seed and a path of names and numbers, for example
 * `randomKey(seed, 'shuffle', epoch)`. Different paths give unrelated streams.
 * @param seed an integer; its low 53 bits count
 */
export function randomKey(seed: number, ...path: readonly (string | number)[]): RandomKey {
  let key: RandomKey = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]
  for (const part of path) {
    key = threefry2x32(
      key, typeof part === 'string' ? [hashName(part), 1] : [part >>> 0, Math.floor(part / 2 ** 32) >>> 0],
    )
  }
  return key
}

/** The `counter`-th uniform number of a key's stream, in [0, 1), with 32 random bits. */
export function uniformAt(key: RandomKey, counter: number): number {
  return threefry2x32(key, [counter >>> 0, Math.floor(counter / 2 ** 32) >>> 0])[0] / 2 ** 32
}

/** The `counter`-th integer of a key's stream, uniform over 0 .. `below` - 1. */
export function integerAt(key: RandomKey, counter: number, below: number): number {
  return Math.floor(uniformAt(key, counter) * below)
}

/** `length` uniform numbers in [low, high), as float32. */
export function uniforms(key: RandomKey, length: number, low = 0, high = 1): Float32Array {
  const values = new Float32Array(length)
  for (let i = 0; i < length; i += 2) {
    const pair = threefry2x32(key, [i / 2, 0])
    values[i] = low + (high - low) * (pair[0] / 2 ** 32)
    if (i + 1 < length) values[i + 1] = low + (high - low) * (pair[1] / 2 ** 32)
  }
  return values
}

/**
 * `length` normal numbers, as float32.
 * Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
 */
export function normals(key: RandomKey, length: number, mean = 0, standardDeviation = 1): Float32Array {
  const values = new Float32Array(length)
  for (let i = 0; i < length; i += 2) {
    const [a, b] = threefry2x32(key, [i / 2, 1])
    // (a + 1) / 2^32 lies in (0, 1], so the logarithm is finite.
    const radius = standardDeviation * Math.sqrt(-2 * Math.log((a + 1) / 2 ** 32))
    const angle = (2 * Math.PI * b) / 2 ** 32
    values[i] = mean + radius * Math.cos(angle)
    if (i + 1 < length) values[i + 1] = mean + radius * Math.sin(angle)
  }
  return values
}

/** A uniformly random permutation of 0 .. `length` - 1 (Fisher-Yates). */
export function permutation(key: RandomKey, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i)
  for (let i = length - 1; i > 0; i--) {
    const j = integerAt(key, i, i + 1)
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order
}
