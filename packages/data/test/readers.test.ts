import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { encode } from 'fast-png'
import { encode as encodeJpeg } from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { UserError } from '@ddlf/tensor/errors'
import { decodeImage, parseTable, readCifar, readCmudict, readTable } from '../src/index.ts'
import { gunzip } from '../src/cache/read.ts'
import golden from './golden/images.json' with { type: 'json' }

/** What a reader gives for any input: a result, or a `UserError`; nothing else. */
const answers = (read: () => unknown) => {
  try {
    read()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
}
const everyCut = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown) => {
  for (let length = 0; length < bytes.length; length++) answers(() => read(bytes.subarray(0, length)))
}
const everyFlip = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown) =>
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice()
      damaged[at]! ^= change
      answers(() => read(damaged))
    }),
    { numRuns: 300 },
  )

describe('readCifar', () => {
  const record = (label: number, coarse?: number) => Uint8Array.of(...(coarse === undefined ? [] : [coarse]), label, ...Array.from({ length: 3072 }, (_, k) => (k + label) % 256))
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
    for (let length = 0; length < file.length; length++) expect(() => readCifar('x', [file.subarray(0, length)], 1, classes)).toThrow(UserError)
  })
  it('answers any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 6200 }), fc.constantFrom(1 as const, 2 as const), (bytes, labelBytes) => answers(() => readCifar('x', [bytes], labelBytes, classes))))
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
    expect(parseTable('\uFEFFa;b\r\n1;2\r\n', { name: 'x', delimiter: ';' })).toMatchObject({ names: ['a', 'b'], records: [['1', '2']] })
  })
  it.each<[string, string, object, RegExp]>([
    ['an unknown column', csv, { label: 'star' }, /did you mean 'stars'/],
    ['words where numbers are needed', csv, { features: ['text'] }, /row 1: column 'text' must hold numbers/],
    ['an empty number', 'a\n1\n""\n', {}, /must hold numbers/],
    ['rows of different length', 'a,b\n1\n', {}, /well-formed/],
    ['an open quote', 'a,b\n"1,2\n', {}, /well-formed/],
    ['two columns of one name', 'a,a\n1,2\n', {}, /'a' twice/],
    ['no rows', 'a,b\n', {}, /at least one row/],
    ['an empty file', '', {}, /at least one row/],
    ['no row of the announced classes', 'a,b\n1,x\n', { label: 'b', classes: ['y'] }, /at least one row that can be used/],
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
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (content, header) => answers(() => readTable(content, { name: 'r.csv', header }))))
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '1', ',', '"', '\n', '\r'), maxLength: 60 }), content => answers(() => readTable(content, { name: 'r.csv', text: 'a' }))))
    for (let length = 0; length <= csv.length; length++) answers(() => readTable(csv.slice(0, length), { name: 'r.csv', text: 'text', label: 'stars', features: ['height'] }))
  })
})

describe('decodeImage', () => {
  const colour = encode({ width: 2, height: 1, channels: 3, depth: 8, data: Uint8Array.of(255, 0, 0, 10, 20, 30) })
  it('reads colour, grey, alpha and 16-bit PNG', () => {
    expect(decodeImage(colour, 3, 'c.png')).toEqual({ channels: 3, height: 1, width: 2, data: Uint8Array.of(255, 10, 0, 20, 0, 30) })
    expect(decodeImage(colour, 1, 'c.png').data).toEqual(Uint8Array.of(76, 18))
    const grey = encode({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(3, 4) })
    expect(decodeImage(grey, 3, 'g.png').data).toEqual(Uint8Array.of(3, 4, 3, 4, 3, 4))
    const clear = encode({ width: 2, height: 1, channels: 2, depth: 8, data: Uint8Array.of(0, 0, 100, 255) })
    expect(decodeImage(clear, 1, 'a.png').data).toEqual(Uint8Array.of(255, 100))
    const deep = encode({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0x1234) })
    expect(decodeImage(deep, 1, 'd.png').data).toEqual(Uint8Array.of(0x12))
  })
  it.each(golden.files)('reads a file that Pillow wrote: $name', ({ name, base64, rgb, grey }) => {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
    // Decoders of JPEG round differently; blending with white rounds once here and twice there.
    const tolerance = name.includes('JPEG') ? 3 : name.includes('alpha') ? 1 : 0
    const [three, one] = [decodeImage(bytes, 3, name), decodeImage(bytes, 1, name)]
    expect([three.data.length, one.data.length]).toEqual([rgb.length, grey.length])
    for (const [k, value] of rgb.entries()) expect(Math.abs(three.data[k]! - value)).toBeLessThanOrEqual(tolerance)
    for (const [k, value] of grey.entries()) expect(Math.abs(one.data[k]! - value)).toBeLessThanOrEqual(Math.max(1, tolerance))
  })
  it('reads JPEG', () => {
    const jpeg = encodeJpeg({ width: 16, height: 8, data: new Uint8Array(16 * 8 * 4).fill(120) }, 95).data
    const { width, height, data } = decodeImage(jpeg, 3, 'x.jpg')
    expect([width, height]).toEqual([16, 8])
    for (const value of data) expect(Math.abs(value - 120)).toBeLessThan(3)
    everyCut(jpeg, bytes => decodeImage(bytes, 3, 'x.jpg'))
  })
  it('answers cut, changed and claimed-huge files', () => {
    everyCut(colour, bytes => decodeImage(bytes, 3, 'c.png'))
    everyFlip(colour, bytes => decodeImage(bytes, 3, 'c.png'))
    const huge = colour.slice()
    new DataView(huge.buffer).setUint32(16, 2 ** 31 - 1)
    expect(() => decodeImage(huge, 3, 'h.png')).toThrow(/50000000 pixels/)
    expect(() => decodeImage(Uint8Array.of(1, 2, 3), 3, 'n.png')).toThrow(/neither/)
  })
})

describe('gunzip', () => {
  const packed = new Uint8Array(gzipSync(Buffer.from('some text that is packed, some text that is packed')))
  it('unpacks', async () => {
    expect(Buffer.from(await gunzip(packed, 'x.gz')).toString()).toMatch(/^some text.*packed$/)
    expect((await gunzip(packed, 'x.gz', true)).buffer).toBeInstanceOf(SharedArrayBuffer)
  })
  it('refuses every cut and every changed byte of the content', async () => {
    for (let length = 0; length < packed.length; length++) await expect(gunzip(packed.subarray(0, length), 'x.gz')).rejects.toThrow(UserError)
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
