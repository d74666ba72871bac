// What fresh seeds say of the best of a study: luck, the part with the last word, whether a difference may be chance.
import { expect, test } from 'vitest'
import { judgeFresh, type FreshRun } from '../../src/index.ts'

const fresh = (validation: readonly number[], last: readonly (number | null)[]): FreshRun[] =>
  validation.map((value, i) => ({ seed: i + 2, validation: value, test: last[i] ?? null }))

test('six seeds that all improve are better: p is 2 / 2^6, and the interval is Student\'s', () => {
  const verdict = judgeFresh(
    {
      inStudy: 0.1,
      runs: fresh([0.12, 0.13, 0.11, 0.12, 0.14, 0.1], [0.1, 0.12, 0.14, 0.16, 0.18, 0.2]),
      reference: fresh([0.2, 0.2, 0.2, 0.2, 0.2, 0.2], [0.3, 0.3, 0.3, 0.3, 0.3, 0.3]),
    },
    'minimize',
  )
  expect(verdict.part).toBe('test')
  expect(verdict.luck).toBeCloseTo(0.02, 10)
  expect(verdict.comparison).toEqual({ word: 'better', pValue: 2 / 64, floor: 2 / 64 })
  // Mean 0.15, standard deviation 0.0374166; t of 5 degrees of freedom at 97.5 % is 2.5706 (Student's table).
  expect(verdict.tuned.last).toBeCloseTo(0.15, 10)
  expect(verdict.tuned.interval?.low).toBeCloseTo(0.15 - (2.5706 * 0.0374166) / Math.sqrt(6), 5)
  expect(verdict.before?.last).toBeCloseTo(0.3, 10)
})

test('where larger is better, a smaller mean is luck and not better', () => {
  const verdict = judgeFresh(
    { inStudy: 0.9, runs: fresh([0.8, 0.8], [0.7, 0.7]), reference: fresh([0.8, 0.8], [0.75, 0.72]) },
    'maximize',
  )
  expect(verdict.luck).toBeCloseTo(0.1, 10)
  expect(verdict.comparison).toEqual({ word: 'not better', pValue: 0.5, floor: 0.5 })
})

test('data without a test part have their last word where trials were compared', () => {
  const verdict = judgeFresh(
    {
      inStudy: 2,
      runs: fresh([1.9, 2.1, 2], [null, null, null]),
      reference: fresh([2.5, 2.4, 2.6], [null, null, null]),
    },
    'minimize',
  )
  expect(verdict.part).toBe('validation')
  expect(verdict.luck).toBeCloseTo(0, 10)
  expect(verdict.tuned.last).toBeCloseTo(2, 10)
  // Three seeds allow no p below 2 / 2^3.
  expect(verdict.comparison).toEqual({ word: 'on average better', pValue: 0.25, floor: 0.25 })
})

test('one seed has no interval and nothing to compare by', () => {
  const verdict = judgeFresh({ inStudy: 1, runs: fresh([1], [2]), reference: fresh([1], [2]) }, 'minimize')
  expect(verdict.tuned.interval).toBeUndefined()
  expect(verdict.comparison).toBeUndefined()
})
