// A published data set as it is: its splits `train` and `test`; or one of a single part, divided into folds.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { datasetCard, foldIndices, foldSize, subset } from '@ddlf/data'
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

/** @param id of the set, one of those that `ddlf data list` names */
export const publishedSet = (id: string): DataSource<unknown> => ({
  name: id,
  parts: ['train', 'test'],
  form: () => formOf(id),
  load: (part, _, io) => io.dataset(id, part),
})

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
    throw new UserError({ rule, received: String(fold) })
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
