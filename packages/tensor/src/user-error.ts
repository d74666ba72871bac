// The one error a user is meant to read: the rule, what was received, and what to do next.
import { closest, distance } from 'fastest-levenshtein'

/** The three parts of every message to a user. */
export interface UserErrorParts {
  /** The rule that was broken, as a sentence. */
  rule: string
  /** The value that broke it, printed so that it can be recognised. */
  received?: string | undefined
  /** What to do now: a command, a valid value, a place. */
  next?: string | undefined
}

/**
 * A mistake in what the user gave (settings, files, shapes), as opposed to a defect of the program.
 * The command line prints its message without a stack trace and exits with code 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly parts: UserErrorParts

  constructor(parts: UserErrorParts, options?: ErrorOptions) {
    const { rule, received, next } = (parts as UserErrorParts | null | undefined) ?? { rule: 'Something does not fit.' }
    super([rule, received && `Received: ${received}`, next && `Next: ${next}`].filter(Boolean).join('\n  '), options)
    this.parts = { rule, received, next }
  }
}

/**
 * The valid name nearest to a misspelt one by edit distance, or `undefined` when nothing is near
 * (more than half of the letters would have to change).
 */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  const given: readonly unknown[] = [name, valid]
  if (typeof given[0] !== 'string' || !Array.isArray(given[1]) || given[1].some(other => typeof other !== 'string')) {
    throw new UserError({
      rule: 'nearestName: a name and a list of names are needed.', received: given.map(describe).join(' and '),
    })
  }
  if (valid.length === 0) return undefined
  const candidate = closest(name.toLowerCase(), valid.map(v => v.toLowerCase()))
  const original = valid.find(v => v.toLowerCase() === candidate)
  return original !== undefined && distance(
    name.toLowerCase(), candidate,
  ) <= Math.max(2, name.length / 2) ? original : undefined
}

/** What a value looks like in a message: short, on one line, and never an error of its own. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
    case 'function': return 'a function'
    case 'object': return value === null ? 'null' : describeObject(value)
    default: return String(value)
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) {
    const short = value.length <= 8 && value.every(entry => typeof entry !== 'object' && typeof entry !== 'function')
    return short ? `[${value.map(describe).join(', ')}]` : `a list of ${value.length}`
  }
  const name = (value.constructor as { readonly name?: unknown } | undefined)?.name
  if (
    ArrayBuffer.isView(value)
  ) return `a ${String(name)} of length ${String((value as { readonly length?: number }).length)}`
  if (name === 'Tensor') return (value as { toString(): string }).toString()
  if (typeof name === 'string' && name !== 'Object' && name !== '') return `an object of the class ${name}`
  const names = Object.keys(value)
  return names.length === 0 ? 'an object without entries'
    : `an object with ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`
}
