// Which ways of drawing examples go with those of different lengths.
import { UserError } from '@ddlf/tensor/errors'
import type { Dataset } from '@ddlf/data'
import type { TrainingSettings } from '../experiment/experiment.ts'

/**
 * Examples of different lengths stand in batches with others of their length, so that each is drawn once a pass.
 * @throws UserError where the settings ask for another way
 */
export function requireSampling(
  { name, columns }: Dataset,
  { sampling }: Pick<TrainingSettings, 'sampling'>,
): void {
  const isDrawn = sampling === 'replacement' || sampling === 'balanced'
  if (!isDrawn || Object.values(columns).every(({ offsets }) => offsets === undefined)) return
  throw new UserError({
    rule: 'Examples of different lengths are gone through in passes, each once.',
    received: `sampling=${sampling}, and examples of different lengths in ${name}`,
    next: 'Use sampling=shuffled, or sampling=sequential for the order in which they lie.',
  })
}
