// What is said in figures of a classifier's answers: errors with their interval, scores of each class, what it takes
// for what.
import type { Dataset } from '@ddlf/data'
import type { JudgedPart } from '../../data-source/data-source.ts'
import type { KeptOutputs } from '../../tasks/task.ts'
import type { Interval } from '../statistics/interval.ts'
import { wilsonInterval } from '../statistics/wilson-interval.ts'
import { answersOf } from './answers.ts'
import { classificationReport, type ClassificationReport } from './classification-report.ts'
import type { ConfusionMatrix } from './confusion-matrix.ts'
import type { ClassifierResults } from './report-sections.ts'

/** What an error is called, by the part of the data that judged. */
export const judgedTitle = (part: JudgedPart = 'test'): string => (part === 'test' ? 'Test error' : 'Validation error')

/** A classifier's answers over some examples, in figures. */
export interface JudgedClasses extends ClassificationReport {
  readonly matrix: ConfusionMatrix
  /** The share of wrong answers with its 95 % interval. */
  readonly error: Interval
}

function judged(matrix: ConfusionMatrix): JudgedClasses {
  const report = classificationReport(matrix)
  return { ...report, matrix, error: wilsonInterval(report.errors, matrix.total) }
}

/** An analysis by what it found, of a classifier or not. */
interface Analysed {
  readonly results: ClassifierResults
}

/** Of an analysis; undefined where it is of no classifier. */
export const judgedIn = ({ results: { confusion } }: Analysed): JudgedClasses | undefined =>
  confusion && judged(confusion)

/**
 * Of an evaluation; undefined where it is of no classifier.
 * @param names of the classes
 */
export function judgeClasses(
  { outputs }: { readonly outputs: KeptOutputs }, { columns }: Dataset, names: readonly string[],
): JudgedClasses | undefined {
  const [{ logits }, { labels }] = [outputs, columns]
  if (logits?.shape.length !== 1 || !labels) return undefined
  return judged(answersOf(logits.data, labels.data, names).confusion)
}

/**
 * Of the outputs that a run keeps; undefined where they are of no classifier.
 * @param names of the classes
 * @param column the column of classes
 * @param load gives a column of the data, for runs of older versions, which did not keep it
 */
export async function judgeKeptClasses(
  kept: Readonly<Record<string, { readonly data: ArrayLike<number> }>>,
  names: readonly string[],
  column: string,
  load: (column: string) => Promise<ArrayLike<number>>,
): Promise<JudgedClasses | undefined> {
  if (!kept['logits']) return undefined
  return judged(answersOf(kept['logits'].data, kept[column]?.data ?? (await load(column)), names).confusion)
}

/** An evaluation, for programs. */
export const plainJudgement = ({ errors, error, macro, classes, matrix }: JudgedClasses): Record<string, unknown> => ({
  errors,
  interval: { low: error.low, high: error.high, level: error.level },
  macro,
  classes,
  confusion: Array.from(matrix.counts),
})

/** An analysis, for programs. */
export function plainClassifier({ results }: Analysed): Record<string, number> {
  const report = judgedIn({ results })
  const { calibration } = results
  return {
    ...(report && { errors: report.errors, accuracy: report.accuracy, macroF1: report.macro.f1 }),
    ...(calibration && {
      calibrationError: calibration.expectedCalibrationError,
      brierScore: calibration.brierScore,
      logLoss: calibration.logLoss,
    }),
  }
}
