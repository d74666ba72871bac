// Two parameters of a study: its trials in their plane, and how good they are around each place of it.
import type { Parameter } from '../studies/space/space.ts'
import {
  MOST_DOTS, parameterOf, positionOf, shareOf, studyPoints, type FiguredStudy, type StudyPoint,
} from './study-points.ts'

/** Trials that a surface can be drawn through, and cells along each side of it. */
const LEAST = 8
const CELLS = 24
/** How far a trial is felt, in parts of a range. */
const WIDTH = 0.12
/** How much a guess weighs beside the trials: far from all of them nothing is known, good or bad. */
const GUESS = { weight: 0.15, share: 0.5 } as const

/** A complete trial in the plane of two parameters. */
export interface ContourPoint extends StudyPoint {
  readonly x: number | string
  readonly y: number | string
}

/**
 * The complete trials that have both parameters, and over two parameters that are numbers the mean rank around each
 * cell: 1 as the best trial, 0 as the worst, the middle far from all; rows from the lowest value of `y` on.
 */
export function contourSurface(
  study: FiguredStudy,
  xName: string,
  yName: string,
  objective = 0,
): { readonly rows: readonly ContourPoint[]; readonly cells?: readonly (readonly number[])[] } {
  const [xParameter, yParameter] = [parameterOf(study, xName), parameterOf(study, yName)]
  const points = studyPoints(study, objective).filter(({ isComplete }) => isComplete)
  const rows = points.flatMap(point => {
    const [x, y] = [positionOf(xParameter, point.trial, xName), positionOf(yParameter, point.trial, yName)]
    return x === undefined || y === undefined ? [] : [{ ...point, x, y }]
  })
  if (xParameter.kind === 'categorical' || yParameter.kind === 'categorical' || rows.length < LEAST) return { rows }
  // By rank, whatever the distances of the values: the good region stays visible beside disasters.
  const every = Math.ceil(rows.length / MOST_DOTS)
  const places = rows.flatMap(({ trial, rank }, i) => {
    const along = (parameter: Parameter, name: string) => shareOf(parameter, trial.params[name] ?? null)
    return i % every > 0 ? [] : [{ x: along(xParameter, xName), y: along(yParameter, yName), rank }]
  })
  const near = (u: number, v: number) => {
    let [sum, weights] = [GUESS.weight * GUESS.share, GUESS.weight] as [number, number]
    for (const { x, y, rank } of places) {
      const [du, dv] = [u - x, v - y]
      const weight = Math.exp(-(du * du + dv * dv) / (2 * WIDTH ** 2))
      sum += weight * (1 - rank)
      weights += weight
    }
    return sum / weights
  }
  const middle = (i: number) => (i + 0.5) / CELLS
  const side = Array.from({ length: CELLS }, (_, i) => middle(i))
  return { rows, cells: side.map(v => side.map(u => near(u, v))) }
}
