// A published data set as it is: its splits `train` and `test`.
import { datasetCard } from '@ddlf/data'
import type { ColumnSpec } from '@ddlf/nn'
import type { DataSource } from './data-source.ts'

/** @param id of the set, one of those that `ddlf data list` names */
export const publishedSet = (id: string): DataSource<unknown> => ({
  name: id,
  parts: ['train', 'test'],
  form: () => {
    const { columns, classes, splits } = datasetCard(id)
    const numbers = columns.flatMap(({ name, dtype, shape }): [string, ColumnSpec][] =>
      dtype === 'string' ? [] : [[name, { dtype, shape }]],
    )
    const examples = splits.find(({ name }) => name === 'train')?.examples
    return {
      columns: Object.fromEntries(numbers),
      ...(classes && { classes }),
      ...(examples !== undefined && { examples }),
    }
  },
  load: (part, _, io) => io.dataset(id, part),
})
