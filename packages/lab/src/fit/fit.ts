// An own model trained on own numbers: no experiment, no run folder.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Runtime, Tensor } from '@ddlf/tensor'
import type { z } from 'zod'
import { createLoader, type Dataset } from '@ddlf/data'
import { evaluationStep, loadStateDict, stateDict, type Module } from '@ddlf/nn'
import { batchesOf, columnFrom, datasetFrom, inMemory, type Numbers } from '../data-source/arrays.ts'
import { experiment, parseSettings, type Experiment, type TrainingSettings } from '../experiment/experiment.ts'
import { formatMetric } from '../experiment/metric.ts'
import { trainingSettings } from '../experiment/training-settings.ts'
import { memoryRunStore } from '../runs/run-store.ts'
import { decodeSafetensors, encodeSafetensors } from '../runs/safetensors.ts'
import { classification, classificationSettings } from '../tasks/classification/classification.ts'
import { regression } from '../tasks/regression.ts'
import type { Task } from '../tasks/task.ts'
import { divide } from '../train/divide.ts'
import type { EvaluationEvent, TrainEvent } from '../train/events.ts'
import { train, type MetricsByPart } from '../train/train.ts'
import { exportOnnx } from '../trained/export-model.ts'

/** What is learned: from inputs to targets. The first axis of both counts the examples. */
export interface FitData {
  readonly inputs: Numbers
  /** Numbers of classes from 0 where classes are told apart; else numbers to predict. */
  readonly targets: Numbers
}

/** How an own model is trained: any of the settings of a training, and what follows. */
export interface FitOptions extends Partial<z.infer<typeof classificationSettings>> {
  /** What computes: `onnxNodeRuntime()` of `@ddlf/tensor/node`, `onnxWebRuntime()` of `@ddlf/tensor/browser`. */
  readonly runtime: Runtime
  /** Whether `targets` are classes or numbers; default classes where they are int32 or uint8. */
  readonly task?: 'classification' | 'regression'
  /** Held-out data, instead of the share `validation` of the examples (default a tenth, 0: none). */
  readonly heldOut?: FitData
  /** Hears a line an epoch; default `console.log`. `null`: nobody. */
  readonly progress?: ((line: string) => void) | null
  /** Hears every event of the training. */
  readonly onEvent?: (event: TrainEvent) => void
  /** Aborted: training stops after the present steps. */
  readonly signal?: AbortSignal
}

/** A trained model. */
export interface Fitted<M extends Module> {
  /** The model that was given, with the weights of the end. */
  readonly model: M
  /** `stopped`: the signal was aborted before the last step. */
  readonly status: 'completed' | 'stopped'
  /**
   * Of the last evaluation, by part: `train`, and `validation` where examples are held out. Empty where it was stopped
   * before the first.
   */
  readonly metrics: MetricsByPart
  /**
   * What the model says of inputs, in evaluation mode: logits, or the numbers predicted. Inputs are prepared as in
   * training: uint8 is divided by 255.
   */
  predict(inputs: Numbers): Promise<{ readonly data: Float32Array; readonly shape: readonly number[] }>
  /** The weights as a safetensors file, which {@link load} and PyTorch read. */
  save(): Uint8Array
  /** The model as an ONNX file with a free batch axis. */
  exportOnnx(): Uint8Array
}

const OWN = ['runtime', 'task', 'heldOut', 'progress', 'onEvent', 'signal'] as const
/** Inputs in one run of a prediction. */
const BATCH = 1000

/** Whether targets are classes, where nobody says. */
const kindOf = (targets: Numbers): 'classification' | 'regression' =>
  'data' in targets && !(targets.data instanceof Float32Array) ? 'classification' : 'regression'

function datasetOf({ inputs, targets }: FitData, kind: 'classification' | 'regression') {
  const isClasses = kind === 'classification'
  const wanted = columnFrom('targets', targets, isClasses ? 'int32' : 'float32')
  const labels =
    isClasses && wanted.column.dtype === 'uint8'
      ? { ...wanted, column: { ...wanted.column, dtype: 'int32' as const, data: Int32Array.from(wanted.column.data) } }
      : wanted
  return datasetFrom('arrays in memory', {
    inputs: columnFrom('inputs', inputs),
    [isClasses ? 'labels' : 'targets']: labels,
  })
}

const lineOf = ({ epoch, metrics }: EvaluationEvent, { metrics: described }: Pick<Task<never>, 'metrics'>): string =>
  [
    `epoch ${epoch}`,
    ...described
      .filter(({ quiet }) => quiet !== true)
      .map(metric => {
        const values = Object.values(metrics).map(({ [metric.name]: value }) =>
          value === undefined ? '-' : formatMetric(metric, value),
        )
        return `${metric.name} ${values.join(' / ')}`
      }),
  ].join('  ')

/**
 * Trains a model on numbers in memory. The model is any object whose fields hold parameters; it starts from the weights
 * that it has. A tenth of the examples is held out, and judges it after every epoch; of fewer than it takes, none.
 * @example
 * const model = new Sequential(new Linear(4, 32), new ReLU(), new Linear(32, 3))
 * const runtime = onnxNodeRuntime()
 * const fitted = await fit(model, { inputs, targets }, { runtime, task: 'classification', epochs: 20 })
 * writeFileSync('model.onnx', fitted.exportOnnx())
 * @throws UserError where the numbers and the model do not fit, a setting is out of range, or the training diverges
 */
export async function fit<M extends Module>(model: M, data: FitData, options: FitOptions): Promise<Fitted<M>> {
  const all = [...OWN, ...(Object.keys(classificationSettings.shape) as (keyof FitOptions)[])]
  checkOptions('fit', options, all)
  const {
    runtime,
    task: kind = kindOf(data.targets),
    heldOut,
    progress = console.log,
    onEvent,
    signal,
    ...given
  } = options
  const isClasses = kind === 'classification'
  const dataset = datasetOf(data, kind)
  const common = {
    name: 'fit',
    title: 'Own arrays',
    question: 'What does the model learn?',
    data: inMemory(dataset.name, { train: dataset }),
    model: () => model,
  }
  const made = isClasses
    ? experiment({ ...common, config: classificationSettings, task: classification({ input: 'inputs' }) })
    : experiment({ ...common, config: trainingSettings, task: regression() })
  const settings = settingsOf(made, dataset, given, heldOut !== undefined)
  const store = memoryRunStore('fit')
  let end: Pick<Fitted<M>, 'metrics' | 'status'> = { status: 'stopped', metrics: {} }
  const events = train({
    experiment: made,
    settings,
    train: dataset,
    runtime,
    store,
    createLoader,
    mayBeUnjudged: true,
    ...(heldOut && { validation: datasetOf(heldOut, kind) }),
    ...(signal && { signal }),
  })
  for await (const event of events) {
    onEvent?.(event)
    if (event.kind === 'evaluation') progress?.(lineOf(event, made.task))
    if (event.kind === 'done') end = { status: event.status, metrics: event.metrics }
    if (event.kind === 'failed') throw event.parts ? new UserError(event.parts) : new Error(event.message)
  }
  return { model, ...end, ...methodsOf(model, made, settings, runtime) }
}

/** The settings: a tenth is held out where nobody says, and where that is an example at all. */
function settingsOf(
  made: Experiment,
  dataset: Dataset,
  given: Partial<TrainingSettings>,
  isDivided: boolean,
): TrainingSettings {
  if (isDivided && (given.validation ?? 0) > 0) {
    throw new UserError({
      rule: 'Held-out data are given, or a share of the examples is held out, not both.',
      received: `heldOut and validation: ${String(given.validation)}`,
      next: 'Leave one of them out.',
    })
  }
  if (isDivided || given.validation !== undefined) return parseSettings(made, given)
  const settings = parseSettings(made, { ...given, validation: 0.1 })
  const held = divide(made, dataset, settings).validation?.length ?? 0
  return held > 0 ? settings : { ...settings, validation: 0 }
}

function methodsOf<M extends Module>(
  model: M,
  made: Experiment,
  settings: TrainingSettings,
  runtime: Runtime,
): Pick<Fitted<M>, 'save' | 'exportOnnx' | 'predict'> {
  return {
    save: () => save(model),
    exportOnnx: () => exportOnnx({ experiment: made, settings, model }).bytes,
    async predict(inputs) {
      const { column, length } = columnFrom('inputs', inputs)
      const forward = evaluationStep({
        model,
        compute: (_, inputs) => Object.values(made.task.outputs(model, inputs, settings))[0] as Tensor,
        batch: { inputs: { shape: [null, ...column.shape], dtype: column.dtype } },
        runtime,
        name: 'prediction',
      })
      try {
        const parts: Float32Array[] = []
        let shape: readonly number[] = []
        for (const { data } of batchesOf(column, length, BATCH)) {
          const outputs = await forward(data)
          parts.push(outputs.data as Float32Array)
          shape = outputs.shape.slice(1)
        }
        const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
        let at = 0
        for (const part of parts) {
          all.set(part, at)
          at += part.length
        }
        return { data: all, shape: [length, ...shape] }
      } finally {
        await forward.release()
      }
    },
  }
}

/** The weights of a model as a safetensors file. */
export const save = (model: Module): Uint8Array =>
  encodeSafetensors(
    Object.fromEntries(
      Object.entries(stateDict(model)).map(([name, { dtype, shape, data }]) => [name, { dtype, shape, data }]),
    ),
    { format: 'pt' },
  )

/**
 * Gives a model the weights of a safetensors file that {@link save} wrote.
 * @throws UserError where they are another model's
 */
export function load<M extends Module>(model: M, bytes: Uint8Array): M {
  loadStateDict(model, decodeSafetensors(bytes).tensors)
  return model
}
