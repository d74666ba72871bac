// Trials that wait to be run with values that somebody gave, as Optuna's `enqueue_trial` writes them.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import { contains, type Choice } from './space/distribution.ts'
import { isActive, type Parameter, type Params, type Space } from './space/space.ts'
import { formatParameter } from './space/space-text.ts'
import type { Trial } from './trial.ts'

/** Optuna's system attribute of a trial whose values, or some of them, were given. */
export const FIXED_PARAMS = 'fixed_params'

/** The attribute of a trial that says why it failed. */
export const FAILURE = 'failure'

type Given = Readonly<Record<string, unknown>>

/** Whether the values of a trial, or some of them, were given by somebody and not proposed. */
const isGivenTrial = ({ systemAttributes }: Pick<Trial, 'systemAttributes'>): boolean =>
  typeof systemAttributes[FIXED_PARAMS] === 'object' && systemAttributes[FIXED_PARAMS] !== null

/** The values that a trial was given. */
export function givenParams(trial: Pick<Trial, 'systemAttributes' | 'params'>): Given {
  const fixed = isGivenTrial(trial) ? (trial.systemAttributes[FIXED_PARAMS] as Given) : {}
  return { ...fixed, ...trial.params }
}

/** A choice of Optuna that is a list or an object is kept as its text. */
const asChoice = (value: unknown): Choice =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Choice)

/** The values that a trial has; of one that waits those that it was given. */
export const shownParams = (trial: Pick<Trial, 'systemAttributes' | 'params' | 'state'>): Params =>
  trial.state === 'waiting'
    ? Object.fromEntries(Object.entries(givenParams(trial)).map(([name, value]) => [name, asChoice(value)]))
    : trial.params

/** How many trials were begun; those that wait are none of them. */
export const countBegun = (trials: readonly Trial[]): number =>
  trials.reduce((sum, { state }) => sum + (state === 'waiting' ? 0 : 1), 0)

const outside = (name: string, parameter: Parameter, value: unknown) => new UserError({
  rule: `The value of ${name} lies outside its range.`,
  received: `${name}=${typeof value === 'number' ? value : typeof value === 'string' ? value : JSON.stringify(value)}`,
  next: `Its range is ${formatParameter(name, parameter)}.`,
})

/** Why a trial of these values cannot be run, in words; undefined where it can. */
export function unfitWords(space: Space, given: Given): string | undefined {
  for (const [name, parameter] of Object.entries(space)) {
    if (!Object.hasOwn(given, name) || contains(parameter, asChoice(given[name]))) continue
    const { rule, received = '', next = '' } = outside(name, parameter, given[name]).parts
    return `${rule} ${received}. ${next}`
  }
  return undefined
}

/**
 * The values of a whole trial: those that were given, and the others as they are drawn. As in Optuna, what is given for
 * a parameter that the trial does not have is left out.
 * @param suggest asked once, and only where something was not given
 * @param draw a value for what the suggestion has not, because given values make another condition hold
 */
export function completeParams(
  space: Space,
  given: Given,
  suggest: () => Params | undefined,
  draw: (name: string) => Choice,
): Params {
  const params: Record<string, Choice> = {}
  let suggested: Params | undefined
  for (const [name, parameter] of Object.entries(space)) {
    if (!isActive(parameter, params)) continue
    if (Object.hasOwn(given, name)) {
      params[name] = asChoice(given[name])
      continue
    }
    suggested ??= suggest() ?? {}
    params[name] = Object.hasOwn(suggested, name) ? (suggested[name] as Choice) : draw(name)
  }
  return params
}

/**
 * Checks values that are to be tried: each within its range, and none whose condition cannot hold with the others.
 * @throws UserError naming the parameter
 */
export function checkGiven(space: Space, given: Params): void {
  const names = Object.keys(given)
  if (names.length === 0)
    throw new UserError({
      rule: 'A trial that is to be tried first has values.',
      received: 'none',
      next: `Give some of ${Object.keys(space).join(', ')}.`,
    })
  for (const name of names) {
    const parameter = Object.hasOwn(space, name) ? space[name] : undefined
    if (!parameter) {
      const near = nearestName(name, Object.keys(space))
      throw new UserError({
        rule: 'The study has no such parameter.',
        received: name,
        next: near === undefined ? `Its parameters are ${Object.keys(space).join(', ')}.` : `Did you mean ${near}?`,
      })
    }
    if (!contains(parameter, given[name])) throw outside(name, parameter, given[name])
    if (!isActive(parameter, given)) {
      const { parameter: parent = '', isOneOf = [] } = parameter.when ?? {}
      const values = isOneOf.map(value => `${parent}=${String(value)}`).join(' or ')
      throw new UserError({
        rule: `The parameter ${name} exists only with ${values}.`,
        received: Object.hasOwn(given, parent) ? `${parent}=${String(given[parent])}` : `no ${parent}`,
        next: `Give ${values} with it, or leave ${name} out.`,
      })
    }
  }
}

/** Whether two sets of values are the same, whatever their order. */
const isSame = (a: Given, b: Given): boolean => {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every(name => Object.hasOwn(b, name) && JSON.stringify(a[name]) === JSON.stringify(b[name]))
  )
}

/** The trial that was given these values, or has had them; undefined where there is none. */
export const trialOf = (trials: readonly Trial[], given: Params): Trial | undefined =>
  trials.find(trial =>
    isSame(isGivenTrial(trial) ? (trial.systemAttributes[FIXED_PARAMS] as Given) : trial.params, given))
