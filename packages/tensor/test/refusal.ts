// What a function refuses, for tests of refusals.
import { expect, it } from 'vitest'
import { UserError } from '../src/errors.ts'

/** The error by which a function refuses; undefined where it accepts. What is no user's error is thrown on. */
export function refusalOf(f: () => unknown): UserError | undefined {
  try {
    f()
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

/** A test for each call that must be refused, with what its message says. */
export const refuses = (cases: readonly (readonly [name: string, f: () => unknown, message: RegExp])[]) =>
  it.each(cases)('%s', (_, f, message) => expect(refusalOf(f)?.message ?? 'accepted').toMatch(message))
