// A linear classifier of digits in a small file: its weights as bytes, ten digits, and how often it errs on moved ones.
import { z } from 'zod'

export const SIDE = 28
const PIXELS = SIDE * SIDE
const CLASSES = 10

export const linearDigitsSchema = z.strictObject({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** [10, 784] signed bytes, base64; times `scale` they are the weights of pixels from 0 to 1. */
  weights: z.string(),
  scale: z.number(),
  bias: z.array(z.number()).length(CLASSES),
  /** Ten test digits, one a class, as grey bytes in base64. */
  digits: z.string(),
  /** By how many pixels the test digits were moved to the right, and the share of them that was then misread. */
  shifts: z.array(z.number()),
  errors: z.array(z.number()),
})

/** As it is written into a page. */
export type PackedDigits = z.infer<typeof linearDigitsSchema>

export interface LinearDigits {
  readonly weights: readonly Float32Array[]
  readonly bias: readonly number[]
  readonly digits: readonly Uint8Array[]
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))

export function readLinearDigits({
  weights,
  scale,
  bias,
  digits,
}: Pick<PackedDigits, 'weights' | 'scale' | 'bias' | 'digits'>): LinearDigits {
  const bytes = new Int8Array(bytesOf(weights).buffer)
  const grey = bytesOf(digits)
  const each = <T>(make: (from: number) => T) => Array.from({ length: CLASSES }, (_, i) => make(i * PIXELS))
  return {
    weights: each(from => Float32Array.from(bytes.subarray(from, from + PIXELS), value => value * scale)),
    bias,
    digits: each(from => grey.slice(from, from + PIXELS)),
  }
}

/** A digit moved right and down; what leaves the picture is lost, what enters is paper. */
export function moved(digit: Uint8Array, right: number, down: number): Uint8Array {
  const out = new Uint8Array(PIXELS)
  const [from, to] = [Math.max(0, right), Math.min(SIDE, SIDE + right)]
  for (let y = Math.max(0, down); y < Math.min(SIDE, SIDE + down); y++) {
    const row = (y - down) * SIDE - right
    if (from < to) out.set(digit.subarray(row + from, row + to), y * SIDE + from)
  }
  return out
}

/** Weights times pixels, pixel by pixel. */
export const products = (weights: ArrayLike<number>, digit: ArrayLike<number>): Float32Array =>
  Float32Array.from({ length: PIXELS }, (_, i) => ((weights[i] ?? 0) * (digit[i] ?? 0)) / 255)

/** The score of each class: the products summed, and the bias. */
export const scoresOf = (
  { weights, bias }: Pick<LinearDigits, 'weights' | 'bias'>,
  digit: ArrayLike<number>,
): number[] => weights.map((row, k) => products(row, digit).reduce((sum, value) => sum + value, bias[k] ?? 0))

/** Probabilities from scores. */
export function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores)
  const powers = scores.map(score => Math.exp(score - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(power => power / sum)
}
