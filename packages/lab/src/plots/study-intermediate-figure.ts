// What the trials of a study reported on their way: one line a trial, the best ones on top.
import { dot, gridY, line } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { reportedObjective } from '../studies/objective.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import { rankColour } from './rank-colours.ts'
import { reportedLines } from './study-lines.ts'
import { MOST_LINES, thinned, type FiguredStudy } from './study-points.ts'

export type StudyIntermediateOptions = FigureOptions

/** Reported values by step; pruned trials end in a dot where they were stopped, running ones have the page's ink. */
export function studyIntermediateFigure(study: FiguredStudy, options: StudyIntermediateOptions = {}): string {
  checkOptions('studyIntermediateFigure', options, [...FIGURE_OPTIONS])
  const { width = 640, height = 300 } = options
  const lines = reportedLines(study)
  const drawn = thinned(lines, MOST_LINES)
  const rows = drawn.flatMap(({ number, points, rank, isValued }) =>
    points.map(([step, value]) => ({
      number, step, value, colour: isValued ? rankColour(rank) : 'currentColor',
    })))
  const last = rows.reduce((most, { step }) => Math.max(most, step), 1)
  const stopped = lines.filter(({ isPruned }) => isPruned).length
  const ends = drawn
    .filter(({ isPruned }) => isPruned)
    .flatMap(({ number }) => rows.findLast(row => row.number === number) ?? [])
  const name = reportedObjective(study.objectives) ?? 'value'
  const title = options.title ?? 'Intermediate values'
  return drawFigure({
    document: options.document,
    title: title || 'Intermediate values',
    heading: title,
    width,
    height,
    description:
      options.description ?? `${name} by step for ${lines.length} trials, of which ${stopped} were stopped early.`,
    plot: {
      marginLeft: 56,
      marginBottom: 40,
      x: { label: 'step', ticks: Math.min(12, last) },
      y: { label: name, nice: true, tickFormat: formatNumber },
    },
    marks: [
      gridY({ strokeOpacity: 0.12, ticks: 5 }),
      line(rows, { x: 'step', y: 'value', z: 'number', stroke: 'colour', strokeWidth: 1.2, strokeOpacity: 0.8 }),
      dot(ends, { x: 'step', y: 'value', fill: 'colour', r: 2.4 }),
    ],
  })
}
