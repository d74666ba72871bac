// The history of a study: the value of every trial, and the best so far.
import { dot, gridY, line } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import { SERIES_COLOURS } from './palette.ts'
import { bestSoFar } from './study-lines.ts'
import { drawnText, MOST_DOTS, readableRange, studyPoints, thinned, type FiguredStudy } from './study-points.ts'

export interface StudyHistoryOptions extends FigureOptions {
  /** Which objective, from 0. Default 0. */
  objective?: number
}

/**
 * Complete trials as dots, pruned ones as rings (at the edge where they lie far behind), and the best complete value so
 * far as a line.
 */
export function studyHistoryFigure(study: FiguredStudy, options: StudyHistoryOptions = {}): string {
  checkOptions('studyHistoryFigure', options, ['objective', ...FIGURE_OPTIONS])
  const { objective = 0, width = 640, height = 300 } = options
  const points = studyPoints(study, objective)
  const name = study.objectives[objective] ?? 'value'
  const corners = bestSoFar(study, objective)
  const last = corners.at(-1)?.value ?? NaN
  const { domain, place } = readableRange(points, study.directions[objective] ?? 'minimize')
  const rows = thinned(points, MOST_DOTS).map(({ trial, value, isComplete }) => ({
    number: trial.number,
    value: place(value),
    isComplete,
  }))
  const title = options.title ?? 'History'
  return drawFigure({
    document: options.document,
    title: title || 'History',
    heading: title,
    width,
    height,
    description:
      options.description ??
      `${name} of ${points.length} trials by number; the best complete one has ${formatNumber(last)}.` +
        drawnText(points.length, MOST_DOTS),
    legend: [
      { name: 'complete', colour: SERIES_COLOURS[0] },
      { name: 'pruned', colour: SERIES_COLOURS[0], shape: 'outline' },
      { name: 'best so far', colour: SERIES_COLOURS[1], shape: 'line' },
    ],
    plot: {
      marginLeft: 56,
      marginBottom: 40,
      x: { label: 'trial' },
      y: { label: name, ...(domain && { domain }), nice: true, tickFormat: formatNumber },
    },
    marks: [
      gridY({ strokeOpacity: 0.12, ticks: 5 }),
      line(corners, { x: 'number', y: 'value', stroke: SERIES_COLOURS[1], strokeWidth: 2, curve: 'step-after' }),
      dot(
        rows.filter(({ isComplete }) => isComplete),
        { x: 'number', y: 'value', fill: SERIES_COLOURS[0], r: 3 },
      ),
      dot(
        rows.filter(({ isComplete }) => !isComplete),
        { x: 'number', y: 'value', stroke: SERIES_COLOURS[0], r: 3, strokeOpacity: 0.6 },
      ),
    ],
  })
}
