// The learning-rate finder over an experiment's own model, data and optimizer: a short training with a growing rate.
import { checkOptions } from '@ddlf/tensor/errors'
import { createLoader, type Chunk, type Loader } from '@ddlf/data'
import { learningRateFinder } from '../analysis/training/learning-rate-finder.ts'
import type { LearningRateFinderOptions, LearningRateSearch } from '../analysis/training/learning-rate-finder.ts'
import { onlyPhaseOf } from '../experiment/experiment-data.ts'
import { stepInputs } from './curve.ts'
import { planTraining, type Planned } from './plan.ts'

/** What the finder trains on, and how. */
export interface FindLearningRateOptions
  extends Omit<Planned, 'notes' | 'start' | 'goesOn' | 'mayBeUnjudged'>, LearningRateFinderOptions {}

/** The batches of a loader, epoch after epoch. */
async function* batchesOf(loader: Loader): AsyncGenerator<Chunk, never> {
  for (let epoch = 0; ; epoch++) yield* loader.epoch(epoch, 0)
}

/**
 * Trains one step a rate, from the lowest rate to the highest, with the experiment's own optimizer; the model is thrown
 * away. Held-out examples are not touched.
 * @throws UserError as `learningRateFinder` does, or where a training could not begin
 */
export async function findLearningRate(options: FindLearningRateOptions): Promise<LearningRateSearch> {
  checkOptions('findLearningRate', options, [
    'experiment', 'settings', 'train', 'validation', 'test', 'runtime',
    'low', 'high', 'steps', 'smoothing', 'divergence',
  ])
  const { experiment, settings, train, validation, test, runtime, ...finder } = options
  onlyPhaseOf(experiment, settings, 'Learning-rate finders')
  const held = { ...(validation && { validation }), ...(test && { test }) }
  const { stepper, loading } = planTraining({ experiment, settings, train, ...held, runtime })
  const loader = createLoader({ ...loading, chunkSteps: 1 })
  const batches = batchesOf(loader)
  let step = 0
  try {
    return await learningRateFinder(async rate => {
      const { value: chunk } = await batches.next()
      const results = await stepper.run(
        chunk,
        stepInputs(chunk, step++, settings.seed, { learningRate: () => rate }),
      )
      return results['loss']?.[0] as number
    }, finder)
  } finally {
    await loader.close()
    await stepper.release()
  }
}
