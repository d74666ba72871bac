// A classification report as aligned text for a terminal.
import { checkOptions } from '@ddlf/tensor/errors'
import { printable } from '../../printable.ts'
import { padEndTo, textWidth } from '../../text-width.ts'
import { formatScore, type ClassificationReport, type ClassScores } from './classification-report.ts'

const COLUMNS = ['precision', 'recall', 'f1', 'support'] as const

/**
 * One line a class, then the accuracy and the macro and weighted averages.
 * @param options.digits decimals of a score, default 4
 */
export function formatReport(report: ClassificationReport, options: { digits?: number } = {}): string {
  checkOptions('formatReport', options, ['digits'])
  const { digits = 4 } = options
  const nameWidth = Math.max(12, ...report.classes.map(scores => textWidth(printable(scores.name)))) + 1
  const line = (name: string, cells: readonly string[]) =>
    `${padEndTo(name, nameWidth)}${cells.map(cell => cell.padStart(10)).join('')}`
  const scores = (s: ClassScores) => [
    ...[s.precision, s.recall, s.f1].map(score => formatScore(score, digits)),
    String(s.support),
  ]
  return [
    line('class', COLUMNS),
    ...report.classes.map(s => line(printable(s.name), scores(s))),
    '',
    line('accuracy', ['', '', report.accuracy.toFixed(digits), String(report.micro.support)]),
    line('macro avg', scores(report.macro)),
    line('weighted avg', scores(report.weighted)),
  ].join('\n')
}
