// What a constant on the scores of some classes makes of the errors: against trying every constant.
import { describe, expect, it } from 'vitest'
import { normals, randomKey } from '@ddlf/tensor/random'
import { bestRaise } from '../../src/analysis/classification/raised-classes.ts'
import { distillation } from '../../src/index.ts'

const CLASSES = 5
const ITEMS = 60
const key = randomKey(3, 'raised classes')
const logits = normals(key, ITEMS * CLASSES)
const drawn = normals(randomKey(4, 'raised classes'), ITEMS)
const labels = Int32Array.from(drawn, x => Math.abs(Math.round(3 * x)) % CLASSES)

/** Errors with a constant added, item by item. */
const errorsAt = (raised: readonly number[], constant: number) =>
  labels.reduce((errors, label, item) => {
    const row = Array.from({ length: CLASSES }, (_, k) =>
      Number(logits[item * CLASSES + k]) + (raised.includes(k) ? constant : 0))
    return errors + Number(row.indexOf(Math.max(...row)) !== label)
  }, 0)

describe('the constant that errs least', () => {
  const tried = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 100)

  it.each([[[2]], [[0, 4]], [[1, 2, 3]]])('for the classes %j is as good as the best of 4,001', raised => {
    const found = bestRaise(logits, labels, raised)
    expect(found.errors).toBe(Math.min(...tried.map(constant => errorsAt(raised, constant))))
    expect(errorsAt(raised, found.raise)).toBe(found.errors)
    // None that is nearer 0 does as well, but within one step of the search.
    const nearer = tried.filter(constant => Math.abs(constant) < Math.abs(found.raise))
    const better = nearer.filter(constant => errorsAt(raised, constant) === found.errors)
    for (const constant of better) expect(Math.sign(constant)).toBe(Math.sign(found.raise))
  })

  it('is 0 where nothing is gained, and raises what always loses', () => {
    expect(bestRaise([2, 0, 0, 2], [0, 1], [1])).toEqual({ raise: 0, errors: 0 })
    expect(bestRaise([5, 1, 9, 1, 9, 0], [1, 0, 0], [1])).toEqual({ raise: 6, errors: 0 })
  })

  it('is asked of some classes, not of none and not of all', () => {
    expect(() => bestRaise([1, 2], [0], [])).toThrow(/some classes are raised/)
    expect(() => bestRaise([1, 2], [0], [0, 1])).toThrow(/some classes are raised/)
  })
})

it('judges a student that was not shown a class, and no other', () => {
  expect(distillation().evaluate.judge).toBeUndefined()
  const { judge } = distillation({ raised: [1] }).evaluate
  const outputs = { logits: { data: Float32Array.from([5, 1, 9, 1, 9, 0]), shape: [2] } }
  const dataset = {
    name: 'made', length: 3,
    columns: { labels: { dtype: 'int32' as const, shape: [], data: Int32Array.from([1, 0, 1]) } },
  }
  // Above 4 the first is right, above 9 the third too, and the second, of a difference of 8, is wrong by then.
  expect(judge?.(outputs, dataset, { temperature: 20, hardShare: 0 })).toEqual({ raisedError: 1 / 3, raise: 6 })
})
