// Grid search: every combination once, in a shuffled order that the seed decides.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { contains, countValues, type Choice, type Distribution } from '../space/distribution.ts'
import { isActive, type Params, type Space } from '../space/space.ts'
import { valueAt } from '../space/unit-interval.ts'
import type { Sampler } from './sampler.ts'

/** A grid larger than this is refused rather than listed. */
const MOST_POINTS = 1_000_000

/** Every value of a distribution; a range of floats without a step has no such list. */
function valuesOf(name: string, distribution: Distribution, given: readonly Choice[] | undefined): readonly Choice[] {
  if (given !== undefined) {
    const outside = given.find(value => !contains(distribution, value))
    if (given.length === 0 || outside !== undefined) {
      throw new UserError({
        rule: `The grid of ${name} holds values of its range.`,
        received: outside === undefined ? 'none' : JSON.stringify(outside),
        next: 'Give values within the range of the space.',
      })
    }
    return given
  }
  const count = countValues(distribution)
  if (count > MOST_POINTS) {
    throw new UserError({
      rule: `A grid needs a list of values for ${name}.`,
      received: Number.isFinite(count) ? `${count} values` : 'a range without a step',
      next: 'Give the range a step, list its values as choices, or take another sampler.',
    })
  }
  return Array.from({ length: count }, (_, i) => valueAt(distribution, (i + 0.5) / count))
}

/**
 * Every point of the grid of a space, conditional parameters only where they exist.
 * @param values the values of a parameter; by default all that its distribution allows
 * @throws UserError where a range has no step, or there are more than a million points
 */
export function gridPoints(space: Space, values: Readonly<Record<string, readonly Choice[]>> = {}): Params[] {
  let points: Record<string, Choice>[] = [{}]
  for (const [name, parameter] of Object.entries(space)) {
    // Each choice has an equal share of 0 .. 1, steps of a logarithmic range have not: those are listed by number.
    const list = parameter.kind === 'int' && parameter.log && values[name] === undefined
      ? Array.from({ length: parameter.high - parameter.low + 1 }, (_, i) => parameter.low + i)
      : valuesOf(name, parameter, values[name])
    const count = points.reduce((sum, point) => sum + (isActive(parameter, point) ? list.length : 1), 0)
    if (count > MOST_POINTS)
      throw new UserError({
        rule: 'This grid is too large.',
        received: `more than ${MOST_POINTS} points`,
        next: 'List fewer values, or sample randomly.',
      })
    points = points.flatMap(point =>
      isActive(parameter, point) ? list.map(value => ({ ...point, [name]: value })) : [point],
    )
  }
  return points
}

/**
 * Grid search. Its order is shuffled, so that a study stopped early has seen all of the range.
 * @param options `values`: the values to try of a parameter; needed for a range of floats without a step
 */
export function gridSampler(options: { values?: Readonly<Record<string, readonly Choice[]>> } = {}): Sampler {
  checkOptions('gridSampler', options, ['values'])
  return {
    name: 'grid',
    suggest({ space, trials, seed }) {
      const points = gridPoints(space, options.values)
      const key = (params: Params) => JSON.stringify(Object.keys(space).map(name => params[name]))
      const seen = new Set(trials.map(trial => key(trial.params)))
      for (const i of permutation(randomKey(seed, 'study', 'grid'), points.length)) {
        const point = points[i] as Params
        if (!seen.has(key(point))) return { params: point }
      }
      return undefined
    },
  }
}
