// A study as the figures of studies see it: its standing trials with their values, and scales that fit its parameters.
import type { ScaleOptions } from '@observablehq/plot'
import { UserError } from '@ddlf/tensor/errors'
import { standing } from '../studies/continuation.ts'
import type { Choice } from '../studies/space/distribution.ts'
import type { Parameter, Space } from '../studies/space/space.ts'
import { asLoss, type Direction, type Trial } from '../studies/trial.ts'
import { formatNumber } from './format-number.ts'

/** What figures of a study are drawn from. */
export interface FiguredStudy {
  readonly name: string
  readonly directions: readonly Direction[]
  readonly trials: readonly Trial[]
  readonly space: Space
  /** Names of the objectives, one for each direction. */
  readonly objectives: readonly string[]
}

/** A trial with a finite value. */
export interface StudyPoint {
  readonly trial: Trial
  readonly value: number
  readonly isComplete: boolean
  /** 0 the best complete trial, 1 the worst. */
  readonly rank: number
}

/**
 * The trials that have a value of an objective, complete and pruned ones, by number.
 * @throws UserError where there is none yet
 */
export function studyPoints({ trials, directions, name }: FiguredStudy, objective = 0): StudyPoint[] {
  const direction = directions[objective] ?? 'minimize'
  const valued = standing(trials).flatMap(trial => {
    const value = trial.values?.[objective]
    return value !== undefined && Number.isFinite(value) && trial.state !== 'running' ? [{ trial, value }] : []
  })
  const sorted = valued.filter(({ trial }) => trial.state === 'complete').map(({ value }) => asLoss(value, direction))
  sorted.sort((a, b) => a - b)
  if (sorted.length === 0) {
    throw new UserError({
      rule: 'A figure of a study needs a complete trial.',
      received: `${name} with none`,
      next: 'Wait for the first one.',
    })
  }
  return valued.map(({ trial, value }) => {
    const below = countBelow(sorted, asLoss(value, direction))
    const rank = below === sorted.length ? 1 : sorted.length === 1 ? 0 : below / (sorted.length - 1)
    return { trial, value, isComplete: trial.state === 'complete', rank }
  })
}

/** The room between the worst complete trial and the edge, in parts of the range. */
const EDGE = 0.08

/**
 * Keeps the values of complete trials readable: what was stopped early and lies far behind them is put at the edge.
 * @returns the scale's domain, undefined where all values are the same; and where a value stands in it
 */
export function readableRange(
  points: readonly Pick<StudyPoint, 'value' | 'isComplete'>[],
  direction: Direction,
): { readonly domain: [number, number] | undefined; readonly place: (value: number) => number } {
  const bounds = (of: readonly { readonly value: number }[]) =>
    of.reduce<readonly [number, number]>(
      ([low, high], { value }) => [Math.min(low, value), Math.max(high, value)],
      [Infinity, -Infinity],
    )
  const [least, greatest] = bounds(points)
  const [low, high] = bounds(points.filter(({ isComplete }) => isComplete))
  if (!(high > low)) return { domain: undefined, place: value => value }
  const room = EDGE * (high - low)
  const [from, to] =
    direction === 'minimize'
      ? [least, Math.min(greatest, high + room)]
      : [Math.max(least, low - room), greatest]
  return { domain: [from, to], place: value => Math.min(to, Math.max(from, value)) }
}

/** How many of some ascending numbers lie below a value. */
function countBelow(ascending: readonly number[], value: number): number {
  let [from, to] = [0, ascending.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((ascending[middle] as number) < value) from = middle + 1
    else to = middle
  }
  return from
}

/** The most trials that a figure draws as dots, and as lines. */
export const MOST_DOTS = 1000
export const MOST_LINES = 400

/** At most so many of some points, in their order: the best quarter of that number, and an even share of the others. */
export function thinned<T extends Pick<StudyPoint, 'rank'>>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points
  const best = new Set(points.toSorted((a, b) => a.rank - b.rank).slice(0, Math.ceil(most / 4)))
  const others = points.filter(point => !best.has(point))
  const left = most - best.size
  const shared = Array.from({ length: left }, (_, i) => others[Math.floor((i * others.length) / left)])
  const kept = new Set<T | undefined>([...best, ...shared])
  return points.filter(point => kept.has(point))
}

/** Says which trials are drawn where they are not all; begins with a space. */
export const drawnText = (all: number, most: number): string =>
  all <= most ? '' : ` Of ${all} trials ${most} are drawn: the best, and an even share of the others.`

/** A choice as text. */
export const choiceText = (value: Choice | undefined): string =>
  typeof value === 'number' ? formatNumber(value) : value === undefined ? '-' : String(value)

/** Where a trial stands along a parameter: its number, or the text of its choice; undefined where it has none. */
export function positionOf(
  parameter: Parameter,
  { params }: Pick<Trial, 'params'>,
  name: string,
): number | string | undefined {
  const value = Object.hasOwn(params, name) ? params[name] : undefined
  if (value === undefined) return undefined
  return parameter.kind === 'categorical' ? choiceText(value) : Number(value)
}

/** The scale of a parameter, over its whole range. */
export function parameterScale(parameter: Parameter): ScaleOptions {
  if (parameter.kind === 'categorical')
    return { type: 'point', domain: parameter.choices.map(choiceText), padding: 0.6 }
  const { low, high, log } = parameter
  return {
    type: log ? 'log' : 'linear',
    domain: [low, high],
    ticks: 5,
    tickFormat: formatNumber,
    ...(!log && { nice: false }),
  }
}

/** Where a value lies along a parameter, 0 to 1. */
export function shareOf(parameter: Parameter, value: Choice): number {
  if (parameter.kind === 'categorical') return (parameter.choices.indexOf(value) + 0.5) / parameter.choices.length
  const scaled = (x: number) => (parameter.log ? Math.log(x) : x)
  const [low, high] = [scaled(parameter.low), scaled(parameter.high)]
  return high > low ? (scaled(Number(value)) - low) / (high - low) : 0.5
}

/** The ends of a parameter as text, low and high. */
export const endsOf = (parameter: Parameter): readonly [string, string] =>
  parameter.kind === 'categorical'
    ? [choiceText(parameter.choices[0]), choiceText(parameter.choices.at(-1))]
    : [formatNumber(parameter.low), formatNumber(parameter.high)]

/** The parameter of a name. @throws UserError where the study has none */
export function parameterOf({ space }: FiguredStudy, name: string) {
  const parameter = Object.hasOwn(space, name) ? space[name] : undefined
  if (parameter) return parameter
  throw new UserError({
    rule: 'The study has no such parameter.',
    received: name,
    next: `Its parameters are ${Object.keys(space).join(', ')}.`,
  })
}
