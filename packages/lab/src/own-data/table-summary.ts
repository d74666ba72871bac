// What the columns of a user's table hold, for those who have not decided yet what to do with them.
import { looksLikeDate, readNumbers, type Table } from '@ddlf/data'
import { isMissing, learnable, LEAST_NUMBERS } from './column-encoding.ts'
import { lookAtNumbers } from './number-targets.ts'

/** What a column may hold. */
export type ColumnKind = 'numbers' | 'categories' | 'texts' | 'dates' | 'one value' | 'nothing'

/** A column of a table. */
export interface ColumnSummary {
  readonly name: string
  readonly kind: ColumnKind
  /** Fields without a value; in a column of numbers also those that are none, which training takes as missing. */
  readonly missing: number
  /** Different values. */
  readonly different: number
  /** What it holds, in a few words: `5.1 to 7.9`, `setosa 50, versicolor 50`. */
  readonly holds: string
  /** What a training that predicts it takes it for; undefined where there is nothing to predict, or to learn from. */
  readonly target?: 'number' | 'class'
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

/** What the fields of a column are as numbers. */
interface NumbersSeen {
  readonly numbers: readonly number[]
  readonly holds: string
  readonly target: 'number' | 'class' | undefined
}

/** 1, 2, 3, ...: the rows are numbered, and nothing can be learned of it. */
const isNumbering = (numbers: readonly number[]) =>
  numbers.length > 2 && numbers.every((value, k) => value === (numbers[0] as number) + k)

function numbersIn(name: string, present: readonly string[], delimiter: string): NumbersSeen {
  const { form } = readNumbers(name, present, delimiter)
  const numbers = present.flatMap(field => learnable(field, form) ?? [])
  const [low, high] = numbers.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity])
  const unit = form.unit === undefined ? '' : ` ${form.unit}`
  const kind = lookAtNumbers(present, form).isNumber ? 'number' : 'class'
  return { numbers, holds: `${low} to ${high}${unit}`, target: isNumbering(numbers) ? undefined : kind }
}

function summaryOf(name: string, fields: readonly string[], delimiter: string): ColumnSummary {
  const present = fields.filter(field => !isMissing(field))
  const counts = new Map<string, number>()
  for (const field of present) counts.set(field.trim(), (counts.get(field.trim()) ?? 0) + 1)
  const seen = { name, missing: fields.length - present.length, different: counts.size }
  const [first] = counts.keys()
  if (first === undefined) return { ...seen, kind: 'nothing', holds: '' }
  if (counts.size === 1) return { ...seen, kind: 'one value', holds: shortened(first) }
  const { numbers, holds, target } = numbersIn(name, present, delimiter)
  if (numbers.length >= LEAST_NUMBERS * present.length)
    return { ...seen, missing: fields.length - numbers.length, kind: 'numbers', holds, ...(target && { target }) }
  if (present.filter(looksLikeDate).length >= ALMOST_ALL * present.length)
    return { ...seen, kind: 'dates', holds: `${first}, ...` }
  if (counts.size > MOST_CATEGORIES && counts.size > present.length / 2)
    return { ...seen, kind: 'texts', holds: shortened(first) }
  const most = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const isText = counts.size === present.length && most.some(([value]) => value.includes(' '))
  const said = most.slice(0, SHOWN).map(([value, count]) => `${shortened(value)} ${count}`).join(', ')
  return isText
    ? { ...seen, kind: 'texts', holds: shortened(first) }
    : { ...seen, kind: 'categories', holds: `${said}${most.length > SHOWN ? ', ...' : ''}`, target: 'class' }
}

/** Says of each column of a table what it holds. */
export const summariseTable = ({ names, records, format }: Table): ColumnSummary[] =>
  names.map((name, place) => summaryOf(name, records.map(record => record[place] as string), format.delimiter))

/** What can be done with a table, by what its columns hold. */
export interface TableUses {
  /** A text and the class that it has. */
  readonly text?: { readonly text: string; readonly label: string }
  /** Columns that the others may predict, what people most likely want to know first. */
  readonly targets: readonly ColumnSummary[]
}

/**
 * Guesses what a table is for: the last column of categories and the last of numbers are what people may want to know;
 * what stands further right, sooner.
 */
export function usesOf(columns: readonly ColumnSummary[]): TableUses {
  const last = (kind: ColumnKind) => columns.findLast(column => column.kind === kind)?.name
  const [text, label] = [last('texts'), last('categories')]
  const usable = columns.filter(({ target }) => target !== undefined)
  const wanted = (['categories', 'numbers'] as const).map(kind => usable.findLast(column => column.kind === kind))
  const targets = usable.length < 2 ? [] : usable.toReversed().filter(column => wanted.includes(column))
  return {
    ...(text !== undefined && label !== undefined && { text: { text, label } }),
    targets,
  }
}
