// What an experiment's data look like, known from its settings alone: without the data, for graphs, exports and
// predictions.
import { UserError } from '@ddlf/tensor'
import { ddlfCommand } from '../command-text.ts'
import type { ColumnSpec } from '@ddlf/nn'
import { judgedPart } from '../data-source/data-source.ts'
import type { Phase } from '../tasks/task.ts'
import type { Experiment, TrainingSettings } from './experiment.ts'

/** Dtype and shape of one example of each column of numbers, the teacher's included where the settings ask for one. */
export function columnsOf(
  { data, teacher }: Experiment,
  settings: TrainingSettings,
): Readonly<Record<string, Required<ColumnSpec>>> {
  const specs = Object.entries(data.form(settings).columns)
  const taught = teacher?.settings(settings) && {
    [teacher.column]: { dtype: 'float32', shape: teacher.shape } as const,
  }
  return {
    ...Object.fromEntries(specs.map(([name, { dtype = 'float32', shape }]) => [name, { dtype, shape }])),
    ...taught,
  }
}

/** The columns that a training step reads of those there are. */
export const stepColumns = (
  phases: readonly Pick<Phase<never>, 'columns' | 'optionalColumns'>[],
  there: Readonly<Record<string, unknown>>,
): readonly string[] => [
  ...new Set(
    phases.flatMap(({ columns, optionalColumns = [] }) => [
      ...columns,
      ...optionalColumns.filter(name => name in there),
    ]),
  ),
]

/**
 * The one phase of a task's training step.
 * @throws UserError for several, which steps do not take yet
 */
export function phaseOf(
  { task, name }: Pick<Experiment, 'task' | 'name'>,
  settings: TrainingSettings,
): Phase<TrainingSettings> {
  if (task.fit) {
    throw new UserError({
      rule: `${name} learns without steps: by counting, or by keeping examples.`,
      received: 'a question about a training step',
      next: `Train it with ${ddlfCommand('train', name)}, or look at its forward pass: --part forward`,
    })
  }
  const [phase, ...more] = task.phases(settings)
  if (phase && more.length === 0) return phase
  throw new UserError({
    rule: 'A training step has one phase.',
    received: `${more.length + (phase ? 1 : 0)} of the task of ${name}`,
  })
}

/**
 * Dtype and shape of what the model reads, for one example.
 * @throws UserError where the data set has no such column
 */
export function inputOf(experiment: Experiment, settings: TrainingSettings): Required<ColumnSpec> {
  const columns = columnsOf(experiment, settings)
  const found = columns[experiment.task.input]
  if (found) return found
  throw new UserError({
    rule: `The data set ${experiment.data.name} has no column of numbers named '${experiment.task.input}'.`,
    received: Object.keys(columns).join(', '),
  })
}

/**
 * The metric that an experiment's results are judged by, with the part of the data that has the last word:
 * `test/error`.
 */
export const headlineOf = ({ data, task }: Experiment): string =>
  `${judgedPart(data)}/${task.metrics[0]?.name ?? 'loss'}`

/** The names of the classes: those found in own data, else those of the published set; empty where there are none. */
export const classesOf = ({ data }: Experiment, settings: TrainingSettings): readonly string[] =>
  data.form(settings).classes ?? []
