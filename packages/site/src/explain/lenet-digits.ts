// A small LeNet in a small file: two trainings of LeNet-1, how often each errs on moved digits, and how far its units
// see.
import { z } from 'zod'

export const SIDE = 28
const [MAPS, SECOND, WINDOW, CLASSES] = [4, 12, 5, 10]
/** Sides of the maps: behind the first convolution, pooled, behind the second, pooled. */
const [WIDE, HALF, NARROW, LAST] = [24, 12, 8, 4]
/** Pixels a side that a unit of the second layer depends on. */
export const FIELD = 14

const packedNet = z.strictObject({
  /** Signed bytes in base64: times `scales` the weights of the two convolutions and of the dense layer. */
  weights: z.array(z.string()).length(3),
  scales: z.array(z.number()).length(3),
  biases: z.array(z.array(z.number())).length(3),
  /** Share of the test digits that is misread, by how far they are moved to the right. */
  errors: z.array(z.number()),
})

export const lenetDigitsSchema = z.strictObject({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  plain: packedNet,
  /** The same net, trained on digits that were moved, scaled and sheared. */
  distorted: packedNet,
  shifts: z.array(z.number()),
  /** Test digits that each error is over. */
  judged: z.number(),
  /** How much a unit of the second layer depends on each column of its field: shares that sum to 1. */
  field: z.array(z.number()).length(FIELD),
})

/** As it is written into a page. */
export type PackedLeNet = z.infer<typeof packedNet>
export type LeNetDigits = z.infer<typeof lenetDigitsSchema>

/** Weights and biases of the two convolutions and of the dense layer. */
export interface LeNetOfPage {
  readonly weights: readonly Float32Array[]
  readonly biases: readonly (readonly number[])[]
}

export const readLeNet = ({ weights, scales, biases }: Omit<PackedLeNet, 'errors'>): LeNetOfPage => ({
  weights: weights.map((base64, i) =>
    Float32Array.from(Int8Array.from(atob(base64), letter => letter.charCodeAt(0)), value => value * (scales[i] ?? 0)),
  ),
  biases,
})

/** A convolution of 5x5 without padding, and 0 where it is below 0. */
function found(x: Float32Array, side: number, weights: Float32Array, biases: readonly number[]): Float32Array {
  const out = side - WINDOW + 1
  const inputs = x.length / side ** 2
  const y = new Float32Array(biases.length * out * out)
  for (let k = 0; k < biases.length; k++) {
    const map = y.subarray(k * out * out, (k + 1) * out * out).fill(biases[k] as number)
    for (let c = 0; c < inputs; c++)
      for (let at = 0; at < WINDOW * WINDOW; at++) {
        const weight = weights[(k * inputs + c) * WINDOW * WINDOW + at] as number
        const first = c * side * side + Math.floor(at / WINDOW) * side + (at % WINDOW)
        for (let i = 0; i < out; i++)
          for (let j = 0; j < out; j++)
            map[i * out + j] = (map[i * out + j] as number) + weight * (x[first + i * side + j] as number)
      }
    for (let i = 0; i < map.length; i++) map[i] = Math.max(0, map[i] as number)
  }
  return y
}

/** The largest of each 2x2. */
function pooled(x: Float32Array, side: number): Float32Array {
  const half = side / 2
  return Float32Array.from({ length: x.length / 4 }, (_, at) => {
    const [map, i, j] = [Math.floor(at / half ** 2), Math.floor(at / half) % half, at % half]
    const first = map * side * side + 2 * i * side + 2 * j
    return Math.max(x[first] ?? 0, x[first + 1] ?? 0, x[first + side] ?? 0, x[first + side + 1] ?? 0)
  })
}

const scaled = (digit: ArrayLike<number>): Float32Array =>
  Float32Array.from(digit, grey => (grey / 255 - 0.1307) / 0.3081)

/** The ten scores of a digit. */
export function lenetScores({ weights, biases }: LeNetOfPage, digit: ArrayLike<number>): number[] {
  const [first, second, dense] = weights as [Float32Array, Float32Array, Float32Array]
  const maps = pooled(found(scaled(digit), SIDE, first, biases[0] ?? []), WIDE)
  const list = pooled(found(maps, HALF, second, biases[1] ?? []), NARROW)
  return Array.from({ length: CLASSES }, (_, k) =>
    list.reduce((sum, value, i) => sum + value * (dense[k * SECOND * LAST * LAST + i] ?? 0), biases[2]?.[k] ?? 0),
  )
}

/**
 * How the sum of a unit of the second layer changes with each pixel of its field, 14 x 14, for one digit: through the
 * pixel of each 2x2 that was the largest, and was above 0.
 * @param unit which of the twelve maps; the place is its middle
 */
export function fieldOf({ weights, biases }: LeNetOfPage, digit: ArrayLike<number>, unit: number): Float32Array {
  const [first, second] = weights as [Float32Array, Float32Array]
  const maps = found(scaled(digit), SIDE, first, biases[0] ?? [])
  const field = new Float32Array(FIELD * FIELD)
  const corner = NARROW / 2
  for (let c = 0; c < MAPS; c++)
    for (let at = 0; at < WINDOW * WINDOW; at++) {
      const [u, v] = [Math.floor(at / WINDOW), at % WINDOW]
      const upper = c * WIDE * WIDE + 2 * (corner + u) * WIDE + 2 * (corner + v)
      const four = [upper, upper + 1, upper + WIDE, upper + WIDE + 1]
      const winner = four.reduce((best, one) => ((maps[one] ?? 0) > (maps[best] ?? 0) ? one : best))
      if ((maps[winner] ?? 0) <= 0) continue
      const [row, column] = [Math.floor((winner % WIDE ** 2) / WIDE) - 2 * corner, (winner % WIDE) - 2 * corner]
      const weight = second[(unit * MAPS + c) * WINDOW * WINDOW + at] ?? 0
      for (let k = 0; k < WINDOW * WINDOW; k++) {
        const pixel = (row + Math.floor(k / WINDOW)) * FIELD + column + (k % WINDOW)
        field[pixel] = (field[pixel] ?? 0) + weight * (first[c * WINDOW * WINDOW + k] ?? 0)
      }
    }
  return field
}
