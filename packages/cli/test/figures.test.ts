// Figures in the terminal.
import { expect, test } from 'vitest'
import { formatSpread } from '../src/terminal/format.ts'

test('a mean has a spread where there are several seeds; one seed tells of none', () => {
  const errors = { format: 'percent' } as const
  expect(formatSpread(errors, { mean: 0.0171, deviation: 0.0004, count: 3 })).toBe('1.71 % ± 0.04 %')
  expect(formatSpread(errors, { mean: 0.0171, deviation: 0, count: 1 })).toBe('1.71 %')
})
