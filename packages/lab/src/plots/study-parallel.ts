// Parallel coordinates of a study: where each trial lies along parameters and values, and what a reader brushed.
import { valueAt } from '../studies/space/unit-interval.ts'
import { formatNumber } from './format-number.ts'
import {
  choiceText, endsOf, MOST_LINES, shareOf, studyPoints, thinned, type FiguredStudy, type StudyPoint,
} from './study-points.ts'

/** What a reader brushed: limits of the share (0 to 1) along some axes, by a parameter's or an objective's name. */
export type Brush = Readonly<Record<string, readonly [number, number]>>

const least = (values: readonly number[]) => values.reduce((low, value) => Math.min(low, value), Infinity)

/** The axes of the figure in their order: the parameters, and the objectives. */
export const parallelAxes = ({ space, objectives }: Pick<FiguredStudy, 'space' | 'objectives'>): readonly string[] => [
  ...Object.keys(space), ...objectives,
]

/** A trial's value of an objective, where it is a finite number. */
const valueOf = ({ trial }: StudyPoint, objective: number): number | undefined => {
  const value = trial.values?.[objective]
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

/** Where the values of complete trials lie along each objective: the best of them and the worst. */
function rangesOf({ directions, objectives }: FiguredStudy, points: readonly StudyPoint[]) {
  return objectives.map((name, objective) => {
    const values = points.flatMap(point => valueOf(point, objective) ?? [])
    const [lowest, greatest] = [least(values), -least(values.map(value => -value))]
    return directions[objective] === 'maximize'
      ? { name, best: greatest, worst: lowest }
      : { name, best: lowest, worst: greatest }
  })
}
type ObjectiveRange = ReturnType<typeof rangesOf>[number]

/** Where a value lies from the worst to the best, 0 to 1: by halves, whose difference is always a number. */
const shareOfValue = (value: number, { best, worst }: ObjectiveRange): number =>
  worst === best ? 0.5 : (value / 2 - worst / 2) / (best / 2 - worst / 2)

/** Where a trial lies along each axis it has a value on: shares, 0 to 1. */
type Along = readonly { readonly axis: string; readonly share: number }[]

/** Finds where a trial lies along each axis. */
function placesOf(study: FiguredStudy, ranges: readonly ObjectiveRange[]): (point: StudyPoint) => Along {
  const names = Object.keys(study.space)
  return point => {
    const { trial } = point
    const along = names.flatMap(axis => {
      const parameter = study.space[axis]
      const choice = Object.hasOwn(trial.params, axis) ? trial.params[axis] : undefined
      return parameter === undefined || choice === undefined ? [] : [{ axis, share: shareOf(parameter, choice) }]
    })
    const own = ranges.flatMap((range, objective) => {
      const value = valueOf(point, objective)
      return value === undefined ? [] : [{ axis: range.name, share: shareOfValue(value, range) }]
    })
    return [...along, ...own]
  }
}

/** With fewer lines each value is a dot, too: what lies between two axes is no value of any trial. */
export const DOTTED_BELOW = 20

/** Choices of a parameter that are each named along its axis; of more, the first and the last. */
const NAMED_CHOICES = 6

/** What stands along the axes: both ends of a range, each of a few choices, the worst value and, named so, the best. */
function wordsAlong(study: FiguredStudy, ranges: readonly ObjectiveRange[]) {
  const at = (axis: string, share: number, words: string) =>
    ({ axis, share, words, dy: share === 0 ? 12 : share === 1 ? -9 : 0 })
  const along = Object.entries(study.space).flatMap(([axis, parameter]) => {
    if (parameter.kind === 'categorical' && parameter.choices.length <= NAMED_CHOICES)
      return parameter.choices.map(choice => at(axis, shareOf(parameter, choice), choiceText(choice)))
    const [low, high] = endsOf(parameter)
    return [at(axis, 0, low), at(axis, 1, high)]
  })
  // Of trials that are all alike no end is the better one.
  const own = ranges.flatMap(({ name, best, worst }) => {
    if (!Number.isFinite(best)) return [at(name, 0.5, 'no finite value')]
    if (best === worst) return [at(name, 0.5, formatNumber(best))]
    return [at(name, 0, formatNumber(worst)), at(name, 1, `best ${formatNumber(best)}`)]
  })
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

const completePoints = (study: FiguredStudy, objective = 0) =>
  studyPoints(study, objective).filter(({ isComplete }) => isComplete)

/**
 * The numbers of the complete trials that lie within what a reader brushed.
 * @throws UserError where none is complete
 */
export function brushedTrials(study: FiguredStudy, brush: Brush): ReadonlySet<number> {
  const points = completePoints(study)
  const alongOf = placesOf(study, rangesOf(study, points))
  return new Set(points.filter(point => liesWithin(alongOf(point), brush)).map(({ trial }) => trial.number))
}

/** The value at a share of an axis, in words. */
export function parallelText(study: FiguredStudy, axis: string, share: number): string {
  const parameter = Object.hasOwn(study.space, axis) ? study.space[axis] : undefined
  if (parameter) return choiceText(valueAt(parameter, share))
  const range = rangesOf(study, completePoints(study)).find(({ name }) => name === axis)
  if (!range || !Number.isFinite(range.best)) return '-'
  const { best, worst } = range
  // By halves, which add up to a number, and exact at both ends however far apart they are.
  return formatNumber(2 * ((1 - share) * (worst / 2) + share * (best / 2)))
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

/**
 * Complete trials as lines, the best last; `words` stand along the axes.
 * @param objective by which they are ranked
 */
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
  const axes = parallelAxes(study)
  const points = completePoints(study, objective)
  const ranges = rangesOf(study, points)
  const alongOf = placesOf(study, ranges)
  const lines = thinned(points, MOST_LINES).map(point => {
    const { trial: { number }, value, rank } = point
    const along = alongOf(point)
    return { number, value, rank, along, gaps: gapsOf(along, axes), isWithin: liesWithin(along, within) }
  })
  const words = wordsAlong(study, ranges)
  return { axes, lines: lines.sort((a, b) => b.rank - a.rank), count: points.length, words }
}
