// One training step as one graph: forward, backward, clipping, update, and everything a run has to keep between steps.
import {
  cond, dtypeKind, graph, input, substitute, zeros,
  type DType, type Shape, type StepProgram, type Tensor, type TypedArray,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { dataOf, labelState, modelKind, namedBuffers, namedParameters } from './module.ts'
import { exponentialMovingAverage } from './optimizers/constraints.ts'
import { choiceKind, type NamedParameter, type ParameterChoice } from './parameter-groups.ts'
import {
  buildPhase, checkPhase, dueAt, objectiveKinds,
  type Batch, type BuiltPhase, type Objective, type Phase, type StepContext,
} from './phase.ts'

/** One array of a batch, the batch axis included. */
export interface ColumnSpec {
  readonly shape: Shape
  /** Default float32. */
  readonly dtype?: DType
}

/** What a training step is made of, whatever it minimises. */
interface StepOptions<M extends object, C extends string> {
  readonly model: M
  /** Shape and dtype of each column of a batch. */
  readonly batch: Readonly<Record<C, ColumnSpec>>
  /** Decay of an exponential moving average of the parameters; default none is kept. */
  readonly ema?: number
  /**
   * Parts that a batch is computed in, one after another, before one update; default 1. The gradient is that of the
   * whole batch (batch norm uses the statistics of each part), with the memory of a part's activations.
   */
  readonly accumulate?: number
}

/** A training step that minimises one loss. */
export interface TrainingStepOptions<M extends object, C extends string> extends StepOptions<M, C>, Objective<M, C> {
  /** Parameters that are trained; default all. */
  readonly trainable?: ParameterChoice
}

/** A training step of several phases, one after another: a critic and a generator, say. */
export interface PhasedStepOptions<M extends object, C extends string> extends StepOptions<M, C> {
  readonly phases: readonly Phase<M, C>[]
}

/** One array of a run's state. */
export interface StateEntry {
  /**
   * 'hidden1.weight', 'momentum/hidden1.weight', 'critic.momentum/critic.weight', 'ema/hidden1.weight': the names in a
   * checkpoint.
   */
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

/** What a phase of a step is called, and when what it reports counts. */
export interface PhaseInfo {
  /** Empty where the step has one phase. */
  readonly name: string
  /** Takes part in every n-th step, counted from 1. */
  readonly every: number
  /** The fresh input that holds its learning rate. */
  readonly learningRate: string
  /** The names among `reported` that are its own. */
  readonly reported: readonly string[]
}

/** A step program together with the meaning of its inputs and outputs. */
export interface TrainingStep extends StepProgram {
  /** The state in order: parameters, buffers, slots (slot by slot, phase by phase), moving averages. */
  readonly state: readonly StateEntry[]
  /**
   * What is fed after the state: the batch's columns, the learning rate (of several phases each its own), `step` (from
   * 1) and `randomKey` (int32[2]).
   */
  readonly fresh: readonly FreshInput[]
  /**
   * What is reported after the state: for each phase its loss, then its metrics, then the norm of clipped gradients.
   * Scalars.
   */
  readonly reported: readonly string[]
  readonly phases: readonly PhaseInfo[]
}

const RESERVED = ['learningRate', 'step', 'randomKey']

const stepKinds = {
  model: kinds.needed(modelKind), batch: kinds.needed(kinds.dictionary(kinds.dictionary())), ema: kinds.share,
  accumulate: kinds.whole(1),
}
const columnKinds = { shape: kinds.needed(kinds.shape), dtype: dtypeKind }

function inputsOf<C extends string>(specs: Readonly<Record<C, ColumnSpec>>): { columns: Tensor[]; batch: Batch<C> } {
  for (const [name, column] of Object.entries<ColumnSpec>(specs)) checkOptions(
    `trainingStep: the column '${name}'`, column, columnKinds,
  )
  const taken = Object.keys(specs).find(name => RESERVED.includes(name.slice(name.lastIndexOf('.') + 1)))
  if (taken !== undefined) {
    throw new UserError({
      rule: `The names ${RESERVED.join(', ')} are fed by the training loop.`,
      received: `a column named '${taken}'`,
      next: 'Rename the column.',
    })
  }
  const entries = (Object.entries(specs) as [C, ColumnSpec][]).map(
    ([name, { shape, dtype = 'float32' }]): [C, Tensor] => [name, input(name, { shape, dtype })],
  )
  return { columns: entries.map(([, column]) => column), batch: Object.fromEntries(entries) as Batch<C> }
}

/** The phases of a step; the one of a step with one loss has no name. */
function phasesOf<M extends object,
C extends string>(options: TrainingStepOptions<M, C> | PhasedStepOptions<M, C>): readonly Phase<M, C>[] {
  checkArgument(
    'trainingStep', 'the options', options, kinds.dictionary(),
    'Write trainingStep({ model, batch, loss, optimizer }).',
  )
  if (!('phases' in options)) {
    const { loss, optimizer, groups, clipNorm, maxNorm, exclude, trainable } = checkOptions('trainingStep', options, {
      ...stepKinds, ...objectiveKinds, trainable: choiceKind,
    })
    return [{
      name: '', loss, optimizer, ...(groups && { groups }), ...(clipNorm !== undefined && { clipNorm }),
      ...(maxNorm !== undefined && { maxNorm }),
      ...(exclude && { exclude }), ...(trainable && { trains: trainable }),
    }]
  }
  const { phases } = checkOptions('trainingStep', options, {
    ...stepKinds, phases: kinds.needed(kinds.listOf(kinds.dictionary(), 'phases')),
  })
  const names = phases.map(({ name }) => name)
  if (phases.length === 0 || names.some((name, i) => !/^[A-Za-z]\w*$/.test(name) || names.indexOf(name) !== i)) {
    throw new UserError({
      rule: 'The phases of a step must have different names of letters and digits, and be at least one.',
      received: names.map(name => `'${name}'`).join(', ') || 'no phase',
      next: "Name them for what they train, for example 'critic' and 'generator'.",
    })
  }
  return phases
}

const leavesOf = (built: BuiltPhase | undefined): Tensor[] => [...(built?.next.keys() ?? [])]

/**
 * The phases one after another: each is built on the state as the step finds it, and then on what the earlier ones made
 * of it.
 */
function buildPhases<M extends object, C extends string>(
  phases: readonly Phase<M, C>[],
  context: Omit<StepContext<M, C>, 'firstStream'>,
) {
  const next = new Map<Tensor, Tensor>()
  const built: BuiltPhase[] = []
  let firstStream = 0
  for (const phase of phases) {
    let made: BuiltPhase | undefined
    /** What the phase makes: the next values of its leaves, and what it reports. */
    const build = (): Tensor[] => {
      made = buildPhase(phase, { ...context, firstStream })
      const values = [...made.next.values(), ...Object.values(made.reported)]
      return next.size === 0 ? values : substitute(values, next)
    }
    const due = dueAt(checkPhase(phase), context.step)
    // Where it rests, everything stays as the earlier phases have left it.
    const rest = () => [
      ...leavesOf(made).map(leaf => next.get(leaf) ?? leaf),
      ...Object.keys(made?.reported ?? {}).map(() => zeros([])),
    ]
    const values = due ? cond(due, build, rest, { share: 1 / (phase.every ?? 1) }) : build()
    const { reported, nextStream, ...others } = made as unknown as BuiltPhase
    const leaves = leavesOf(made)
    firstStream = nextStream
    built.push({
      ...others,
      nextStream,
      reported: Object.fromEntries(Object.keys(reported).map((name, i) => [name, values[leaves.length + i] as Tensor])),
    })
    leaves.forEach((leaf, i) => next.set(leaf, values[i] as Tensor))
  }
  return { built, next }
}

/** The leaves of a run's state with their next values. */
class StateList {
  readonly entries: StateEntry[] = []
  readonly inputs: Tensor[] = []
  readonly outputs: Tensor[] = []
  readonly #next: Map<Tensor, Tensor>

  constructor(next: Map<Tensor, Tensor>) {
    this.#next = next
  }

  keep(name: string, kind: StateEntry['kind'], leaf: Tensor, data: TypedArray): void {
    this.entries.push({ name, kind, shape: leaf.shape, dtype: leaf.dtype, data })
    this.inputs.push(leaf)
    this.outputs.push(this.#next.get(leaf) ?? leaf)
  }

  /** The moving average of a parameter. */
  keepAverage([name, parameter]: NamedParameter, decay: number): void {
    const average = input(`ema/${name}`, { shape: parameter.shape, dtype: 'float32' })
    this.#next.set(average, exponentialMovingAverage(average, this.#next.get(parameter) as Tensor, decay))
    this.keep(`ema/${name}`, 'ema', average, dataOf(parameter).slice())
  }
}

/** Closes a step; everything that it reads must be state or fed. */
function closed(inputs: readonly Tensor[], outputs: readonly Tensor[]) {
  const built = graph('trainingStep', inputs, outputs)
  const stray = built.inputs[inputs.length]
  if (!stray) return built
  throw new UserError({
    rule: 'Every parameter and buffer that the loss uses must be a field of the model, or of something in its fields.',
    received: stray.toString(),
    next: 'Make the layer that holds it a field of the model.',
  })
}

/**
 * Builds a whole training step. The order of the state, of the fresh inputs and of what is reported is stable: it
 * follows from the model's fields, the optimizer and the options alone.
 *
 * With `phases` several losses follow one another in one step, each with its own parameters and optimizer; a later
 * phase sees what an earlier one has updated, and draws random numbers of its own.
 * @throws UserError when the model has nothing to train, a loss is not one number, or a column has a reserved name
 */
export function trainingStep<M extends object, C extends string>(
  options: TrainingStepOptions<M, C> | PhasedStepOptions<M, C>,
): TrainingStep {
  const phases = phasesOf(options)
  const { model, ema, accumulate = 1 } = options
  const { columns, batch } = inputsOf<C>(options.batch)
  labelState(model)
  const parameters = [...namedParameters(model)]
  const step = input('step', { shape: [], dtype: 'float32' })
  const randomKey = input('randomKey', { shape: [2], dtype: 'int32' })
  const { built, next } = buildPhases(phases, { model, batch, parameters, step, randomKey, accumulate })
  const fresh = [...columns, ...built.map(({ learningRate }) => learningRate), step, randomKey]

  const state = new StateList(next)
  for (const [name, parameter] of parameters) state.keep(name, 'parameter', parameter, dataOf(parameter))
  for (const [name, buffer] of namedBuffers(model)) state.keep(name, 'buffer', buffer, dataOf(buffer))
  for (const { slots } of built) for (const { name, input: leaf, data } of slots) state.keep(name, 'slot', leaf, data)
  const trained = new Set(built.flatMap(phase => phase.trained.map(([name]) => name)))
  if (ema !== undefined)
    for (const parameter of parameters) if (trained.has(parameter[0])) state.keepAverage(parameter, ema)

  const reported = Object.assign({}, ...built.map(phase => phase.reported)) as Record<string, Tensor>
  return {
    graph: closed([...state.inputs, ...fresh], [...state.outputs, ...Object.values(reported)]),
    stateCount: state.entries.length,
    state: state.entries,
    fresh: fresh.map(leaf => ({ name: leaf.leaf?.name ?? '', shape: leaf.shape, dtype: leaf.dtype })),
    reported: Object.keys(reported),
    phases: phases.map(({ name, every = 1 }, i) => {
      const { learningRate, reported: own } = built[i] as BuiltPhase
      return { name, every, learningRate: learningRate.leaf?.name ?? '', reported: Object.keys(own) }
    }),
  }
}
