// Runs a model in evaluation mode over whole data sets, batch by batch, and adds up what the task sums. What an
// evaluation draws follows from the number of the batch alone: it is the same after every epoch, resume and runtime.
import {
  graph,
  input,
  labelChecks,
  topologicalOrder,
  UserError,
  type Compiled,
  type LabelCheck,
  type Runtime,
  type Spec,
} from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import { sizeOf, type Dataset } from '@ddlf/data'
import { evaluationStep, labelState, withMode, type Module } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { NamedTensor } from '../runs/safetensors.ts'
import type { BatchTensors, Evaluation } from '../tasks/task.ts'
import { evaluationBatches, specsAt, specsOf, type Specs } from './evaluation-batches.ts'
import { assertFiniteOutputs } from './finite.ts'
import { heldAtOnce } from './held-at-once.ts'
import { checkLabelColumns } from './label-columns.ts'

/**
 * Examples in one batch of an evaluation, the bytes of input it may hold, those of its largest tensor, and those of all
 * that it holds at once.
 */
const BATCH = { examples: 1000, bytes: 8 * 2 ** 20, tensor: 2 ** 28, held: 2 ** 30 } as const

/** The input that decides what the evaluation of a batch draws. */
const KEY = 'randomKey'

/** The key of a batch: the same for every model, so that models are compared on the same draws. */
const keyOf = (batch: number): Int32Array => Int32Array.from(randomKey(0, 'evaluation', batch))

/** What stands before the names of sums in the compiled outputs. */
const SUM = 'sum '

/** What an evaluation is to bring. */
export interface EvaluateOptions {
  /** Also what the task keeps of every example. */
  readonly keep?: boolean
  /** Also these of the task's outputs, for figures. */
  readonly also?: readonly string[]
}

/** What the trace of an evaluation shows. */
interface Form {
  /** Examples in a batch. */
  readonly batch: number
  /** The columns that are read as numbers of classes. */
  readonly checks: readonly LabelCheck[]
  /** Whether the task draws random numbers. */
  readonly draws: boolean
}

/** Runs a model in evaluation mode over data sets. */
export class Evaluator {
  readonly #experiment: Experiment
  readonly #settings: TrainingSettings
  readonly #model: Module
  readonly #runtime: Runtime
  readonly #compiled = new Map<string, Compiled<BatchTensors>>()
  readonly #checked = new WeakSet<Dataset>()
  #form: Form | undefined

  constructor(experiment: Experiment, settings: TrainingSettings, model: Module, runtime: Runtime) {
    this.#experiment = experiment
    this.#settings = settings
    this.#model = model
    this.#runtime = runtime
  }

  /** Judges a model on a data set. @throws UserError where the set lacks a column, or holds no example */
  async evaluate(dataset: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    const batches = this.evaluating(dataset, options)
    for (;;) {
      const batch = await batches.next()
      if (batch.done === true) return batch.value
    }
  }

  /** The same in steps of a batch: each tells how many examples are done. */
  async *evaluating(
    dataset: Dataset, { keep = false, also = [] }: EvaluateOptions = {},
  ): AsyncGenerator<number, Evaluation> {
    const { evaluate } = this.#experiment.task
    if (dataset.length === 0)
      throw new UserError({ rule: 'An evaluation needs examples.', received: `none in ${dataset.name}` })
    const columns = specsOf(dataset, evaluate.columns)
    const kept = [...new Set([...(keep || evaluate.judge ? (evaluate.keep ?? []) : []), ...also])]
    const { batch, checks, draws } = (this.#form ??= this.#formOf(columns))
    if (!this.#checked.has(dataset)) checkLabelColumns(dataset, checks)
    this.#checked.add(dataset)
    const sums: Record<string, Float64Array> = {}
    const outputs: Record<string, { data: Float32Array; shape: readonly number[] }> = {}
    let done = 0
    for await (const { number, data: fed, indices, entries } of evaluationBatches(dataset, evaluate.columns, batch)) {
      const run = this.#compile(specsAt(columns, dataset, entries), kept, draws)
      const values = await run(...fed, ...(draws ? [keyOf(number)] : []))
      for (const [name, { data, shape }] of Object.entries(values)) {
        if (name.startsWith(SUM)) {
          addInto((sums[name.slice(SUM.length)] ??= new Float64Array(data.length)), data)
          continue
        }
        const perExample = data.length / indices.length
        const whole = (outputs[name] ??= { data: new Float32Array(dataset.length * perExample), shape: shape.slice(1) })
        keepRows(whole.data, data, indices, perExample)
      }
      yield (done += indices.length)
    }
    const metrics = {
      ...evaluate.metrics(sums, dataset.length, this.#settings),
      ...evaluate.judge?.(outputs, dataset, this.#settings),
    }
    return { metrics, sums, outputs: keep || also.length > 0 ? outputs : {} }
  }

  /** Sums, and the outputs that are wanted, of one batch. */
  #compute({ [KEY]: key, ...batch }: BatchTensors, kept: readonly string[]): BatchTensors {
    const { evaluate } = this.#experiment.task
    const { sums, outputs = {} } = withMode({ training: false, ...(key && { randomKey: key }) }, () =>
      evaluate.compute(this.#model, batch, this.#settings)).output
    return {
      ...Object.fromEntries(Object.entries(sums).map(([name, value]) => [`${SUM}${name}`, value])),
      ...Object.fromEntries(kept.flatMap(name => (outputs[name] ? [[name, outputs[name]]] : []))),
    }
  }

  #compile(columns: Specs, kept: readonly string[], draws: boolean): Compiled<BatchTensors> {
    const key = JSON.stringify([kept, Object.values(columns).map(({ shape }) => shape)])
    const known = this.#compiled.get(key)
    if (known) return known
    const batch: Record<string, Omit<Spec, 'name'>> = Object.fromEntries(
      Object.entries(columns).map(([name, { dtype, shape }]) => [name, { dtype, shape: [null, ...shape] }]),
    )
    if (draws) batch[KEY] = { dtype: 'int32', shape: [2] }
    const compiled = evaluationStep({
      model: this.#model,
      compute: (_, tensors) => this.#compute(tensors, kept),
      batch,
      runtime: this.#runtime,
      name: 'evaluation',
    })
    this.#compiled.set(key, compiled)
    return compiled
  }

  /**
   * The columns that are read as numbers of classes, as many examples as memory allows (one of a language model gives
   * many rows of scores), and whether the task draws random numbers.
   */
  #formOf(columns: Specs): Form {
    labelState(this.#model)
    const one = Object.fromEntries(
      Object.entries(columns).map(([name, { dtype, shape }]) => [name, input(name, { dtype, shape: [1, ...shape] })]),
    )
    const key = input(KEY, { dtype: 'int32', shape: [2] })
    const { keep = [] } = this.#experiment.task.evaluate
    const outputs = Object.values(this.#compute({ ...one, [KEY]: key }, keep))
    const traced = graph('evaluation', [...Object.values(one), key], outputs)
    const nodes = topologicalOrder(traced.outputs)
    const held = heldAtOnce(traced.outputs)
    const bytes = Object.values(columns).reduce(
      (sum, { dtype, shape }) => sum + (dtype === 'uint8' ? 1 : 4) * sizeOf(shape),
      0,
    )
    const limits = [BATCH.bytes / bytes, BATCH.tensor / (4 * held.largest), BATCH.held / (4 * held.all)]
    const batch = Math.max(1, Math.floor(Math.min(BATCH.examples, ...limits)))
    return { batch, checks: labelChecks(traced), draws: nodes.includes(key) }
  }

  async release(): Promise<void> {
    await Promise.all([...this.#compiled.values()].map(compiled => compiled.release()))
  }
}

/** Writes the rows of a batch to their places among those of all examples. */
function keepRows(whole: Float32Array, rows: ArrayLike<number>, indices: ArrayLike<number>, size: number): void {
  for (let k = 0; k < indices.length; k++) {
    const at = (indices[k] as number) * size
    for (let i = 0; i < size; i++) whole[at + i] = rows[k * size + i] as number
  }
}

function addInto(sums: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (values[i] as number)
}

/**
 * Evaluates a model whose weights are set, for those who hold a finished run, with what the task keeps.
 * @throws UserError where it gives NaN or infinity
 */
export async function evaluateModel(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  dataset: Dataset,
  runtime: Runtime,
  next?: string,
): Promise<Evaluation> {
  const evaluator = new Evaluator(experiment, settings, model, runtime)
  try {
    const evaluation = await evaluator.evaluate(dataset, { keep: true })
    assertFiniteOutputs(evaluation.outputs, next)
    const sums = Object.fromEntries(Object.entries(evaluation.sums).map(([name, data]) => [name, { data }]))
    assertFiniteOutputs(sums, next)
    return evaluation
  } finally {
    await evaluator.release()
  }
}

/**
 * What a task keeps of every example of a data set and the right answers, as a run keeps them: what they are judged by
 * needs no data then. Outputs are float32 [examples, ...], answers as their columns are, [examples]. Nothing where the
 * task keeps nothing.
 * @param answers the columns that say what was to be answered
 */
export function keptOutputs(
  { outputs }: Pick<Evaluation, 'outputs'>,
  { length, columns }: Dataset,
  answers: readonly string[] = [],
): Record<string, NamedTensor> {
  const said = Object.entries(outputs).map(
    ([name, { data, shape }]) => [name, { dtype: 'float32', shape: [length, ...shape], data }] as const,
  )
  if (said.length === 0) return {}
  const right = answers.flatMap(name => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    return column?.shape.length === 0 && !Object.hasOwn(outputs, name)
      ? [[name, { dtype: column.dtype, shape: [length], data: column.data }] as const]
      : []
  })
  return Object.fromEntries<NamedTensor>([...said, ...right])
}
