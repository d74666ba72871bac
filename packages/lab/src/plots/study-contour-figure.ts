// Two parameters of a study against an objective: where in their plane the good trials lie.
import { dot, rect } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import type { Parameter } from '../studies/space/space.ts'
import { contourSurface } from './study-contour.ts'
import { rankColour, rankRamp } from './rank-colours.ts'
import {
  MOST_DOTS,
  parameterOf,
  parameterScale,
  thinned,
  type FiguredStudy,
} from './study-points.ts'

export interface StudyContourOptions extends FigureOptions {
  /** Which objective, from 0. Default 0. */
  objective?: number
}

/** The value at a share of a numeric parameter's range. */
function valueOf(parameter: Parameter, share: number): number {
  if (parameter.kind === 'categorical') return Number.NaN
  const { low, high, log } = parameter
  return log ? low * (high / low) ** share : low + share * (high - low)
}

/** Trials as dots in the plane of two parameters over a smooth surface through their values. */
export function studyContourFigure(
  study: FiguredStudy,
  xName: string,
  yName: string,
  options: StudyContourOptions = {},
): string {
  checkOptions('studyContourFigure', options, ['objective', ...FIGURE_OPTIONS])
  const { objective = 0, width = 420, height = 320 } = options
  const [xParameter, yParameter] = [parameterOf(study, xName), parameterOf(study, yName)]
  const { rows: points, cells: surface = [] } = contourSurface(study, xName, yName, objective)
  const rows = points.map(point => ({ ...point, colour: rankColour(point.rank) }))
  const cells = surface.flatMap((line, row) =>
    line.map((goodness, column) => {
      const along = (parameter: Parameter, i: number) =>
        [valueOf(parameter, i / surface.length), valueOf(parameter, (i + 1) / surface.length)] as const
      const [[x1, x2], [y1, y2]] = [along(xParameter, column), along(yParameter, row)]
      return { x1, x2, y1, y2, colour: rankColour(1 - goodness) }
    }))
  const name = study.objectives[objective] ?? 'value'
  const title = options.title ?? `${xName} and ${yName}`
  const best = rows.toSorted((a, b) => a.rank - b.rank)[0]
  const bestText = best ? `; the best, ${formatNumber(best.value)}, at ${String(best.x)} and ${String(best.y)}` : ''
  return drawFigure({
    document: options.document,
    title: title || `${xName} and ${yName}`,
    heading: title,
    width,
    height,
    description:
      options.description ?? `${name} of ${rows.length} complete trials over ${xName} and ${yName}${bestText}.`,
    ramp: rankRamp(name),
    plot: {
      marginLeft: 60,
      marginBottom: 40,
      marginRight: 16,
      x: { ...parameterScale(xParameter), label: xName },
      y: { ...parameterScale(yParameter), label: yName },
    },
    marks: [
      rect(cells, {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        fill: 'colour',
        fillOpacity: 0.5,
        inset: 0,
        shapeRendering: 'crispEdges',
      }),
      dot(
        thinned(rows, MOST_DOTS).toSorted((a, b) => b.rank - a.rank),
        { x: 'x', y: 'y', fill: 'colour', r: 3.4, stroke: 'var(--paper)', strokeWidth: 0.8 },
      ),
    ],
  })
}
