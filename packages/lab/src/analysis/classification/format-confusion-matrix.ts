// A confusion matrix as aligned text for a terminal.
import { checkOptions } from '@ddlf/tensor/errors'
import { classificationReport } from './classification-report.ts'
import { printable } from '../../printable.ts'
import { padEndTo, padStartTo, shortenTo, textWidth } from '../../text-width.ts'
import type { ConfusionMatrix } from './confusion-matrix.ts'

/**
 * Rows are true classes, columns predicted ones; the last column is the recall of the row. Zeros print as a dot, so
 * that errors stand out. When not all classes fit into `width`, the ones with most errors are shown, and a line says
 * so.
 * @param options.width columns of the terminal, default 80
 */
export function formatConfusionMatrix(matrix: ConfusionMatrix, options: { width?: number } = {}): string {
  checkOptions('formatConfusionMatrix', options, ['width'])
  const { width = 80 } = options
  const n = matrix.classes.length
  const report = classificationReport(matrix)
  const digits = String(matrix.counts.reduce((largest, count) => Math.max(largest, count), 0)).length
  const names = matrix.classes.map(printable)
  const longest = Math.max(...names.map(textWidth))
  const nameWidth = Math.min(Math.max(longest, 4), 16)
  const recallWidth = 8
  const available = width - nameWidth - recallWidth
  const smallestCell = Math.max(digits, Math.min(longest, 3)) + 1
  const fitting = Math.max(1, Math.floor(available / smallestCell))
  const shown = matrix.classes.map((_, c) => c)
  if (n > fitting) {
    const errors = (c: number) => shown.reduce((sum, other) => sum + (other === c ? 0 : at(c, other) + at(other, c)), 0)
    const errorsOf = shown.map(errors)
    const kept = [...shown].sort((a, b) => (errorsOf[b] ?? 0) - (errorsOf[a] ?? 0) || a - b).slice(0, fitting)
    shown.splice(0, shown.length, ...kept.sort((a, b) => a - b))
  }
  const cell = Math.min(Math.floor(available / shown.length), Math.max(smallestCell, Math.min(longest, 8) + 1))
  const name = (c: number) => names[c] ?? ''
  const lines = [
    'true'.padEnd(nameWidth) +
      shown.map(c => padStartTo(shortenTo(name(c), cell - 1), cell)).join('') +
      'recall'.padStart(recallWidth),
    ...shown.map(truth => {
      const cells = shown.map(prediction => String(at(truth, prediction) || '·').padStart(cell)).join('')
      const share = report.classes[truth]?.recall ?? 0
      const recall = Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)}%`
      return `${padEndTo(shortenTo(name(truth), nameWidth), nameWidth)}${cells}${recall.padStart(recallWidth)}`
    }),
  ]
  const note = shown.length < n ? [`The ${shown.length} of ${n} classes with most errors (columns: predicted).`] : []
  return [...lines, ...note].join('\n')

  function at(truth: number, prediction: number): number {
    return matrix.counts[truth * n + prediction] ?? 0
  }
}
