// UMAP: a map of features to few dimensions that keeps neighbours together.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { randomKey, uniformAt } from '@ddlf/tensor/random'

export interface UmapOptions {
  /** Dimensions of the map, default 2. */
  components?: number
  /** How many neighbours count as local, default 15. */
  neighbours?: number
  /** How close points may lie in the map, default 0.1. */
  minimumDistance?: number
  /** Optimisation epochs, default: chosen from the number of items. */
  epochs?: number
  /** Same seed, same map; default 0. */
  seed?: number
}

/**
 * UMAP through the library umap-js, with counter-based randomness, so that a seed gives one map everywhere. Distances
 * between far groups mean little; only neighbourhoods do.
 * Source: McInnes, Healy and Melville, "UMAP: uniform manifold approximation and projection", 2018.
 * @param features row-major, shape [items, features]
 * @param items number of rows, at least 3
 * @returns row-major positions, shape [items, components]
 * @throws UserError when the shape does not fit or a feature is not finite
 */
export async function umap(
  features: ArrayLike<number>,
  items: number,
  options: UmapOptions = {},
): Promise<Float32Array> {
  checkOptions('umap', options, ['components', 'neighbours', 'minimumDistance', 'epochs', 'seed'])
  const { components = 2, neighbours = 15, minimumDistance = 0.1, epochs, seed = 0 } = options
  const width = features.length / items
  if (items < 3 || !Number.isInteger(width) || width < 1) {
    throw new UserError({
      rule: 'UMAP needs at least three items and features of shape [items, features].',
      received: `${features.length} numbers for ${items} items`,
      next: 'Pass the number of rows as the second argument.',
    })
  }
  const rows = Array.from({ length: items }, (_, item) =>
    Array.from({ length: width }, (_, j) => features[item * width + j] ?? NaN),
  )
  if (!rows.every(row => row.every(Number.isFinite))) {
    throw new UserError({
      rule: 'UMAP needs finite features.',
      received: 'a feature that is not finite',
      next: 'Check that the model did not diverge.',
    })
  }
  // Loaded only when asked for: the library takes a while to load.
  const { UMAP } = await import('umap-js')
  const key = randomKey(seed, 'umap')
  let counter = 0
  const map = new UMAP({
    nComponents: components,
    nNeighbors: Math.min(neighbours, items - 1),
    minDist: minimumDistance,
    random: () => uniformAt(key, counter++),
    ...(epochs === undefined ? {} : { nEpochs: epochs }),
  }).fit(rows)
  return Float32Array.from(map.flat())
}
