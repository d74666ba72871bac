// Divides training data as the settings ask: a part to learn from, and a part held out when there is one.
import { splitIndices, subset, take, type Dataset } from '@ddlf/data'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

/** What is learned from and what is held out. */
export interface Divided {
  readonly train: Dataset
  /** The examples of `train` that are learned from; all where left out. */
  readonly indices?: Int32Array
  readonly validation?: Dataset
}

/** Divides the training data as the settings ask. */
export function divide(
  experiment: Pick<Experiment, 'trainingSet'>,
  train: Dataset,
  settings: TrainingSettings,
): Divided {
  const { trainExamples, validation, seed } = settings
  const chosen = experiment.trainingSet?.(train, settings) ?? train
  const used = trainExamples > 0 ? take(chosen, trainExamples) : chosen
  if (validation === 0) return { train: used }
  const stratify = used.columns['labels'] ? { stratifyBy: 'labels' } : {}
  const parts = splitIndices(used, { fractions: { train: 1 - validation, validation }, seed, ...stratify })
  return { train: used, indices: parts.train, validation: subset(used, parts.validation) }
}

/** The examples that are learned from, as a set of their own. */
export const learnedFrom = ({ train, indices }: Divided): Dataset => (indices ? subset(train, indices) : train)
