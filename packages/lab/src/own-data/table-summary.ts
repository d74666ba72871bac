// What the columns of a user's table hold, for those who have not decided yet what to do with them.
import { looksLikeDate, numberOf, readNumbers, type Table } from '@ddlf/data'
import { isMissing, LEAST_NUMBERS } from './column-encoding.ts'

/** What a column may hold. */
export type ColumnKind = 'numbers' | 'categories' | 'texts' | 'dates' | 'one value' | 'nothing'

/** A column of a table. */
export interface ColumnSummary {
  readonly name: string
  readonly kind: ColumnKind
  /** Fields without a value. */
  readonly missing: number
  /** Different values. */
  readonly different: number
  /** What it holds, in a few words: `5.1 to 7.9`, `setosa 50, versicolor 50`. */
  readonly holds: string
}

/** Least share of the values that are dates in a column of dates. */
const ALMOST_ALL = 0.95
/** Most values that count as categories, where they do not repeat at least twice each. */
const MOST_CATEGORIES = 50
const SHOWN = 4
const LONGEST = 40

const shortened = (text: string) => {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 3)}...` : line
}

function rangeOf(
  name: string,
  present: readonly string[],
  delimiter: string,
): { readonly share: number; readonly holds: string } {
  const { form } = readNumbers(name, present, delimiter)
  const numbers = present.flatMap(field => numberOf(field, form) ?? [])
  const [low, high] = numbers.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity])
  const unit = form.unit === undefined ? '' : ` ${form.unit}`
  return { share: numbers.length / Math.max(1, present.length), holds: `${low} to ${high}${unit}` }
}

function summaryOf(name: string, fields: readonly string[], delimiter: string): ColumnSummary {
  const present = fields.filter(field => !isMissing(field))
  const counts = new Map<string, number>()
  for (const field of present) counts.set(field.trim(), (counts.get(field.trim()) ?? 0) + 1)
  const seen = { name, missing: fields.length - present.length, different: counts.size }
  const [first] = counts.keys()
  if (first === undefined) return { ...seen, kind: 'nothing', holds: '' }
  if (counts.size === 1) return { ...seen, kind: 'one value', holds: shortened(first) }
  const { share, holds } = rangeOf(name, present, delimiter)
  if (share >= LEAST_NUMBERS) return { ...seen, kind: 'numbers', holds }
  if (present.filter(looksLikeDate).length >= ALMOST_ALL * present.length)
    return { ...seen, kind: 'dates', holds: `${first}, ...` }
  if (counts.size > MOST_CATEGORIES && counts.size > present.length / 2)
    return { ...seen, kind: 'texts', holds: shortened(first) }
  const most = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const isText = counts.size === present.length && most.some(([value]) => value.includes(' '))
  const said = most.slice(0, SHOWN).map(([value, count]) => `${shortened(value)} ${count}`).join(', ')
  return isText
    ? { ...seen, kind: 'texts', holds: shortened(first) }
    : { ...seen, kind: 'categories', holds: `${said}${most.length > SHOWN ? ', ...' : ''}` }
}

/** Says of each column of a table what it holds. */
export const summariseTable = ({ names, records, format }: Table): ColumnSummary[] =>
  names.map((name, place) => summaryOf(name, records.map(record => record[place] as string), format.delimiter))

/** What can be done with a table, by what its columns hold. */
export interface TableUses {
  /** A text and the class that it has. */
  readonly text?: { readonly text: string; readonly label: string }
  /** What the other columns may predict. */
  readonly target?: string
}

/** Guesses what a table is for: the last column of categories, or else of numbers, is what people want to know. */
export function usesOf(columns: readonly ColumnSummary[]): TableUses {
  const last = (kind: ColumnKind) => columns.findLast(column => column.kind === kind)?.name
  const [text, label] = [last('texts'), last('categories')]
  const target = label ?? last('numbers')
  const others = columns.filter(({ name, kind }) => name !== target && (kind === 'numbers' || kind === 'categories'))
  return {
    ...(text !== undefined && label !== undefined && { text: { text, label } }),
    ...(target !== undefined && others.length > 0 && { target }),
  }
}
