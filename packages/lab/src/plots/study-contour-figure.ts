// Two parameters of a study against an objective: where in their plane the good trials lie.
import { dot, rect } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import type { Parameter } from '../studies/space/space.ts'
import {
  MOST_DOTS,
  parameterScale,
  positionOf,
  rankColour,
  rankRamp,
  shareOf,
  studyPoints,
  thinned,
  type FiguredStudy,
} from './study-points.ts'
import { parameterOf } from './study-slice-figure.ts'

export interface StudyContourOptions extends FigureOptions {
  /** Which objective, from 0. Default 0. */
  objective?: number
}

/** Trials that a surface can be drawn through, and cells along each side of it. */
const LEAST = 8
const CELLS = 24

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
  const points = studyPoints(study, objective).filter(({ isComplete }) => isComplete)
  const rows = points.flatMap(({ trial, value, rank, colour }) => {
    const [x, y] = [positionOf(xParameter, trial, xName), positionOf(yParameter, trial, yName)]
    return x === undefined || y === undefined ? [] : [{ x, y, value, rank, colour, trial }]
  })
  // By rank, whatever the distances of the values: the good region stays visible beside disasters.
  const every = Math.ceil(rows.length / MOST_DOTS)
  const places = rows.flatMap(({ trial, rank }, i) => {
    const along = (parameter: Parameter, name: string) => shareOf(parameter, trial.params[name] ?? null)
    return i % every > 0 ? [] : [{ x: along(xParameter, xName), y: along(yParameter, yName), rank }]
  })
  const near = (u: number, v: number) => {
    let [sum, weights] = [0, 0]
    for (const { x, y, rank } of places) {
      const [du, dv] = [u - x, v - y]
      const weight = Math.exp(-(du * du + dv * dv) / (2 * 0.12 ** 2)) + 1e-9
      sum += weight * (1 - rank)
      weights += weight
    }
    return sum / weights
  }
  const isSmooth = xParameter.kind !== 'categorical' && yParameter.kind !== 'categorical' && rows.length >= LEAST
  const cells = isSmooth
    ? Array.from({ length: CELLS * CELLS }, (_, i) => {
        const [column, row] = [i % CELLS, Math.floor(i / CELLS)]
        const [x1, x2] = [valueOf(xParameter, column / CELLS), valueOf(xParameter, (column + 1) / CELLS)]
        const [y1, y2] = [valueOf(yParameter, row / CELLS), valueOf(yParameter, (row + 1) / CELLS)]
        const goodness = near((column + 0.5) / CELLS, (row + 0.5) / CELLS)
        return { x1, x2, y1, y2, colour: rankColour(1 - goodness) }
      })
    : []
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
