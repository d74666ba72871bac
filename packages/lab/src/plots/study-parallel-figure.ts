// Parallel coordinates: each trial a line through its parameters to its value.
import { line, ruleX, text } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { asLoss } from '../studies/trial.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, schemeColours, type FigureOptions } from './draw-figure.ts'
import { endsOf, shareOf, studyPoints, type FiguredStudy } from './study-points.ts'

export interface StudyParallelOptions extends FigureOptions {
  /** Which objective, from 0. Default 0. */
  objective?: number
  /** What a reader brushed: limits of the share (0 to 1) along some axes, by the parameter's name. Others are dim. */
  within?: Readonly<Record<string, readonly [number, number]>>
}

/** Complete trials as lines, the best ones on top; a line leaves out the axes that its trial has no value on. */
export function studyParallelFigure(study: FiguredStudy, options: StudyParallelOptions = {}): string {
  checkOptions('studyParallelFigure', options, ['objective', 'within', ...FIGURE_OPTIONS])
  const { objective = 0, within = {} } = options
  const names = Object.keys(study.space)
  const width = options.width ?? Math.max(480, 110 * (names.length + 1))
  const height = options.height ?? 320
  const name = study.objectives[objective] ?? 'value'
  const points = studyPoints(study, objective).filter(({ isComplete }) => isComplete)
  const losses = points.map(({ value }) => asLoss(value, study.directions[objective] ?? 'minimize'))
  const [least, most] = [Math.min(...losses), Math.max(...losses)]
  const lines = points.map(({ trial, value, rank, colour }, i) => {
    const along = names.flatMap(axis => {
      const parameter = study.space[axis]
      const choice = Object.hasOwn(trial.params, axis) ? trial.params[axis] : undefined
      return parameter === undefined || choice === undefined ? [] : [{ axis, share: shareOf(parameter, choice) }]
    })
    const own = most > least ? ((losses[i] ?? 0) - least) / (most - least) : 0.5
    const isWithin = Object.entries(within).every(([axis, [low, high]]) => {
      const share = axis === name ? own : along.find(one => one.axis === axis)?.share
      return share !== undefined && share >= low && share <= high
    })
    return { number: trial.number, value, rank, colour, isWithin, along: [...along, { axis: name, share: own }] }
  })
  const segments = lines
    .toSorted((a, b) => b.rank - a.rank)
    .flatMap(({ number, colour, isWithin, along, rank }) =>
      along.map(one => ({ ...one, number, colour, opacity: isWithin ? 0.9 - 0.5 * rank : 0.06 })),
    )
  const axes = [...names, name]
  const ends = axes.map(axis => {
    const parameter = study.space[axis]
    const values = points.map(({ value }) => value)
    const [least, greatest] = [formatNumber(Math.min(...values)), formatNumber(Math.max(...values))]
    const better = study.directions[objective] === 'maximize' ? [greatest, least] as const : [least, greatest] as const
    const [low, high] = parameter ? endsOf(parameter) : better
    return { axis, low, high }
  })
  const title = options.title ?? 'Parallel coordinates'
  return drawFigure({
    document: options.document,
    title: title || 'Parallel coordinates',
    heading: title,
    width,
    height,
    description:
      options.description ??
      `${lines.length} complete trials as lines through ${names.join(', ')} to ${name}, whose best is at the bottom.`,
    ramp: { label: name, low: 'worst', high: 'best', colours: schemeColours('viridis').slice(0, 10) },
    plot: {
      marginTop: 18,
      marginBottom: 44,
      marginLeft: 54,
      marginRight: 54,
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
      text(ends, { x: 'axis', y: 0, text: 'low', dy: 12, fillOpacity: 0.75 }),
      text(ends, { x: 'axis', y: 1, text: 'high', dy: -9, fillOpacity: 0.75 }),
    ],
  })
}
