// Parallel coordinates: each trial a line through its parameters to its values.
import { dot, line, link, ruleX, text } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, type FigureOptions } from './draw-figure.ts'
import { rankColour, rankRamp } from './rank-colours.ts'
import { DOTTED_BELOW, parallelLines, type Brush } from './study-parallel.ts'
import type { FiguredStudy } from './study-points.ts'

export interface StudyParallelOptions extends FigureOptions {
  /** The objective by which trials are ranked, from 0. Default 0. */
  objective?: number
  /** What a reader brushed; the other trials are dim. */
  within?: Brush
}

const MARGINS = { marginTop: 18, marginBottom: 44, marginLeft: 54, marginRight: 54 } as const

/** The size of the figure where none is given. */
const parallelSize = (axes: number): { readonly width: number; readonly height: number } => ({
  width: Math.max(480, 110 * axes),
  height: 320,
})

/** Complete trials as lines, the best ones on top; a line leaves out the axes that its trial has no value on. */
export function studyParallelFigure(study: FiguredStudy, options: StudyParallelOptions = {}): string {
  checkOptions('studyParallelFigure', options, ['objective', 'within', ...FIGURE_OPTIONS])
  const { objective = 0, within = {} } = options
  const names = Object.keys(study.space)
  const size = parallelSize(names.length + study.objectives.length)
  const { width = size.width, height = size.height } = options
  const name = study.objectives[objective] ?? 'value'
  const { lines, count, axes, words: said } = parallelLines(study, within, objective)
  const drawn = lines.map(one =>
    ({ ...one, colour: rankColour(one.rank), opacity: one.isWithin ? 0.9 - 0.5 * one.rank : 0.06 }))
  const segments = drawn.flatMap(({ number, colour, opacity, along }) =>
    axes.map(axis => ({
      axis, number, colour, opacity, share: along.find(one => one.axis === axis)?.share ?? Number.NaN,
    })))
  const gaps = drawn.flatMap(({ colour, opacity, gaps: between }) =>
    between.map(gap => ({ ...gap, colour, opacity })))
  const dots = count < DOTTED_BELOW ? segments.filter(({ share }) => !Number.isNaN(share)) : []
  const title = options.title ?? 'Parallel coordinates'
  return drawFigure({
    document: options.document,
    title: title || 'Parallel coordinates',
    heading: title,
    width,
    height,
    description:
      options.description ??
      `${count} complete trials as lines through ${names.join(', ')} to ${study.objectives.join(' and ')}, ` +
      'whose best is at the top.',
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
