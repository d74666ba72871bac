// How the columns of a user's table become numbers: standardised, or one column for each category; found in the
// training part alone.
import { allocate, fitsFloat32, looksLikeDate, numberOf, readNumbers, type Dataset, type NumberForm } from '@ddlf/data'
import { z } from 'zod'
import { checkOptions, nearestName, UserError } from '@ddlf/tensor/errors'

const numberColumn = z.strictObject({
  kind: z.literal('number'),
  name: z.string(),
  /**
   * Of the training examples that have a value; the standard deviation is that of a population, as scikit-learn's
   * StandardScaler.
   */
  mean: z.number(),
  standardDeviation: z.number(),
  /** Values were missing in training: a further column is 1 where one is. */
  missing: z.boolean(),
  /** Written with a comma before the fraction: `3,5`. */
  decimalComma: z.boolean(),
  /** Written with commas between thousands: `1,200`. */
  thousands: z.boolean().optional(),
  /** The currency or the percent sign that stands beside them. */
  unit: z.string().optional(),
})

const categoryColumn = z.strictObject({
  kind: z.literal('category'),
  name: z.string(),
  /** The categories of the training examples; a last column stands for every other one. */
  values: z.array(z.string()),
  missing: z.boolean(),
})

/** How one column of a table becomes numbers. */
export const columnEncoding = z.discriminatedUnion('kind', [numberColumn, categoryColumn])
export type ColumnEncoding = z.infer<typeof columnEncoding>

const MISSING = new Set([
  '', 'na', 'n/a', 'nan', '-nan', 'null', 'none', '?', '#n/a', '#na', '<na>',
])

/** Whether a field says that there is no value. */
export const isMissing = (field: string): boolean => MISSING.has(field.trim().toLowerCase())

const category = (field: string) => field.trim().normalize('NFC')

type NumberColumn = z.infer<typeof numberColumn>

const formOf = ({
  decimalComma,
  thousands = false,
  unit,
}: Pick<NumberColumn, 'decimalComma' | 'thousands' | 'unit'>): NumberForm => ({
  commas: decimalComma ? 'decimal' : thousands ? 'thousands' : 'none',
  unit,
})

/** What is wanted of the columns. */
export interface FitOptions {
  /** Columns whose numbers are names of categories. */
  readonly categorical: readonly string[]
  /** Most categories of a column; the others are taken together. */
  readonly maxCategories: number
  /** Character between the fields of the table: where it is a comma, none stands before a fraction. */
  readonly delimiter?: string
}

/** How columns are encoded, and what a user should know of it. */
export interface FittedColumns {
  readonly encoding: ColumnEncoding[]
  readonly notes: string[]
}

/**
 * Least share of the values (of fields that are not missing) that are numbers in a column of numbers: its other fields
 * are missing values. With fewer, the column is one of words.
 */
export const LEAST_NUMBERS = 0.8

/** Least share of the values that are dates in a column of dates. */
const LEAST_DATES = 0.95

/** Rows from which a column is left out whose words are mostly different. */
const LEAST_ROWS = 10

/** Words and columns that a note names. */
const SHOWN = 3

/** `'a', 'b', 'c', ...`: the first different fields. */
function shown(fields: readonly string[]): string {
  const different = [...new Set(fields.map(field => field.trim()))]
  const first = different.slice(0, SHOWN).map(field => `'${field.length > 30 ? `${field.slice(0, 30)}...` : field}'`)
  return first.join(', ') + (different.length > SHOWN ? ', ...' : '')
}

/** Whether a field is written as a number that float32 does not hold: `inf`, `-Infinity`, `1e999`. */
function isBeyondFloat(field: string): boolean {
  const text = field.trim()
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return true
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) && !fitsFloat32(Number(text))
}

/** What became of the fields of a column of numbers that hold none. */
function oddFields(name: string, fields: readonly string[], count: number): string[] {
  const beyond = fields.filter(isBeyondFloat)
  const words = fields.filter(field => !isBeyondFloat(field))
  const said = (odd: readonly string[], what: string) =>
    odd.length === 0
      ? []
      : [`column '${name}': ${odd.length} of ${count} fields ${odd.length === 1 ? 'is' : 'are'} ${what} ` +
          `(${shown(odd)}), taken as missing`]
  return [...said(words, 'no number'), ...said(beyond, 'not finite in float32')]
}

interface FittedColumn {
  readonly column?: ColumnEncoding
  readonly notes: readonly string[]
}

/** A field as a number; undefined where it is none, or one beyond float32, which nothing can be learned from. */
export function learnable(field: string, form: NumberForm): number | undefined {
  const value = numberOf(field, form)
  return value === undefined || !fitsFloat32(value) ? undefined : value
}

/** The values of a column as numbers, where almost all are. */
function fitNumbers(
  name: string,
  present: readonly string[],
  hasMissing: boolean,
  delimiter?: string,
): FittedColumn & { readonly isNumbers: boolean } {
  const { form, notes } = readNumbers(name, present, delimiter)
  const [numbers, odd]: [number[], string[]] = [[], []]
  for (const field of present) {
    const value = learnable(field, form)
    if (value === undefined) odd.push(field)
    else numbers.push(value)
  }
  const written = numbers.length + odd.filter(isBeyondFloat).length
  if (written < LEAST_NUMBERS * present.length) {
    const some = `column '${name}': ${written} of ${present.length} values are numbers, fewer than ` +
      `${100 * LEAST_NUMBERS} %, so it is one of words (${shown(odd)})`
    return { isNumbers: false, notes: written > 0 ? [...notes, some] : notes }
  }
  const told = [...notes, ...oddFields(name, odd, present.length)]
  if (numbers.length === 0)
    return { isNumbers: true, notes: [...told, `column '${name}' left out: no number is finite`] }
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length
  const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length
  if (!(variance > 0))
    return { isNumbers: true, notes: [...told, `column '${name}' left out: all its numbers are equal`] }
  const { commas, unit } = form
  return {
    isNumbers: true,
    column: {
      kind: 'number',
      name,
      mean,
      standardDeviation: Math.sqrt(variance),
      missing: hasMissing || odd.length > 0,
      decimalComma: commas === 'decimal',
      ...(commas === 'thousands' && { thousands: true }),
      ...(unit !== undefined && { unit }),
    },
    notes: told,
  }
}

/** The values of a column as categories, where they are few enough. */
function fitCategories(
  name: string,
  present: readonly string[],
  missing: boolean,
  { categorical, maxCategories }: FitOptions,
): FittedColumn {
  const counts = new Map<string, number>()
  for (const field of present) counts.set(category(field), (counts.get(category(field)) ?? 0) + 1)
  if (counts.size === 1) return { notes: [`column '${name}' left out: it has one value only`] }
  const isStated = categorical.includes(name)
  if (!isStated && counts.size > present.length / 2 && present.length >= LEAST_ROWS) {
    const what = `column '${name}' left out: ${counts.size} different words in ${present.length} rows`
    return { notes: [`${what}; categorical=${name} keeps it`] }
  }
  const values = [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, maxCategories)
    .map(([value]) => value)
    .sort()
  const notes =
    counts.size > maxCategories
      ? [`column '${name}': the ${maxCategories} most frequent of ${counts.size} categories, the others as one`]
      : []
  return { column: { kind: 'category', name, values, missing }, notes }
}

function fitColumn(
  name: string,
  fields: readonly string[],
  options: FitOptions,
): FittedColumn {
  const { categorical, delimiter } = options
  const present = fields.filter(field => !isMissing(field))
  const missing = present.length < fields.length
  if (present.length === 0) return { notes: [`column '${name}' left out: it is empty`] }
  if (categorical.includes(name)) return fitCategories(name, present, missing, options)
  const numbers = fitNumbers(name, present, missing, delimiter)
  if (numbers.isNumbers) return numbers
  const dates = present.filter(looksLikeDate)
  if (dates.length >= LEAST_DATES * present.length) {
    const [first = ''] = dates
    const next = 'give years, months or days as columns of numbers'
    return { notes: [`column '${name}' left out: it holds dates (${first.trim()}), which are not read; ${next}`] }
  }
  const words = fitCategories(name, present, missing, options)
  return { ...words, notes: [...numbers.notes, ...words.notes] }
}

/** Columns that are named where many are read alike. */
const NAMED = 2

/** Notes that say the same of many columns as one. */
function grouped(notes: readonly string[]): string[] {
  const groups = new Map<string, string[]>()
  for (const note of notes) {
    const reading = /^'.*' (has (?:commas|points) [a-z ]+): /.exec(note)?.[1] ?? note
    groups.set(reading, [...(groups.get(reading) ?? []), note])
  }
  return [...groups].flatMap(([reading, same]) => {
    if (same.length <= NAMED) return same
    const names = same.slice(0, NAMED).map(note => note.slice(0, note.indexOf(` ${reading}: `)))
    const [first = ''] = same
    const example = first.slice(first.indexOf(`${reading}: `) + reading.length + 2)
    return [`${names.join(', ')} and ${same.length - NAMED} more ${reading.replace(/^has/, 'have')}: ${example}`]
  })
}

/** Says which columns are read as categories without having been named as such. */
function categoriesNote(encoding: readonly ColumnEncoding[], { categorical }: FitOptions): string[] {
  const found = encoding.flatMap(column =>
    column.kind === 'category' && !categorical.includes(column.name)
      ? [`'${column.name}' (${column.values.length})`]
      : [],
  )
  if (found.length === 0) return []
  const more = found.length > 2 * SHOWN ? ` and ${found.length - 2 * SHOWN} more` : ''
  return [`read as categories: ${found.slice(0, 2 * SHOWN).join(', ')}${more}`]
}

/**
 * Finds how the text columns of a set become numbers. A column of whose values at least 80 % are numbers is one of
 * numbers: missing values (blank, NA, NaN, null, none, ?) become its mean, and so does what is no number or not finite,
 * which is counted and named. Of words, each frequent one has a column; a column whose words are mostly different is
 * left out unless `categorical` names it. What is left out, or read as categories, is said.
 * @param indices the examples that count, the training part; default all
 */
export function fitColumns(dataset: Dataset, options: FitOptions, indices?: ArrayLike<number>): FittedColumns {
  checkOptions('fitColumns', options, ['categorical', 'maxCategories', 'delimiter'])
  const encoding: ColumnEncoding[] = []
  const notes: string[] = []
  for (const [name, values] of Object.entries(dataset.text ?? {})) {
    const { column, notes: told } = fitColumn(
      name,
      indices ? Array.from(indices, i => values[i] as string) : values,
      options,
    )
    if (column) encoding.push(column)
    notes.push(...told)
    if (column?.missing === true) notes.push(`column '${name}': missing ` +
      `values ${column.kind === 'number' ? 'become its mean' : 'are a category of their own'}, and are marked`)
  }
  return { encoding, notes: [...grouped(notes), ...categoriesNote(encoding, options)] }
}

/** Numbers that a column becomes. */
const widthOf = (column: ColumnEncoding) =>
  (column.kind === 'number' ? 1 : column.values.length + 1) + Number(column.missing)

/** Numbers that a row becomes. */
export const encodedWidth = (encoding: readonly ColumnEncoding[]): number =>
  encoding.reduce((sum, column) => sum + widthOf(column), 0)

/** What each of the numbers of a row is: `age`, `colour=red`, `colour=(other)`, `age=(missing)`. */
export const encodedNames = (encoding: readonly ColumnEncoding[]): string[] =>
  encoding.flatMap(column => [
    ...(column.kind === 'number'
      ? [column.name]
      : [...column.values, '(other)'].map(value => `${column.name}=${value}`)),
    ...(column.missing ? [`${column.name}=(missing)`] : []),
  ])

/** Places of a row that stand for every category that training gave no column. */
export const otherPlaces = (encoding: readonly ColumnEncoding[]): number[] => {
  let at = 0
  return encoding.flatMap(column => {
    at += widthOf(column)
    return column.kind === 'category' ? [at - 1 - Number(column.missing)] : []
  })
}

function encodeField(column: ColumnEncoding, field: string, target: Float32Array, at: number): void {
  const last = at + widthOf(column) - 1
  if (column.kind === 'number') {
    const value = isMissing(field) ? undefined : learnable(field, formOf(column))
    if (value !== undefined) target[at] = (value - column.mean) / column.standardDeviation
    else if (column.missing) target[last] = 1
    return
  }
  if (isMissing(field) && column.missing) {
    target[last] = 1
    return
  }
  const index = column.values.indexOf(category(field))
  target[at + (index < 0 ? column.values.length : index)] = 1
}

function noColumn(name: string, names: readonly string[]): UserError {
  const near = nearestName(name, names)
  return new UserError({
    rule: 'The rows must have every column that the model learned from.',
    received: `no column '${name}'`,
    next: near === undefined ? `Add it; there are: ${names.slice(0, 20).join(', ')}` : `Did you mean '${near}'?`,
  })
}

/** Says which categories have no place of their own; at most three are named. */
function unknownCategories(name: string, present: readonly string[], values: readonly string[]): string[] {
  const unknown = present.map(category).filter(value => !values.includes(value))
  if (unknown.length === 0) return []
  const named = [...new Set(unknown)].slice(0, 3).map(value => `'${value}'`).join(', ')
  return [
    `column '${name}': ${unknown.length} of ${present.length} fields are a category that has no place from training ` +
    `(${named}); they are read as any other`,
  ]
}

/**
 * Says which fields of rows that a model did not learn from are no numbers in its columns of numbers, or categories
 * that it does not know.
 * @param rows the fields of each column, by its name
 */
export function oddValues(
  rows: Readonly<Record<string, readonly string[]>>, encoding: readonly ColumnEncoding[],
): string[] {
  return encoding.flatMap(column => {
    const present = (rows[column.name] ?? []).filter(field => !isMissing(field))
    if (column.kind === 'category') return unknownCategories(column.name, present, column.values)
    const form = formOf(column)
    return oddFields(column.name, present.filter(field => learnable(field, form) === undefined), present.length)
  })
}

/**
 * The rows of a set as float32 [rows, encodedWidth]. A missing number is the mean of training, 0; a category that
 * training never saw is the column for all others.
 * @param rows the fields of each column, by its name
 * @param shared put them into shared memory; default false
 * @throws UserError where a column is not there
 */
export function encodeColumns(
  rows: Readonly<Record<string, readonly string[]>>,
  length: number,
  encoding: readonly ColumnEncoding[],
  shared = false,
): Float32Array {
  const width = encodedWidth(encoding)
  const data = allocate('float32', length * width, shared) as Float32Array
  let at = 0
  for (const column of encoding) {
    const fields = rows[column.name]
    if (!fields) throw noColumn(column.name, Object.keys(rows))
    for (let row = 0; row < length; row++) encodeField(column, fields[row] ?? '', data, row * width + at)
    at += widthOf(column)
  }
  return data
}
