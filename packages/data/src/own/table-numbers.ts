// Numbers as tables write them. What a comma means is decided for a whole column, in one place, and said.

/** What commas in the numbers of a column mean: nothing (a field with one is no number), `3,5` = 3.5, or `1,200` = 1200. */
export type Commas = 'none' | 'decimal' | 'thousands'

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
/** `1,200`, `1,200,300.5`: groups of three, and no leading zero. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/
/** `3,5`, `,5`, `1200,5e3`, and with points between thousands `1.200,50`. */
const DECIMAL = /^[+-]?(?:\d*|[1-9]\d{0,2}(?:\.\d{3})+),\d+(?:e[+-]?\d+)?$/i
/** `1.200` beside decimal commas is 1200. */
const POINTED = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/

/** The field in the form that `Number` reads; undefined where it is no number. */
function plainForm(text: string, commas: Commas): string | undefined {
  if (commas === 'thousands' && THOUSANDS.test(text)) return text.replaceAll(',', '')
  if (commas === 'decimal' && (DECIMAL.test(text) || POINTED.test(text))) return text.replaceAll('.', '').replace(',', '.')
  return PLAIN.test(text) ? text : undefined
}

/**
 * A number as tables write it: `-2e1`, ` 3.5 `; undefined for anything else, blanks included.
 * @param commas what commas mean in its column, by {@link readCommas}
 */
export function numberOf(field: string, commas: Commas = 'none'): number | undefined {
  const form = plainForm(field.trim(), commas)
  if (form === undefined) return undefined
  const value = Number(form)
  return Number.isFinite(value) ? value : undefined
}

/** Whether a field may be a number, whatever commas mean in its column. */
export const looksNumeric = (field: string): boolean =>
  numberOf(field) !== undefined || numberOf(field, 'thousands') !== undefined || numberOf(field, 'decimal') !== undefined

/** What commas in a column mean, and in words what a user should know of it; there are none without commas. */
export interface CommaReading {
  readonly commas: Commas
  readonly note?: string
}

/**
 * Finds what commas in the numbers of a column mean. Where every number with a comma is written in groups of three (`1,200`),
 * they are between thousands. They stand before fractions only where they do not separate the fields, some number with a comma
 * can be nothing else (`3,5`, `0,125`), and no point does. Otherwise a field with a comma is no number.
 * @param delimiter the character between the fields of the table; left out, it is no comma
 */
export function readCommas(column: string, fields: readonly string[], delimiter = ''): CommaReading {
  const numbers = fields.map(field => field.trim())
  const written = numbers.filter(text => THOUSANDS.test(text) || DECIMAL.test(text))
  const [first] = written
  if (first === undefined) return { commas: 'none' }
  const said = (commas: Commas, of: string) => `${of} is read as ${numberOf(of, commas) ?? 'no number'}`
  if (written.every(text => THOUSANDS.test(text))) {
    const isPlain = delimiter !== ',' && written.every(text => /^[+-]?\d+,\d{3}$/.test(text))
    return { commas: 'thousands', note: `'${column}' has commas between thousands: ${said('thousands', first)}${isPlain ? '; where they stand before fractions, write points' : ''}` }
  }
  const other = written.find(text => !THOUSANDS.test(text)) ?? first
  const hasPoints = numbers.some(text => text.includes('.') && PLAIN.test(text) && !POINTED.test(text))
  if (delimiter !== ',' && !hasPoints && written.every(text => DECIMAL.test(text))) {
    return { commas: 'decimal', note: `'${column}' has commas before fractions: ${said('decimal', other)}` }
  }
  const reason = delimiter === ',' ? 'commas separate the fields' : hasPoints ? 'other numbers have points' : 'commas stand between thousands as well'
  return { commas: 'none', note: `'${column}': ${other} is read as no number, for ${reason}` }
}
