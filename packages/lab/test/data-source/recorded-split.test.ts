// The list of what a run learned from: whatever becomes of a folder, what was trained on is never tested on.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Dataset } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import {
  changeLine,
  dataChecksum,
  decodeSplit,
  divideAsRecorded,
  encodeSplit,
  listExamples,
  withClasses,
  type SplitList,
} from '../../src/data-source/node/recorded-split.ts'

/** Pictures of one pixel by file name. */
const pictures = (
  entries: readonly (readonly [name: string, pixel: number, label?: number])[],
  classes = ['cat', 'dog'],
): Dataset => ({
  name: 'made',
  length: entries.length,
  columns: {
    images: { dtype: 'uint8', shape: [1, 1, 1], data: Uint8Array.from(entries, ([, pixel]) => pixel) },
    labels: { dtype: 'int32', shape: [], data: Int32Array.from(entries, ([, , label = 0]) => label) },
  },
  text: { file: entries.map(([name]) => name) },
  classes,
})
const listed = (parts: Readonly<Record<string, Dataset>>): SplitList =>
  Object.fromEntries(
    Object.entries(parts).map(([part, set]) => [part, listExamples(set, { named: set.text?.['file'] && 'file' })]),
  )
const pixels = (set: Dataset | undefined) => [...(set?.columns['images']?.data ?? [])]
const began = {
  train: pictures([
    ['cat/1.png', 1],
    ['cat/2.png', 2],
    ['dog/3.png', 3, 1],
  ]),
  test: pictures([
    ['cat/4.png', 4],
    ['dog/5.png', 5, 1],
  ]),
}
const recorded = listed(began)
const now = (entries: Parameters<typeof pictures>[0]) => {
  const fresh = { train: pictures(entries) }
  return divideAsRecorded(fresh, listed(fresh), recorded)
}

test('the same data are handed on as they are, without a copy', () => {
  const { parts, changes } = divideAsRecorded(began, recorded, recorded)
  expect(parts['train']).toBe(began.train)
  expect(changes).toEqual([])
  expect(changeLine(changes)).toBeUndefined()
})

test('added pictures are in no part, wherever they sort', () => {
  const { parts, changes } = now([
    ['cat/0.png', 9],
    ['cat/1.png', 1],
    ['cat/2.png', 2],
    ['cat/4.png', 4],
    ['dog/3.png', 3, 1],
    ['dog/5.png', 5, 1],
  ])
  expect([pixels(parts['train']), pixels(parts['test'])]).toEqual([[1, 2, 3], [4, 5]])
  expect(changeLine(changes)).toBe('1 new, left out (cat/0.png)')
})

test('a picture that was trained on, renamed or moved, is still one that was trained on', () => {
  const { parts, changes } = now([
    ['cat/1.png', 1],
    ['test/renamed.png', 2],
    ['cat/4.png', 4],
    ['dog/3.png', 3, 1],
    ['dog/5.png', 5, 1],
  ])
  expect([pixels(parts['train']), pixels(parts['test'])]).toEqual([[1, 2, 3], [4, 5]])
  expect(changeLine(changes)).toBe('1 renamed (test/renamed.png)')
})

test('a test picture replaced by one that was trained on is left out', () => {
  const { parts, changes } = now([
    ['cat/1.png', 1],
    ['cat/2.png', 2],
    ['dog/3.png', 3, 1],
    ['cat/4.png', 1],
    ['dog/5.png', 7, 1],
  ])
  expect([pixels(parts['train']), pixels(parts['test'])]).toEqual([[1, 2, 3], [7]])
  expect(changeLine(changes)).toBe('1 with other contents (dog/5.png), 1 gone (cat/4.png), 1 new, left out (cat/4.png)')
})

test('nothing left of a part is an error that says what became of it', () => {
  expect(() =>
    now([
      ['cat/1.png', 1],
      ['cat/2.png', 2],
    ]),
  ).toThrow(/part 'test'[^]*3 gone \(dog\/3\.png, cat\/4\.png, dog\/5\.png\)/)
})

test('whatever is added, removed, renamed, changed and reordered: no content trained on is tested on', () => {
  const entry = fc.tuple(fc.integer({ min: 0, max: 12 }).map(n => `cat/${n}.png`), fc.integer({ min: 0, max: 20 }))
  const folder = fc.uniqueArray(entry, { selector: ([name]) => name, minLength: 2, maxLength: 12 })
  fc.assert(fc.property(folder, folder, fc.nat(), (before, after, at) => {
    const cut = 1 + (at % (before.length - 1))
    const split = { train: pictures(before.slice(0, cut)), test: pictures(before.slice(cut)) }
    const list = listed(split)
    const fresh = { train: pictures(after) }
    let parts: Record<string, Dataset>
    try {
      parts = divideAsRecorded(fresh, listed(fresh), list).parts
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      return
    }
    const [trained, tested] = [new Set(pixels(split.train)), pixels(split.test)]
    for (const pixel of pixels(parts['test'])) {
      // Only what was a duplicate from the beginning.
      if (trained.has(pixel)) expect(tested).toContain(pixel)
    }
    const names = Object.values(parts).flatMap(({ text }) => text?.['file'] ?? [])
    expect(new Set(names).size).toBe(names.length)
  }), { numRuns: 500 })
})

describe('the artifact', () => {
  test('comes back, whatever the names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), content: fc.stringMatching(/^[0-9a-f]{32}$/) }), {
          minLength: 1,
        }),
        examples => {
          const list = { train: examples, test: examples.slice(0, 1) }
          expect(decodeSplit(encodeSplit(list), 'x')).toEqual(list)
        },
      ),
    )
  })

  test('is compact: 100,000 pictures in less than 4 MB', () => {
    const content = (i: number) => createHash('sha256').update(String(i)).digest('hex').slice(0, 32)
    const train = Array.from({ length: 100_000 }, (_, i) => ({
      name: `class-${i % 100}/picture-${i}.jpg`,
      content: content(i),
    }))
    expect(encodeSplit({ train }).length).toBeLessThan(4e6)
  })

  test('damaged at any byte is refused', () => {
    const bytes = encodeSplit(recorded)
    for (let at = 0; at < bytes.length; at++) expect(() => decodeSplit(bytes.subarray(0, at), 'x')).toThrow(UserError)
    expect(() => decodeSplit(new TextEncoder().encode('x'), 'x')).toThrow(/is damaged/)
  })
})

test('the checksum is that of names, contents and labels, however they are divided', () => {
  const all = {
    all: pictures([
      ['dog/5.png', 5, 1],
      ['cat/1.png', 1],
      ['dog/3.png', 3, 1],
      ['cat/4.png', 4],
      ['cat/2.png', 2],
    ]),
  }
  const checksum = dataChecksum(began, recorded)
  expect(dataChecksum(all, listed(all))).toBe(checksum)
  for (const other of [
    pictures([['a', 1]]),
    pictures([['b', 1, 1]]),
    pictures([['b', 2]]),
    pictures([
      ['b', 1],
      ['c', 1],
    ]),
  ]) {
    expect(dataChecksum({ all: other }, listed({ all: other }))).not.toBe(
      dataChecksum({ all: pictures([['b', 1]]) }, listed({ all: pictures([['b', 1]]) })),
    )
  }
})

test('labels get the numbers of the run, and classes that it does not know are set aside', () => {
  const { known, unknown } = withClasses(
    pictures(
      [
        ['bird/1', 1, 0],
        ['cat/1', 2, 1],
        ['dog/1', 3, 2],
      ],
      ['bird', 'cat', 'dog'],
    ),
    ['dog', 'cat'],
  )
  expect([[...known.columns['labels']!.data], pixels(known), known.classes, unknown]).toEqual([
    [1, 0],
    [2, 3],
    ['dog', 'cat'],
    [0],
  ])
})

test('a column of a table that is called file is what the table says, not where an example lies', () => {
  const rows = (files: readonly string[]): Dataset => ({
    name: 'rows', length: files.length, columns: {}, text: { file: files, size: files.map((_, k) => String(k)) },
  })
  const [before, after] = [listExamples(rows(['a', 'b'])), listExamples(rows(['a', 'c']))]
  expect(before.map(({ name }) => name)).toEqual(['', ''])
  expect(before[0]).toEqual(after[0])
  expect(before[1]!.content).not.toBe(after[1]!.content)
})
