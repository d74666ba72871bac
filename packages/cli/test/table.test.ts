// Tables and paragraphs in narrow terminals: columns give way, words stay whole, and nothing is lost.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTable, wrapText } from '../src/terminal/table.ts'

const HEADER = ['setting', 'default', 'meaning']
const ROWS = [
  ['epochs', '12', 'passes over the training data'],
  ['learningRate', '0.05', 'step size at its peak, after the warm-up'],
]

test('a table that fits is as wide as its cells', () => {
  expect(formatTable(HEADER, ROWS, [1], { width: 80 })).toBe(`\
setting       default  meaning
epochs             12  passes over the training data
learningRate     0.05  step size at its peak, after the warm-up`)
})

test('one that does not breaks the widest text between words', () => {
  expect(formatTable(HEADER, ROWS, [1], { width: 44 })).toBe(`\
setting       default  meaning
epochs             12  passes over the
                       training data
learningRate     0.05  step size at its
                       peak, after the
                       warm-up`)
})

test('leaves out columns where it may', () => {
  expect(formatTable(HEADER, ROWS, [1], { width: 63, drop: [1] })).toContain('setting       default  meaning')
  expect(formatTable(HEADER, ROWS, [1], { width: 54, drop: [1] })).toBe(`\
setting       meaning
epochs        passes over the training data
learningRate  step size at its peak, after the warm-up`)
})

test('and becomes a list where nothing else fits', () => {
  expect(formatTable(HEADER, ROWS, [1], { width: 18 })).toBe(`\
epochs
  default  12
  meaning  passes
           over the
           training
           data
learningRate
  default  0.05
  meaning  step
           size at
           its
           peak,
           after
           the
           warm-up`)
})

test('a style of a whole cell is put around each of its lines', () => {
  expect(formatTable(['a', 'b'], [['x', '\u001b[1mone two\u001b[22m']], [], { width: 6 })).toBe(
    'a  b\nx  \u001b[1mone\u001b[22m\n   \u001b[1mtwo\u001b[22m',
  )
})

const word = fc.stringMatching(/^[a-z]{1,9}$/)
test('no line is wider than the terminal, and no word is lost', () => {
  const text = fc.array(word, { minLength: 1, maxLength: 12 }).map(words => words.join(' '))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 36, max: 100 }),
      (rows, width) => {
        const table = formatTable(['a', 'b', 'c'], rows, [], { width })
        for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
        const sorted = (given: string) =>
          given
            .split(/\s+/)
            .filter(one => one !== '')
            .sort()
        expect(sorted(table.split('\n').slice(1).join('\n'))).toEqual(sorted(rows.flat().join(' ')))
        expect(sorted(wrapText(rows.flat().join(' '), width))).toEqual(sorted(rows.flat().join(' ')))
      },
    ),
  )
})

test('of very many rows is as wide as the widest', () => {
  const rows = Array.from({ length: 130_000 }, (_, i) => [String(i), 'some words of a row'])
  expect(formatTable(['row', 'words'], rows, [0], { width: 20 }).split('\n').slice(0, 3)).toEqual([
    '   row  words', '     0  some words', '        of a row',
  ])
})
