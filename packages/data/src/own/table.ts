// A table of the user's own (CSV or TSV): rows of text or of numbers, with or without a label, as a data set.
import { parse } from 'csv-parse/browser/esm/sync'
import { UserError, nearestName } from '@ddlf/tensor/errors'
import type { Column, Dataset } from '../dataset.ts'

/** How a table is written. */
export interface TableFormat {
  /** How messages call the table. */
  readonly name: string
  /** Character between fields; default a comma, or a tab when the name ends in `.tsv`. */
  readonly delimiter?: string
  /** The first row holds the names of the columns; default true. */
  readonly header?: boolean
}

/** The fields of a table as text. */
export interface Table {
  readonly names: readonly string[]
  readonly records: readonly (readonly string[])[]
}

/**
 * Splits a CSV or TSV text into rows of fields (RFC 4180: quoted fields may hold delimiters, line ends and doubled quotes).
 * Without a header the columns are called `column1`, `column2` and so on.
 * @throws {UserError} when the rows differ in length, a quote is not closed, or two columns have one name
 */
export function parseTable(text: string, { name, delimiter, header = true }: TableFormat): Table {
  let rows: string[][]
  try {
    const separator = delimiter ?? (name.endsWith('.tsv') ? '\t' : ',')
    // Tabs separate plain text: quotes there are part of the text.
    rows = parse(text, { delimiter: separator, bom: true, skip_empty_lines: true, quote: separator === '\t' ? null : '"' })
  } catch (error) {
    throw new UserError({ rule: `${name} is not a well-formed table.`, received: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
  const width = rows[0]?.length ?? 0
  const names = header ? (rows.shift() ?? []).map(field => field.trim()) : Array.from({ length: width }, (_, k) => `column${k + 1}`)
  const twice = names.find((field, k) => names.indexOf(field) !== k)
  if (twice !== undefined) throw new UserError({ rule: `${name}: each column must have a name of its own.`, received: `'${twice}' twice` })
  return { names, records: rows }
}

/** Which columns of a table mean what. */
export interface TableOptions extends TableFormat {
  /** Column of text; it becomes the text column `text`. */
  readonly text?: string
  /** Columns of numbers; together they become the float32 column `features`. Default: all other columns, unless `text` is given. */
  readonly features?: readonly string[]
  /** Column of the class, any words or numbers; it becomes the int32 column `labels`. */
  readonly label?: string
  /** Column of a number to predict; it becomes the float32 column `targets`. */
  readonly target?: string
  /** Names of the classes in order; default those that occur, sorted. */
  readonly classes?: readonly string[]
}

function indexOf(table: Table, column: string, name: string): number {
  const index = table.names.indexOf(column)
  if (index >= 0) return index
  const near = nearestName(column, table.names)
  throw new UserError({
    rule: `${name} has no column named '${column}'.`,
    received: column,
    next: near === undefined ? `use one of: ${table.names.join(', ')}` : `did you mean '${near}'?`,
  })
}

const numberIn = (field: string, row: number, column: string, name: string): number => {
  const value = field.trim() === '' ? Number.NaN : Number(field)
  if (Number.isFinite(value)) return value
  throw new UserError({ rule: `${name}, row ${row + 1}: column '${column}' must hold numbers.`, received: field.slice(0, 80) })
}

/**
 * Makes a data set of a table: `features` (float32) and `labels` (int32) or `targets` (float32) as columns, `text` as text.
 * @throws {UserError} when a column does not exist, a field is not a number where one is needed, or the table is empty
 */
export function readTable(content: string, options: TableOptions): Dataset {
  const { name, text, label, target, classes: stated } = options
  const table = parseTable(content, options)
  const { records } = table
  if (records.length === 0) throw new UserError({ rule: `${name} must have at least one row.`, received: 'none' })
  for (const column of [text, label, target, ...(options.features ?? [])]) if (column !== undefined) indexOf(table, column, name)
  const used = [text, label, target].filter(column => column !== undefined)
  const features = options.features ?? (text === undefined ? table.names.filter(column => !used.includes(column)) : [])
  const columns: Record<string, Column> = {}
  if (features.length > 0) {
    const places = features.map(column => indexOf(table, column, name))
    const data = new Float32Array(records.length * places.length)
    for (const [row, record] of records.entries()) {
      for (const [k, place] of places.entries()) data[row * places.length + k] = numberIn(record[place] as string, row, features[k] as string, name)
    }
    columns['features'] = { dtype: 'float32', shape: [features.length], data }
  }
  if (target !== undefined) {
    const place = indexOf(table, target, name)
    columns['targets'] = { dtype: 'float32', shape: [], data: Float32Array.from(records, (record, row) => numberIn(record[place] as string, row, target, name)) }
  }
  let classes: readonly string[] | undefined
  if (label !== undefined) {
    const place = indexOf(table, label, name)
    const words = records.map(record => (record[place] as string).trim())
    const found = stated ?? [...new Set(words)].sort((a, b) => (Number.isFinite(Number(a)) && Number.isFinite(Number(b)) ? Number(a) - Number(b) : a < b ? -1 : 1))
    const labels = new Map(found.map((word, k) => [word, k]))
    const data = Int32Array.from(words, (word, row) => {
      const index = labels.get(word)
      if (index !== undefined) return index
      throw new UserError({ rule: `${name}, row ${row + 1}: column '${label}' must name a class.`, received: word, next: `one of: ${found.join(', ')}` })
    })
    columns['labels'] = { dtype: 'int32', shape: [], data }
    classes = found
  }
  const textPlace = text === undefined ? undefined : indexOf(table, text, name)
  return {
    name,
    length: records.length,
    columns,
    ...(textPlace !== undefined && { text: { text: records.map(record => record[textPlace] as string) } }),
    ...(classes && { classes }),
  }
}
