// Mixup and cutmix: each image of a batch is blended with another of the same batch, or shows a part of it.
import { permutation, threefry2x32 } from '@ddlf/tensor/random'
import type { RandomKey } from '@ddlf/tensor/random'
import type { ImageShape } from './pipeline.ts'

const unitOpen = (word: number) => (word + 0.5) / 2 ** 32

/**
 * The logarithm of a Gamma(shape, 1) number, counted from `counter` on.
 * Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000; below 1 the
 * number for shape + 1 is multiplied by U^(1 / shape) (section 6), in logarithms so that small shapes do not underflow.
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

/**
 * Changes one batch in place: images, and what each now shows. `from` is the batch's first example within the chunk.
 */
export type BatchMixer = (
  pixels: Uint8Array,
  labels: Int32Array | Uint8Array,
  outputs: { mixedLabels: Int32Array; lambda: Float32Array },
  indices: Int32Array,
  from: number,
  batchSize: number,
  key: RandomKey,
  step: number,
) => void

/**
 * Gives each image of a batch a partner and a number lambda ~ Beta(alpha, alpha). `mix` writes one image at `target`
 * from its original, at `a`, and its partner's, at `b`, and returns the share of the original that it left.
 */
function mixer(
  alpha: number,
  size: number,
  mix: (
    pixels: Uint8Array,
    target: number,
    originals: Uint8Array,
    a: number,
    b: number,
    lambda: number,
    key: RandomKey,
    example: number,
  ) => number,
): BatchMixer {
  let originals = new Uint8Array(0)
  return (pixels, labels, outputs, indices, from, batchSize, key, step) => {
    if (originals.length < batchSize * size) originals = new Uint8Array(batchSize * size)
    originals.set(pixels.subarray(from * size, (from + batchSize) * size))
    const partners = permutation(threefry2x32(key, [step, 1]), batchSize)
    const weights = threefry2x32(key, [0, 2])
    const places = threefry2x32(key, [0, 3])
    for (let k = 0; k < batchSize; k++) {
      const partner = partners[k] as number
      const example = indices[from + k] as number
      const lambda = Math.fround(betaAt(alpha, weights, example))
      outputs.lambda[from + k] = mix(
        pixels,
        (from + k) * size,
        originals,
        k * size,
        partner * size,
        lambda,
        places,
        example,
      )
      outputs.mixedLabels[from + k] = labels[from + partner] as number
    }
  }
}

/** See the `mixup` transform. */
export const mixup = (alpha: number, { channels, height, width }: ImageShape): BatchMixer => {
  const size = channels * height * width
  return mixer(alpha, size, (pixels, target, originals, a, b, lambda) => {
    for (let i = 0; i < size; i++)
      pixels[target + i] = lambda * (originals[a + i] as number) + (1 - lambda) * (originals[b + i] as number) + 0.5
    return lambda
  })
}

/** See the `cutmix` transform. */
export const cutmix = (alpha: number, { channels, height, width }: ImageShape): BatchMixer =>
  mixer(alpha, channels * height * width, (pixels, target, originals, _own, b, lambda, key, example) => {
    const [u, v] = threefry2x32(key, [example, 0])
    const share = Math.sqrt(1 - lambda)
    // The part of an axis that a window of this share of it covers, its centre anywhere: it may reach over the edge.
    const span = (word: number, extent: number) => {
      const centre = Math.floor((word / 2 ** 32) * extent)
      const half = Math.floor((extent * share) / 2)
      return [Math.max(0, centre - half), Math.min(extent, centre + half)] as const
    }
    const [left, right] = span(u, width)
    const [top, bottom] = span(v, height)
    for (let channel = 0; channel < channels; channel++) {
      for (let y = top; y < bottom; y++) {
        const row = (channel * height + y) * width
        pixels.set(originals.subarray(b + row + left, b + row + right), target + row + left)
      }
    }
    return Math.fround(1 - ((right - left) * (bottom - top)) / (height * width))
  })
