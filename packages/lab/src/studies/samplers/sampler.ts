// What a sampler is: a pure function of the space, the trials so far and a seed.
import { UserError } from '@ddlf/tensor/errors'
import { randomKey, threefry2x32, type RandomKey } from '@ddlf/tensor/random'
import type { Choice } from '../space/distribution.ts'
import { isActive, parameterGroups, type Params, type Space } from '../space/space.ts'
import type { Direction, Trial } from '../trial.ts'

/** All that a sampler may look at. The same question has the same answer. */
export interface SamplerQuestion {
  readonly space: Space
  /** One for each objective. */
  readonly directions: readonly Direction[]
  /** All trials so far, running ones included, by number. */
  readonly trials: readonly Trial[]
  /** The number of the trial that is asked for. */
  readonly number: number
  readonly seed: number
}

/** The answer: values for every active parameter. */
export interface Suggestion {
  readonly params: Params
  /** What the sampler wants to find again in the trial, for example its generation. */
  readonly systemAttributes?: Readonly<Record<string, unknown>>
}

/** Proposes the values of the next trial. */
export interface Sampler {
  readonly name: string
  /** @returns undefined where nothing is left to try (a grid that is complete) */
  suggest(question: SamplerQuestion): Suggestion | undefined
}

/** Nothing is left to try: every point of a grid was. */
export class SamplerExhausted extends UserError {}

/** Uniform numbers one after another, each with 53 random bits, in [0, 1). */
export interface Draws {
  (): number
}

/** The stream of a key as a function that gives its next number. */
export function drawsOf(key: RandomKey): Draws {
  let counter = 0
  return () => {
    const [high, low] = threefry2x32(key, [counter++, 2])
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53
  }
}

/** The draws of one trial, for a purpose of the sampler. */
export const trialDraws = (question: Pick<SamplerQuestion, 'seed' | 'number'>, ...purpose: readonly string[]): Draws =>
  drawsOf(randomKey(question.seed, 'study', question.number, ...purpose))

/** Draws group after group of the space, leaving out those whose condition fails. */
export function suggestByGroup(space: Space, draw: (names: readonly string[], params: Params) => Params): Params {
  const params: Record<string, Choice> = {}
  for (const { names } of parameterGroups(space)) {
    const [first = ''] = names
    const parameter = space[first]
    if (parameter && isActive(parameter, params)) Object.assign(params, draw(names, params))
  }
  return inOrder(space, params)
}

/** The values in the order of the space. */
const inOrder = (space: Space, params: Params): Params =>
  Object.fromEntries(
    Object.keys(space).flatMap(name => (Object.hasOwn(params, name) ? [[name, params[name] as Choice]] : [])),
  )
