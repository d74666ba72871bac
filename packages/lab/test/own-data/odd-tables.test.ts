// Tables that are almost what they should be: odd fields in columns of numbers, alike classes, columns with two roles,
// second tables that lack a column. Nothing of it passes without a word.
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeColumns, fitColumns, naiveBayesOnText, parseSettings, tabular, textTable } from '../../src/index.ts'
import type { TabularTableSettings } from '../../src/data-source/node/own-tables.ts'
import { loadTrainingData } from '../../src/data-source/node/training-data.ts'
import { summariseTable, usesOf } from '../../src/own-data/table-summary.ts'
import { parseTable } from '@ddlf/data'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const columns = (text: Record<string, string[]>) => ({
  name: 'made', length: Object.values(text)[0]?.length ?? 0, columns: {}, text,
})
const fit = { categorical: [], maxCategories: 50 }
const many = <T>(count: number, field: (k: number) => T) => Array.from({ length: count }, (_, k) => field(k))

function write(rows: readonly string[], name = 'train.csv'): string {
  const file = path.join(temporaryFolder(), name)
  fs.writeFileSync(file, `${rows.join('\n')}\n`)
  return file
}
const load = (given: Record<string, unknown>, experiment = tabular) =>
  loadTrainingData(experiment, parseSettings(experiment, given))

describe('a column of numbers with some other fields', () => {
  test('stays one of numbers down to 80 %, and names them', () => {
    const { encoding, notes } = fitColumns(columns({
      few: many(320, k => (k % 16 === 0 ? 'unknown' : String(k % 7))),
      limit: many(100, k => (k < 20 ? ['low', 'high', 'mid', 'off'][k % 4]! : String(k))),
      below: many(100, k => (k < 21 ? ['low', 'high'][k % 2]! : String(k % 5))),
    }), fit)
    expect(encoding.map(({ name, kind }) => [name, kind])).toEqual([
      ['few', 'number'], ['limit', 'number'], ['below', 'category'],
    ])
    // As pandas and scikit-learn have it where the odd fields are NaN: the mean of those that are numbers.
    const numbers = many(320, k => k).filter(k => k % 16 !== 0).map(k => k % 7)
    expect(encoding[0]).toMatchObject({
      mean: expect.closeTo(numbers.reduce((a, b) => a + b, 0) / 300, 12) as number, missing: true,
    })
    const said = notes.join('\n')
    expect(said).toContain("column 'few': 20 of 320 fields are no number ('unknown'), taken as missing")
    expect(said).toContain("column 'limit': 20 of 100 fields are no number ('low', 'high', 'mid', ...)")
    expect(said).toContain("column 'below': 79 of 100 values are numbers, fewer than 80 %, so it is one of words")
    expect(said).toContain("read as categories: 'below' (7)")
  })

  test('is one of numbers with inf and 1e999, which count as missing, for they are not finite', () => {
    const { encoding, notes } = fitColumns(columns({
      a: [...many(61, k => String(k / 8)), 'inf', '1e999', '-Infinity'],
      version: many(64, k => `1.${k}.0`),
    }), fit)
    expect(encoding.map(({ name, kind }) => [name, kind])).toEqual([['a', 'number']])
    expect(notes.join('\n')).toContain(
      "column 'a': 3 of 64 fields are not finite in float32 ('inf', '1e999', '-Infinity'), taken as missing",
    )
    expect([...encodeColumns({ a: ['inf'] }, 1, encoding)]).toEqual([0, 1])
    const { kind } = summariseTable(parseTable(`a,b\n${many(5, k => `${k < 4 ? k : 'x'},${k}`).join('\n')}`, {
      name: 't',
    }))[0]!
    expect(kind).toBe('numbers')
  })

  test('odd fields of the part that judges are counted too', async () => {
    const row = (k: number) => `${k},${k % 2}`
    const data = write(['a,y', ...many(40, row)])
    const testData = write(['a,y', 'many,1', 'few,0', ...many(8, row)], 'test.csv')
    const { notes } = await load({ data, testData, target: 'y' })
    expect(notes).toContain("test part, column 'a': 2 of 10 fields are no number ('many', 'few'), taken as missing")
  })
})

test('a column of words that are mostly different is left out whatever its length, unless it is named', () => {
  const text = { id: many(60, k => `ID${k}`), colour: many(60, k => ['red', 'blue'][k % 2]!) }
  const { encoding, notes } = fitColumns(columns(text), fit)
  expect(encoding.map(({ name }) => name)).toEqual(['colour'])
  expect(notes).toEqual([
    "column 'id' left out: 60 different words in 60 rows; categorical=id keeps it",
    "read as categories: 'colour' (2)",
  ])
  expect(fitColumns(columns(text), { ...fit, categorical: ['id'] }).encoding.map(({ name }) => name))
    .toEqual(['id', 'colour'])
})

describe('a second table', () => {
  const data = () => write(['a,b,y', ...many(40, k => `${k},${k % 3},${k % 2 === 0 ? 'u' : 'v'}`)])
  test('without a column of the first is refused, as predict refuses it', async () => {
    const testData = write(['a,c,y', ...many(10, k => `${k},7,u`)], 'test.csv')
    await expect(load({ data: data(), testData, target: 'y' })).rejects.toThrow(
      /test\.csv has no column named 'b'\.[^]*Received: b/,
    )
  })
  test('may lack a column that is not learned from', async () => {
    const testData = write(['a,y', ...many(10, k => `${k},u`)], 'test.csv')
    const { test: part } = await load({ data: data(), testData, target: 'y', features: ['a'] })
    expect(part!.length).toBe(10)
  })
})

test('rows without a column that was learned from are not encoded as if it were blank', () => {
  const { encoding } = fitColumns(columns({ age: many(20, String) }), fit)
  expect(() => encodeColumns({ agee: ['1'] }, 1, encoding)).toThrow(/no column 'age'[^]*Did you mean 'agee'\?/)
})

describe('what a table is for', () => {
  test('is guessed: the last number and the last class, what stands further right first', () => {
    const about = (names: string, row: (k: number) => string) =>
      summariseTable(parseTable(`${names}\n${many(40, row).join('\n')}`, { name: 't', delimiter: ',' }))
    const price = (k: number) => (k % 10 === 0 ? ['', 'unknown'][k % 4 ? 1 : 0] : k / 3)
    const mixed = about('id,size,stars,town,price', k =>
      `${k},${k % 7}.5,${1 + (k % 5)},${['Ulm', 'Bonn'][k % 2]},${price(k)}`)
    expect(mixed.map(({ missing }) => missing)).toEqual([0, 0, 0, 0, 4])
    expect(usesOf(mixed).targets.map(({ name, target }) => [name, target])).toEqual([
      ['price', 'number'], ['town', 'class'],
    ])
    const rated = about('town,stars', k => `${['Ulm', 'Bonn'][k % 2]},${1 + (k % 5)}`)
    expect(usesOf(rated).targets.map(({ name, target }) => [name, target])).toEqual([
      ['stars', 'class'], ['town', 'class'],
    ])
    // Of the numbers of the rows nothing can be learned.
    expect(usesOf(about('id,town', k => `${k},${['Ulm', 'Bonn'][k % 2]}`)).targets).toEqual([])
  })
})

describe('a target', () => {
  test('of numbers with some words is a number, and they are named with what else can be done', async () => {
    const data = write(['a,y', ...many(60, k => `${k},${k}.5`), '1,n/a', '2,abc'])
    const { settings, train } = await load({ data, target: 'y' })
    expect((settings as unknown as TabularTableSettings).kind).toBe('regression')
    expect(train.intake!.notes.join('\n')).toMatch(
      /'y' is predicted as a number \(kind=regression\): 1 of its fields is none \('abc'\); with kind=classification/,
    )
    expect(train.intake!.leftOut.map(({ reason, first }) => [reason, first])).toEqual([
      ["without a value of 'y'", ['row 61 on line 62']], ["whose 'y' is no number", ['row 62 on line 63']],
    ])
  })
  test('with a class of its own in nearly every row says so, and what a number takes', async () => {
    const data = write(['a,y', ...many(40, k => `${k},${k % 2 === 0 ? `w${k}` : k}`)])
    await expect(load({ data, target: 'y' })).rejects.toThrow(/own: name another column[^]*kind=regression/)
  })
  test('among the features is refused, and so is a feature twice', async () => {
    const data = write(['a,b,y', ...many(40, k => `${k},${k % 3},${k % 2}`)])
    await expect(load({ data, target: 'y', features: ['y'] })).rejects.toThrow(/'y' as target and in features/)
    await expect(load({ data, target: 'y', features: ['a', ' a'] })).rejects.toThrow(/'a' twice in features/)
  })
  test('whose classes differ only in case or in the writing of a number gets a note', async () => {
    const words = ['1', '1.0', '0', 'x', 'X', 'two  words', 'two words']
    const data = write(['a,y', ...many(70, k => `${k},${words[k % 7]!}`)])
    const { train, settings } = await load({ data, target: 'y' })
    expect((settings as unknown as TabularTableSettings).classes).toHaveLength(7)
    expect(train.intake!.notes.join('\n')).toMatch(
      /'y' has classes that differ only in case, [^:]*: '1' and '1\.0', 'X' and 'x', 'two {2}words' and 'two words';/,
    )
  })
})

test('a text that is its own label is refused', async () => {
  const data = write(['review,stars', ...many(40, k => `word ${k},${k % 2}`)])
  for (const experiment of [textTable, naiveBayesOnText])
    await expect(load({ data, text: 'review', label: 'review' }, experiment)).rejects.toThrow(
      /'review' as text and in label/,
    )
})

describe('too few classes or rows', () => {
  const rows = (count: number, label: (k: number) => string) =>
    write(['text,label', ...many(count, k => `a text ${k},${label(k)}`)])
  test.each([
    ['one class', 40, () => 'pos', /1 class \(pos\)[^]*Add examples of another class, or name another column/],
    ['one row', 1, () => 'pos', /1 class[^]*Add examples of another class/],
    ['two rows', 2, String, /2 classes[^]*Next: Add examples, or change testShare/],
    ['a class a row', 40, String, /40 classes[^]*Nearly every row has a class of its own/],
  ] as [string, number, (k: number) => string, RegExp][])('%s', async (_, count, label, message) => {
    await expect(load({ data: rows(count, label) }, textTable)).rejects.toThrow(message)
  })
})
