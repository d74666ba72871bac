// What the trainer in a page says of a run that ended, and what it calls one beside others.
import type { TrainEvent } from '@ddlf/lab'
import { expect, it } from 'vitest'
import { FIRST, nameOf } from '../packages/site/src/islands/chosen-settings.ts'
import { statusAfter } from '../packages/site/src/islands/training-status.ts'

const ended = (accuracy: number, advice?: string): TrainEvent => ({
  kind: 'done', status: 'completed', reason: 'all 4 epochs', step: 8, seconds: 1, metrics: { test: { accuracy } },
  ...(advice !== undefined && { advice }),
})

it('a run at chance is not said to be well', () => {
  const begun = { steps: 8, at: performance.now() }
  const good = statusAfter(ended(0.98), begun)
  expect(good).toMatchObject({ phase: 'done', share: 1 })
  expect([good?.text.slice(-30), good?.atChance]).toEqual([': 98.00 % of the test digits right.'.slice(-30), undefined])
  const bad = statusAfter(ended(0.1135, 'This is no better than chance: ...'), begun)
  expect([bad?.phase, bad?.atChance]).toEqual(['done', true])
  expect(bad?.text).toMatch(/: 11.35 % of the test digits right, no better than guessing\. A lower learning rate/)
})

it('two runs that differ have two names', () => {
  expect(nameOf(FIRST)).toBe('128,128, rate 0.05')
  expect(nameOf({ ...FIRST, hidden: '', learningRate: '0.5' })).toBe('linear, rate 0.5')
  const names = Object.keys(FIRST).map(name => nameOf({ ...FIRST, [name]: '7' }))
  expect(new Set([nameOf(FIRST), ...names]).size).toBe(1 + names.length)
  expect(nameOf({ ...FIRST, dropout: '0.5', batchSize: '16' })).toBe('128,128, rate 0.05, batch 16, dropout 0.5')
})
