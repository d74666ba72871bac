// For samplers of numbers alone: which parameters they move, and random values for the others.
import { isSingle, type Choice } from '../space/distribution.ts'
import { isActive, type Parameter, type Params, type Space } from '../space/space.ts'
import { drawRandomly } from './random.ts'

/** The numeric parameters that exist in every trial and vary. */
export const numericNames = (space: Space): string[] =>
  Object.keys(space).filter(name => {
    const parameter = space[name] as Parameter
    return parameter.kind !== 'categorical' && parameter.when === undefined && !isSingle(parameter)
  })

/** Adds random values for the active parameters that have none yet, in the order of the space. */
export function fill(question: { space: Space; seed: number; number: number }, given: Params): Params {
  const params: Record<string, Choice> = {}
  for (const [name, parameter] of Object.entries(question.space)) {
    if (!isActive(parameter, { ...given, ...params })) continue
    if (Object.hasOwn(given, name)) params[name] = given[name] as Choice
    else Object.assign(params, drawRandomly(question, question.space, [name]))
  }
  return params
}
