// What a learner's code gave, as a page or a terminal shows it: in a few letters, however much it is.
import { isList } from './exercise.ts'

/** Entries of a list or an object, and letters of all, that are shown: millions of them would hold a page up. */
const MOST_ENTRIES = 200
const MOST_LETTERS = 2000

/** A text of which no more is left than is shown. */
export const cutText = (text: string): string =>
  text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)} …` : text

const more = (count: number) => JSON.stringify(`and ${count} more`)

/** How many of some entries are shown: all, where only one would be left. */
const keptOf = (length: number) => (length > MOST_ENTRIES + 1 ? MOST_ENTRIES : length)

/** The first of some values, by which one reads no more than is shown. */
function firstOf<T>(values: Iterable<T>, count: number): T[] {
  const first: T[] = []
  if (count === 0) return first
  for (const value of values) if (first.push(value) === count) break
  return first
}

/** Writes a value, and no more entries of it than letters that are shown: what holds itself ends there, too. */
class Writer {
  #entries = 0

  write(value: unknown): string {
    // Each entry takes a letter at least.
    if (++this.#entries > MOST_LETTERS) return '"…"'
    if (typeof value === 'number') return String(Number.isFinite(value) ? Number(value.toPrecision(6)) : value)
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'string') return JSON.stringify(cutText(value))
    if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`
    if (typeof value !== 'object' || value === null) return String(value)
    if (isList(value)) return this.#listed('[', Array.from({ length: keptOf(value.length) }, (_, i) => value[i]), {
      length: value.length, close: ']',
    })
    return this.#object(value)
  }

  #object(value: object): string {
    if (value instanceof Map) {
      const pairs = firstOf(value, keptOf(value.size))
      const written = pairs.map(([key, one]) => `${this.write(key)} => ${this.write(one)}`)
      return `Map {${[...written, ...this.#left(value.size, pairs.length)].join(',')}}`
    }
    if (value instanceof Set) {
      return this.#listed('Set {', firstOf(value, keptOf(value.size)), { length: value.size, close: '}' })
    }
    if (value instanceof Promise) return 'a promise'
    if (value instanceof Date || value instanceof RegExp || value instanceof Error) return cutText(String(value))
    const names = Object.keys(value)
    const kept = names.slice(0, keptOf(names.length))
    const written = kept.map(name => {
      const one = this.write((value as Readonly<Record<string, unknown>>)[name])
      return `${JSON.stringify(cutText(name))}:${one}`
    })
    return `{${[...written, ...this.#left(names.length, kept.length).map(text => `"…":${text}`)].join(',')}}`
  }

  #listed(open: string, kept: readonly unknown[], { length, close }: { length: number; close: string }): string {
    return `${open}${[...kept.map(one => this.write(one)), ...this.#left(length, kept.length)].join(',')}${close}`
  }

  #left(length: number, kept: number): string[] {
    return kept < length ? [more(length - kept)] : []
  }
}

/**
 * A value as text: numbers with six digits, lists and objects as JSON writes them, and what JSON has no words for
 * (`undefined`, `NaN`, `3n`, `Map {"a" => 1}`, `Set {1,2}`, `a promise`) as JavaScript's consoles do.
 */
export const shownValue = (value: unknown): string =>
  typeof value === 'string' ? cutText(value) : cutText(new Writer().write(value))
