// What the trials of a study reported on their way: one line a trial, the best ones on top.
import { dot, gridY, line } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { standing } from '../studies/continuation.ts'
import { reportedObjective } from '../studies/objective.ts'
import type { Trial } from '../studies/trial.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from './draw-figure.ts'
import { MOST_LINES, studyPoints, thinned, type FiguredStudy } from './study-points.ts'

export type StudyIntermediateOptions = FigureOptions

const isRunning = ({ state }: Trial) => state === 'running'

/** Reported values by step; pruned trials end in a dot where they were stopped, running ones have the page's ink. */
export function studyIntermediateFigure(study: FiguredStudy, options: StudyIntermediateOptions = {}): string {
  checkOptions('studyIntermediateFigure', options, [...FIGURE_OPTIONS])
  const { width = 640, height = 300 } = options
  const known = new Map(studyPoints(study).map(point => [point.trial.number, point]))
  const trials = standing(study.trials).filter(({ intermediateValues }) => intermediateValues.size > 0)
  if (trials.length === 0)
    throw new UserError({
      rule: 'This figure needs trials that reported values.',
      received: 'none',
      next: 'Report epochs.',
    })
  // What runs is drawn above all.
  const ranked = trials.map(trial => ({ trial, rank: known.get(trial.number)?.rank ?? (isRunning(trial) ? 0 : 1) }))
  const drawn = thinned(ranked, MOST_LINES).map(({ trial }) => trial)
  const order = (trial: Trial) => (isRunning(trial) ? -1 : (known.get(trial.number)?.rank ?? 1))
  const rows = drawn
    .toSorted((a, b) => order(b) - order(a))
    .flatMap(trial =>
      [...trial.intermediateValues]
        .filter(([, value]) => Number.isFinite(value))
        .sort(([a], [b]) => a - b)
        .map(([step, value]) => ({
          number: trial.number,
          step,
          value,
          colour: known.get(trial.number)?.colour ?? 'currentColor',
        })),
    )
  const stopped = trials.filter(({ state }) => state === 'pruned').length
  const ends = drawn
    .filter(({ state }) => state === 'pruned')
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
      options.description ?? `${name} by step for ${trials.length} trials, of which ${stopped} were stopped early.`,
    plot: {
      marginLeft: 56,
      marginBottom: 40,
      x: { label: 'step', ticks: Math.min(12, Math.max(1, ...rows.map(({ step }) => step))) },
      y: { label: name, nice: true, tickFormat: formatNumber },
    },
    marks: [
      gridY({ strokeOpacity: 0.12, ticks: 5 }),
      line(rows, { x: 'step', y: 'value', z: 'number', stroke: 'colour', strokeWidth: 1.2, strokeOpacity: 0.8 }),
      dot(ends, { x: 'step', y: 'value', fill: 'colour', r: 2.4 }),
    ],
  })
}
