// Mixup: each image of a batch is blended with another of the same batch.
import { permutation, threefry2x32 } from '@ddlf/tensor/random'
import type { RandomKey } from '@ddlf/tensor/random'

const unitOpen = (word: number) => (word + 0.5) / 2 ** 32

/**
 * The logarithm of a Gamma(shape, 1) number, counted from `counter` on.
 * Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000; below 1 the number
 * for shape + 1 is multiplied by U^(1 / shape) (section 6), in logarithms so that small shapes do not underflow.
 */
function logGamma(shape: number, key: RandomKey, example: number, counter: number): number {
  const boosted = shape < 1 ? shape + 1 : shape
  const d = boosted - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  const boost = shape < 1 ? Math.log(unitOpen(threefry2x32(key, [example, counter])[0])) / shape : 0
  for (let attempt = 1; ; attempt++) {
    const [a, b] = threefry2x32(key, [example, counter + 2 * attempt])
    const normal = Math.sqrt(-2 * Math.log(unitOpen(a))) * Math.cos(2 * Math.PI * unitOpen(b))
    const v = (1 + c * normal) ** 3
    const uniform = unitOpen(threefry2x32(key, [example, counter + 2 * attempt + 1])[0])
    if (v > 0 && Math.log(uniform) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return Math.log(d * v) + boost
  }
}

/** A Beta(alpha, alpha) number for one example, as G1 / (G1 + G2) of two gamma numbers. */
export function betaAt(alpha: number, key: RandomKey, example: number): number {
  const first = logGamma(alpha, key, example, 0)
  const second = logGamma(alpha, key, example, 2 ** 31)
  return 1 / (1 + Math.exp(second - first))
}

/** Blends one batch in place; see the `mixup` transform. `size` is the number of bytes of one image. */
export function mixup(alpha: number, size: number) {
  let originals = new Uint8Array(0)
  return (
    pixels: Uint8Array,
    labels: Int32Array | Uint8Array,
    outputs: { mixedLabels: Int32Array; lambda: Float32Array },
    indices: Int32Array,
    from: number,
    batchSize: number,
    key: RandomKey,
    step: number,
  ) => {
    if (originals.length < batchSize * size) originals = new Uint8Array(batchSize * size)
    originals.set(pixels.subarray(from * size, (from + batchSize) * size))
    const partners = permutation(threefry2x32(key, [step, 1]), batchSize)
    const weights = threefry2x32(key, [0, 2])
    for (let k = 0; k < batchSize; k++) {
      const partner = partners[k] as number
      const lambda = Math.fround(betaAt(alpha, weights, indices[from + k] as number))
      outputs.lambda[from + k] = lambda
      outputs.mixedLabels[from + k] = labels[from + partner] as number
      const target = (from + k) * size
      for (let i = 0, a = k * size, b = partner * size; i < size; i++) {
        pixels[target + i] = lambda * (originals[a + i] as number) + (1 - lambda) * (originals[b + i] as number) + 0.5
      }
    }
  }
}
