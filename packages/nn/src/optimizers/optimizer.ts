// What an optimizer is: a pure pair of functions that build part of the training step's graph.
import { add, div, mul, neg, sub, tanh, type Tensor } from '@ddlf/tensor'
import { kinds, type Kind } from '@ddlf/tensor/errors'

/** State that an optimizer keeps for each parameter, in the parameter's shape, by slot name. */
export type Slots<T> = Readonly<Record<string, T>>

/** What an update may read. All tensors are symbolic: nothing is computed while the graph is built. */
export interface UpdateArguments {
  readonly parameter: Tensor
  /** Gradient of the loss with respect to the parameter, in its shape. */
  readonly gradient: Tensor
  readonly slots: Slots<Tensor>
  /** A scalar input of the graph, so that a schedule never recompiles. */
  readonly learningRate: Tensor
  /** A scalar input of the graph: the number of this step, counted from 1, as float32. */
  readonly step: Tensor
  /** Whether weight decay applies to this parameter; default true. */
  readonly decay?: boolean
}

/** Settings that groups of parameters may have of their own. */
export interface OptimizerSettings {
  readonly weightDecay?: number
  readonly beta1?: number
  readonly beta2?: number
}

/** Turns gradients into new parameters. */
export interface Optimizer {
  readonly name: string
  /** Names of the slots, in the order in which they are kept. */
  readonly slots: readonly string[]
  /** The first values of a parameter's slots; one that a parameter has no use for is left out. */
  init(parameter: Tensor): Slots<Float32Array>
  /**
   * The same optimizer with some settings changed, its slots the same.
   * @throws UserError when it does not have such a setting
   */
  with?(settings: OptimizerSettings): Optimizer
  /** The next values of a parameter and of its slots. */
  update(given: UpdateArguments): { readonly parameter: Tensor; readonly slots: Slots<Tensor> }
}

/** What must be an optimizer. */
export const optimizerKind: Kind = {
  is: 'an optimizer, such as sgd() or adam()',
  accepts: value => kinds.withMethods('', 'init', 'update').accepts(value) && kinds.listOf(
    kinds.text, 'names',
  ).accepts((value as Optimizer).slots),
}

/** First values of slots that start at zero. */
export const zeroSlots = (names: readonly string[], parameter: Tensor): Slots<Float32Array> =>
  Object.fromEntries(names.map(name => [name, new Float32Array(parameter.size)]))

/** The named slot, which must exist. */
export function slot(slots: Slots<Tensor>, name: string): Tensor {
  const value = slots[name]
  if (!value) throw new Error(`The optimizer was given no slot '${name}'.`)
  return value
}

/** gradient + rate * parameter: the gradient of an added penalty rate / 2 * |parameter|^2. */
export const withDecay = (gradient: Tensor, parameter: Tensor, rate: number, decay = true): Tensor =>
  rate === 0 || !decay ? gradient : add(gradient, mul(parameter, rate))

/**
 * 1 - base^step for 0 <= base < 1, to float32 precision also where base^step is close to 1.
 * With x = step ln(base): 1 - e^x = -2 t / (1 - t), t = tanh(x / 2).
 */
export function oneMinusPower(base: number, step: Tensor): Tensor {
  if (base === 0) return sub(1, mul(step, 0))
  const logarithm = Math.log(base)
  const t = tanh(mul(step, logarithm / 2))
  return div(mul(neg(t), 2), sub(1, t))
}
