// How a table is written: which character lies between fields, whether quotes mean anything, whether the first row
// names the columns.
import { parse } from 'csv-parse/browser/esm/sync'
import { UserError } from '@ddlf/tensor/errors'
import { looksNumeric } from './table-numbers.ts'

/** What a user may state of how a table is written; the rest is found by looking. */
export interface TableFormat {
  /** How messages call the table. */
  readonly name: string
  /** Character between fields; default: found among comma, semicolon, tab and bar. */
  readonly delimiter?: string
  /** The first row holds the names of the columns; default: found by comparing it with the others. */
  readonly header?: boolean
  /** Columns that must be there: where the first row holds one of these names it is a header. */
  readonly wanted?: readonly string[]
  /**
   * Set where columns hold any text, so that a header looks like the rows below it: whether words are names of columns.
   * Only such a first row, or one with a wanted name, is taken for a header.
   */
  readonly areNames?: (words: readonly string[]) => boolean
}

/** How a table is written. */
export interface FoundFormat {
  readonly delimiter: string
  /** Null: quotes are part of the text. */
  readonly quote: '"' | null
  readonly header: boolean
  /** Fields of most rows, without an empty one behind a delimiter that ends every row. */
  readonly width: number
  /** Characters before the table: a first line `sep=;`, as Excel writes it. */
  readonly start: number
  /** Records above the header that hold a title or nothing. */
  readonly above: number
}

/** Characters looked at to find the format. */
export const SAMPLE_CHARACTERS = 2 ** 18

/** Rows looked at. */
const SAMPLE_ROWS = 200

/** Most columns of a table: each is a part of a model, or a mistake. */
export const MOST_COLUMNS = 50_000

const DELIMITERS = [',', ';', '\t', '|'] as const

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
  ' ': 'spaces',
}

/** `semicolons` for `;`. */
export const delimiterName = (delimiter: string) => DELIMITER_NAMES[delimiter] ?? `'${delimiter}'`

/**
 * The options of csv-parse that make it read what spreadsheets and people write: any mix of line ends, a quote inside
 * an unquoted field as itself, rows of other lengths (counted elsewhere).
 */
export const parserOptions = ({ delimiter, quote }: Pick<FoundFormat, 'delimiter' | 'quote'>) => ({
  delimiter,
  quote,
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
})

/** The first records of a sample; a last one that the sample cuts off is left out. */
function sampleRecords(sample: string, whole: boolean, format: Pick<FoundFormat, 'delimiter' | 'quote'>): string[][] {
  const records: string[][] = []
  const keep = (record: string[]) => {
    records.push(record)
    return null
  }
  try {
    parse(sample, { ...parserOptions(format), to: SAMPLE_ROWS, on_record: keep })
    if (!whole && records.length > 1 && records.length < SAMPLE_ROWS) records.pop()
  } catch {
    // The sample ends inside a quoted field: what came before counts.
  }
  return records
}

/** The most common number of fields, and the share of the records that have it. */
function commonWidth(records: readonly (readonly string[])[]): { width: number; share: number } {
  const counts = new Map<number, number>()
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1)
  const [width = 0, count = 0] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? []
  return { width, share: records.length === 0 ? 0 : count / records.length }
}

const isTabName = (name: string) => /\.(tsv|tab)$/i.test(name)

/** Between tabs most programs write plain text; those that quote do it as in RFC 4180, each field whole. */
function quoteOf(sample: string, whole: boolean, delimiter: string): '"' | null {
  if (delimiter !== '\t') return '"'
  const [asText, asQuotes] = [null, '"' as const].map(quote => sampleRecords(sample, whole, { delimiter, quote }))
  const [literal, quoted] = [commonWidth(asText ?? []), commonWidth(asQuotes ?? [])]
  if (literal.share !== quoted.share) return literal.share > quoted.share ? null : '"'
  // Every row has a quoted tab, and each quote is closed in its row.
  if (quoted.width > 0 && quoted.width < literal.width && asQuotes?.length === asText?.length) return '"'
  const fields = (asText ?? []).flat().filter(field => field.startsWith('"'))
  return fields.length > 0 && fields.every(field => /^"(?:[^"]|"")*"$/.test(field)) ? '"' : null
}

/** The delimiter at which most records have equally many fields, more than one. */
function findDelimiter(sample: string, whole: boolean, name: string): string {
  const usual = isTabName(name) ? '\t' : ','
  const found = DELIMITERS.map(delimiter => {
    const { width, share } = commonWidth(
      sampleRecords(sample, whole, { delimiter, quote: quoteOf(sample, whole, delimiter) }),
    )
    return { delimiter, width, share: width > 1 ? share : 0 }
  }).sort(
    (a, b) => b.share - a.share || Number(b.delimiter === usual) - Number(a.delimiter === usual) || b.width - a.width,
  )
  const [best] = found
  return best && best.share > 0 ? best.delimiter : usual
}

/**
 * Whether the first record names the columns: it does where it is unlike those below it, words over numbers; it does
 * not where it is like them, a number over numbers or a word that the column repeats.
 */
function looksLikeHeader(
  [first = [], ...rest]: readonly (readonly string[])[], { wanted = [], areNames }: TableFormat,
): boolean {
  const names = first.map(name => name.trim().normalize('NFC'))
  if (wanted.some(name => names.includes(name.trim().normalize('NFC')))) return true
  if (areNames) return areNames(names)
  if (rest.length === 0) return true
  let votes = 0
  for (const [k, name] of names.entries()) {
    const values = rest.map(record => (record[k] ?? '').trim()).filter(value => value !== '')
    if (values.length === 0) continue
    if (values.every(looksNumeric)) votes += name === '' ? 0 : looksNumeric(name) ? -1 : 1
    else if (values.includes(name)) votes -= 1
  }
  // Columns of texts do not tell: a word that stands twice names no column.
  return votes > 0 || (votes === 0 && new Set(names).size === names.length)
}

/** The line with which Excel says what lies between fields. */
const SEPARATOR = /^\uFEFF?"?sep=([^\r\n"])"?(?:\r\n|\n|\r)/i

/** Most lines above a table that are looked at. */
const MOST_ABOVE = 20

/**
 * How many records at the top are a title or nothing, with the table below them: one filled field at most, where rows
 * have more.
 */
function titlesAbove(records: readonly (readonly string[])[], wanted: readonly string[]): number {
  const { width } = commonWidth(records)
  const names = wanted.map(name => name.trim().normalize('NFC'))
  const isTitle = (record: readonly string[]) => {
    const filled = record.map(field => field.trim().normalize('NFC')).filter(field => field !== '')
    return filled.length <= 1 && (record.length < width || width > 2) && !names.some(name => filled.includes(name))
  }
  const first = records.findIndex(record => !isTitle(record))
  return first > 0 && first <= MOST_ABOVE && (records[first]?.length ?? 0) >= width - 1 ? first : 0
}

/**
 * Finds how a table is written from its beginning.
 * @param text the first {@link SAMPLE_CHARACTERS} characters, or the whole text where it is shorter
 * @throws UserError when it has more than 50,000 columns, or a stated delimiter is no single character
 */
export function findFormat(text: string, format: TableFormat): FoundFormat {
  const { name, delimiter: stated, header: statedHeader, wanted = [] } = format
  if (stated !== undefined && (stated.length !== 1 || '"\r\n'.includes(stated))) {
    throw new UserError({
      rule: 'A delimiter must be one character, no quote and no line end.',
      received: JSON.stringify(stated),
      next: 'Leave it out: it is found by looking',
    })
  }
  const [line = '', separator] = SEPARATOR.exec(text) ?? []
  const sample = text.slice(line.length)
  const whole = text.length < SAMPLE_CHARACTERS
  const delimiter = stated ?? separator ?? findDelimiter(sample, whole, name)
  const quote = quoteOf(sample, whole, delimiter)
  const all = sampleRecords(sample, whole, { delimiter, quote })
  const titles = statedHeader === false ? 0 : titlesAbove(all, wanted)
  const header = statedHeader ?? looksLikeHeader(all.slice(titles), format)
  // Without a header there is nothing that a title could stand above.
  const above = header ? titles : 0
  const records = all.slice(above)
  const rows = records.slice(1).length > 0 ? records.slice(1) : records
  const { width } = commonWidth(rows)
  const endsInDelimiter =
    records[0]?.length === width - 1 && rows.every(row => row.length !== width || row.at(-1)?.trim() === '')
  return {
    delimiter,
    quote,
    header,
    width: endsInDelimiter ? width - 1 : width,
    start: line.length,
    above,
  }
}
