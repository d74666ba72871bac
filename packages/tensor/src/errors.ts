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
    const { rule, received, next } = parts
    super([rule, received && `Received: ${received}`, next && `Next: ${next}`].filter(Boolean).join('\n  '), options)
    this.parts = parts
  }
}

/**
 * The valid name nearest to a misspelt one by edit distance, or `undefined` when nothing is near
 * (more than half of the letters would have to change).
 */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  if (valid.length === 0) return undefined
  const candidate = closest(name.toLowerCase(), valid.map(v => v.toLowerCase()))
  const original = valid.find(v => v.toLowerCase() === candidate)
  return original !== undefined && distance(name.toLowerCase(), candidate) <= Math.max(2, name.length / 2) ? original : undefined
}
