// Parameters that are trained with settings of their own: another learning rate, no weight decay.
import { mul, type Tensor } from '@ddlf/tensor'
import { checkOptions, kinds, nearestName, UserError } from '@ddlf/tensor/errors'
import type { Optimizer, OptimizerSettings } from './optimizers/optimizer.ts'

/** Whether something applies to a parameter. */
export type ParameterPredicate = (name: string, parameter: Tensor) => boolean

/** Which parameters: all of which a function says yes, or those of a list of names. */
export type ParameterChoice = ParameterPredicate | readonly string[]

/** What names parameters. */
export const choiceKind = kinds.either(kinds.callable, kinds.listOf(kinds.text, 'names'))

const groupKinds = {
  parameters: kinds.needed(choiceKind), rate: kinds.atLeast(0), weightDecay: kinds.atLeast(0), beta1: kinds.share,
  beta2: kinds.share, maxNorm: kinds.above(0),
}

/** Settings for some of the parameters. A parameter belongs to the first group that names it. */
export interface ParameterGroup extends OptimizerSettings {
  readonly parameters: ParameterChoice
  /** Factor of the learning rate, default 1. */
  readonly rate?: number
  /** Largest norm of the incoming weights of a unit: of parameters with two axes or more. Default: the objective's. */
  readonly maxNorm?: number
}

/** A parameter with its path in the model. */
export type NamedParameter = readonly [name: string, parameter: Tensor]

/**
 * The parameters that a choice names.
 * @param owner who asks, as the message calls it
 * @throws UserError when a name of a list belongs to no parameter
 */
export function chosen(
  owner: string,
  choice: ParameterChoice,
  parameters: readonly NamedParameter[],
): readonly NamedParameter[] {
  if (typeof choice === 'function') return parameters.filter(([name, parameter]) => choice(name, parameter))
  const names = parameters.map(([name]) => name)
  const unknown = choice.find(name => !names.includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, names)
    throw new UserError({
      rule: `${owner}: every name in a list of parameters must be that of a parameter of the model.`,
      received: `'${unknown}'`,
      next: near === undefined ? `The parameters are ${names.join(', ')}.` : `Did you mean '${near}'?`,
    })
  }
  return parameters.filter(([name]) => choice.includes(name))
}

/** How one parameter is trained. */
export interface Treatment {
  readonly optimizer: Optimizer
  /** The learning rate of the parameter, given that of the step. */
  readonly rate: (learningRate: Tensor) => Tensor
  /** The largest norm of its rows, where its group has one of its own. */
  readonly maxNorm?: number
}

function treatmentOf(
  optimizer: Optimizer, { rate = 1, weightDecay, beta1, beta2, maxNorm }: ParameterGroup,
): Treatment {
  const settings: OptimizerSettings = {
    ...(weightDecay !== undefined && { weightDecay }),
    ...(beta1 !== undefined && { beta1 }),
    ...(beta2 !== undefined && { beta2 }),
  }
  const given = Object.keys(settings)
  if (given.length > 0 && !optimizer.with) {
    throw new UserError({
      rule: `groups: the optimizer '${optimizer.name}' has no settings that a group could change.`,
      received: given.join(', '),
      next: 'Use an optimizer with a function with(settings), as those of @ddlf/nn have it.',
    })
  }
  return {
    optimizer: given.length > 0 && optimizer.with ? optimizer.with(settings) : optimizer,
    rate: learningRate => (rate === 1 ? learningRate : mul(learningRate, rate)),
    ...(maxNorm !== undefined && { maxNorm }),
  }
}

/**
 * How each parameter is trained: by the first group that names it, or as the optimizer says.
 * @throws UserError when a group names no parameter, bounds none that has incoming weights, or has a setting that the
 * optimizer does not know
 */
export function treatments(
  optimizer: Optimizer,
  groups: readonly ParameterGroup[],
  parameters: readonly NamedParameter[],
): Map<Tensor, Treatment> {
  const plain: Treatment = { optimizer, rate: learningRate => learningRate }
  const found = new Map<Tensor, Treatment>()
  for (const group of groups) {
    checkOptions('groups', group, groupKinds)
    const members = chosen('groups', group.parameters, parameters)
    if (members.length === 0) {
      throw new UserError({
        rule: 'groups: a group must name at least one parameter that is trained.',
        received: typeof group.parameters === 'function' ? 'a function that says no to all of them' : 'an empty list',
        next: `The parameters are ${parameters.map(([name]) => name).join(', ')}.`,
      })
    }
    if (group.maxNorm !== undefined && members.every(([, { rank }]) => rank < 2)) {
      throw new UserError({
        rule: 'groups: maxNorm bounds the incoming weights of units, so a parameter needs two axes or more.',
        received: `${members.map(([name]) => name).join(', ')} with one axis at most`,
        next: 'Name the weights, or leave maxNorm out.',
      })
    }
    const treatment = treatmentOf(optimizer, group)
    for (const [, parameter] of members) if (!found.has(parameter)) found.set(parameter, treatment)
  }
  for (const [, parameter] of parameters) if (!found.has(parameter)) found.set(parameter, plain)
  return found
}
