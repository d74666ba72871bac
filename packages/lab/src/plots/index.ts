// Figures as self-contained SVG through Observable Plot; apart from the main entry, because Plot takes a while to load.
export * from '../analysis/classification/figures.ts'
export * from './analysis-report.ts'
export * from './curve-figure.ts'
export { formatNumber, type FigureOptions } from './draw-figure.ts'
export type { FigureDocument } from './figure-document.ts'
export * from './filter-grid-figure.ts'
export * from './graph-figure.ts'
export * from './heatmap-figure.ts'
export * from './histogram-figure.ts'
export * from './image-data-uri.ts'
export * from './image-grid-figure.ts'
export * from './loss-slice-figure.ts'
export { seriesColour } from './palette.ts'
export * from './scatter-figure.ts'
export { studyContourFigure, type StudyContourOptions } from './study-contour-figure.ts'
export { studyHistoryFigure, type StudyHistoryOptions } from './study-history-figure.ts'
export { studyImportanceFigure, type StudyImportanceOptions } from './study-importance-figure.ts'
export { studyIntermediateFigure, type StudyIntermediateOptions } from './study-intermediate-figure.ts'
export {
  brushedTrials,
  parallelAxes,
  parallelPlace,
  parallelSize,
  parallelText,
  studyParallelFigure,
  type Brush,
  type StudyParallelOptions,
} from './study-parallel-figure.ts'
export { studyParetoFigure, type StudyParetoOptions } from './study-pareto-figure.ts'
export { studySliceFigure, type StudySliceOptions } from './study-slice-figure.ts'
export type { FiguredStudy } from './study-points.ts'
export { studyReport } from './study-report.ts'
export { studyFigures, studySections, type StudyFigure, type StudySection } from './study-sections.ts'
export { tokenShadeFigure } from './token-shade-figure.ts'
export { tokenPage, visibleText, type TokenPageContent } from './token-page.ts'
