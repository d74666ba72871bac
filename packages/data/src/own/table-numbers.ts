// Numbers as tables write them. What commas and units in a column mean is decided for a whole column, in one place, and
// said.

/**
 * What commas in the numbers of a column mean: nothing (a field with one is no number), `3,5` = 3.5, or `1,200` = 1200.
 */
export type Commas = 'none' | 'decimal' | 'thousands'

/** How the numbers of a column are written. */
export interface NumberForm {
  readonly commas: Commas
  /** The currency or the percent sign beside them; undefined: a field with one is no number. `12 %` is 12. */
  readonly unit?: string | undefined
}

const PLAIN_FORM: NumberForm = { commas: 'none' }

// Each pattern has one way to read a digit: fields are foreign, and may be long.
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
/** `1,200`, `1,200,300.5`: groups of three, and no leading zero. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/
/** `3,5`, `,5`, `1200,5e3`, and with points between thousands `1.200,50`. */
const DECIMAL = /^[+-]?(?:\d*|[1-9]\d{0,2}(?:\.\d{3})+),\d+(?:e[+-]?\d+)?$/i
/** `1.200` beside decimal commas is 1200. */
const POINTED = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/
/** `1 200`, `1'200.50`: groups of three with one kind of space or apostrophe between them, which means nothing else. */
const GROUPED = /^[1-9]\d{0,2}(?:([\s'’])\d{3})(?:\1\d{3})*(?:[.,]\d*)?$/

/** A sign, a unit and a number in any order that accounts have: `-5 €`, `$-5`, `CHF 1'200.50`, `12 %`, `5-`. */
const WRITTEN =
  /^([+-]?)\s*(%|[A-Z]{0,2}\p{Sc}|[A-Z]{3})?\s*([+-]?)(\d[\d.,\s'’]*|[.,]\d+)\s*(%|\p{Sc}|[A-Z]{3})?(-?)$/u

/** Characters of the longest field that is looked at; beyond them there are only plain numbers. */
const LONGEST = 64

/** Codes of currencies (ISO 4217) that are read; others are words as well, such as TOP, CUP and ALL. */
const CODES = new Set((
  'AED AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN NOK NZD PLN RON SAR SEK SGD ' +
  'THB USD ZAR'
).split(' '))

/** Whether what stands beside a number is a percent sign, the sign of a currency or one of its codes. */
const isUnit = (unit: string): boolean => !/^[A-Z]{3}$/.test(unit) || CODES.has(unit)

/** A number without its unit, as far as the field can be one. */
interface Written {
  /** With a sign, and with points and commas as they stand. */
  readonly digits: string
  readonly unit: string
  /** Spaces or apostrophes were taken out, or the sign stood elsewhere than in front. */
  readonly isRewritten: boolean
}

/** Takes a field apart; undefined where it is no number, whatever commas mean. */
function takeApart(field: string): Written | undefined {
  const text = field.trim()
  const isLong = text.length > LONGEST
  if (PLAIN.test(text) || (!isLong && (THOUSANDS.test(text) || DECIMAL.test(text))))
    return { digits: text, unit: '', isRewritten: false }
  if (isLong || !/\d/.test(text)) return undefined
  // Accounts put what is owed into brackets, and typesetters have a minus of their own.
  const inner = /^\((.+)\)$/.exec(text)?.[1]
  const found = WRITTEN.exec((inner ?? text).trim().replaceAll('\u2212', '-'))
  if (!found) return undefined
  const [, first = '', before = '', second = '', number = '', after = '', last = ''] = found
  const signs = first + second + last + (inner === undefined ? '' : '-')
  if (signs.length > 1 || (before !== '' && after !== '') || ![before, after].every(isUnit)) return undefined
  const plain = number.trimEnd()
  const isGrouped = /[\s'’]/.test(plain)
  if (isGrouped && !GROUPED.test(plain)) return undefined
  return {
    digits: signs + plain.replaceAll(/[\s'’]/g, ''),
    unit: before || after,
    isRewritten: isGrouped || first !== signs,
  }
}

/** The digits in the form that `Number` reads; undefined where they are no number. */
function plainForm(text: string, commas: Commas): string | undefined {
  if (commas === 'thousands' && THOUSANDS.test(text)) return text.replaceAll(',', '')
  if (commas === 'decimal' && (DECIMAL.test(text) || POINTED.test(text)))
    return text.replaceAll('.', '').replace(',', '.')
  return PLAIN.test(text) ? text : undefined
}

/**
 * A number as tables write it: `-2e1`, ` 3.5 `, `1 200`, `(5.00)`; undefined for anything else, blanks included.
 * @param form what commas and a unit mean in its column, by {@link readNumbers}; default: neither is read
 */
export function numberOf(field: string, { commas, unit = '' }: NumberForm = PLAIN_FORM): number | undefined {
  const written = takeApart(field)
  if (written === undefined || (written.unit !== '' && written.unit !== unit)) return undefined
  const plain = plainForm(written.digits, commas)
  if (plain === undefined) return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : undefined
}

/** The largest number of float32, in which all tables are learned from. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127

/** Whether a number can be learned from: beyond 3.4e38 it would be infinite. */
export const fitsFloat32 = (value: number): boolean => Math.abs(value) <= LARGEST

/** Whether a field may be a number, whatever commas and units mean in its column. */
export function looksNumeric(field: string): boolean {
  const written = takeApart(field)
  return (
    written !== undefined &&
    (['none', 'thousands', 'decimal'] as const).some(commas => plainForm(written.digits, commas) !== undefined)
  )
}

/**
 * How the numbers of a column are written, and in words what a user should know of it; there are none of plain numbers.
 */
export interface NumberReading {
  readonly form: NumberForm
  readonly notes: readonly string[]
}

const said = (field: string, form: NumberForm) => `${field.trim()} is read as ${numberOf(field, form) ?? 'no number'}`

/** What commas in a column mean, and what is said of it: `tell` puts words around how the example is read. */
interface CommaFinding {
  readonly commas: Commas
  readonly example?: string
  readonly tell?: (read: string) => string
}

/** The groups of digits between the points of a number. */
const groupsIn = (text: string): number => text.split('.').length

/** Whether points are more likely to part a version or an address (`1.000.001`, `192.168.100.200`) than thousands. */
const isNoQuantity = (numbers: readonly string[]): boolean => {
  const groups = numbers.map(groupsIn)
  return groups.some(count => count > 3) || !(numbers.some(text => text.startsWith('-')) || new Set(groups).size > 1)
}

/**
 * Points between thousands where no comma is: several in one number, where the column has a unit, a minus or numbers of
 * different lengths, or groups of three in money where semicolons separate the fields, for then commas stand before
 * fractions. Other columns with several points hold no numbers.
 */
function pointsIn(numbers: readonly string[], delimiter: string, isMoney: boolean): CommaFinding {
  const pointed = numbers.filter(text => text.includes('.'))
  const [first] = pointed
  if (first === undefined || !pointed.every(text => POINTED.test(text))) return { commas: 'none' }
  const several = pointed.find(text => (isMoney && delimiter === ';') || groupsIn(text) > 2)
  if (several !== undefined)
    return !isMoney && isNoQuantity(pointed) ? { commas: 'none' }
      : { commas: 'decimal', example: several, tell: read => ` has points between thousands: ${read}` }
  return delimiter === ';' || isMoney
    ? {
        commas: 'none',
        example: first,
        tell: read => `: ${read}; where points stand between thousands, leave them out`,
      }
    : { commas: 'none' }
}

/**
 * What commas mean. Where every number with a comma is written in groups of three (`1,200`), they are between
 * thousands. They stand before fractions only where they do not separate the fields, some number with a comma can be
 * nothing else (`3,5`, `0,125`), and no point does. Otherwise a field with a comma is no number.
 */
function commasIn(numbers: readonly string[], delimiter: string, isMoney: boolean): CommaFinding {
  const written = numbers.filter(text => THOUSANDS.test(text) || DECIMAL.test(text))
  const [first] = written
  if (first === undefined) return pointsIn(numbers, delimiter, isMoney)
  if (written.every(text => THOUSANDS.test(text))) {
    const isPlain = delimiter !== ',' && written.every(text => /^[+-]?\d+,\d{3}$/.test(text))
    return {
      commas: 'thousands',
      example: first,
      tell: read =>
        ` has commas between thousands: ${read}${isPlain ? '; where they stand before fractions, write points' : ''}`,
    }
  }
  const other = written.find(text => !THOUSANDS.test(text)) ?? first
  const hasPoints = numbers.some(text => text.includes('.') && PLAIN.test(text) && !POINTED.test(text))
  if (delimiter !== ',' && !hasPoints && written.every(text => DECIMAL.test(text)))
    return { commas: 'decimal', example: other, tell: read => ` has commas before fractions: ${read}` }
  const reason =
    delimiter === ','
      ? 'commas separate the fields'
      : hasPoints
        ? 'other numbers have points'
        : 'commas stand between thousands as well'
  return { commas: 'none', example: other, tell: read => `: ${read}, for ${reason}` }
}

/** The unit of a column: one currency, also where not every field has it, or the percent sign where every field has. */
function unitIn(written: readonly Written[]): { readonly unit?: string; readonly refused?: string } {
  const counts = new Map<string, number>()
  for (const { unit } of written) counts.set(unit, (counts.get(unit) ?? 0) + 1)
  const bare = counts.get('') ?? 0
  counts.delete('')
  const [[unit] = [undefined], other] = [...counts].sort((a, b) => b[1] - a[1])
  if (unit === undefined) return {}
  if (unit === '%' && bare > 0) return { refused: 'other numbers have no percent sign' }
  return { unit, ...(other && { refused: `the others are in ${unit}` }) }
}

/**
 * Finds how the numbers of a column are written: what commas mean, and which currency or percent sign stands beside
 * them.
 * @param delimiter the character between the fields of the table; left out, it is no comma
 */
export function readNumbers(column: string, fields: readonly string[], delimiter = ''): NumberReading {
  const written = fields.flatMap(field => takeApart(field) ?? [])
  const { unit, refused } = unitIn(written)
  const numbers = written.filter(one => one.unit === '' || one.unit === unit).map(({ digits }) => digits)
  const { commas, example, tell } = commasIn(numbers, delimiter, unit !== undefined && unit !== '%')
  const form: NumberForm = { commas, ...(unit !== undefined && { unit }) }
  const fieldOf = (fits: (one: Written) => boolean) => fields.find(field => {
    const one = takeApart(field)
    return one !== undefined && fits(one)
  }) ?? ''
  const notes: string[] = []
  if (example !== undefined && tell) {
    const field = fieldOf(({ digits }) => digits === example)
    notes.push(`'${column}'${tell(said(field, form))}`)
  }
  if (unit !== undefined) notes.push(`'${column}' is in ${unit}: ${said(fieldOf(one => one.unit === unit), form)}`)
  if (refused !== undefined) {
    const other = fieldOf(one => one.unit !== '' && one.unit !== unit).trim()
    notes.push(`'${column}': ${other} is read as no number, for ${refused}`)
  }
  const rewritten = fieldOf(one => one.isRewritten && (one.unit === '' || one.unit === unit))
  if (rewritten !== '') notes.push(`'${column}': ${said(rewritten, form)}`)
  return { form, notes: [...new Set(notes)] }
}

/** Days, with or without a time: `2024-01-31`, `31.1.2024`, `1/31/24 13:45`, `31 Jan 2024`, `Jan 31, 2024`. */
const DAY =
  /^(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})|\d{1,2}[. -]{1,2}\p{L}{3,9}\.?[ -]\d{2,4})/u
const AMERICAN_DAY = /^\p{L}{3,9}\.? \d{1,2},? \d{4}/u
const TIME = /^(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AP]M|Z|[+-]\d{2}:?\d{2})?)?$/i

/** Whether a field is a day, written in one of the ways that are common. */
export function looksLikeDate(field: string): boolean {
  const text = field.trim()
  const [day] = DAY.exec(text) ?? AMERICAN_DAY.exec(text) ?? []
  return day !== undefined && TIME.test(text.slice(day.length))
}
