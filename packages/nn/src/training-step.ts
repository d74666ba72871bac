// One training step as one graph: forward, backward, clipping, update, and everything a run has to keep between steps.
import {
  add, cast, checkOptions, compile, differentiate, formatType, graph, input, mul, reshape, slice, UserError,
  type Compiled, type DType, type Runtime, type Shape, type Spec, type StepProgram, type Tensor, type TypedArray,
} from '@ddlf/tensor'
import { withMode } from './mode.ts'
import { dataOf, labelState, namedBuffers, namedParameters } from './module.ts'
import { clipGlobalNorm, exponentialMovingAverage, maxNorm as constrainRows } from './optimizers/constraints.ts'
import type { Optimizer } from './optimizers/optimizer.ts'

/** One array of a batch, the batch axis included. */
export interface ColumnSpec {
  readonly shape: Shape
  /** Default float32. */
  readonly dtype?: DType
}

/** The tensors of a batch by the names of its columns. */
export type Batch<C extends string = string> = Readonly<Record<C, Tensor>>

/** Whether something applies to a parameter. */
export type ParameterPredicate = (name: string, parameter: Tensor) => boolean

/** What is minimised, and what else every step reports. */
export interface LossAndMetrics {
  /** One float32 number. */
  readonly loss: Tensor
  /** One number each; with `accumulate`, those of the parts are added up. */
  readonly metrics?: Readonly<Record<string, Tensor>>
}

/** What a training step is made of. */
export interface TrainingStepOptions<M extends object, C extends string> {
  readonly model: M
  /** The forward pass and the loss; runs once, in training mode, to build the graph. */
  readonly loss: (model: M, batch: Batch<C>) => LossAndMetrics
  /** Shape and dtype of each column of a batch. */
  readonly batch: Readonly<Record<C, ColumnSpec>>
  readonly optimizer: Optimizer
  /** Largest global norm of the gradients; default no limit. The step then also reports `gradientNorm`. */
  readonly clipNorm?: number
  /** Largest norm of the incoming weights of a unit, for all parameters with two or more axes; default no limit. */
  readonly maxNorm?: number
  /** Decay of an exponential moving average of the parameters; default none is kept. */
  readonly ema?: number
  /**
   * Parts that a batch is computed in, one after another, before one update; default 1. The gradient is that of the whole
   * batch (batch norm uses the statistics of each part), with the memory of a part's activations.
   */
  readonly accumulate?: number
  /** Parameters that weight decay spares; default none. See `isBiasOrNorm`. */
  readonly exclude?: ParameterPredicate
  /** Parameters that are trained; default all. */
  readonly trainable?: ParameterPredicate
}

/** One array of a run's state. */
export interface StateEntry {
  /** 'hidden1.weight', 'momentum/hidden1.weight', 'ema/hidden1.weight': the names in a checkpoint. */
  readonly name: string
  readonly kind: 'parameter' | 'buffer' | 'slot' | 'ema'
  readonly shape: Shape
  readonly dtype: DType
  /** The first values. Those of parameters and buffers are the model's own arrays, not copies. */
  readonly data: TypedArray
}

/** One array that is fed at every step. */
export interface FreshInput {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
}

/** A step program together with the meaning of its inputs and outputs. */
export interface TrainingStep extends StepProgram {
  /** The state in order: parameters, buffers, slots (slot by slot), moving averages. */
  readonly state: readonly StateEntry[]
  /** What is fed after the state: the batch's columns, `learningRate`, `step` (from 1) and `randomKey` (int32[2]). */
  readonly fresh: readonly FreshInput[]
  /** What is reported after the state: 'loss', then the metrics, then 'gradientNorm' when gradients are clipped. Scalars. */
  readonly reported: readonly string[]
}

const RESERVED = ['learningRate', 'step', 'randomKey']

function scalar(name: string, value: Tensor): Tensor {
  if (value.size !== 1) throw new UserError({ rule: `The metric '${name}' must be one number.`, received: formatType(value), next: 'Reduce it with sum() or mean().' })
  return reshape(cast(value, 'float32'), [])
}

function inputsOf<C extends string>(specs: Readonly<Record<C, ColumnSpec>>): { columns: Tensor[]; batch: Batch<C> } {
  const entries = (Object.entries(specs) as [C, ColumnSpec][]).map(([name, { shape, dtype = 'float32' }]): [C, Tensor] => [name, input(name, { shape, dtype })])
  return { columns: entries.map(([, column]) => column), batch: Object.fromEntries(entries) as Batch<C> }
}

/** Cuts a batch along its first axis into parts of nearly equal size, each with its share of the examples. */
function inParts<C extends string>(batch: Batch<C>, parts: number): { part: Batch<C>; share: number }[] {
  if (!Number.isInteger(parts) || parts < 1) throw new UserError({ rule: 'accumulate: the number of parts must be a whole number of at least 1.', received: String(parts) })
  const columns = Object.entries(batch) as [C, Tensor][]
  const examples = columns[0]?.[1].shape[0] ?? 1
  const count = Math.min(parts, examples)
  const bound = (i: number) => Math.round((i * examples) / count)
  return Array.from({ length: count }, (_, i) => ({
    part: Object.fromEntries(columns.map(([name, column]) => [name, slice(column, { axis: 0, start: bound(i), end: bound(i + 1) })])) as Batch<C>,
    share: (bound(i + 1) - bound(i)) / examples,
  }))
}

/**
 * Builds a whole training step. The order of the state, of the fresh inputs and of what is reported is stable: it follows
 * from the model's fields, the optimizer and the options alone.
 * @throws UserError when the model has nothing to train, the loss is not one number, or a column has a reserved name
 */
export function trainingStep<M extends object, C extends string>(options: TrainingStepOptions<M, C>): TrainingStep {
  checkOptions('trainingStep', options, [
    'model', 'loss', 'batch', 'optimizer', 'clipNorm', 'maxNorm', 'ema', 'accumulate', 'exclude', 'trainable',
  ])
  const { model, loss: lossOf, optimizer, clipNorm, maxNorm, ema, accumulate = 1, exclude = () => false, trainable = () => true } = options
  const taken = Object.keys(options.batch).find(name => RESERVED.includes(name))
  if (taken !== undefined) throw new UserError({ rule: `The names ${RESERVED.join(', ')} are fed by the training loop.`, received: `a column named '${taken}'`, next: 'Rename the column.' })
  labelState(model)
  const parameters = [...namedParameters(model)]
  const buffers = [...namedBuffers(model)]
  const trained = parameters.filter(([name, parameter]) => trainable(name, parameter))
  if (trained.length === 0) {
    throw new UserError({ rule: 'A model must have a parameter to train.', received: `${parameters.length} parameters, none of them trained`, next: 'Give the model a field with a layer, for example new Linear(784, 10).' })
  }

  const { columns, batch } = inputsOf(options.batch)
  const learningRate = input('learningRate', { shape: [], dtype: 'float32' })
  const step = input('step', { shape: [], dtype: 'float32' })
  const randomKey = input('randomKey', { shape: [2], dtype: 'int32' })
  const fresh = [...columns, learningRate, step, randomKey]

  const { output, bufferUpdates } = withMode({ training: true, randomKey }, () =>
    inParts(batch, accumulate).map(({ part, share }) => {
      const { loss, metrics = {} } = lossOf(model, part)
      return { loss: mul(loss, share), metrics, gradients: differentiate(mul(loss, share), trained.map(([, parameter]) => parameter)) }
    }))
  const raw = output.map(({ gradients }) => gradients).reduce((total, part) => total.map((gradient, i) => add(gradient, part[i] as Tensor)))
  const clipped = clipNorm === undefined ? undefined : clipGlobalNorm(raw, clipNorm)
  const gradients = clipped?.gradients ?? raw

  const slotInputs = new Map<string, { input: Tensor; data: Float32Array; next?: Tensor }>()
  const next = new Map<Tensor, Tensor>()
  for (const [i, [name, parameter]] of trained.entries()) {
    const initial = optimizer.init(parameter)
    const slots = Object.fromEntries(optimizer.slots.filter(slotName => initial[slotName]).map(slotName => {
      const entry = input(`${slotName}/${name}`, { shape: parameter.shape, dtype: 'float32' })
      slotInputs.set(`${slotName}/${name}`, { input: entry, data: initial[slotName] as Float32Array })
      return [slotName, entry]
    }))
    const updated = optimizer.update({ parameter, gradient: gradients[i] as Tensor, slots, learningRate, step, decay: !exclude(name, parameter) })
    next.set(parameter, maxNorm !== undefined && parameter.rank > 1 ? constrainRows(updated.parameter, maxNorm) : updated.parameter)
    for (const [slotName, entry] of Object.entries(slots)) next.set(entry, updated.slots[slotName] as Tensor)
  }

  const state: (StateEntry & { readonly input: Tensor; readonly next: Tensor })[] = []
  const keep = (name: string, kind: StateEntry['kind'], leaf: Tensor, data: TypedArray) =>
    state.push({ name, kind, shape: leaf.shape, dtype: leaf.dtype, data, input: leaf, next: next.get(leaf) ?? bufferUpdates.get(leaf) ?? leaf })
  for (const [name, parameter] of parameters) keep(name, 'parameter', parameter, dataOf(parameter))
  for (const [name, buffer] of buffers) keep(name, 'buffer', buffer, dataOf(buffer))
  for (const slotName of optimizer.slots) {
    for (const [name] of trained) {
      const entry = slotInputs.get(`${slotName}/${name}`)
      if (entry) keep(`${slotName}/${name}`, 'slot', entry.input, entry.data)
    }
  }
  if (ema !== undefined) {
    for (const [name, parameter] of trained) {
      const average = input(`ema/${name}`, { shape: parameter.shape, dtype: 'float32' })
      next.set(average, exponentialMovingAverage(average, next.get(parameter) as Tensor, ema))
      keep(`ema/${name}`, 'ema', average, dataOf(parameter).slice())
    }
  }

  const losses = output.map(({ loss }) => loss).reduce((total, loss) => add(total, loss))
  const metrics = output.map(part => part.metrics).reduce((total, part) => Object.fromEntries(Object.entries(total).map(([name, value]) => [name, add(value, part[name] as Tensor)])))
  const reported: Record<string, Tensor> = { loss: losses, ...metrics, ...(clipped && { gradientNorm: clipped.norm }) }
  const inputs = [...state.map(entry => entry.input), ...fresh]
  const outputs = [...state.map(entry => entry.next), ...Object.entries(reported).map(([name, value]) => scalar(name, value))]
  const built = graph('trainingStep', inputs, outputs)
  const stray = built.inputs[inputs.length]
  if (stray) {
    throw new UserError({
      rule: 'Every parameter and buffer that the loss uses must be a field of the model, or of something in its fields.',
      received: stray.toString(),
      next: 'Make the layer that holds it a field of the model.',
    })
  }
  return {
    graph: built,
    stateCount: state.length,
    state: state.map(({ name, kind, shape, dtype, data }) => ({ name, kind, shape, dtype, data })),
    fresh: fresh.map(leaf => ({ name: leaf.leaf?.name ?? '', shape: leaf.shape, dtype: leaf.dtype })),
    reported: Object.keys(reported),
  }
}

/** What an evaluation is made of. */
export interface EvaluationOptions<M extends object, C extends string, T extends Tensor | Readonly<Record<string, Tensor>>> {
  readonly model: M
  /** The forward pass and what is wanted of it; runs in evaluation mode. */
  readonly compute: (model: M, batch: Batch<C>) => T
  /** Shape and dtype of each column; one size of a shape may be `null`: it follows from each call's data. */
  readonly batch: Readonly<Record<C, Omit<Spec, 'name'>>>
  readonly runtime: Runtime
  readonly name?: string
}

/**
 * Compiles a forward pass in evaluation mode. The compiled function takes one array for each column, in order, and reads
 * the model's parameters and buffers at every call.
 */
export function evaluationStep<M extends object, C extends string, T extends Tensor | Readonly<Record<string, Tensor>>>(
  options: EvaluationOptions<M, C, T>,
): Compiled<T> {
  const { model, compute, batch, runtime, name = 'evaluationStep' } = checkOptions('evaluationStep', options, [
    'model', 'compute', 'batch', 'runtime', 'name',
  ])
  labelState(model)
  const entries = Object.entries(batch) as [C, Omit<Spec, 'name'>][]
  return compile(
    (...columns) => withMode({ training: false }, () => compute(model, Object.fromEntries(entries.map(([column], i) => [column, columns[i]])) as Batch<C>)).output,
    entries.map(([column, spec]) => ({ ...spec, name: column })),
    { runtime, name },
  )
}
