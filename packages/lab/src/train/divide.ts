// Divides training data as the settings ask: a part to learn from, and a part held out when there is one.
import { UserError } from '@ddlf/tensor/errors'
import { overlaps, range, sizeOf, splitIndices, stepOf, subset, take, type Dataset } from '@ddlf/data'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

/** What is learned from and what is held out. */
export interface Divided {
  readonly train: Dataset
  /** The examples of `train` that are learned from; all where left out. */
  readonly indices?: Int32Array
  readonly validation?: Dataset
}

/**
 * Divides the training data as the settings ask.
 * @param isDivided there is a validation part already, of the data or held out before: nothing more is held out
 */
export function divide(
  experiment: Pick<Experiment, 'trainingSet' | 'task'>,
  train: Dataset,
  settings: TrainingSettings,
  isDivided = false,
): Divided {
  const { trainExamples, validation, seed } = settings
  const chosen = experiment.trainingSet?.(train, settings) ?? train
  const used = trainExamples > 0 ? take(chosen, trainExamples) : chosen
  if (isDivided || validation === 0) return { train: used }
  if (Object.values(used.columns).some(overlaps)) return cutStream(used, validation)
  const { classColumn = '' } = experiment.task
  const stratify = used.columns[classColumn] ? { stratifyBy: classColumn } : {}
  const parts = splitIndices(used, { fractions: { train: 1 - validation, validation }, seed, ...stratify })
  return { train: used, indices: parts.train, validation: subset(used, parts.validation) }
}

/**
 * Windows over a stream are cut at one place, for neighbours share elements: the end of the stream is held out, and the
 * windows that lie over the cut are in neither part. Nothing is copied. Those that are held out lie side by side.
 */
function cutStream(windows: Dataset, share: number): Divided {
  const { length, columns } = windows
  if (Object.values(columns).some(({ starts }) => starts)) {
    throw new UserError({
      rule: 'Windows that were chosen from a stream are not divided again: their neighbours may share elements.',
      received: `validation=${share}`,
      next: 'Hold a part of the stream out before choosing, or give a validation part.',
    })
  }
  const apart = Math.max(...Object.values(columns).map(column => Math.ceil(sizeOf(column.shape) / stepOf(column))))
  const from = Math.min(length, Math.max(apart, Math.floor(length * (1 - share))))
  return { train: range(windows, 0, from - apart), validation: everyNth(range(windows, from, length), apart) }
}

/** Every n-th example, beginning with the first, as views. */
function everyNth(dataset: Dataset, n: number): Dataset {
  const { columns, text, length } = dataset
  const thinned = Object.entries(columns).map(([name, column]) => [name, { ...column, step: n * stepOf(column) }])
  const texts = Object.entries(text ?? {}).map(([name, all]) => [name, all.filter((_, i) => i % n === 0)])
  return {
    ...dataset,
    length: Math.ceil(length / n),
    columns: Object.fromEntries(thinned) as Dataset['columns'],
    ...(text && { text: Object.fromEntries(texts) as NonNullable<Dataset['text']> }),
  }
}

/** The examples that are learned from, as a set of their own. */
export const learnedFrom = ({ train, indices }: Divided): Dataset => (indices ? subset(train, indices) : train)
