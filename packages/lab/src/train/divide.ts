// Divides training data as the settings ask: a part to learn from, and a part held out when there is one.
import { UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { overlaps, range, sizeOf, splitIndices, stepOf, subset, take, type Dataset } from '@ddlf/data'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

/** What is learned from and what is held out. */
export interface Divided {
  readonly train: Dataset
  /** The examples of `train` that are learned from; all where left out. */
  readonly indices?: Int32Array
  readonly validation?: Dataset
  /** Where a number of examples was taken in another order than they lie in: that order, of all of them. */
  readonly order?: Int32Array
}

/** Whether a set lies class by class, or nearly: neighbours differ no more often than twice as there are classes. */
function liesByClass(classNumbers: ArrayLike<number>, length: number): boolean {
  const seen = new Set<number | undefined>([classNumbers[0]])
  let changes = 0
  for (let i = 1; i < length; i++) {
    if (classNumbers[i] === classNumbers[i - 1]) continue
    changes++
    seen.add(classNumbers[i])
  }
  return seen.size > 1 && changes < 2 * seen.size && changes < (length - 1) / 2
}

/** The first examples; of a set that lies class by class as many of a mixture, the same for every seed. */
function takeSome(dataset: Dataset, count: number, classColumn: string): Pick<Divided, 'train' | 'order'> {
  const classNumbers = dataset.columns[classColumn]
  if (count >= dataset.length || !classNumbers || !liesByClass(classNumbers.data, dataset.length))
    return { train: take(dataset, count) }
  const order = Int32Array.from(permutation(randomKey(0, 'training examples'), dataset.length))
  const shared = Object.values(dataset.columns).some(({ data }) => data.buffer instanceof SharedArrayBuffer)
  return { train: subset(dataset, order.subarray(0, count), shared), order }
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
  const { classColumn = '' } = experiment.task
  const { train: used, order } = trainExamples > 0 ? takeSome(chosen, trainExamples, classColumn) : { train: chosen }
  const taken = { train: used, ...(order && { order }) }
  if (isDivided || validation === 0) return taken
  if (Object.values(used.columns).some(overlaps)) return cutStream(used, validation)
  const stratify = used.columns[classColumn] ? { stratifyBy: classColumn } : {}
  const parts = splitIndices(used, { fractions: { train: 1 - validation, validation }, seed, ...stratify })
  return { ...taken, indices: parts.train, validation: subset(used, parts.validation) }
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
