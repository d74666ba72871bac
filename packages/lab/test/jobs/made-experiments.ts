// Experiments on a small table that train, or die in one of the ways in which a training dies.
import { imageFolder, tabular, textTable, type Experiment } from '@ddlf/lab'

const table: Experiment = textTable

/** As text-table, but something happens once the run exists. */
const dying = (name: string, die: () => void): Experiment => ({ ...table, name, prepare: die })

export const experiments: readonly Experiment[] = [
  table,
  imageFolder,
  dying('eats-memory', () => {
    const held: number[][] = []
    for (;;) held.push(new Array<number>(50_000).fill(held.length + 0.5))
  }),
  dying('crashes', () => process.abort()),
  dying('leaves', () => process.exit(3)),
  tabular,
]
