// What a model says of many inputs, in the one form that every kind of input shares: a table, CSV or JSON.
import type { ClassProbability } from '@ddlf/lab'
import { printable } from '@ddlf/lab/printable'
import { formatNumber, formatPercent, formatTable } from './format.ts'

/** What a model says of one input: its classes, the most likely first. */
export interface Prediction {
  /** How a person names the input: the path of a file below its folder, the row of a table. */
  readonly input: string
  readonly classes: readonly ClassProbability[]
  /** The number that a regression predicts; it has no classes. */
  readonly value?: number
  /** The text that the input is turned into. */
  readonly text?: string
  /** The row of the sheet that shows the picture it answers with, counted from 1. */
  readonly row?: number
}

/** A field of CSV, in quotes where it must be (RFC 4180, with the line ends of the system's other tools). */
const field = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

const csvLine = (row: readonly string[]): string => `${row.map(field).join(',')}\n`

/**
 * CSV with a header: the input, the most likely class and its probability, then the probability of every class in the
 * order of the model; of texts, the input and the text.
 */
export function predictionsCsv(predictions: readonly Prediction[], classes: readonly string[]): string {
  if (predictions.some(({ text }) => text !== undefined))
    return [['input', 'prediction'], ...predictions.map(({ input, text = '' }) => [input, text])].map(csvLine).join('')
  const rows = predictions.map(({ input, classes: said, value }) => {
    const byName = new Map(said.map(({ name, probability }) => [name, probability]))
    return [
      input,
      value === undefined ? (said[0]?.name ?? '') : String(value),
      String(said[0]?.probability ?? ''),
      ...classes.map(name => String(byName.get(name) ?? '')),
    ]
  })
  return [['input', 'prediction', 'probability', ...classes], ...rows].map(csvLine).join('')
}

/** A table with the most likely classes, `top` of them; texts as lines, for they may be long. */
export function predictionsTable(predictions: readonly Prediction[], top: number): string {
  if (predictions.every(({ text }) => text !== undefined))
    return predictions.map(({ input, text = '' }) => `${printable(input)} → ${printable(text)}`).join('\n')
  const others = Math.min(top, 3) - 1
  const header = ['input', 'prediction', 'probability', ...(others > 0 ? ['then'] : [])]
  return formatTable(
    header,
    predictions.map(({ input, classes: [first, ...rest], value }) => [
      input,
      value === undefined ? (first?.name ?? '-') : formatNumber(value),
      first ? formatPercent(first.probability) : '-',
      ...(others > 0
        ? [
            rest
              .slice(0, others)
              .map(({ name, probability }) => `${name} ${formatPercent(probability)}`)
              .join(', '),
          ]
        : []),
    ]),
    [2],
    { drop: [3] },
  )
}
