// What is shown of a study, in the order of reading: sections whose figures are drawn when somebody looks at them.
import { checkOptions } from '@ddlf/tensor/errors'
import { studyImportance, type StudyImportance } from '../studies/importance/study-importance.ts'
import type { NamedFigure } from './analysis-report.ts'
import type { FigureOptions } from './draw-figure.ts'
import { studyContourFigure } from './study-contour-figure.ts'
import { studyHistoryFigure } from './study-history-figure.ts'
import { studyImportanceFigure } from './study-importance-figure.ts'
import { studyIntermediateFigure } from './study-intermediate-figure.ts'
import { studyParallelFigure } from './study-parallel-figure.ts'
import { studyParetoFigure } from './study-pareto-figure.ts'
import type { FiguredStudy } from './study-points.ts'
import { shownSections, type ShownFigure } from './study-shown.ts'
import { studySliceFigure } from './study-slice-figure.ts'

/** Where to draw, and how wide. */
export type StudyDrawOptions = Pick<FigureOptions, 'document' | 'width'>

/** A figure that is drawn when it is asked for. */
export interface StudyFigure {
  readonly name: string
  /** @returns SVG */
  readonly draw: (options?: StudyDrawOptions) => string
}

/** A part of what is shown of a study: figures under a heading, with how to read them. */
export interface StudySection {
  readonly title: string
  readonly text: string
  readonly figures: readonly StudyFigure[]
}

/** A figure drawn by Observable Plot. */
function drawnFigure(study: FiguredStudy, shown: ShownFigure, options: StudyDrawOptions): string {
  const { objectives } = study
  if (shown.kind === 'front') return studyParetoFigure(study, options)
  if (shown.kind === 'intermediate') return studyIntermediateFigure(study, options)
  if (shown.kind === 'slice') return studySliceFigure(study, shown.parameter, options)
  if (shown.kind === 'contour') return studyContourFigure(study, shown.x, shown.y, options)
  if (shown.kind === 'parallel') return studyParallelFigure(study, { ...options, title: objectives.join(' and ') })
  const { objective } = shown
  const titled = { ...options, title: objectives[objective] ?? 'value' }
  if (shown.kind === 'importance') return studyImportanceFigure(shown.methods, titled)
  return studyHistoryFigure(study, { ...titled, objective })
}

/**
 * Every section that a study has enough trials for. None before the first complete trial.
 * @param importance as {@link studyImportance} finds it; without it, what needs it is left out
 */
export const studySections = (study: FiguredStudy, importance?: StudyImportance): StudySection[] =>
  shownSections(study, importance).map(section => ({
    ...section,
    figures: section.figures.map(({ name, shown }) => ({
      name, draw: (options = {}) => drawnFigure(study, shown, options),
    })),
  }))

/** The sections of a study with all of their figures drawn. */
export function studyFigures(
  study: FiguredStudy,
  options: Pick<FigureOptions, 'document'> = {},
): (Omit<StudySection, 'figures'> & { readonly figures: readonly NamedFigure[] })[] {
  checkOptions('studyFigures', options, ['document'])
  return studySections(study, studyImportance(study.trials, study.directions)).map(({ title, text, figures }) => ({
    title,
    text,
    figures: figures.map(({ name, draw }) => ({ name, svg: draw(options) })),
  }))
}
