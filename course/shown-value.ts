// What a learner's code gave, as a page or a terminal shows it: in a few letters, however much it is.
import { isList } from './exercise.ts'

/** Entries of a list or an object, and letters of all, that are shown: millions of them would hold a page up. */
const MOST_ENTRIES = 200
const MOST_LETTERS = 2000

/** A text of which no more is left than is shown. */
export const cutText = (text: string): string =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)} …` : text

const more = (count: number) => `and ${count} more`

/** How many of some entries are shown: all, where only one would be left. */
const keptOf = (length: number) => (length > MOST_ENTRIES + 1 ? MOST_ENTRIES : length)

function listOf(list: ArrayLike<unknown>): readonly unknown[] {
  const kept = keptOf(list.length)
  const entries = Array.from({ length: kept }, (_, i) => list[i])
  return kept < list.length ? [...entries, more(list.length - kept)] : entries
}

function objectOf(value: object): Readonly<Record<string, unknown>> {
  const names = Object.keys(value)
  const kept = keptOf(names.length)
  const entryOf = (name: string): [string, unknown] => [name, (value as Record<string, unknown>)[name]]
  const entries = names.slice(0, kept).map(entryOf)
  return Object.fromEntries(kept < names.length ? [...entries, ['…', more(names.length - kept)]] : entries)
}

/** What JSON can write of a value, and not more entries than are shown. */
function written(one: unknown): unknown {
  if (typeof one === 'number') return Number.isFinite(one) ? Number(one.toPrecision(6)) : String(one)
  if (typeof one === 'bigint') return `${one}n`
  if (typeof one === 'string') return cutText(one)
  if (typeof one !== 'object' || one === null) return one
  return isList(one) ? listOf(one) : objectOf(one)
}

/** A value as text, as JSON writes it; numbers with six digits. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return cutText(value)
  if (typeof value === 'bigint') return `${value}n`
  let entries = 0
  // Each entry takes a letter at least. What is copied is never found to hold itself: such a value ends here, too.
  const text = JSON.stringify(value, (_, one: unknown) => (++entries > MOST_LETTERS ? '…' : written(one))) as
    string | undefined
  return cutText(text ?? String(value))
}
