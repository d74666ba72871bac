// Does an explanation depend on what the model learned? If maps of an untrained model look the same, it does not.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { bootstrapInterval } from '../statistics/bootstrap-interval.ts'
import type { Interval } from '../statistics/interval.ts'
import { rankCorrelation } from '../statistics/rank-correlation.ts'
import type { AttributionMaps } from './saliency.ts'

export interface RandomisedWeightsCheck {
  /** Mean over items of Spearman's correlation between the map of the trained and of the randomised model. */
  readonly correlation: Interval
  /** One correlation an item; items whose map is constant are left out. */
  readonly perItem: Float64Array
  /** Items left out. */
  readonly constantMaps: number
  /** True when the mean correlation lies below the threshold: the maps do depend on the learned weights. */
  readonly passed: boolean
  readonly threshold: number
}

/** One correlation an item of the size of what its two maps hold; NaN where one of them is constant. */
function correlationsOf(trained: AttributionMaps, randomised: AttributionMaps): Float64Array {
  const area = trained.height * trained.width
  const magnitudes = (maps: Float32Array, item: number) => maps.subarray(item * area, (item + 1) * area).map(Math.abs)
  return Float64Array.from({ length: trained.items }, (_, item) =>
    rankCorrelation(magnitudes(trained.maps, item), magnitudes(randomised.maps, item)),
  )
}

/** Whether some item has two maps that {@link randomisedWeightsCheck} can compare: neither of them is constant. */
export const canCompareMaps = (trained: AttributionMaps, randomised: AttributionMaps): boolean =>
  correlationsOf(trained, randomised).some(Number.isFinite)

/**
 * The model parameter randomisation test: maps of the trained model against maps of the same architecture with random
 * weights, for the same items. A high rank correlation means the method shows the input (edges), not the model.
 * Source: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018, section 3 (rank correlation with absolute
 * values). The paper draws no line; the threshold is ours.
 * @param options.threshold default 0.5
 * @throws UserError when the maps differ in size or all are constant
 */
export function randomisedWeightsCheck(
  trained: AttributionMaps,
  randomised: AttributionMaps,
  options: { threshold?: number } = {},
): RandomisedWeightsCheck {
  checkOptions('randomisedWeightsCheck', options, ['threshold'])
  const { threshold = 0.5 } = options
  const { items, height, width } = trained
  if (items !== randomised.items || height !== randomised.height || width !== randomised.width) {
    throw new UserError({
      rule: 'Maps are compared item by item, so they must be of the same items and size.',
      received: `[${items}, ${height}, ${width}] and [${randomised.items}, ${randomised.height}, ${randomised.width}]`,
      next: 'Compute both with the same method on the same items.',
    })
  }
  const perItem = correlationsOf(trained, randomised).filter(Number.isFinite)
  if (perItem.length === 0) {
    throw new UserError({
      rule: 'The check needs maps that are not constant.',
      received: `${items} items, every map constant`,
      next: 'Check that gradients reach the input.',
    })
  }
  const correlation = bootstrapInterval(perItem)
  return {
    correlation,
    perItem,
    constantMaps: items - perItem.length,
    passed: correlation.estimate < threshold,
    threshold,
  }
}
