// A phase of a training step: a loss, the parameters that it trains, and the optimizer that does it.
import {
  add, assumeFinite, cast, differentiate, div, equal, floor, formatType, input, mul,
  requireTensors, reshape, slice, sub,
  type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { withMode } from './mode.ts'
import { clipGlobalNorm, maxNorm as constrainRows } from './optimizers/constraints.ts'
import { optimizerKind, type Optimizer } from './optimizers/optimizer.ts'
import {
  choiceKind, chosen, treatments, type NamedParameter, type ParameterChoice, type ParameterGroup,
  type ParameterPredicate,
} from './parameter-groups.ts'

/** The tensors of a batch by the names of its columns. */
export type Batch<C extends string = string> = Readonly<Record<C, Tensor>>

/** What is minimised, and what else every step reports. */
export interface LossAndMetrics {
  /** One float32 number. */
  readonly loss: Tensor
  /** One number each; with `accumulate`, those of the parts are added up. */
  readonly metrics?: Readonly<Record<string, Tensor>>
}

/** What the options of an {@link Objective} may be. */
export const objectiveKinds = {
  loss: kinds.needed(kinds.callable), optimizer: kinds.needed(optimizerKind),
  groups: kinds.listOf(kinds.dictionary(), 'groups'),
  clipNorm: kinds.above(0), maxNorm: kinds.above(0), exclude: kinds.callable,
}

/** How a loss trains parameters. */
export interface Objective<M extends object, C extends string> {
  /** The forward pass and the loss; runs once, in training mode, to build the graph. */
  readonly loss: (model: M, batch: Batch<C>) => LossAndMetrics
  readonly optimizer: Optimizer
  /** Settings of their own for some of the parameters; default none. */
  readonly groups?: readonly ParameterGroup[]
  /** Largest global norm of the gradients; default no limit. The step then also reports `gradientNorm`. */
  readonly clipNorm?: number
  /** Largest norm of the incoming weights of a unit, for all parameters with two or more axes; default no limit. */
  readonly maxNorm?: number
  /** Parameters that weight decay spares; default none. See `isBiasOrNorm`. */
  readonly exclude?: ParameterPredicate
}

/** One of several objectives of a step. Phases follow one another: each sees what the earlier ones have updated. */
export interface Phase<M extends object, C extends string> extends Objective<M, C> {
  /**
   * Its place in the names of what is reported, kept and fed: `critic.loss`, `critic.momentum/...`,
   * `critic.learningRate`.
   */
  readonly name: string
  /** Parameters that the phase trains; default all. */
  readonly trains?: ParameterChoice
  /**
   * The phase takes part in every n-th step, counted from 1; default in each. At other steps its parameters, slots and
   * buffers stay as they are, and what it reports is 0 and does not count. All of it stands in a branch of `cond` and
   * is not computed there, passes and updates alike; only WebGPU, which has no branches, computes and drops it.
   */
  readonly every?: number
}

/** One slot of an optimizer for one parameter. */
export interface SlotEntry {
  readonly name: string
  readonly input: Tensor
  readonly data: Float32Array
}

/** A phase as a part of the graph, in terms of the state as the step finds it. */
export interface BuiltPhase {
  readonly learningRate: Tensor
  /** Slot by slot. */
  readonly slots: readonly SlotEntry[]
  /** The next values of what the phase changes, where it takes part: parameters, slots, buffers. */
  readonly next: ReadonlyMap<Tensor, Tensor>
  /** What it reports, by name. */
  readonly reported: Readonly<Record<string, Tensor>>
  readonly trained: readonly NamedParameter[]
  readonly nextStream: number
}

/** What all phases of a step share. */
export interface StepContext<M extends object, C extends string> {
  readonly model: M
  readonly batch: Batch<C>
  readonly parameters: readonly NamedParameter[]
  readonly step: Tensor
  readonly randomKey: Tensor
  readonly accumulate: number
  readonly firstStream: number
}

const phaseKinds = {
  name: kinds.needed(kinds.name), ...objectiveKinds, trains: choiceKind, every: kinds.whole(1),
}

/** What a loss function returned. @throws UserError where that is no loss with metrics */
function checkLoss(returned: LossAndMetrics): LossAndMetrics {
  checkArgument(
    'trainingStep', 'what the loss function returns', returned, kinds.dictionary(),
    'Write loss: (model, batch) => ({ loss: crossEntropy(...) }).',
  )
  const { loss, metrics } = checkOptions('what the loss function returns', returned, {
    loss: kinds.needed(kinds.dictionary()), metrics: kinds.dictionary(),
  })
  requireTensors('trainingStep: the loss and the metrics', loss, ...Object.values(metrics ?? {}))
  return returned
}

/** One number, as it is reported. */
export function scalar(name: string, value: Tensor): Tensor {
  if (value.size !== 1) {
    throw new UserError({
      rule: `The metric '${name}' must be one number.`,
      received: formatType(value),
      next: 'Reduce it with sum() or mean().',
    })
  }
  return reshape(cast(value, 'float32'), [])
}

/** Cuts a batch along its first axis into parts of nearly equal size, each with its share of the examples. */
function inParts<C extends string>(batch: Batch<C>, parts: number): { part: Batch<C>; share: number }[] {
  if (parts === 1) return [{ part: batch, share: 1 }]
  const columns = Object.entries(batch) as [C, Tensor][]
  const examples = columns[0]?.[1].shape[0] ?? 1
  if (columns.some(([, { shape }]) => shape[0] !== examples)) {
    throw new UserError({
      rule: 'accumulate: a batch is cut along its first axis, which must be as long for every column.',
      received: columns.map(([name, column]) => `${name}: ${formatType(column)}`).join(', '),
      next: 'Give columns whose first axis counts the examples, or leave accumulate out.',
    })
  }
  const count = Math.min(parts, examples)
  const bound = (i: number) => Math.round((i * examples) / count)
  return Array.from({ length: count }, (_, i) => ({
    part: Object.fromEntries(
      columns.map(([name, column]) => [name, slice(column, { axis: 0, start: bound(i), end: bound(i + 1) })]),
    ) as Batch<C>,
    share: (bound(i + 1) - bound(i)) / examples,
  }))
}

/** The parameters that a phase trains. */
function trainedBy(
  name: string,
  choice: ParameterChoice,
  parameters: readonly NamedParameter[],
): readonly NamedParameter[] {
  const trained = chosen(name === '' ? 'trainable' : `phase '${name}'`, choice, parameters)
  if (trained.length > 0) return trained
  throw new UserError({
    rule:
      name === '' ? 'A model must have a parameter to train.' : `The phase '${name}' must have a parameter to train.`,
    received: `${parameters.length} parameters, none of them trained`,
    next: 'Give the model a field with a layer, for example new Linear(784, 10).',
  })
}

/**
 * Forward and backward pass: the gradients of the whole batch, the loss and the metrics, and the buffers' new values.
 */
function passes<M extends object, C extends string>(
  { loss: lossOf }: Objective<M, C>,
  context: StepContext<M, C>,
  trained: readonly NamedParameter[],
) {
  const { model, batch, randomKey, accumulate, firstStream } = context
  const { output, bufferUpdates, nextStream } = withMode({ training: true, randomKey, firstStream }, () =>
    inParts(batch, accumulate).map(({ part, share }) => {
      const { loss, metrics = {} } = checkLoss(lossOf(model, part))
      const shared = mul(loss, share)
      return {
        loss: shared, metrics,
        gradients: assumeFinite(() => differentiate(shared, trained.map(([, parameter]) => parameter))),
      }
    }))
  const gradients = output.map(part => part.gradients)
    .reduce((total, part) => total.map((gradient, i) => add(gradient, part[i] as Tensor)))
  const loss = output.map(part => part.loss).reduce((total, part) => add(total, part))
  const metrics = output
    .map(part => part.metrics)
    .reduce((total, part) =>
      Object.fromEntries(Object.entries(total).map(([name, value]) => [name, add(value, part[name] as Tensor)])),
    )
  return { gradients, loss, metrics, bufferUpdates, nextStream }
}

/** @throws UserError when a phase has options that phases do not have */
export const checkPhase = <M extends object, C extends string>(phase: Phase<M, C>): Phase<M, C> =>
  checkOptions(`phase '${phase.name}'`, phase, phaseKinds)

/** Whether a phase takes part in the present step: one bool; `undefined` where it always does. */
export function dueAt({ every = 1 }: { readonly every?: number }, step: Tensor): Tensor | undefined {
  if (every === 1) return undefined
  // The half keeps the quotient away from whole numbers, where rounding could decide.
  return equal(sub(step, mul(floor(div(add(step, 0.5), every)), every)), 0)
}

/** The updates of the trained parameters and of their slots. */
function updates(
  objective: Objective<object, never>,
  prefix: string,
  trained: readonly NamedParameter[],
  gradients: readonly Tensor[],
  given: { learningRate: Tensor; step: Tensor },
) {
  const { optimizer, groups = [], maxNorm: limit, exclude = () => false } = objective
  const treated = treatments(optimizer, groups, trained)
  const next = new Map<Tensor, Tensor>()
  const slots = new Map<string, SlotEntry>()
  for (const [i, [name, parameter]] of trained.entries()) {
    const treatment = treated.get(parameter) as NonNullable<ReturnType<typeof treated.get>>
    const { optimizer: own, rate, maxNorm = limit } = treatment
    const initial = own.init(parameter)
    const held = Object.fromEntries(
      own.slots
        .filter(slotName => initial[slotName])
        .map((slotName): [string, Tensor] => {
          const entry = input(`${prefix}${slotName}/${name}`, { shape: parameter.shape, dtype: 'float32' })
          slots.set(`${slotName}/${name}`, {
            name: `${prefix}${slotName}/${name}`,
            input: entry,
            data: initial[slotName] as Float32Array,
          })
          return [slotName, entry]
        }),
    )
    const updated = own.update({
      parameter,
      gradient: gradients[i] as Tensor,
      slots: held,
      learningRate: rate(given.learningRate),
      step: given.step,
      decay: !exclude(name, parameter),
    })
    next.set(
      parameter,
      maxNorm !== undefined && parameter.rank > 1 ? constrainRows(updated.parameter, maxNorm) : updated.parameter,
    )
    for (const [slotName, entry] of Object.entries(held)) next.set(entry, updated.slots[slotName] as Tensor)
  }
  // An optimizer may keep some slots for some parameters only.
  const ordered = optimizer.slots.flatMap(slotName =>
    trained.flatMap(([name]) => slots.get(`${slotName}/${name}`) ?? []),
  )
  return { next, slots: ordered }
}

/**
 * Builds one phase.
 * @param phase its name is empty where it is the only one of its step: then nothing bears a prefix
 * @throws UserError when it trains nothing or its loss is not one number
 */
export function buildPhase<M extends object,
C extends string>(phase: Phase<M, C>, context: StepContext<M, C>): BuiltPhase {
  const { name, trains = () => true, every = 1, clipNorm } = phase
  const prefix = name === '' ? '' : `${name}.`
  const trained = trainedBy(name, trains, context.parameters)
  const learningRate = input(`${prefix}learningRate`, { shape: [], dtype: 'float32' })
  // The number of the phase's own step, counted from 1.
  const count = every === 1 ? context.step : div(context.step, every)
  const { gradients: raw, loss, metrics, bufferUpdates, nextStream } = passes(phase, context, trained)
  const clipped = clipNorm === undefined ? undefined : clipGlobalNorm(raw, clipNorm)
  const { next, slots } = updates(
    phase as unknown as Objective<object, never>,
    prefix,
    trained,
    clipped?.gradients ?? raw,
    { learningRate, step: count },
  )
  for (const [buffer, value] of bufferUpdates) next.set(buffer, value)
  const named = { loss, ...metrics, ...(clipped && { gradientNorm: clipped.norm }) }
  const reported = Object.fromEntries(
    Object.entries(named).map(([metric, value]) => [`${prefix}${metric}`, scalar(`${prefix}${metric}`, value)]),
  )
  return { learningRate, slots, next, reported, trained, nextStream }
}
