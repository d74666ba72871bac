// How a study went: the best so far, the front of two objectives, what trials reported on their way.
import { UserError } from '@ddlf/tensor/errors'
import { standing } from '../studies/continuation.ts'
import { paretoFront } from '../studies/pareto.ts'
import { studyPoints, type FiguredStudy } from './study-points.ts'

/** The best complete value so far where it changes, and at the last complete trial. */
export function bestSoFar(study: FiguredStudy, objective = 0): { readonly number: number; readonly value: number }[] {
  const isBetter =
    study.directions[objective] === 'maximize' ? (a: number, b: number) => a > b : (a: number, b: number) => a < b
  const best: { number: number; value: number }[] = []
  for (const { trial: { number }, value, isComplete } of studyPoints(study, objective)) {
    const before = best.at(-1)?.value
    if (isComplete) best.push({ number, value: before === undefined || isBetter(value, before) ? value : before })
  }
  return best.filter(({ value }, i) => i === 0 || i === best.length - 1 || value !== best[i - 1]?.value)
}

/** A complete trial by two objectives. */
export interface FrontRow {
  readonly number: number
  readonly x: number
  readonly y: number
  readonly isFront: boolean
}

/**
 * The complete trials by two objectives where both are finite, and those that no other one beats, by the first of the
 * two.
 * @throws UserError where the study has one objective
 */
export function frontOf(
  study: FiguredStudy,
  [first, second]: readonly [number, number] = [0, 1],
): { readonly rows: readonly FrontRow[]; readonly best: readonly FrontRow[] } {
  if (study.directions.length < 2) {
    throw new UserError({
      rule: 'A front has at least two objectives.',
      received: `${study.name} with one`,
      next: 'Draw its history instead.',
    })
  }
  const front = new Set(paretoFront(study.trials, study.directions).map(({ number }) => number))
  const rows = standing(study.trials)
    .filter(({ state }) => state === 'complete')
    .map(({ number, values }) => ({
      number, x: values?.[first] ?? NaN, y: values?.[second] ?? NaN, isFront: front.has(number),
    }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  return { rows, best: rows.filter(({ isFront }) => isFront).sort((a, b) => a.x - b.x) }
}

/** What a trial reported on its way. */
export interface ReportedLine {
  readonly number: number
  readonly points: readonly (readonly [step: number, value: number])[]
  /** 0 as the best complete trial, 1 as the worst; a trial that still runs counts as the best, so that it is drawn. */
  readonly rank: number
  /** Whether it has a value that the rank follows from. */
  readonly isValued: boolean
  readonly isRunning: boolean
  readonly isPruned: boolean
}

/** What trials reported: the worst first, those that still run last. @throws UserError where none did */
export function reportedLines(study: FiguredStudy): ReportedLine[] {
  const known = new Map(studyPoints(study).map(({ trial, rank }) => [trial.number, rank]))
  const trials = standing(study.trials).filter(({ intermediateValues }) => intermediateValues.size > 0)
  if (trials.length === 0)
    throw new UserError({
      rule: 'This figure needs trials that reported values.',
      received: 'none',
      next: 'Report epochs.',
    })
  const lines = trials.map(({ number, state, intermediateValues }) => ({
    number,
    points: [...intermediateValues].filter(([, value]) => Number.isFinite(value)).sort(([a], [b]) => a - b),
    rank: known.get(number) ?? (state === 'running' ? 0 : 1),
    isValued: known.has(number),
    isRunning: state === 'running',
    isPruned: state === 'pruned',
  }))
  const order = ({ isRunning, rank }: ReportedLine) => (isRunning ? -1 : rank)
  return lines.sort((a, b) => order(b) - order(a))
}
