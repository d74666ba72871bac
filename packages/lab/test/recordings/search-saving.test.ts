// Two searches of each seed: when halving counts as a saving, and a record of fewer seeds than there are to be.
import { expect, test } from 'vitest'
import { savingOf, searchSavingSchema } from '../../src/index.ts'

const seed = (best: number, epochs: number) =>
  ({ seed: 1, full: { best: 0.02, epochs: 1000 }, halving: { best, epochs } })

test('halving saves where it is no worse than a tenth of a point, for at most three tenths of the epochs', () => {
  expect(savingOf(seed(0.0209, 300))).toMatchObject({ share: 0.3, holds: true })
  expect(savingOf(seed(0.019, 250)).holds).toBe(true)
  expect(savingOf(seed(0.0212, 200)).holds).toBe(false)
  expect(savingOf(seed(0.02, 301)).holds).toBe(false)
})

test('one seed of six is a record, none is not', () => {
  const record = {
    format: 1, kind: 'search-saving', experiment: 'mlp-on-mnist', recordedAt: '2026-11-26T00:00:00.000Z',
    machine: 'none', metric: { name: 'error', title: 'error', unit: '%', better: 'lower', format: 'percent' },
    space: {}, trials: 100, epochs: 10, of: 6, seeds: [seed(0.02, 250)], confirmed: null,
  }
  expect(searchSavingSchema.parse(JSON.parse(JSON.stringify(record)))).toMatchObject({ of: 6, confirmed: null })
  expect(searchSavingSchema.safeParse({ ...record, seeds: [] }).success).toBe(false)
})
