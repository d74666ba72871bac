// Two objectives of a study: its trials, and the front of those that no other one beats in both.
import { dot, gridX, gridY, line } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import { SERIES_COLOURS } from './palette.ts'
import { frontOf } from './study-lines.ts'
import { MOST_DOTS, thinned, type FiguredStudy } from './study-points.ts'

export interface StudyParetoOptions extends FigureOptions {
  /** Which two objectives, from 0. Default the first two. */
  objectives?: readonly [number, number]
}

/** Complete trials by two objectives, with the front of all. @throws UserError where the study has one objective */
export function studyParetoFigure(study: FiguredStudy, options: StudyParetoOptions = {}): string {
  checkOptions('studyParetoFigure', options, ['objectives', ...FIGURE_OPTIONS])
  const { objectives: [first, second] = [0, 1], width = 480, height = 360 } = options
  const { rows, best } = frontOf(study, [first, second])
  const [xName = 'first', yName = 'second'] = [study.objectives[first], study.objectives[second]]
  const isLarge = (name: string) => name === 'parameters' || name === 'flop'
  const scaleOf = (name: string) => ({
    label: name,
    type: isLarge(name) ? ('log' as const) : ('linear' as const),
    tickFormat: formatNumber,
    ticks: 5,
    nice: true,
  })
  const title = options.title ?? 'Front'
  return drawFigure({
    document: options.document,
    title: title || 'Front',
    heading: title,
    width,
    height,
    description:
      options.description ??
      `${rows.length} complete trials by ${xName} and ${yName}; ${best.length} that no other one beats in both.`,
    legend: [
      { name: 'on the front', colour: SERIES_COLOURS[1] },
      { name: 'beaten', colour: SERIES_COLOURS[0], shape: 'outline' },
    ],
    plot: { marginLeft: 60, marginBottom: 40, x: scaleOf(xName), y: scaleOf(yName) },
    marks: [
      gridX({ strokeOpacity: 0.06 }),
      gridY({ strokeOpacity: 0.12 }),
      dot(
        thinned(rows.filter(({ isFront }) => !isFront).map(row => ({ ...row, rank: 1 })), MOST_DOTS),
        { x: 'x', y: 'y', stroke: SERIES_COLOURS[0], r: 2.8, strokeOpacity: 0.6 },
      ),
      line(best, {
        x: 'x',
        y: 'y',
        stroke: SERIES_COLOURS[1],
        curve: study.directions[second] === 'minimize' ? 'step-after' : 'step-before',
        strokeOpacity: 0.6,
      }),
      dot(best, { x: 'x', y: 'y', fill: SERIES_COLOURS[1], r: 3.6 }),
    ],
  })
}
