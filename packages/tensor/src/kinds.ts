// Kinds of values: what an argument or an option may be, said once for the check and for the message.
import { describe, UserError } from './user-error.ts'

/** What a value must be. */
export interface Kind {
  /** Completes "the argument must be ...". */
  readonly is: string
  readonly accepts: (value: unknown) => boolean
}

/** The kind of an option without which its function cannot do. */
export interface Needed extends Kind {
  readonly needed: true
}

/** An option that must be given. */
export const needed = (kind: Kind): Needed => ({ ...kind, needed: true })

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value)

/** Any number, infinite ones and NaN included. */
export const number: Kind = { is: 'a number', accepts: value => typeof value === 'number' }

/** A finite number. */
export const finite: Kind = { is: 'a finite number', accepts: value => Number.isFinite(value) }

/** A finite number of at least `least`. */
export const atLeast = (least: number): Kind =>
  ({ is: `a number of at least ${least}`, accepts: value => isNumber(value) && value >= least && value < Infinity })

/** A finite number above `bound`. */
export const above = (bound: number): Kind =>
  ({ is: `a number above ${bound}`, accepts: value => isNumber(value) && value > bound && value < Infinity })

/** A number from `low` to `high`, both included. */
export const between = (low: number, high: number): Kind =>
  ({ is: `a number from ${low} to ${high}`, accepts: value => isNumber(value) && value >= low && value <= high })

/** A number of at least 0 and less than 1. */
export const share: Kind = {
  is: 'a number of at least 0 and less than 1', accepts: value => isNumber(value) && value >= 0 && value < 1,
}

/** A whole number from `least` to `most`, both included. */
export function whole(least = -Infinity, most = Infinity): Kind {
  const range = most < Infinity ? ` from ${least} to ${most}` : least > -Infinity ? ` of at least ${least}` : ''
  return {
    is: `a whole number${range}`,
    accepts: value => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  }
}

/** true or false, and nothing that only counts as one of them. */
export const flag: Kind = { is: 'true or false', accepts: value => typeof value === 'boolean' }

/** A string. */
export const text: Kind = { is: 'a string', accepts: value => typeof value === 'string' }

/** Names that files and messages can hold: text without control characters and halves of characters. */
export const name: Kind = {
  is: 'a string without control characters',
  accepts: value => typeof value === 'string' && !/[\p{Cc}\p{Cs}]/u.test(value),
}

/** One of some strings. */
export function oneOf(...values: readonly string[]): Kind {
  const quoted = values.map(value => `'${value}'`)
  const list = quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}` : (quoted[0] ?? '')
  return { is: list, accepts: value => values.includes(value as string) }
}

/** A function. */
export const callable: Kind = { is: 'a function', accepts: value => typeof value === 'function' }

/** An array whose entries are all of one kind. */
export const listOf = (kind: Kind, entries: string): Kind =>
  ({
    is: `a list of ${entries}`,
    accepts: value => Array.isArray(value) && Array.from(value).every(entry => kind.accepts(entry)),
  })

/** An object that is no array and no typed array, with entries of a kind where one is given. */
export const dictionary = (entries?: Kind): Kind => ({
  is: entries ? `an object whose entries are each ${entries.is}` : 'an object',
  accepts: value => typeof value === 'object' &&
    value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) &&
    (!entries || Object.values(value).every(entry => entries.accepts(entry))),
})

/** An object with methods of the given names. */
export const withMethods = (is: string, ...methods: readonly string[]): Kind => ({
  is,
  accepts: value => typeof value === 'object' && value !== null &&
    methods.every(method => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function'),
})

/** What holds the elements of a tensor. */
export const typedArray: Kind = {
  is: 'a Float32Array, an Int32Array or a Uint8Array',
  accepts: value => value instanceof Float32Array || value instanceof Int32Array || value instanceof Uint8Array,
}

/** One kind or another. */
export const either = (...kinds: readonly Kind[]): Kind =>
  ({ is: kinds.map(({ is }) => is).join(', or '), accepts: value => kinds.some(kind => kind.accepts(value)) })

/** A kind, or `null`. */
export const nullable = (kind: Kind): Kind => either(kind, { is: 'null', accepts: value => value === null })

/** A kind, or nothing. */
export const optional = (kind: Kind): Kind =>
  ({ is: kind.is, accepts: value => value === undefined || kind.accepts(value) })

/** One value for height and width, or a list of one for each. */
export const pairOf = (kind: Kind): Kind => ({
  is: `${kind.is}, or two of them, [height, width]`,
  accepts: value => kind.accepts(value) ||
    (Array.isArray(value) && value.length === 2 && value.every(entry => kind.accepts(entry))),
})

/** The sizes of the axes of a tensor. */
export const shape: Kind = listOf(whole(0), 'whole numbers of at least 0')

/** One axis or several. */
export const axes: Kind = either(whole(), listOf(whole(), 'whole numbers'))

/**
 * Refuses an argument that is not of its kind.
 * @param owner the function, as the message calls it
 * @param name what the message calls the argument
 * @param next what to write instead
 * @throws UserError with the kind and the value
 */
export function checkArgument(owner: string, name: string, value: unknown, kind: Kind, next?: string): void {
  if (kind.accepts(value)) return
  throw new UserError({
    rule: `${owner}: ${name} must be ${kind.is}.`, received: value === undefined ? 'nothing' : describe(value), next,
  })
}
