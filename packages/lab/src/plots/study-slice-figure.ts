// One parameter of a study against an objective: where along its range the good trials lie.
import { dot, gridY } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, schemeColours, type FigureOptions } from './draw-figure.ts'
import {
  MOST_DOTS,
  parameterOf,
  parameterScale,
  positionOf,
  readableRange,
  studyPoints,
  thinned,
  type FiguredStudy,
} from './study-points.ts'

export interface StudySliceOptions extends FigureOptions {
  /** Which objective, from 0. Default 0. */
  objective?: number
}

/** Trials as dots over the range of a parameter; later ones are of a deeper blue, pruned ones are rings. */
export function studySliceFigure(study: FiguredStudy, name: string, options: StudySliceOptions = {}): string {
  checkOptions('studySliceFigure', options, ['objective', ...FIGURE_OPTIONS])
  const { objective = 0, width = 320, height = 240 } = options
  const parameter = parameterOf(study, name)
  const points = studyPoints(study, objective)
  const most = points.reduce((largest, { trial }) => Math.max(largest, trial.number), 1)
  const colours = schemeColours('blues', 64)
  const { domain, place } = readableRange(points, study.directions[objective] ?? 'minimize')
  const all = points.flatMap(({ trial, value, isComplete, rank }) => {
    const x = positionOf(parameter, trial, name)
    const colour = colours[Math.round(22 + (26 * trial.number) / most)] ?? '#888888'
    return x === undefined ? [] : [{ x, value: place(value), isComplete, colour, rank }]
  })
  const rows = thinned(all, MOST_DOTS)
  const objectiveName = study.objectives[objective] ?? 'value'
  const title = options.title ?? name
  return drawFigure({
    document: options.document,
    title: title || name,
    heading: title,
    width,
    height,
    description:
      options.description ?? `${objectiveName} of ${all.length} trials by ${name}; later trials are of a deeper blue.`,
    plot: {
      marginLeft: 52,
      marginBottom: 38,
      marginRight: 16,
      x: { ...parameterScale(parameter), label: name },
      y: { label: objectiveName, ...(domain && { domain }), nice: true, ticks: 5, tickFormat: formatNumber },
    },
    marks: [
      gridY({ strokeOpacity: 0.12, ticks: 5 }),
      dot(
        rows.filter(({ isComplete }) => !isComplete),
        { x: 'x', y: 'value', stroke: 'colour', r: 2.6 },
      ),
      dot(
        rows.filter(({ isComplete }) => isComplete),
        { x: 'x', y: 'value', fill: 'colour', r: 2.8, stroke: 'currentColor', strokeOpacity: 0.25 },
      ),
    ],
  })
}
