// A study as the figures of studies see it: its standing trials with their values, and scales that fit its parameters.
import type { ScaleOptions } from '@observablehq/plot'
import { UserError } from '@ddlf/tensor/errors'
import { standing } from '../studies/continuation.ts'
import type { Choice } from '../studies/space/distribution.ts'
import type { Parameter, Space } from '../studies/space/space.ts'
import { asLoss, type Direction, type Trial } from '../studies/trial.ts'
import { formatNumber, schemeColours } from './draw-figure.ts'

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
  /** By the rank: the best are dark on a light page, and light on a dark one. */
  readonly colour: string
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
  const colours = schemeColours('viridis', 64)
  return valued.map(({ trial, value }) => {
    const loss = asLoss(value, direction)
    const below = sorted.findIndex(other => other >= loss)
    const rank = below < 0 ? 1 : sorted.length === 1 ? 0 : below / (sorted.length - 1)
    const colour = colours[Math.round((1 - rank) * 48)] ?? '#888888'
    return { trial, value, isComplete: trial.state === 'complete', rank, colour }
  })
}

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
