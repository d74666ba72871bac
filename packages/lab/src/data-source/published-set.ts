// A published data set as it is: its splits `train` and `test`; or one of a single part, divided into folds.
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { datasetCard, foldIndices, foldSize, range, subset } from '@ddlf/data'
import type { ColumnSpec } from '@ddlf/nn'
import type { DataForm, DataPart, DataSource } from './data-source.ts'

/** @param part the split that is trained on @param held how many of so many of its examples are not */
function formOf(id: string, part = 'train', held: (examples: number) => number = () => 0): DataForm {
  const { columns, classes, splits } = datasetCard(id)
  const numbers = columns.flatMap(({ name, dtype, shape }): [string, ColumnSpec][] =>
    dtype === 'string' ? [] : [[name, { dtype, shape }]],
  )
  const examples = splits.find(({ name }) => name === part)?.examples
  return {
    columns: Object.fromEntries(numbers),
    ...(classes && { classes }),
    ...(examples !== undefined && { examples: examples - held(examples) }),
  }
}

/** How a published set is divided beyond its own splits. */
export interface PublishedSetOptions {
  /**
   * How many of the last training examples are a validation part of their own, never learned from; default 0. Files
   * that divide MNIST into 50,000, 10,000 and 10,000 hold the last 10,000 out.
   */
  readonly heldOut?: number
}

/**
 * A published set by its splits `train` and `test`.
 * @param id of the set, one of those that `ddlf data list` names
 * @throws UserError where nothing would be left to learn from
 */
export function publishedSet(id: string, options: PublishedSetOptions = {}): DataSource<unknown> {
  const { heldOut = 0 } = checkOptions('publishedSet', options, { heldOut: kinds.atLeast(0) })
  if (heldOut === 0)
    return { name: id, parts: ['train', 'test'], form: () => formOf(id), load: (part, _, io) => io.dataset(id, part) }
  return {
    name: id,
    parts: ['train', 'validation', 'test'],
    form: () => formOf(id, 'train', () => heldOut),
    async load(part, _, io) {
      if (part === 'test') return io.dataset(id, part)
      const all = await io.dataset(id, 'train')
      const from = all.length - heldOut
      if (!(Number.isInteger(from) && from > 0)) {
        const rule = `Of ${id} fewer training examples must be held out than the ${all.length} there are.`
        throw new UserError({ rule, received: `heldOut: ${heldOut}`, next: 'Hold fewer out.' })
      }
      return part === 'train' ? range(all, 0, from) : { ...range(all, from, all.length), name: `${id}/validation` }
    },
  }
}

/** What {@link publishedFolds} reads of the settings. */
export interface FoldSettings {
  /** The fold that is held out as the test part, from 0 on. */
  readonly fold: number
  /** Decides which examples are in which fold. */
  readonly splitSeed: number
}

/**
 * A published set that has one part only, divided into folds: the setting `fold` says which is held out as the test
 * part. Over all folds every example is tested on once.
 * @param id of a set with the split `all`
 * @param options.folds default 10
 */
export function publishedFolds(id: string, options: { readonly folds?: number } = {}): DataSource<FoldSettings> {
  const { folds = 10 } = checkOptions('publishedFolds', options, ['folds'])
  const requireFold = (fold: number) => {
    if (Number.isInteger(fold) && fold >= 0 && fold < folds) return
    const rule = `The setting fold must be a whole number from 0 to ${folds - 1}.`
    throw new UserError({ rule, received: String(fold), next: 'For example: fold=0.' })
  }
  return {
    name: id,
    parts: ['train', 'test'],
    decides: ['fold', 'splitSeed'],
    form({ fold }) {
      requireFold(fold)
      return formOf(id, 'all', examples => foldSize(examples, folds, fold))
    },
    async load(part: DataPart, { fold, splitSeed: seed }, io) {
      requireFold(fold)
      const all = await io.dataset(id, 'all')
      const stratify = all.columns['labels'] ? { stratifyBy: 'labels' } : {}
      const parts = foldIndices(all, { folds, seed, ...stratify })
      const held = parts[fold] as Int32Array
      if (part === 'test') return { ...subset(all, held), name: `${id}/fold ${fold}` }
      const others = Int32Array.from(parts.filter(one => one !== held).flatMap(one => [...one])).sort()
      return { ...subset(all, others, io.shared), name: `${id}/without fold ${fold}` }
    },
  }
}
