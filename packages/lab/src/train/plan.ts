// What a training is made of before its first step: the model, the parts of the data, the compiled step, the loader's
// settings.
import type { Runtime } from '@ddlf/tensor'
import { UserError } from '@ddlf/tensor/errors'
import {
  createLoader as createPlainLoader,
  intakeLine,
  type Dataset,
  type Loader,
  type LoaderOptions,
} from '@ddlf/data'
import { trainingStep, withSeed, type ColumnSpec, type Module } from '@ddlf/nn'
import { ddlfCommand } from '../command-text.ts'
import { emptyShare, requireNoShare } from '../data-source/held-out-share.ts'
import { budgetOf, roundsOf } from '../experiment/budget.ts'
import { phasesOf, stepColumns } from '../experiment/experiment-data.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { idleNotes } from '../experiment/idle-settings.ts'
import { learningRatesOf, stepOptions } from '../experiment/recipe.ts'
import type { LossContext } from '../tasks/task.ts'
import { classBalance, unseenClasses } from './class-balance.ts'
import { divide, learnedFrom, type Divided } from './divide.ts'
import { checkLabelColumns } from './label-columns.ts'
import { requireSampling } from './require-sampling.ts'
import { takeWeights, type StartingWeights } from './starting-weights.ts'
import { Stepper } from './stepper.ts'

/** What is to be trained, and on what. */
export interface Planned {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly train: Dataset
  readonly validation?: Dataset
  readonly test?: Dataset
  readonly runtime: Runtime
  readonly notes?: readonly string[]
  /** Weights to begin with, of another run. */
  readonly start?: StartingWeights
  /** It goes on from a checkpoint, whatever it began with; default false. */
  readonly goesOn?: boolean
  /** Nothing need be held out: the last epoch of training is all there is to judge by then; default false. */
  readonly mayBeUnjudged?: boolean
}

/** A training before its first step. */
export interface TrainingPlan {
  readonly model: Module
  readonly divided: Divided
  /** The parts that evaluations report on, by name. */
  readonly held: Readonly<Record<string, Dataset>>
  /** The part that the best checkpoint is chosen by, and the one that has the last word. */
  readonly chosenBy: string
  readonly judgedOn: string
  readonly stepper: Stepper
  readonly loading: LoaderOptions
  /** Gives the batches of the loader, on this thread. */
  readonly plain: Loader
  /** Examples in the last batch of an epoch, where it has fewer than the others. */
  readonly lastBatch?: number
  /** Evaluations, of a training that is not stopped early, and its steps. */
  readonly rounds: number
  readonly totalSteps: number
  /** At a step, counted from 0; of the first phase where a step has several. */
  readonly learningRate: (step: number) => number
  /** The same for each phase, by the name under which a step is fed with it. */
  readonly learningRates: Readonly<Record<string, (step: number) => number>>
  /** The form of a batch of the usual size. */
  readonly batch: Readonly<Record<string, ColumnSpec>>
  /** What the training examples decide of the loss. */
  readonly context: LossContext
  readonly notes: readonly string[]
}

/** Steps in one run of the compiled graph: limited by memory, and by work so that a stop is answered soon. */
const CHUNK = { steps: 100, bytes: 4 * 2 ** 20, flop: 2e10 } as const

/** How the settings ask for batches. */
function loadingOf(
  experiment: Experiment,
  settings: TrainingSettings,
  { train: dataset, indices }: Divided,
  balanceBy: string | undefined,
): LoaderOptions {
  const budget = budgetOf(settings)
  const { sampling, batchSize, seed, dropLast } = settings
  return {
    dataset,
    ...(indices && { indices }),
    ...(balanceBy !== undefined && { balanceBy }),
    batchSize,
    seed,
    dropLast,
    shuffle: sampling !== 'sequential',
    replacement: sampling === 'replacement',
    ...('steps' in budget && { stepsPerEpoch: budget.evaluateEvery }),
    transforms: experiment.transforms(settings),
  }
}

/**
 * Prepares a training.
 * @throws UserError where the settings, the data and the model do not fit
 */
export function planTraining({ experiment, settings, runtime, notes: told = [], ...given }: Planned): TrainingPlan {
  const divided = divide(experiment, given.train, settings, given.validation !== undefined)
  const held = heldOut(experiment, settings, given, divided)
  requireSampling(given.train, settings)
  if (experiment.startsFrom?.settings(settings) && !given.start && !given.goesOn) throw unstarted(experiment)
  const model = withSeed(settings.seed, () => experiment.model(settings))
  experiment.prepare?.(model, learnedFrom(divided), settings)
  const began = given.start ? takeWeights(model, { experiment, settings, start: given.start }) : []

  const { classWeights, balanceBy } = classBalance(experiment, settings, divided.train, divided.indices)
  const context = classWeights ? { classWeights } : {}
  const asked = loadingOf(experiment, settings, divided, balanceBy)
  // Only asked for the form of their batches.
  const every = createPlainLoader(asked)
  const columns = stepColumns(phasesOf(experiment, settings), every.columns)
  const { teacher } = experiment
  const rounds = roundsOf(settings)
  if (teacher?.settings(settings) && !columns.includes(teacher.column)) throw untaught(experiment, teacher.column)
  const batchOf = (batchSize: number, entries = every.entries) =>
    Object.fromEntries(columns.map(name => [name, batchSpec(every, name, batchSize, entries)]))
  const build = (batchSize: number, stepsPerEpoch: number, entries?: number) =>
    trainingStep(
      stepOptions(experiment, settings, {
        model, batch: batchOf(batchSize, entries), totalSteps: rounds * stepsPerEpoch, context,
      }),
    )
  const lone = every.length % settings.batchSize
  // Each part of so small a batch is one example, and a batch norm may have nothing to compare it with.
  const dropsLone =
    lone > 0 &&
    lone <= settings.accumulate &&
    every.length > settings.batchSize &&
    !trains(() => build(lone, every.stepsPerEpoch))
  const loading = dropsLone ? { ...asked, dropLast: true } : asked
  const plain = dropsLone ? createPlainLoader(loading) : every
  const largest = Math.min(settings.batchSize, plain.length)
  const form = { batchSize: largest, ...(plain.entries !== undefined && { entries: plain.entries }) }
  const stepper = new Stepper(runtime, (size, entries) => build(size, plain.stepsPerEpoch, entries), form)
  checkLabelColumns(divided.train, stepper.checks)
  const learningRates = learningRatesOf(experiment, settings, plain.stepsPerEpoch)
  return {
    model,
    divided,
    held,
    stepper,
    plain,
    rounds,
    totalSteps: rounds * plain.stepsPerEpoch,
    batch: batchOf(largest),
    context,
    learningRates,
    learningRate: Object.values(learningRates)[0] ?? (() => settings.learningRate),
    ...(lone > 0 && plain.stepsPerEpoch > 1 && !settings.dropLast && !dropsLone && { lastBatch: lone }),
    chosenBy: held.validation ? 'validation' : held.test ? 'test' : 'train',
    judgedOn: held.test ? 'test' : held.validation ? 'validation' : 'train',
    loading: { ...loading, chunkSteps: chunkSteps(plain, stepper.flopPerStep) },
    notes: [
      ...(given.train.intake ? [intakeLine(given.train.intake)] : []),
      ...told,
      ...idleNotes(experiment, settings),
      ...unseenClasses(experiment, divided.train, divided.indices),
      ...began,
      ...(dropsLone
        ? [
            `the last batch of an epoch, of ${lone} ${lone === 1 ? 'example' : 'examples'}, is left out: batch norm ` +
            `cannot learn from it`,
          ]
        : []),
      ...(classWeights ? [`weights of the classes: ${named(classWeights, divided.train.classes)}`] : []),
    ],
  }
}

/**
 * The parts that a training is judged on: those that are given, and what was divided off.
 * @throws UserError where there is none and one is wanted, where one holds no example, and where a share of the
 *   training data is asked for beside the validation part that the data have
 */
export function heldOut(
  experiment: Experiment,
  settings: TrainingSettings,
  { train, validation: own, test, mayBeUnjudged = false }: Pick<
    Planned, 'train' | 'validation' | 'test' | 'mayBeUnjudged'
  >,
  { train: used, indices, validation = own }: Divided,
): { readonly validation?: Dataset; readonly test?: Dataset } {
  requireNoShare(experiment, settings)
  if (own === undefined && validation?.length === 0) {
    // A stream is cut: what is learned from is but a piece of what was divided.
    const all = settings.trainExamples > 0 ? Math.min(settings.trainExamples, train.length) : train.length
    throw emptyShare(settings, indices ? used.length : all)
  }
  if (validation?.length === 0 || test?.length === 0) {
    throw new UserError({
      rule: 'A part that is held out must hold an example.',
      received: `an empty ${test?.length === 0 ? 'test' : 'validation'} part`,
      next: 'Give examples of that part too.',
    })
  }
  if (!validation && !test && !mayBeUnjudged) {
    throw new UserError({
      rule: 'A training is judged on examples that it does not learn from.',
      received: 'neither a test nor a validation part',
      next: 'Hold some out: validation=0.1.',
    })
  }
  return { ...(validation && { validation }), ...(test && { test }) }
}

/** Whether a training step can be built. */
function trains(build: () => unknown): boolean {
  try {
    build()
    return true
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

const NAMED = 10

/** `cat 0.6, dog 3` */
const named = (values: readonly number[], names: readonly string[] = []): string =>
  [
    ...values.slice(0, NAMED).map((value, k) => `${names[k] ?? k} ${Number(value.toPrecision(3))}`),
    ...(values.length > NAMED ? ['...'] : []),
  ].join(', ')

const untaught = ({ name, teacher }: Experiment, column: string) =>
  new UserError({
    rule: `${name} learns from what a run of ${teacher?.experiment.name ?? ''} says of the training examples.`,
    received: `data without the column '${column}'`,
    next: `Train it where runs are kept: ${ddlfCommand('train', name)}`,
  })

const unstarted = ({ name, startsFrom }: Experiment) =>
  new UserError({
    rule: `With these settings ${name} starts from a run of ${startsFrom?.experiment.name ?? ''}.`,
    received: 'no such run: none is looked for in a page, or where a learning rate is looked for',
    next: `Train it where runs are kept: ${ddlfCommand('train', name)}. Or choose settings that begin at random.`,
  })

const batchSpec = ({ columns, ragged }: Loader, name: string, batchSize: number, entries: number | undefined) => {
  const column = columns[name]
  if (!column)
    throw new UserError({
      rule: `The data set has no column '${name}', which the task reads.`,
      received: Object.keys(columns).join(', '),
    })
  const shape = ragged.includes(name) ? [entries ?? 0, ...column.shape.slice(1)] : column.shape
  return { shape: [batchSize, ...shape], dtype: column.dtype }
}

/** The steps that one run of the compiled graph takes. */
function chunkSteps(plan: Pick<Loader, 'columns' | 'batchSize'>, flopPerStep: number): number {
  const bytes = Object.values(plan.columns).reduce(
    (sum, { dtype, shape }) => sum + plan.batchSize * (dtype === 'uint8' ? 1 : 4) * shape.reduce((a, b) => a * b, 1),
    0,
  )
  return Math.max(
    1,
    Math.min(CHUNK.steps, Math.floor(CHUNK.bytes / bytes), Math.floor(CHUNK.flop / Math.max(flopPerStep, 1))),
  )
}
