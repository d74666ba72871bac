// A table of the user's own as a data set: its columns of text or of numbers, with a class or a number to predict.
import { UserError, checkOptions, nearestName } from '@ddlf/tensor/errors'
import type { Column, Dataset } from '../dataset.ts'
import { alikeClasses } from './alike-classes.ts'
import { chosenOptions } from './chosen-options.ts'
import type { TableFormat } from './table-format.ts'
import { fitsFloat32, numberOf, readNumbers } from './table-numbers.ts'
import type { NumberForm } from './table-numbers.ts'
import { FORMAT_OPTIONS, labelOf, parseTable, rowName } from './table.ts'
import type { Table } from './table.ts'

/** Which columns of a table mean what. */
export interface TableOptions extends TableFormat {
  /** Column of text; it becomes the text column `text`. */
  readonly text?: string
  /**
   * Columns of numbers; together they become the float32 column `features`. Default: all other columns, unless `text`
   * is given.
   */
  readonly features?: readonly string[]
  /** Column of the class, any words or numbers; it becomes the int32 column `labels`. */
  readonly label?: string
  /** Column of a number to predict; it becomes the float32 column `targets`. */
  readonly target?: string
  /** Names of the classes in order; default those that occur, sorted. */
  readonly classes?: readonly string[]
}

/** The names of {@link TableOptions}. */
export const TABLE_OPTIONS = ['text', 'features', 'label', 'target', 'classes', ...FORMAT_OPTIONS] as const

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

/** The place of a column. @throws UserError when there is none of this name; the message names the nearest, or all */
export function columnPlace({ name, names, format }: Table, column: string): number {
  const index = names.indexOf(labelOf(column))
  if (index >= 0) return index
  const near = nearestName(column, names)
  throw new UserError({
    rule: `${name} has no column named '${column}'.`,
    received: format.header ? column : `${column}, of a table whose first row is no header`,
    next:
      near === undefined || !format.header
        ? `use one of: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}`
        : `did you mean '${near}'?`,
  })
}

/** Class names in order: numbers by value where all are numbers, and otherwise by their letters. */
function sortedLabels(labels: Iterable<string>): string[] {
  const names = [...new Set(labels)]
  const byLetters = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  const areNumbers = names.every(name => Number.isFinite(Number(name)))
  // Names of one number, such as 1 and 1.0, are different classes.
  return names.sort(areNumbers ? (a, b) => Number(a) - Number(b) || byLetters(a, b) : byLetters)
}

/** Refuses columns with two roles, and those that are named twice. @param roles columns by what they are to be */
export function requireOneRole(
  name: string, { features = [], ...roles }: Readonly<Record<string, string | readonly string[] | undefined>>,
): void {
  const seen = new Map<string, string>()
  const given = [...Object.entries(roles), ...[features].flat().map(column => ['features', column] as const)]
  for (const [role, column] of given) {
    if (typeof column !== 'string') continue
    const other = seen.get(labelOf(column))
    if (other !== undefined) {
      throw new UserError({
        rule: `${name}: what is predicted from, and what is predicted, are different columns, each named once.`,
        received: other === role ? `'${column}' twice in ${role}` : `'${column}' as ${other} and in ${role}`,
        next: other === role ? `Name it once in ${role}` : `Name another column for ${other} or ${role}`,
      })
    }
    seen.set(labelOf(column), role)
  }
}

/** Leaves out, and counts, the rows of a table for which a reason is given. */
export function leaveOutRows(table: Table, reasonOf: (record: readonly string[]) => string | undefined): Table {
  const kept = table.records.map((record, k) => {
    const reason = reasonOf(record)
    if (reason !== undefined) table.intake.leaveOut(reason, rowName(table, k))
    return reason === undefined
  })
  const left = <T>(all: readonly T[]) => all.filter((_, k) => kept[k])
  return { ...table, records: left(table.records), rows: left(table.rows), lines: left(table.lines) }
}

/** @throws UserError when nothing is left of a table */
export function requireRows({ name, records, intake }: Table): void {
  if (records.length > 0) return
  const { leftOut } = intake.result()
  throw new UserError({
    rule: `${name} must have at least one row${leftOut.length > 0 ? ' that can be used' : ''}.`,
    received: leftOut.map(({ reason, count }) => `${count} ${reason}`).join(', ') || 'none',
    next: leftOut.length > 0 ? 'Mend these rows, or add others.' : 'Add rows below the names of the columns.',
  })
}

/** How the numbers of a column are written; the intake says it. */
export function numberFormOf(table: Table, column: string): NumberForm {
  const place = columnPlace(table, column)
  const { form, notes } = readNumbers(
    column,
    table.records.map(record => record[place] as string),
    table.format.delimiter,
  )
  for (const note of notes) table.intake.note(note)
  return form
}

function numbersOf(table: Table, columns: readonly string[]): Float32Array {
  const places = columns.map(column => columnPlace(table, column))
  const forms = columns.map(column => numberFormOf(table, column))
  const data = new Float32Array(table.records.length * places.length)
  for (const [k, record] of table.records.entries()) {
    for (const [at, place] of places.entries()) {
      const value = numberOf(record[place] as string, forms[at])
      if (value === undefined || !fitsFloat32(value)) {
        throw new UserError({
          rule:
            `${table.name}, ${rowName(table, k)}: ` +
            `column '${columns[at] ?? ''}' must hold numbers up to 3.4e38.`,
          received: (record[place] as string).slice(0, 80) || 'a blank field',
          next: 'Name the columns of numbers (features), or train on all of them: npm run ddlf -- train tabular --help',
        })
      }
      data[k * places.length + at] = value
    }
  }
  return data
}

/** The text of some columns, by name. @throws UserError when the table lacks one */
export const columnTexts = (table: Table, columns: readonly string[]): Record<string, string[]> =>
  Object.fromEntries(columns.map(column => {
    const place = columnPlace(table, column)
    return [column, table.records.map(record => record[place] as string)]
  }))

/** What is to be learned of the rows of a table, and which of them can be used. */
export interface UsedRows {
  /** Column of the class; it becomes `labels`. */
  readonly label?: string | undefined
  /** Names of the classes in order; rows of others are left out. Default: all that occur, sorted. */
  readonly classes?: readonly string[] | undefined
  /** Column of a number to predict; it becomes `targets`. */
  readonly target?: string | undefined
  /** How the numbers to predict are written; default found by looking. */
  readonly form?: NumberForm | undefined
  /** Column that must not be blank. */
  readonly filled?: string | undefined
  /** Whether a field of `label` or `target` says that there is no value; default: a blank one does. */
  readonly isMissing?: (field: string) => boolean
}

const isBlank = (field: string) => field.trim() === ''

/** Why a number cannot be predicted; undefined where it can. */
function againstNumber(value: number | undefined, target: string): string | undefined {
  if (value === undefined) return `whose '${target}' is no number`
  return fitsFloat32(value) ? undefined : `whose '${target}' is beyond 3.4e38, the largest number that is learned`
}

/** Why a row cannot be used; undefined where it can. */
function reasonAgainst(
  table: Table,
  { label, classes, target, form, filled, isMissing = isBlank }: UsedRows,
): (record: readonly string[]) => string | undefined {
  const reader = (column: string) => {
    const place = columnPlace(table, column)
    return (record: readonly string[]) => record[place] as string
  }
  const announced = classes && new Set(classes)
  const absent = (field: string, column: string) =>
    isBlank(field) ? `with a blank '${column}'` : isMissing(field) ? `without a value of '${column}'` : undefined
  const checks: ((record: readonly string[]) => string | undefined)[] = []
  if (label !== undefined) {
    const read = reader(label)
    checks.push(
      record =>
        absent(read(record), label) ??
        (announced?.has(labelOf(read(record))) === false
          ? 'of a class that was not asked for or not learned'
          : undefined),
    )
  }
  if (filled !== undefined) {
    const read = reader(filled)
    checks.push(record => (isBlank(read(record)) ? `with a blank '${filled}'` : undefined))
  }
  if (target !== undefined) {
    const read = reader(target)
    checks.push(
      record =>
        absent(read(record), target) ??
        againstNumber(numberOf(read(record), form), target),
    )
  }
  return record => {
    for (const check of checks) {
      const reason = check(record)
      if (reason !== undefined) return reason
    }
    return undefined
  }
}

/**
 * A data set of the rows of a table that can be used: the others are left out and counted.
 * @param fill adds columns of numbers and of text
 * @throws UserError when there is no such column, or no row is left
 */
export function datasetOfRows(
  table: Table,
  used: UsedRows,
  fill: (rows: Table) => Partial<Pick<Dataset, 'columns' | 'text'>>,
): Dataset {
  checkOptions('datasetOfRows', used, ['label', 'classes', 'target', 'form', 'filled', 'isMissing'])
  requireRows(table)
  const { label, target, classes: stated } = used
  const form = target === undefined ? undefined : (used.form ?? numberFormOf(table, target))
  const rows = leaveOutRows(table, reasonAgainst(table, { ...used, form }))
  requireRows(rows)
  const { columns = {}, text } = fill(rows)
  const { [target ?? '']: numbers = [], [label ?? '']: words = [] } = columnTexts(
    rows,
    [target, label].filter(column => column !== undefined),
  )
  const classes = label === undefined ? undefined : (stated ?? sortedLabels(words.map(labelOf)))
  const alike = stated === undefined && label !== undefined ? alikeClasses(`'${label}'`, classes ?? []) : undefined
  if (alike !== undefined) table.intake.note(alike)
  const places = new Map(classes?.map((word, k) => [word, k]))
  const answers: Record<string, Column> = {
    ...(target !== undefined && {
      targets: {
        dtype: 'float32',
        shape: [],
        data: Float32Array.from(numbers, field => numberOf(field, form) ?? Number.NaN),
      },
    }),
    ...(label !== undefined && {
      labels: { dtype: 'int32', shape: [], data: Int32Array.from(words, word => places.get(labelOf(word)) ?? -1) },
    }),
  }
  table.intake.use(rows.records.length)
  return {
    name: table.name,
    length: rows.records.length,
    columns: { ...columns, ...answers },
    ...(text && { text }),
    ...(classes && { classes }),
    intake: table.intake.result(),
  }
}

/**
 * Makes a data set of a table: `features` (float32) and `labels` (int32) or `targets` (float32) as columns, `text` as
 * text. Rows with a blank label or a blank text are left out and counted, as are those of a class that `classes` does
 * not name, and those whose target is no number.
 * @throws UserError when a column does not exist, a feature is not a number, or no row can be used
 */
export function tableDataset(table: Table, options: Partial<TableOptions>): Dataset {
  checkOptions('tableDataset', options, TABLE_OPTIONS)
  const { text, label, target, classes, features: chosen } = statedNames(options)
  requireRows(table)
  requireOneRole(table.name, { text, label, target, features: chosen })
  const named = namedColumns(options)
  for (const column of named) columnPlace(table, column)
  return datasetOfRows(table, { label, target, filled: text, ...(classes && { classes }) }, rows => {
    const features = chosen ?? (text === undefined ? rows.names.filter(column => !named.includes(column)) : [])
    return {
      ...(features.length > 0 && {
        columns: { features: { dtype: 'float32', shape: [features.length], data: numbersOf(rows, features) } },
      }),
      ...(text !== undefined && { text: { text: columnTexts(rows, [text])[text] as string[] } }),
    }
  })
}

/** Reads a table from its text; see {@link parseTable} and {@link tableDataset}. */
export function readTable(content: string, options: TableOptions): Dataset {
  checkOptions('readTable', options, TABLE_OPTIONS)
  return tableDataset(
    parseTable(content, { ...chosenOptions(options, FORMAT_OPTIONS), wanted: namedColumns(options) }),
    options,
  )
}
