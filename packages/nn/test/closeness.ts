// How computed numbers are compared with golden ones.
import { expect } from 'vitest'

/** The largest difference, relative to max(1, |expected|); NaN and unequal lengths count as infinite. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  return Array.from(expected).reduce((worst, value, i) => {
    const error = Math.abs((actual[i] ?? NaN) - value) / Math.max(1, Math.abs(value))
    return Math.max(worst, Number.isNaN(error) ? Infinity : error)
  }, 0)
}

/** Expects numbers to agree within a tolerance relative to max(1, |expected|). */
export function expectClose(
  actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string,
): void {
  expect(largestError(actual, expected), what).toBeLessThanOrEqual(tolerance)
}
