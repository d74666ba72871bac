// Labels are checked in the data before they are fed: a step knows only their places in a batch.
import { checkLabels, type LabelCheck } from '@ddlf/tensor'
import { isStream, type Dataset } from '@ddlf/data'

/** @throws UserError naming a label that is no class, by its row in the data */
export function checkLabelColumns(dataset: Dataset, checks: readonly LabelCheck[]): void {
  for (const { labels, classes, ignoreIndex } of checks) {
    const column = dataset.columns[labels.leaf?.name ?? '']
    if (!column) continue
    // The elements of windows are no rows.
    const shape = !isStream(column) && !column.offsets ? [dataset.length, ...column.shape] : [column.data.length]
    checkLabels(column.data, { classes, ignoreIndex, shape, source: dataset.name })
  }
}
