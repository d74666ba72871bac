// What page-step.ts, page-start.ts and their workers say to each other, and the weights and batches that all train
// with.
import { randomKey, uniforms } from '@ddlf/tensor/random'

/** To a worker. */
export type ToPeer =
  | {
    readonly kind: 'prepare'
    readonly sizes: readonly number[]
    readonly batch: number
    readonly optimizer: 'sgd' | 'adam'
    readonly learningRate: number
    readonly threads: number
    /** Distinct batches; for us also the steps in one run of the graph. */
    readonly perRun: number
    /** Peers only: pictures as floats and labels as one-hot vectors lie ready before the clock starts. */
    readonly prepared: boolean
    /** Address of the folder with the peer's WebAssembly. */
    readonly assets: string
  }
  | { readonly kind: 'burst'; readonly steps: number }

/** From a worker. */
export type FromPeer =
  | {
    readonly kind: 'ready'
    readonly description: string
    /** Milliseconds of parts of the preparation. */
    readonly parts?: Readonly<Record<string, number>>
  }
  | { readonly kind: 'burst'; readonly seconds: number; readonly losses: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string }

/** First weights, He uniform from one seed; `weight` is [units, inputs], biases start at 0. */
export const weightsOf = (
  sizes: readonly number[],
): { readonly weight: Float32Array; readonly inputs: number; readonly units: number }[] =>
  sizes.slice(1).map((units, i) => {
    const inputs = sizes[i] as number
    const limit = Math.sqrt(6 / inputs)
    return { weight: uniforms(randomKey(1, 'weights', i), inputs * units, -limit, limit), inputs, units }
  })

/** Batches of noisy pictures that can be learned: each class has a pattern of its own. */
export function batchesOf(
  sizes: readonly number[],
  batch: number,
  count: number,
): { readonly images: Uint8Array; readonly labels: Int32Array } {
  const [pixels, classes] = [sizes[0] as number, sizes.at(-1) as number]
  const patterns = uniforms(randomKey(2, 'patterns'), classes * pixels)
  const noise = uniforms(randomKey(2, 'noise'), count * batch * pixels)
  const labels = Int32Array.from(uniforms(randomKey(2, 'labels'), count * batch), value => Math.floor(value * classes))
  const images = Uint8Array.from(
    noise,
    (value, i) =>
      255 *
      (0.25 * (patterns[(labels[Math.floor(i / pixels)] as number) * pixels + (i % pixels)] as number) + 0.75 * value),
  )
  return { images, labels }
}
