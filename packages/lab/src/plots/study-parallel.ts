// Parallel coordinates of a study: where each trial lies along its parameters and its value, and what a reader brushed.
import { valueAt } from '../studies/space/unit-interval.ts'
import { formatNumber } from './format-number.ts'
import {
  choiceText, endsOf, MOST_LINES, shareOf, studyPoints, thinned, type FiguredStudy, type StudyPoint,
} from './study-points.ts'

/** What a reader brushed: limits of the share (0 to 1) along some axes, by the parameter's or the objective's name. */
export type Brush = Readonly<Record<string, readonly [number, number]>>

const least = (values: readonly number[]) => values.reduce((low, value) => Math.min(low, value), Infinity)

/** The axes of the figure in their order: the parameters, and the objective. */
export const parallelAxes = (study: Pick<FiguredStudy, 'space' | 'objectives'>, objective = 0): readonly string[] => [
  ...Object.keys(study.space),
  study.objectives[objective] ?? 'value',
]

/** Where the values of complete trials lie: the best of them and the worst. */
function valuesOf({ directions }: FiguredStudy, points: readonly StudyPoint[], objective: number) {
  const values = points.map(({ value }) => value)
  const [lowest, greatest] = [least(values), -least(values.map(value => -value))]
  return directions[objective] === 'maximize'
    ? { best: greatest, worst: lowest }
    : { best: lowest, worst: greatest }
}

/** Where a value lies from the best to the worst, 0 to 1: by halves, whose difference is always a number. */
const shareOfValue = (value: number, { best, worst }: ReturnType<typeof valuesOf>): number =>
  worst === best ? 0.5 : (value / 2 - best / 2) / (worst / 2 - best / 2)

/** Where a trial lies along each axis it has a value on: shares, 0 to 1. */
type Along = readonly { readonly axis: string; readonly share: number }[]

/** Finds where a trial lies along each axis. */
function placesOf(
  study: FiguredStudy,
  values: ReturnType<typeof valuesOf>,
  objective: number,
): (point: StudyPoint) => Along {
  const names = Object.keys(study.space)
  const name = study.objectives[objective] ?? 'value'
  return ({ trial, value }) => {
    const along = names.flatMap(axis => {
      const parameter = study.space[axis]
      const choice = Object.hasOwn(trial.params, axis) ? trial.params[axis] : undefined
      return parameter === undefined || choice === undefined ? [] : [{ axis, share: shareOf(parameter, choice) }]
    })
    return [...along, { axis: name, share: shareOfValue(value, values) }]
  }
}

/** With fewer lines each value is a dot, too: what lies between two axes is no value of any trial. */
export const DOTTED_BELOW = 20

/** Choices of a parameter that are each named along its axis; of more, the first and the last. */
const NAMED_CHOICES = 6

/** What stands along the axes: both ends of a range, each of a few choices, the best value and the worst. */
function wordsAlong(study: FiguredStudy, { best, worst }: ReturnType<typeof valuesOf>, name: string) {
  const at = (axis: string, share: number, words: string) =>
    ({ axis, share, words, dy: share === 0 ? 12 : share === 1 ? -9 : 0 })
  const along = Object.entries(study.space).flatMap(([axis, parameter]) => {
    if (parameter.kind === 'categorical' && parameter.choices.length <= NAMED_CHOICES)
      return parameter.choices.map(choice => at(axis, shareOf(parameter, choice), choiceText(choice)))
    const [low, high] = endsOf(parameter)
    return [at(axis, 0, low), at(axis, 1, high)]
  })
  // Of trials that are all alike no end is the better one.
  const own = best === worst
    ? [at(name, 0.5, formatNumber(best))]
    : [at(name, 0, formatNumber(best)), at(name, 1, formatNumber(worst))]
  return [...along, ...own]
}

/** The parts of a trial's line over axes on which it has no value. */
function gapsOf(along: Along, axes: readonly string[]) {
  const places = along.map(({ axis, share }) => ({ axis, share, index: axes.indexOf(axis) }))
  return places.flatMap((from, i) => {
    const to = places[i + 1]
    return to !== undefined && to.index > from.index + 1
      ? [{ from: from.axis, to: to.axis, low: from.share, high: to.share }]
      : []
  })
}

/** Whether a trial lies within all limits. */
const liesWithin = (along: Along, brush: Brush): boolean =>
  Object.entries(brush).every(([axis, [low, high]]) => {
    const share = along.find(one => one.axis === axis)?.share
    return share !== undefined && share >= low && share <= high
  })

const completePoints = (study: FiguredStudy, objective: number) =>
  studyPoints(study, objective).filter(({ isComplete }) => isComplete)

/**
 * The numbers of the complete trials that lie within what a reader brushed.
 * @throws UserError where none is complete
 */
export function brushedTrials(study: FiguredStudy, brush: Brush, objective = 0): ReadonlySet<number> {
  const points = completePoints(study, objective)
  const alongOf = placesOf(study, valuesOf(study, points, objective), objective)
  return new Set(points.filter(point => liesWithin(alongOf(point), brush)).map(({ trial }) => trial.number))
}

/** The value at a share of an axis, in words. */
export function parallelText(study: FiguredStudy, axis: string, share: number, objective = 0): string {
  const parameter = Object.hasOwn(study.space, axis) ? study.space[axis] : undefined
  if (parameter) return choiceText(valueAt(parameter, share))
  const { best, worst } = valuesOf(study, completePoints(study, objective), objective)
  return formatNumber(2 * (best / 2 + share * (worst / 2 - best / 2)))
}

/** A complete trial as a line over the axes. */
export interface ParallelLine {
  readonly number: number
  readonly value: number
  /** 0 the best, 1 the worst. */
  readonly rank: number
  readonly along: Along
  /** Its parts over axes on which it has no value. */
  readonly gaps: ReturnType<typeof gapsOf>
  /** Whether it lies within what is brushed. */
  readonly isWithin: boolean
}

/** Complete trials as lines, the best last; `words` stand along the axes. */
export function parallelLines(
  study: FiguredStudy,
  within: Brush = {},
  objective = 0,
): {
  readonly axes: readonly string[]
  readonly lines: readonly ParallelLine[]
  /** Of all, where not all are drawn. */
  readonly count: number
  readonly words: ReturnType<typeof wordsAlong>
} {
  const axes = parallelAxes(study, objective)
  const points = completePoints(study, objective)
  const values = valuesOf(study, points, objective)
  const alongOf = placesOf(study, values, objective)
  const lines = thinned(points, MOST_LINES).map(point => {
    const { trial: { number }, value, rank } = point
    const along = alongOf(point)
    return { number, value, rank, along, gaps: gapsOf(along, axes), isWithin: liesWithin(along, within) }
  })
  const words = wordsAlong(study, values, axes.at(-1) ?? 'value')
  return { axes, lines: lines.sort((a, b) => b.rank - a.rank), count: points.length, words }
}
