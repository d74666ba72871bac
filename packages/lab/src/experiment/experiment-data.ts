// What an experiment's data look like, known from its settings alone: without the data, for graphs, exports and predictions.
import { UserError } from '@ddlf/tensor'
import { datasetCard } from '@ddlf/data'
import type { ColumnSpec } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from './experiment.ts'

/** Dtype and shape of one example of each column of numbers, the teacher's included where the settings ask for one. */
export function columnsOf({ columns, dataset, teacher }: Experiment, settings: TrainingSettings): Readonly<Record<string, Required<ColumnSpec>>> {
  const specs = columns
    ? Object.entries(columns(settings))
    : datasetCard(dataset).columns.flatMap(({ name, dtype, shape }) => (dtype === 'string' ? [] : [[name, { dtype, shape }] as const]))
  const taught = teacher?.settings(settings) && { [teacher.column]: { dtype: 'float32', shape: teacher.shape } as const }
  return { ...Object.fromEntries(specs.map(([name, { dtype = 'float32', shape }]) => [name, { dtype, shape }])), ...taught }
}

/** The columns that a training step reads of those there are. */
export const stepColumns = ({ columns, optionalColumns = [] }: Experiment['task'], there: Readonly<Record<string, unknown>>): readonly string[] =>
  [...columns, ...optionalColumns.filter(name => name in there)]

/**
 * Dtype and shape of what the model reads, for one example.
 * @throws UserError where the data set has no such column
 */
export function inputOf(experiment: Experiment, settings: TrainingSettings): Required<ColumnSpec> {
  const columns = columnsOf(experiment, settings)
  const found = columns[experiment.task.input]
  if (found) return found
  throw new UserError({
    rule: `The data set ${experiment.dataset} has no column of numbers named '${experiment.task.input}'.`,
    received: Object.keys(columns).join(', '),
  })
}

/** The names of the classes: those found in own data, else those of the published set; empty where there are none. */
export function classesOf({ own, dataset }: Experiment, settings: TrainingSettings): readonly string[] {
  const { classes } = settings as { classes?: unknown }
  if (own) return Array.isArray(classes) ? classes.map(String) : []
  return datasetCard(dataset).classes ?? []
}
