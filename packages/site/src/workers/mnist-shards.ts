// How the digits of MNIST lie in shards: a few that stand for all of them first, the rest behind.
import { permutation, randomKey } from '@ddlf/tensor/random'

/** Training digits in each shard: together 3,000, 10,000, 30,000 and all 60,000. */
export const SHARDS = [3000, 7000, 20_000, 30_000] as const
export const TRAIN = 60_000
export const TEST = 10_000
/** Pixels of a digit, a byte each. */
export const PIXELS = 784
const CLASSES = 10
const SEED = 30

/** Files of the folder: the labels of all training digits, then of all test digits; pixels one digit after another. */
export const FILES = { labels: 'labels.packed', test: 'test.packed', train: (k: number) => `train-${k + 1}.packed` }

/**
 * The training digits in the order in which the shards hold them: drawn once, so that each beginning of it has its
 * share of every class. The k-th of a class's n digits stands at (k + 1/2) / n of the way.
 * @param labels of the training digits, as MNIST has them
 */
export function shardOrder(labels: Uint8Array): Uint32Array {
  const place = new Float64Array(labels.length)
  for (let digit = 0; digit < CLASSES; digit++) {
    const ofClass = Array.from(labels.keys()).filter(i => labels[i] === digit)
    permutation(randomKey(SEED, 'shards', digit), ofClass.length).forEach((from, k) => {
      place[ofClass[from] as number] = (k + 0.5) / ofClass.length
    })
  }
  return Uint32Array.from(labels.keys()).sort((a, b) => (place[a] as number) - (place[b] as number) || a - b)
}

/** Where a shard begins in the order, and where it ends. */
export function shardRange(k: number): readonly [from: number, to: number] {
  const from = SHARDS.slice(0, k).reduce((a, b) => a + b, 0)
  return [from, from + (SHARDS[k] ?? 0)]
}
