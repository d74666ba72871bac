// A search space: the parameters of a study by name, some of which exist only under a condition on an earlier one.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import {
  checkDistribution,
  contains,
  isSingle,
  sameDistribution,
  type Choice,
  type Distribution,
} from './distribution.ts'

/** A condition: the parameter exists only in trials where an earlier parameter has one of these values. */
export interface Condition {
  readonly parameter: string
  readonly isOneOf: readonly Choice[]
}

/** A distribution, with the condition under which the parameter exists; without one it always does. */
export type Parameter = Distribution & { readonly when?: Condition }

/** The parameters of a study in order; a condition names an earlier one. */
export type Space = Readonly<Record<string, Parameter>>

/** The values of one trial; a parameter whose condition fails is absent. */
export type Params = Readonly<Record<string, Choice>>

/**
 * A parameter that exists only where an earlier one has one of the given values, for example
 * `when(floatRange(0, 0.99), 'optimizer', ['sgd'])`. Conditions nest: where the earlier one is absent, so is this.
 */
export const when = (distribution: Distribution, parameter: string, isOneOf: readonly Choice[]): Parameter =>
  ({ ...distribution, when: { parameter, isOneOf: [...isOneOf] } })

/**
 * A checked search space.
 * @throws UserError naming the parameter whose range is empty or whose condition can never hold
 */
export function searchSpace(parameters: Space): Space {
  const names = Object.keys(parameters)
  if (names.length === 0) {
    throw new UserError({
      rule: 'A search space has at least one parameter.',
      received: 'none',
      next: 'Name one, for example learningRate: floatRange(1e-5, 1e-1, { log: true }).',
    })
  }
  for (const [i, [name, parameter]] of Object.entries(parameters).entries()) {
    // JavaScript moves keys that are whole numbers to the front, so the order of such names would not be the user's.
    if (name === '' || /^\d+$/.test(name)) {
      throw new UserError({
        rule: 'A parameter has a name that is not a number.',
        received: `'${name}'`,
        next: 'Give it the name of a setting.',
      })
    }
    try {
      checkDistribution(parameter)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError({ ...error.parts, rule: `Parameter ${name}: ${error.parts.rule}` }, { cause: error })
    }
    if (parameter.when) checkCondition(name, parameter.when, parameters, names.slice(0, i))
  }
  return parameters
}

/** What to do about a condition on what is no earlier parameter. */
function nextForCondition(
  name: string, { parameter, isOneOf }: Condition, parameters: Space, earlier: readonly string[],
): string {
  if (parameter === name) return 'A parameter cannot depend on itself: leave the condition out.'
  if (Object.hasOwn(parameters, parameter)) return `Put ${parameter} before ${name}.`
  const near = nearestName(parameter, earlier)
  if (near !== undefined) return `Did you mean ${near}?`
  const values = isOneOf.length === 0 ? '...' : `${isOneOf.map(String).join(',')},...`
  return `Tune ${parameter} too, written before it: ${parameter}=choice:${values}; or leave the condition out.`
}

function checkCondition(name: string, condition: Condition, parameters: Space, earlier: readonly string[]): void {
  const parent = earlier.includes(condition.parameter) ? parameters[condition.parameter] : undefined
  if (!parent) {
    throw new UserError({
      rule: `Parameter ${name}: its condition names no earlier parameter.`,
      received: condition.parameter,
      next: nextForCondition(name, condition, parameters, earlier),
    })
  }
  if (condition.isOneOf.length === 0 || condition.isOneOf.some(value => !contains(parent, value))) {
    throw new UserError({
      rule: `Parameter ${name}: its condition can never hold.`,
      received: `${condition.parameter} = ${condition.isOneOf.map(value => JSON.stringify(value)).join(', ')}`,
      next:
        parent.kind === 'categorical'
          ? `The choices are ${parent.choices.map(choice => JSON.stringify(choice)).join(', ')}.`
          : `The range is ${parent.low} .. ${parent.high}.`,
    })
  }
}

/** Whether a parameter exists in a trial with these values. */
export const isActive = (parameter: Parameter, params: Params): boolean =>
  parameter.when === undefined ||
  (Object.hasOwn(params, parameter.when.parameter) &&
    parameter.when.isOneOf.includes(params[parameter.when.parameter] as Choice))

/**
 * Checks that values are a point of the space: every active parameter once, within its range, and nothing else.
 * @throws UserError naming the parameter
 */
export function checkParams(space: Space, params: Params): void {
  for (const name of Object.keys(params)) {
    if (Object.hasOwn(space, name)) continue
    const near = nearestName(name, Object.keys(space))
    throw new UserError({
      rule: 'The study has no such parameter.',
      received: name,
      next: near === undefined ? `Its parameters are ${Object.keys(space).join(', ')}.` : `Did you mean ${near}?`,
    })
  }
  for (const [name, parameter] of Object.entries(space)) {
    const given = Object.hasOwn(params, name)
    const active = isActive(parameter, params)
    if (given !== active) {
      throw new UserError({
        rule: active
          ? `The parameter ${name} has a value.`
          : `The parameter ${name} has no value here: its condition does not hold.`,
        received: given ? JSON.stringify(params[name]) : 'none',
        next: active ? `Give ${name}.` : `Leave ${name} out.`,
      })
    }
    if (given && !contains(parameter, params[name])) {
      throw new UserError({
        rule: `The value of ${name} lies outside its range.`,
        received: JSON.stringify(params[name]),
        next: 'Give a value of the search space.',
      })
    }
  }
}

/**
 * The parameters that are drawn together, in the order of drawing: those that exist under the same condition. In every
 * trial each group is wholly present or wholly absent.
 */
export function parameterGroups(
  space: Space,
): { readonly when: Condition | undefined; readonly names: readonly string[] }[] {
  const groups = new Map<string, { when: Condition | undefined; names: string[] }>()
  for (const [name, parameter] of Object.entries(space)) {
    const key = parameter.when
      ? JSON.stringify([parameter.when.parameter, ...parameter.when.isOneOf.map(value => JSON.stringify(value)).sort()])
      : ''
    const group = groups.get(key)
    if (group) group.names.push(name)
    else groups.set(key, { when: parameter.when, names: [name] })
  }
  // A group can only be drawn when the parameter of its condition has been, which may stand in a group of later first
  // use.
  const ordered: { when: Condition | undefined; names: string[] }[] = []
  const waiting = [...groups.values()]
  while (waiting.length > 0) {
    const ready = waiting.findIndex(
      group => group.when === undefined || ordered.some(done => done.names.includes(group.when?.parameter ?? '')),
    )
    ordered.push(...waiting.splice(Math.max(0, ready), 1))
  }
  return ordered
}

/** The names of the parameters that allow more than one value. */
export const variedNames = (space: Space): string[] =>
  Object.keys(space).filter(name => !isSingle(space[name] as Parameter))

function sameCondition(a: Condition | undefined, b: Condition | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.parameter === b.parameter &&
    a.isOneOf.length === b.isOneOf.length &&
    a.isOneOf.every(value => b.isOneOf.includes(value))
  )
}

/** What tells two spaces apart, in words; undefined where they are the same. */
export function spaceDifference(before: Space, now: Space): string | undefined {
  const gone = Object.keys(before).find(name => !Object.hasOwn(now, name))
  if (gone !== undefined) return `${gone} was a parameter and is none now`
  const added = Object.keys(now).find(name => !Object.hasOwn(before, name))
  if (added !== undefined) return `${added} is a new parameter`
  for (const [name, parameter] of Object.entries(now)) {
    const earlier = before[name] as Parameter
    if (!sameDistribution(earlier, parameter)) return `the range of ${name} changed`
    if (!sameCondition(earlier.when, parameter.when)) return `the condition of ${name} changed`
  }
  return undefined
}
