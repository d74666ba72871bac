// Pairs that are made, not collected: dates as people write them, letters and numbers with their reverse, sums.
import type { DataPart, PairTexts } from '@ddlf/lab/experiments'
import { UserError } from '@ddlf/tensor/errors'
import { permutation, randomKey, uniforms } from '@ddlf/tensor/random'

/** Whole numbers below given limits, drawn for one example of a part. */
const draw = (what: string, part: DataPart, i: number, ...limits: readonly number[]): number[] =>
  Array.from(uniforms(randomKey(17, `${what} ${part}`, i), limits.length), (value, k) =>
    Math.floor(value * (limits[k] as number)))

const MONTHS = [
  'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november',
  'december',
] as const
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
const [FIRST_YEAR, YEARS] = [1950, 100]

const two = (value: number) => String(value).padStart(2, '0')

/** How a date may be written. */
const FORMS: readonly ((date: Date) => string)[] = [
  date => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`,
  date => `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`,
  date => `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`,
  date => `${MONTHS[date.getUTCMonth()]?.slice(0, 3)} ${date.getUTCDate()} ${date.getUTCFullYear()}`,
  date => `${date.getUTCDate()}.${date.getUTCMonth() + 1}.${date.getUTCFullYear()}`,
  date => `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`,
]

/** Dates as people write them, and as ISO 8601 does: `3 may 2003`, `2003-05-03`. */
export function datePairs(part: DataPart, count: number): PairTexts {
  const made = Array.from({ length: count }, (_, i) => {
    const [year = 0, day = 0, form = 0] = draw('dates', part, i, YEARS, 365, FORMS.length)
    const date = new Date(Date.UTC(FIRST_YEAR + year, 0, 1 + day))
    return { source: FORMS[form]?.(date) ?? '', target: date.toISOString().slice(0, 10) }
  })
  return { sources: made.map(({ source }) => source), targets: made.map(({ target }) => [target]) }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Strings of letters, each length as often as the others, and the same from behind. */
export function reversedPairs(part: DataPart, count: number, shortest: number, longest: number): PairTexts {
  const sources = Array.from({ length: count }, (_, i) => {
    const [more = 0] = draw('lengths', part, i, longest - shortest + 1)
    const limits = new Array<number>(shortest + more).fill(LETTERS.length)
    return draw('letters', part, i, ...limits).map(letter => LETTERS[letter]).join('')
  })
  return { sources, targets: sources.map(text => [Array.from(text).reverse().join('')]) }
}

/** Numbers that a list is made of: from 0. */
const NUMBERS = 50

/** Lists of whole numbers, each length as often as the others, and the same from behind. */
export function reversedNumbers(part: DataPart, count: number, longest: number): PairTexts {
  const lists = Array.from({ length: count }, (_, i) => {
    const [length = 0] = draw('lengths of lists', part, i, longest)
    return draw('numbers', part, i, ...new Array<number>(length + 1).fill(NUMBERS))
  })
  const texts = (all: readonly (readonly number[])[]) => all.map(list => list.join(' '))
  return { sources: texts(lists), targets: texts(lists.map(list => list.toReversed())).map(text => [text]) }
}

/** What fills up a question and its answer. */
const FILLER = '_'

/** A number of one to so many digits, each length as often as the others. */
function drawnNumber(digits: number, attempt: number, which: number): number {
  const [more = 0, ...drawn] = draw(`number ${which}`, 'train', attempt, digits, ...new Array<number>(digits).fill(10))
  return Number(drawn.slice(0, more + 1).join(''))
}

/** How many sums there are of two numbers with so many digits at most, a+b and b+a being one: 5,050 of two digits. */
export const sumsThereAre = (digits: number): number => (10 ** digits * (10 ** digits + 1)) / 2

/** A question as it is learned from: from behind, filled up. */
const written = (question: string, digits: number): string =>
  Array.from(question.padEnd(2 * digits + 1, FILLER)).reverse().join('')

/**
 * What a person asks, 27+5 or 27 + 5, as it is learned from.
 * @throws UserError for what is no sum of two numbers with so many digits at most
 */
export function askedSum(text: string, digits: number): string {
  const [, a = '', b = ''] = /^\s*(\d+)\s*\+\s*(\d+)\s*$/.exec(text) ?? []
  if (a !== '' && Math.max(a.length, b.length) <= digits) return written(`${Number(a)}+${Number(b)}`, digits)
  throw new UserError({
    rule: `A sum of two numbers is asked for, of ${digits} digits at most.`,
    received: JSON.stringify(text.slice(0, 60)),
    next: 'Write it like 27+5; more digits need a training with --set digits=3 or more.',
  })
}

/**
 * Questions such as 27+5 from behind, and the sum. No two ask for the same two numbers; of all that are asked, a tenth
 * judges.
 * @param count at most as many as there are
 */
export function sums(part: DataPart, count: number, digits: number): PairTexts {
  const asked = new Map<string, readonly [number, number]>()
  for (let attempt = 0; asked.size < count; attempt++) {
    const [a, b] = [drawnNumber(digits, attempt, 1), drawnNumber(digits, attempt, 2)]
    const key = [a, b].sort((x, y) => x - y).join('+')
    if (!asked.has(key)) asked.set(key, [a, b])
  }
  const all = [...asked.values()]
  const order = Array.from(permutation(randomKey(17, 'sums'), count), place => all[place] as readonly [number, number])
  const learned = count - Math.floor(count / 10)
  const own = part === 'train' ? order.slice(0, learned) : order.slice(learned)
  return {
    sources: own.map(([a, b]) => written(`${a}+${b}`, digits)),
    targets: own.map(([a, b]) => [String(a + b).padEnd(digits + 1, FILLER)]),
  }
}
