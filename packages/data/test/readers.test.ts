// Readers of CIFAR, tables and other formats, against files of other programs and against any bytes.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { parseTable, readCifar, readCmudict, readTable } from '../src/index.ts'
import { gunzip } from '../src/cache/read.ts'

/** What a reader gives for any input: a result, or a `UserError`; nothing else. */
const answers = (read: () => unknown) => {
  try {
    read()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
}

describe('readCifar', () => {
  const record = (label: number, coarse?: number) =>
    Uint8Array.of(
      ...(coarse === undefined ? [] : [coarse]),
      label,
      ...Array.from({ length: 3072 }, (_, k) => (k + label) % 256),
    )
  const classes = ['a', 'b', 'c']
  it('reads records of both forms, over several files', () => {
    const ten = readCifar('ten', [Uint8Array.of(...record(2), ...record(0)), record(1)], 1, classes)
    expect(ten.length).toBe(3)
    expect(ten.columns['labels']?.data).toEqual(Int32Array.of(2, 0, 1))
    expect(ten.columns['images']?.data.subarray(3072 * 2)).toEqual(record(1).subarray(1))
    const hundred = readCifar('hundred', [record(2, 19)], 2, classes)
    expect([hundred.columns['labels']?.data[0], hundred.columns['coarseLabels']?.data[0]]).toEqual([2, 19])
  })
  it('refuses partial records, empty files and labels beyond the classes', () => {
    expect(() => readCifar('x', [new Uint8Array(0)], 1, classes)).toThrow(/whole records/)
    expect(() => readCifar('x', [record(3)], 1, classes)).toThrow(/0 \.\. 2/)
    expect(() => readCifar('x', [record(1, 20)], 2, classes)).toThrow(UserError)
    const file = record(1)
    for (let length = 0; length < file.length; length++)
      expect(() => readCifar('x', [file.subarray(0, length)], 1, classes)).toThrow(UserError)
  })
  it('answers any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6200 }), fc.constantFrom(1 as const, 2 as const), (bytes, labelBytes) =>
        answers(() => readCifar('x', [bytes], labelBytes, classes)),
      ),
    )
  })
})

describe('tables', () => {
  const csv = 'text,stars,height\n"good, really",5,1.5\n"said ""no""\nand left",1,-2e1\n'
  it('reads text, classes and numbers', () => {
    const dataset = readTable(csv, { name: 'r.csv', text: 'text', label: 'stars', features: ['height'] })
    expect(dataset.text?.text).toEqual(['good, really', 'said "no"\nand left'])
    expect(dataset.classes).toEqual(['1', '5'])
    expect(dataset.columns['labels']?.data).toEqual(Int32Array.of(1, 0))
    expect(dataset.columns['features']).toEqual({ dtype: 'float32', shape: [1], data: Float32Array.of(1.5, -20) })
    const numbers = readTable('a\tb\tc\n1\t2\tx\n3\t4\ty\n', { name: 'n.tsv', label: 'c', target: 'b' })
    expect(numbers.columns['features']).toEqual({ dtype: 'float32', shape: [1], data: Float32Array.of(1, 3) })
    expect(numbers.columns['targets']?.data).toEqual(Float32Array.of(2, 4))
    expect(readTable('1,2\n3,4\n', { name: 'n.csv', header: false }).columns['features']?.shape).toEqual([2])
    expect(parseTable('\uFEFFa;b\r\n1;2\r\n', { name: 'x', delimiter: ';' })).toMatchObject({
      names: ['a', 'b'],
      records: [['1', '2']],
    })
  })
  it.each<[string, string, object, RegExp]>([
    ['an unknown column', csv, { label: 'star' }, /did you mean 'stars'/],
    ['words where numbers are needed', csv, { features: ['text'] }, /row 1 on line 2: column 'text' must hold numbers/],
    ['an empty number', 'a\n1\n""\n', {}, /must hold numbers/],
    ['rows of different length', 'a,b\n1\n', {}, /well-formed/],
    ['an open quote', 'a,b\n"1,2\n', {}, /well-formed/],
    ['two columns of one name', 'a,a\n1,2\n', {}, /'a' twice/],
    ['no rows', 'a,b\n', {}, /at least one row/],
    ['an empty file', '', {}, /at least one row/],
    [
      'no row of the announced classes',
      'a,b\n1,x\n',
      { label: 'b', classes: ['y'] },
      /at least one row that can be used/,
    ],
  ])('refuses %s', (_, content, options, message) => {
    expect(() => readTable(content, { name: 'r.csv', ...options })).toThrow(UserError)
    expect(() => readTable(content, { name: 'r.csv', ...options })).toThrow(message)
  })
  it('gives back what another program wrote', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r', ';', '😀') })
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), rows => {
        const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
        const written = ['x,y', ...rows.map(row => row.map(quoted).join(','))].join('\n')
        expect(parseTable(written, { name: 'r.csv', delimiter: ',', header: true }).records).toEqual(rows)
      }),
    )
  })
  it('answers any text and every cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (content, header) =>
        answers(() => readTable(content, { name: 'r.csv', header })),
      ),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r'), maxLength: 60 }), content =>
        answers(() => readTable(content, { name: 'r.csv', text: 'a' })),
      ),
    )
    for (let length = 0; length <= csv.length; length++)
      answers(() =>
        readTable(csv.slice(0, length), { name: 'r.csv', text: 'text', label: 'stars', features: ['height'] }),
      )
  })
})

describe('gunzip', () => {
  const packed = new Uint8Array(gzipSync(Buffer.from('some text that is packed, some text that is packed')))
  it('unpacks', async () => {
    expect(Buffer.from(await gunzip(packed, 'x.gz')).toString()).toMatch(/^some text.*packed$/)
    expect((await gunzip(packed, 'x.gz', true)).buffer).toBeInstanceOf(SharedArrayBuffer)
  })
  it('refuses every cut and every changed byte of the content', async () => {
    for (let length = 0; length < packed.length; length++)
      await expect(gunzip(packed.subarray(0, length), 'x.gz')).rejects.toThrow(UserError)
    const claim = packed.slice()
    claim[claim.length - 1] = 0x7f
    await expect(gunzip(claim, 'x.gz')).rejects.toThrow(/claim/)
  })
})

describe('readCmudict', () => {
  it('drops comments and the marks of other pronunciations', () => {
    const { text } = readCmudict('c', "# head\na AH0\na(2) EY1 # comment\nd'etat(1)  D EY\n")
    expect(text).toEqual({ word: ['a', 'a', "d'etat"], pronunciation: ['AH0', 'EY1', 'D EY'] })
    expect(() => readCmudict('c', 'word\n')).toThrow(/line 1/)
  })
})
