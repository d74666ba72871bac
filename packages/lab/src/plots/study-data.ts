// What figures of a study are drawn from, without what draws them: for pages that draw in their own hand.
export { formatNumber } from './format-number.ts'
export { contourSurface, type ContourPoint } from './study-contour.ts'
export { bestSoFar, frontOf, reportedLines, type FrontRow, type ReportedLine } from './study-lines.ts'
export {
  brushedTrials,
  DOTTED_BELOW,
  parallelAxes,
  parallelLines,
  parallelText,
  type Brush,
  type ParallelLine,
} from './study-parallel.ts'
export {
  choiceText,
  drawnText,
  MOST_DOTS,
  MOST_LINES,
  parameterOf,
  positionOf,
  readableRange,
  studyPoints,
  thinned,
  type FiguredStudy,
  type StudyPoint,
} from './study-points.ts'
export { shownSections, type ShownFigure, type ShownSection } from './study-shown.ts'
