// Sobol's sequence: points that fill the unit cube more evenly than random ones; plain or scrambled.
import { threefry2x32, type RandomKey } from '@ddlf/tensor/random'
import { SOBOL_DIRECTIONS } from './sobol-directions.ts'

const BITS = 32

/** The most dimensions that the table of direction numbers serves. */
export const SOBOL_DIMENSIONS = SOBOL_DIRECTIONS.length + 1

/** The direction numbers of one dimension (from 0), one a bit of the index, left-aligned to 32 bits. */
function directionNumbers(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS)
  const row = SOBOL_DIRECTIONS[dimension - 1]
  if (row === undefined) return v.map((_, j) => 2 ** (BITS - 1 - j))
  const [polynomial = 0, ...initial] = row
  const degree = initial.length
  for (let j = 0; j < BITS; j++) {
    if (j < degree) {
      v[j] = (initial[j] as number) * 2 ** (BITS - 1 - j)
      continue
    }
    // v_j = v_{j-s} ^ (v_{j-s} >> s) ^ the v_{j-k} whose coefficient in the polynomial is 1.
    let value = (v[j - degree] as number) ^ ((v[j - degree] as number) >>> degree)
    for (let k = 1; k < degree; k++) if ((polynomial >>> (degree - k)) & 1) value ^= v[j - k] as number
    v[j] = value >>> 0
  }
  return v
}

/** The parity of the set bits. */
function parity(x: number): number {
  let folded = x ^ (x >>> 16)
  folded ^= folded >>> 8
  folded ^= folded >>> 4
  return (0x6996 >>> (folded & 15)) & 1
}

/**
 * A random lower triangular bit matrix with a unit diagonal, applied to each direction number, most significant bit
 * first.
 */
function scramble(v: Uint32Array, key: RandomKey, dimension: number): Uint32Array {
  const rows = Uint32Array.from({ length: BITS }, (_, i) => {
    const above = i === 0 ? 0 : ((0xffffffff << (BITS - i)) >>> 0) & threefry2x32(key, [dimension * BITS + i, 3])[0]
    return (above | (1 << (BITS - 1 - i))) >>> 0
  })
  return v.map(value => {
    let result = 0
    for (let i = 0; i < BITS; i++) result = (result << 1) | parity((rows[i] as number) & value)
    return result >>> 0
  })
}

/**
 * Sobol's sequence in the order of Gray codes (as scipy's).
 * @param dimensions 1 .. {@link SOBOL_DIMENSIONS}
 * @param key scrambles it by a random linear matrix and a digital shift, which keeps its evenness: every two sequences
 * differ, and no point lies at a corner. Undefined gives the plain sequence.
 * @returns the point of an index, from 0; coordinates in [0, 1)
 * Source: Sobol 1967; Antonov and Saleev 1979; Matousek, "On the L2-discrepancy for anchored boxes", 1998.
 */
export function sobolSequence(dimensions: number, key?: RandomKey): (index: number) => Float64Array {
  if (!(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= SOBOL_DIMENSIONS))
    throw new RangeError(`Sobol's sequence has 1 to ${SOBOL_DIMENSIONS} dimensions here, not ${dimensions}.`)
  const directions = Array.from({ length: dimensions }, (_, d) =>
    key ? scramble(directionNumbers(d), key, d) : directionNumbers(d),
  )
  const shifts = directions.map((_, d) => (key ? threefry2x32(key, [d, 4])[0] : 0))
  return index => {
    const gray = (index ^ (index >>> 1)) >>> 0
    return Float64Array.from(directions, (v, d) => {
      let x = shifts[d] as number
      for (let j = 0; j < BITS; j++) if ((gray >>> j) & 1) x ^= v[j] as number
      return (x >>> 0) / 2 ** BITS
    })
  }
}
