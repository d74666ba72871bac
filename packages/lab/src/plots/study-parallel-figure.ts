// Parallel coordinates: each trial a line through its parameters to its value.
import { dot, line, link, ruleX, text } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { valueAt } from '../studies/space/unit-interval.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import {
  choiceText,
  endsOf,
  MOST_LINES,
  rankRamp,
  shareOf,
  studyPoints,
  thinned,
  type FiguredStudy,
  type StudyPoint,
} from './study-points.ts'

export interface StudyParallelOptions extends FigureOptions {
  /** Which objective, from 0. Default 0. */
  objective?: number
  /** What a reader brushed; the other trials are dim. */
  within?: Brush
}

/** What a reader brushed: limits of the share (0 to 1) along some axes, by the parameter's or the objective's name. */
export type Brush = Readonly<Record<string, readonly [number, number]>>

const MARGINS = { marginTop: 18, marginBottom: 44, marginLeft: 54, marginRight: 54 } as const

const least = (values: readonly number[]) => values.reduce((low, value) => Math.min(low, value), Infinity)

/** The axes of the figure in their order: the parameters, and the objective. */
export const parallelAxes = (study: Pick<FiguredStudy, 'space' | 'objectives'>, objective = 0): readonly string[] => [
  ...Object.keys(study.space),
  study.objectives[objective] ?? 'value',
]

/** The size of the figure where none is given. */
export const parallelSize = (axes: number): { readonly width: number; readonly height: number } => ({
  width: Math.max(480, 110 * axes),
  height: 320,
})

/**
 * The axis that lies nearest to a point of the figure, and the share along it, 0 to 1.
 * @param place in pixels of the plot, without title and legend, from its upper left corner
 */
export function parallelPlace(
  axes: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
  { x, y }: { readonly x: number; readonly y: number },
): { readonly axis: string; readonly share: number } {
  const { marginTop, marginBottom, marginLeft, marginRight } = MARGINS
  const step = (width - marginLeft - marginRight) / axes.length
  const nearest = Math.min(axes.length - 1, Math.max(0, Math.floor((x - marginLeft) / step)))
  const share = 1 - (y - marginTop) / (height - marginTop - marginBottom)
  return { axis: axes[nearest] ?? '', share: Math.min(1, Math.max(0, share)) }
}

/** Where the values of complete trials lie: the best of them and the worst. */
function valuesOf({ directions }: FiguredStudy, points: readonly StudyPoint[], objective: number) {
  const values = points.map(({ value }) => value)
  const [lowest, greatest] = [least(values), -least(values.map(value => -value))]
  return directions[objective] === 'maximize'
    ? { best: greatest, worst: lowest }
    : { best: lowest, worst: greatest }
}

/** Where a trial lies along each axis it has a value on: shares, 0 to 1. */
type Along = readonly { readonly axis: string; readonly share: number }[]

/** Finds where a trial lies along each axis. */
function placesOf(
  study: FiguredStudy,
  { best, worst }: ReturnType<typeof valuesOf>,
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
    return [...along, { axis: name, share: worst === best ? 0.5 : (value - best) / (worst - best) }]
  }
}

/** With fewer lines each value is a dot, too: what lies between two axes is no value of any trial. */
const DOTTED_BELOW = 20

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
  return formatNumber(best + share * (worst - best))
}

/** Complete trials as lines, the best ones on top; a line leaves out the axes that its trial has no value on. */
export function studyParallelFigure(study: FiguredStudy, options: StudyParallelOptions = {}): string {
  checkOptions('studyParallelFigure', options, ['objective', 'within', ...FIGURE_OPTIONS])
  const { objective = 0, within = {} } = options
  const names = Object.keys(study.space)
  const size = parallelSize(names.length + 1)
  const { width = size.width, height = size.height } = options
  const name = study.objectives[objective] ?? 'value'
  const points = completePoints(study, objective)
  const values = valuesOf(study, points, objective)
  const alongOf = placesOf(study, values, objective)
  const lines = thinned(points, MOST_LINES).map(point => {
    const along = alongOf(point)
    return { ...point, number: point.trial.number, along, isWithin: liesWithin(along, within) }
  })
  const axes = [...names, name]
  const drawn = lines.toSorted((a, b) => b.rank - a.rank).map(one =>
    ({ ...one, opacity: one.isWithin ? 0.9 - 0.5 * one.rank : 0.06 }))
  const segments = drawn.flatMap(({ number, colour, opacity, along }) =>
    axes.map(axis => ({
      axis, number, colour, opacity, share: along.find(one => one.axis === axis)?.share ?? Number.NaN,
    })))
  const gaps = drawn.flatMap(({ colour, opacity, along }) =>
    gapsOf(along, axes).map(gap => ({ ...gap, colour, opacity })))
  const dots = points.length < DOTTED_BELOW ? segments.filter(({ share }) => !Number.isNaN(share)) : []
  const said = wordsAlong(study, values, name)
  const title = options.title ?? 'Parallel coordinates'
  return drawFigure({
    document: options.document,
    title: title || 'Parallel coordinates',
    heading: title,
    width,
    height,
    description:
      options.description ??
      `${points.length} complete trials as lines through ${names.join(', ')} to ${name}, whose best is at the bottom.`,
    ramp: rankRamp(name),
    plot: {
      ...MARGINS,
      x: { type: 'point', domain: axes, label: null, tickSize: 0, tickPadding: 22 },
      y: { domain: [0, 1], axis: null },
    },
    marks: [
      ruleX(axes, { strokeOpacity: 0.35 }),
      line(segments, {
        x: 'axis',
        y: 'share',
        z: 'number',
        stroke: 'colour',
        strokeOpacity: 'opacity',
        strokeWidth: 1.4,
      }),
      link(gaps, {
        x1: 'from',
        x2: 'to',
        y1: 'low',
        y2: 'high',
        stroke: 'colour',
        strokeOpacity: 'opacity',
        strokeDasharray: '1 5',
        strokeWidth: 1.4,
      }),
      dot(dots, { x: 'axis', y: 'share', r: 2.6, fill: 'colour', fillOpacity: 'opacity' }),
      ...[12, 0, -9].map(dy =>
        text(said.filter(one => one.dy === dy), {
          x: 'axis',
          y: 'share',
          text: 'words',
          dy,
          // Beside the axis, where lines would run through it.
          ...(dy === 0 ? { dx: 6, textAnchor: 'start' as const } : {}),
          fillOpacity: 0.75,
        })),
    ],
  })
}
