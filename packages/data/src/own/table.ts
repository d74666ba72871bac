// A table of the user's own (CSV or TSV): rows of text or of numbers, with or without a label, as a data set.
import { parse } from 'csv-parse/browser/esm/sync'
import { UserError, checkOptions, nearestName } from '@ddlf/tensor/errors'
import type { Column, Dataset } from '../dataset.ts'
import { chosenOptions } from './chosen-options.ts'
import { IntakeCounter } from './intake.ts'
import { delimiterName, findFormat, MOST_COLUMNS, parserOptions, SAMPLE_CHARACTERS } from './table-format.ts'
import type { FoundFormat, TableFormat } from './table-format.ts'
import { numberOf, readCommas } from './table-numbers.ts'
import type { Commas } from './table-numbers.ts'

/** The fields of a table as text. */
export interface Table {
  readonly name: string
  readonly names: readonly string[]
  readonly records: readonly (readonly string[])[]
  /** The number of each record's row below the header, from 1 on: some rows may be left out. */
  readonly rows: readonly number[]
  readonly format: FoundFormat
  /** Counts the rows that are left out; those that remain are counted when they are used. */
  readonly intake: IntakeCounter
}

/** Takes records one by one and makes a table of them. */
export class TableBuilder {
  readonly #name: string
  readonly #format: FoundFormat
  readonly #only: ReadonlySet<string> | undefined
  readonly #intake = new IntakeCounter('rows')
  readonly #records: string[][] = []
  readonly #rows: number[] = []
  #names: string[] | undefined
  #kept: boolean[] = []
  #row = 0

  /** @param only keep the text of these columns alone; that of others becomes empty, to save memory */
  constructor(format: TableFormat, found: FoundFormat, only?: readonly string[]) {
    this.#name = format.name
    this.#format = found
    this.#only = only && new Set(only.map(labelOf))
    this.#intake.note(`${delimiterName(found.delimiter)} between fields${format.delimiter === undefined ? '' : ', as stated'}`)
    if (found.header) return
    this.#nameColumns(Array.from({ length: found.width }, () => ''))
    if (format.header === undefined) this.#intake.note(`no header: the columns are called column1${found.width > 1 ? ` to column${found.width}` : ''}`)
  }

  #nameColumns(fields: readonly string[]): void {
    if (fields.length > MOST_COLUMNS) throw tooManyColumns(this.#name, fields.length)
    const names = fields.map((field, k) => labelOf(field) || `column${k + 1}`)
    const seen = new Set<string>()
    for (const name of names) {
      if (seen.has(name)) throw new UserError({ rule: `${this.#name}: each column must have a name of its own.`, received: `'${name}' twice`, next: 'rename one; where the first row is no header, state header=false' })
      seen.add(name)
    }
    this.#names = names
    this.#kept = names.map(name => this.#only?.has(name) ?? true)
  }

  /** Says something of how the table was read. */
  note(text: string): void {
    this.#intake.note(text)
  }

  add(record: string[]): void {
    if (this.#names === undefined) {
      this.#nameColumns(record)
      return
    }
    this.#row++
    if (record.length !== this.#names.length) {
      const { length } = record
      this.#intake.leaveOut(`with ${length < this.#names.length ? 'fewer' : 'more'} fields than the table's ${this.#names.length}`, `row ${this.#row}`)
      return
    }
    this.#records.push(this.#only ? record.map((field, k) => (this.#kept[k] ? field : '')) : record)
    this.#rows.push(this.#row)
  }

  /** @throws {UserError} when more rows have another number of fields than fit */
  end(): Table {
    const names = this.#names ?? []
    const ragged = this.#row - this.#records.length
    if (ragged > this.#records.length) {
      throw new UserError({
        rule: `${this.#name} is not a well-formed table: its rows must have as many fields as it has columns.`,
        received: `${ragged} of ${this.#row} rows with another number than ${names.length} (${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}), read with ${delimiterName(this.#format.delimiter)} between fields`,
        next: 'put fields that hold the delimiter in quotes, or state the delimiter',
      })
    }
    return { name: this.#name, names, records: this.#records, rows: this.#rows, format: this.#format, intake: this.#intake }
  }
}

const tooManyColumns = (name: string, count: number) => new UserError({
  rule: `${name}: a table has at most ${MOST_COLUMNS.toLocaleString('en-US')} columns.`,
  received: `${count.toLocaleString('en-US')} columns`,
  next: 'leave out columns, or give the table as one row an example',
})

/** The error for bytes that csv-parse cannot make rows of: in practice a quote that is never closed. */
export const malformed = (name: string, error: unknown) => error instanceof UserError ? error : new UserError(
  { rule: `${name} is not a well-formed table.`, received: error instanceof Error ? error.message : String(error), next: 'close the quote at the field it opens in, or double the quotes inside' },
  { cause: error },
)

/**
 * Splits a CSV or TSV text into rows of fields (RFC 4180: quoted fields may hold delimiters, line ends and doubled quotes).
 * Lines may end in CRLF, LF and CR in one text, and a quote inside an unquoted field is a quote. Without a header the columns
 * are called `column1`, `column2` and so on, as columns without a name are. Rows of another length are left out and counted.
 * @throws {UserError} when most rows differ in length, a quote is not closed, or two columns have one name
 */
export function parseTable(text: string, format: TableFormat): Table {
  checkOptions('parseTable', format, FORMAT_OPTIONS)
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text
  const found = findFormat(content.slice(0, SAMPLE_CHARACTERS), format)
  const builder = new TableBuilder(format, found)
  try {
    parse(content, { ...parserOptions(found), on_record: (record: string[]) => (builder.add(record), null) })
  } catch (error) {
    throw malformed(format.name, error)
  }
  return builder.end()
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

/** The names of {@link TableFormat}. */
export const FORMAT_OPTIONS = ['name', 'delimiter', 'header', 'wanted'] as const
/** The names of {@link TableOptions}. */
export const TABLE_OPTIONS = ['text', 'features', 'label', 'target', 'classes', ...FORMAT_OPTIONS] as const

/** A word by which items are told apart, in the form that makes equal what looks equal. */
export const labelOf = (field: string) => field.trim().normalize('NFC')

/** The columns and classes that the options name, in the form that names in tables have. */
const statedNames = ({ text, label, target, features, classes }: Partial<TableOptions>) => ({
  text: text === undefined ? undefined : labelOf(text),
  label: label === undefined ? undefined : labelOf(label),
  target: target === undefined ? undefined : labelOf(target),
  features: features?.map(labelOf),
  classes: classes?.map(labelOf),
})

/** The columns that the options name. */
export function namedColumns(options: Partial<TableOptions>): string[] {
  const { text, label, target, features = [] } = statedNames(options)
  return [text, label, target, ...features].filter(column => column !== undefined)
}

/** The place of a column. @throws {UserError} when there is none of this name; the message names the nearest, or all */
export function columnPlace({ name, names, format }: Table, column: string): number {
  const index = names.indexOf(labelOf(column))
  if (index >= 0) return index
  const near = nearestName(column, names)
  throw new UserError({
    rule: `${name} has no column named '${column}'.`,
    received: format.header ? column : `${column}, of a table whose first row is no header`,
    next: near === undefined || !format.header ? `use one of: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}` : `did you mean '${near}'?`,
  })
}

/** Class names in order: numbers by value, words by their letters. */
export const sortedLabels = (labels: Iterable<string>): string[] =>
  [...new Set(labels)].sort((a, b) => (Number.isFinite(Number(a)) && Number.isFinite(Number(b)) ? Number(a) - Number(b) : a < b ? -1 : 1))

/** A table with some of its rows only. */
export const keepRows = (table: Table, keep: (record: readonly string[], k: number) => boolean): Table => {
  const kept = table.records.map(keep)
  return { ...table, records: table.records.filter((_, k) => kept[k]), rows: table.rows.filter((_, k) => kept[k]) }
}

/** Leaves out, and counts, the rows of a table for which a reason is given. */
export const leaveOutRows = (table: Table, reasonOf: (record: readonly string[]) => string | undefined): Table =>
  keepRows(table, (record, k) => {
    const reason = reasonOf(record)
    if (reason !== undefined) table.intake.leaveOut(reason, `row ${table.rows[k] ?? 0}`)
    return reason === undefined
  })

/** @throws {UserError} when nothing is left of a table */
export function requireRows({ name, records, intake }: Table): void {
  if (records.length > 0) return
  const { leftOut } = intake.result()
  throw new UserError({
    rule: `${name} must have at least one row${leftOut.length > 0 ? ' that can be used' : ''}.`,
    received: leftOut.map(({ reason, count }) => `${count} ${reason}`).join(', ') || 'none',
  })
}

/** What commas mean in the numbers of a column; the intake says it. */
export function commasOf(table: Table, column: string): Commas {
  const place = columnPlace(table, column)
  const { commas, note } = readCommas(column, table.records.map(record => record[place] as string), table.format.delimiter)
  if (note !== undefined) table.intake.note(note)
  return commas
}

function numbersOf(table: Table, columns: readonly string[]): Float32Array {
  const places = columns.map(column => columnPlace(table, column))
  const commas = columns.map(column => commasOf(table, column))
  const data = new Float32Array(table.records.length * places.length)
  for (const [k, record] of table.records.entries()) {
    for (const [at, place] of places.entries()) {
      const value = numberOf(record[place] as string, commas[at])
      if (value === undefined) {
        throw new UserError({
          rule: `${table.name}, row ${table.rows[k] ?? 0}: column '${columns[at] ?? ''}' must hold numbers.`,
          received: (record[place] as string).slice(0, 80) || 'a blank field',
        })
      }
      data[k * places.length + at] = value
    }
  }
  return data
}

/**
 * Makes a data set of a table: `features` (float32) and `labels` (int32) or `targets` (float32) as columns, `text` as text.
 * Rows with a blank label or a blank text are left out and counted, as are those of a class that `classes` does not name.
 * @throws {UserError} when a column does not exist, a field is not a number where one is needed, or no row can be used
 */
export function tableDataset(table: Table, options: Partial<TableOptions>): Dataset {
  checkOptions('tableDataset', options, TABLE_OPTIONS)
  const { text, label, target, classes: stated, features: chosen } = statedNames(options)
  requireRows(table)
  const named = namedColumns(options)
  for (const column of named) columnPlace(table, column)
  const place = (column: string | undefined) => (column === undefined ? undefined : columnPlace(table, column))
  const [textPlace, labelPlace] = [place(text), place(label)]
  const announced = stated && new Set(stated)
  const rest = leaveOutRows(table, record => {
    if (labelPlace !== undefined && labelOf(record[labelPlace] as string) === '') return `with a blank '${label ?? ''}'`
    if (announced && labelPlace !== undefined && !announced.has(labelOf(record[labelPlace] as string))) return 'of a class that was not asked for or not learned'
    return textPlace !== undefined && (record[textPlace] as string).trim() === '' ? `with a blank '${text ?? ''}'` : undefined
  })
  requireRows(rest)
  const { records, names } = rest
  const features = chosen ?? (text === undefined ? names.filter(column => !named.includes(column)) : [])
  const columns: Record<string, Column> = {}
  if (features.length > 0) columns['features'] = { dtype: 'float32', shape: [features.length], data: numbersOf(rest, features) }
  if (target !== undefined) columns['targets'] = { dtype: 'float32', shape: [], data: numbersOf(rest, [target]) }
  let classes: readonly string[] | undefined
  if (labelPlace !== undefined) {
    const words = records.map(record => labelOf(record[labelPlace] as string))
    const found = stated ?? sortedLabels(words)
    const numbers = new Map(found.map((word, k) => [word, k]))
    columns['labels'] = { dtype: 'int32', shape: [], data: Int32Array.from(words, word => numbers.get(word) ?? -1) }
    classes = found
  }
  table.intake.use(records.length)
  return {
    name: table.name,
    length: records.length,
    columns,
    ...(textPlace !== undefined && { text: { text: records.map(record => record[textPlace] as string) } }),
    ...(classes && { classes }),
    intake: table.intake.result(),
  }
}

/** Reads a table from its text; see {@link parseTable} and {@link tableDataset}. */
export function readTable(content: string, options: TableOptions): Dataset {
  checkOptions('readTable', options, TABLE_OPTIONS)
  return tableDataset(parseTable(content, { ...chosenOptions(options, FORMAT_OPTIONS), wanted: namedColumns(options) }), options)
}
