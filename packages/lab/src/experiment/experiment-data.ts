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
      ...optionalColumns.filter(name => Object.hasOwn(there, name)),
    ]),
  ),
]

/** The phases of a training step. @throws UserError where the task learns without steps */
export function phasesOf(
  { task, name }: Pick<Experiment, 'task' | 'name'>,
  settings: TrainingSettings,
): readonly Phase<TrainingSettings>[] {
  if (!task.fit) return task.phases(settings)
  throw new UserError({
    rule: `${name} learns without steps of a graph: by counting, by keeping examples, or in loops of its own.`,
    received: 'a question about a training step',
    next: `Train it with ${ddlfCommand('train', name)}, or look at its forward pass: --part forward`,
  })
}

/**
 * The one phase of a training step, for what looks at one loss.
 * @param what looks at it, in the plural: `loss landscapes`
 * @throws UserError where there are several, or none
 */
export function onlyPhaseOf(
  experiment: Pick<Experiment, 'task' | 'name'>,
  settings: TrainingSettings,
  what: string,
): Phase<TrainingSettings> {
  const [phase, ...more] = phasesOf(experiment, settings)
  if (phase && more.length === 0) return phase
  throw new UserError({
    rule: `${what} look at a training that lowers one loss.`,
    received: `${experiment.name}, whose step has ${more.length + (phase ? 1 : 0)} phases`,
    next: 'Leave it out.',
  })
}

/** What a model reads, for one example. */
export interface ModelInput extends Required<ColumnSpec> {
  readonly name: string
  /** Made by whoever asks the model, not a column of the data: the noise that a generator begins with. */
  readonly isMade: boolean
}

/**
 * Name, dtype and shape of everything that the model reads, for one example.
 * @throws UserError where the data set lacks a column
 */
export function inputsOf(experiment: Experiment, settings: TrainingSettings): readonly ModelInput[] {
  const { task, data } = experiment
  const columns = columnsOf(experiment, settings)
  const made = task.made?.(settings) ?? {}
  return task.inputs.map(name => {
    const own = made[name]
    if (own) return { name, dtype: own.dtype ?? 'float32', shape: own.shape, isMade: true }
    const column = columns[name]
    if (column) return { name, ...column, isMade: false }
    throw new UserError({
      rule: `The data set ${data.name} has no column of numbers named '${name}'.`,
      received: Object.keys(columns).join(', '),
    })
  })
}

/** The one column that a model reads, of those that there are; undefined where it reads several, or none of them. */
export function columnAmong(
  { task: { inputs } }: Pick<Experiment, 'task'>,
  there: Readonly<Record<string, unknown>>,
): string | undefined {
  const [name] = inputs
  return name !== undefined && inputs.length === 1 && Object.hasOwn(there, name) ? name : undefined
}

/** The one column that a model reads; undefined where it reads several, or what no data have. */
export function columnReadBy(experiment: Experiment, settings: TrainingSettings): ModelInput | undefined {
  const [first, ...more] = inputsOf(experiment, settings)
  return more.length === 0 && first?.isMade === false ? first : undefined
}

/**
 * The one column that a model reads, for those who ask it about one thing.
 * @param asked names the run in the command that is advised, with `--runs` where that is needed
 * @throws UserError where it reads several, or what no data have
 */
export function inputOf(
  experiment: Experiment, settings: TrainingSettings, asked: readonly string[] = ['latest'],
): ModelInput {
  const found = columnReadBy(experiment, settings)
  if (found) return found
  const names = inputsOf(experiment, settings).map(({ name, isMade }) => (isMade ? `${name}, which is made` : name))
  throw new UserError({
    rule: 'Only a model that reads one column of its data is asked about one thing.',
    received: `${experiment.name}, whose model reads ${names.join(' and ')}`,
    next: `A model that makes pictures is asked for some: ${ddlfCommand('sample', ...asked)}`,
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
