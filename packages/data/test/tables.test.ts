// Tables of all sorts: what spreadsheets, other programs and people write is read, or it is said what was left out.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { compiled } from '../../../test/compiled.ts'
import { UserError } from '@ddlf/tensor/errors'
import { intakeLine, looksLikeDate, numberFormOf, numberOf, parseTable, readNumbers, readTable } from '../src/index.ts'
import { loadTable, openDataset, readTableFile } from '../src/node.ts'
import golden from './golden/tables.json' with { type: 'json' }

const folder = mkdtempSync(join(tmpdir(), 'ddlf-tables-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const spectrum = dirname(createRequire(import.meta.url).resolve('csv-spectrum/package.json'))
const CASES = [
  'comma_in_quotes',
  'empty',
  'empty_crlf',
  'escaped_quotes',
  'json',
  'location_coordinates',
  'newlines',
  'newlines_crlf',
  'quotes_and_newlines',
  'simple',
  'simple_crlf',
  'utf8',
]

describe('csv-spectrum', () => {
  it.each(CASES)('%s', async name => {
    const { names, records } = await readTableFile(join(spectrum, 'csvs', `${name}.csv`))
    const objects = records.map(record => Object.fromEntries(names.map((column, k) => [column, record[k]])))
    const expected = JSON.parse(readFileSync(join(spectrum, 'json', `${name}.json`), 'utf8')) as
      Record<string, string> | Record<string, string>[]
    // The one record of location_coordinates.json stands without a list, and its phone number is not that of the table.
    const right = Array.isArray(expected) ? expected : [{ ...expected, 'Contact Phone Number': '2095257564' }]
    expect(objects).toEqual(right)
  })
})

describe('as Python reads them', () => {
  it.each(golden.cases)('$name, as pandas that is told how', async ({ name, file, names, rows, numbers }) => {
    const table = await readTableFile(write(`${name.replaceAll(/\W+/g, '-')}.csv`, Buffer.from(file, 'base64')))
    expect([table.names, table.records]).toEqual([names, rows])
    for (const [column, values] of Object.entries(numbers ?? {})) {
      const form = numberFormOf(table, column)
      expect(table.records.map(record => numberOf(record[table.names.indexOf(column)]!, form))).toEqual(values)
    }
  })
  it.each(golden.written)("$name, as Python's csv module writes them", ({ text, rows: [names, ...records] }) => {
    const table = parseTable(text, { name: 'r.csv', header: true })
    expect([table.names, table.records]).toEqual([names!.map(name => name.trim()), records])
  })
})

describe('what stands around a table', () => {
  const notesOf = (content: string) => {
    const { intake, names, records } = parseTable(content, { name: 'r.csv' })
    return { names, records, said: intake.result().notes.join('; '), leftOut: intake.result().leftOut }
  }
  it('is left out and said', () => {
    expect(notesOf('Sales\n\nproduct,pieces\npen,1\ncup,2\n')).toMatchObject({
      names: ['product', 'pieces'],
      said: expect.stringContaining('1 line above the header left out') as string,
    })
    expect(notesOf('a;b;;\n1;x;;\n2;y;;\n').said).toContain('2 columns without a name and without a value left out')
    expect(notesOf('a,b\n1,x,\n2,y,\n').said).toContain('rows end with a delimiter')
    expect(notesOf('x,y\nr1,1,2\nr2,3,4\n')).toMatchObject({
      names: ['column1', 'x', 'y'],
      said: expect.stringContaining('one name less') as string,
    })
    expect(notesOf('a,b,c\n1,2,3\n4,5,6\nTotal,7\n').leftOut).toEqual([
      { reason: "with fewer fields than the table's 3", count: 1, first: ['row 3 on line 4'] },
    ])
  })
  it('a last row that may be a sum of the others stays, and is named', () => {
    const { records, said } = notesOf('product;pieces\npen;1\ncup;2\nSumme:;3\n')
    expect([records.length, said]).toEqual([
      3,
      expect.stringContaining("row 3 on line 4, the last, begins with 'Summe:'") as string,
    ])
    expect(notesOf('word,class\ntotal,noun\nsummer,noun\n').said).not.toContain('the last')
  })
  it('is nothing where it is data', () => {
    // A wanted name is no title, a second column without a value is one, and what is stated holds.
    const wanted = { name: 'r.csv', delimiter: ',', wanted: ['text'] }
    expect(() => parseTable('text\nhello, you\nfoo, bar\n', wanted)).toThrow(/with another number than 1 \(text\)/)
    expect(notesOf('text,\none,\ntwo,\n').records).toEqual([['one'], ['two']])
    expect(parseTable('sep=;\na|b\n1|2\n', { name: 'r.csv', delimiter: '|' }).names).toEqual(['a', 'b'])
    expect(parseTable('title\n1,2\n3,4\n', { name: 'r.csv', header: false }).intake.result().leftOut).toEqual([
      { reason: "with fewer fields than the table's 2", count: 1, first: ['row 1 on line 1'] },
    ])
  })
})

describe('rows are found by number and by line', () => {
  const end = fc.constantFrom('\n', '\r\n', '\r')
  const text = fc.array(fc.oneof(end, fc.constantFrom('a', ' ', ';')), { maxLength: 4 }).map(parts => parts.join(''))
  it('whatever line ends quoted fields hold, and blank lines lie between', () => {
    const record = fc.record({ fields: fc.tuple(text, text), end, blank: fc.array(end, { maxLength: 2 }) })
    const written = fc.tuple(fc.constantFrom('', 'sep=;\n'), fc.array(record, { minLength: 1, maxLength: 6 }))
    fc.assert(fc.property(written, ([first, records]) => {
      let content = `${first}p;q\n`
      const lines = records.map(({ fields, end: last, blank }) => {
        // A carriage return that a line feed follows is one end of a line.
        const line = content.split(/\r\n|\r|\n/).length
        content += `${fields.map(field => `"${field}"`).join(';')}${last}${last === '\r' ? '' : blank.join('')}`
        return line
      })
      const table = parseTable(content, { name: 'r.csv', header: true, delimiter: ';' })
      expect([table.lines, table.rows]).toEqual([lines, lines.map((_, k) => k + 1)])
    }))
  })
  it('also where a quote is never closed, and where a file is read in parts', async () => {
    const long = Array.from({ length: 4000 }, (_, k) => `${k},"two\r\nlines ${k}"`)
    const file = write('long.csv', ['n,t', '', ...long, '4000', '4001,"x\ny', 'z'].join('\n'))
    await expect(readTableFile(file)).rejects.toThrow(
      /not a well-formed table[^]*a quote that opens behind row 4001 on line 8003, and is never closed/,
    )
    const ragged = write('ragged.csv', ['n,t', '', ...long, '4000', ''].join('\n'))
    const { intake, lines } = await readTableFile(ragged)
    expect(lines.at(-1)).toBe(8001)
    expect(intake.result().leftOut).toMatchObject([{ first: ['row 4001 on line 8003'] }])
  })
})

describe('a table of texts', () => {
  const reviews = { text: 'text', label: 'label' }
  const texts = async (path: string) => {
    const { text, columns, classes } = await loadTable(path, reviews)
    return text!['text']!.map((one, k) => [one, classes![columns['labels']!.data[k]!]])
  }
  it.each([
    [
      'CRLF and LF',
      'text,label\r\ngood one,a\nbad one,b\nfine one,a\n',
      [
        ['good one', 'a'],
        ['bad one', 'b'],
        ['fine one', 'a'],
      ],
    ],
    [
      'CR, CRLF and LF',
      'text,label\rone,a\r\ntwo,b\nthree,a',
      [
        ['one', 'a'],
        ['two', 'b'],
        ['three', 'a'],
      ],
    ],
    [
      'LF and CRLF behind quotes',
      'text,label\n"one",a\n"two","b"\r\n"three","a"\r\n',
      [
        ['one', 'a'],
        ['two', 'b'],
        ['three', 'a'],
      ],
    ],
    [
      'a quote inside an unquoted field',
      'text,label\n37 inch 6" screen,a\nplain,b\n',
      [
        ['37 inch 6" screen', 'a'],
        ['plain', 'b'],
      ],
    ],
    [
      'bars',
      'text|label\none, two|a\nthree; four|b\n',
      [
        ['one, two', 'a'],
        ['three; four', 'b'],
      ],
    ],
    [
      'semicolons',
      'text;label\none, two;a\nthree;b\n',
      [
        ['one, two', 'a'],
        ['three', 'b'],
      ],
    ],
  ])('%s', async (_, content, expected) => expect(await texts(write('case.csv', content))).toEqual(expected))

  it('lines of one column end in any way', async () => {
    const { names, records } = await readTableFile(write('one.csv', 'text\r\nfirst text\nsecond text\nthird text\n'))
    expect([names, records.flat()]).toEqual([['text'], ['first text', 'second text', 'third text']])
  })
  it('an ending in capitals, with tabs', async () =>
    expect(await texts(write('UPPER.TSV', 'text\tlabel\none\ta\ntwo\tb\n'))).toEqual([
      ['one', 'a'],
      ['two', 'b'],
    ]))
  it('quotes between tabs are text, unless every field that begins with one ends with it', async () => {
    expect(await texts(write('q.tsv', 'text\tlabel\n"yes" he said\ta\ntwo\tb\n'))).toEqual([
      ['"yes" he said', 'a'],
      ['two', 'b'],
    ])
    expect(await texts(write('excel.tsv', 'text\tlabel\n"say ""yes"", now"\ta\n"two\tthree"\tb\n'))).toEqual([
      ['say "yes", now', 'a'],
      ['two\tthree', 'b'],
    ])
  })

  const accents = 'text,label\r\nçà et là,é\r\nzwei,ß\r\n'
  const utf32 = (text: string, littleEndian: boolean) => {
    const view = new DataView(new ArrayBuffer(4 * Array.from(text).length))
    for (const [k, character] of Array.from(text).entries())
      view.setUint32(4 * k, character.codePointAt(0)!, littleEndian)
    return new Uint8Array(view.buffer)
  }
  const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()
  it.each<[string, Uint8Array, string]>([
    ['UTF-8', Buffer.from(accents), 'commas'],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${accents}`), 'commas'],
    ['UTF-16 with its mark', Buffer.from(`\uFEFF${accents}`, 'utf16le'), 'UTF-16'],
    ['UTF-16, high byte first, with its mark', bigEndian(`\uFEFF${accents}`), 'UTF-16'],
    ['UTF-16 without a mark', Buffer.from(accents, 'utf16le'), 'UTF-16'],
    ['UTF-32 with its mark', utf32(`\uFEFF${accents}`, true), 'UTF-32'],
    ['UTF-32, highest byte first, with its mark', utf32(`\uFEFF${accents}`, false), 'UTF-32'],
    ['UTF-32 without a mark', utf32(accents, true), 'UTF-32'],
    ['UTF-32, highest byte first, without a mark', utf32(accents, false), 'UTF-32'],
    ['Latin-1', Buffer.from(accents, 'latin1'), 'Windows-1252'],
  ])('in %s', async (_, bytes, said) => {
    const path = write('encoded.csv', bytes)
    expect(await texts(path)).toEqual([['çà et là', 'é'], ['zwei', 'ß']].map(([text, label]) => [text, label]))
    expect(intakeLine((await loadTable(path, reviews)).intake!)).toContain(said)
  })
  it('letters that lie across the parts of a file stay whole', async () => {
    const rows = Array.from({ length: 20_000 }, (_, k) => `ä€😀 ${k},${k % 2 ? 'é' : 'ü'}\r\n`)
    const dataset = await loadTable(write('long.csv', `text,label\r\n${rows.join('')}`), reviews)
    const isWhole = ({ length, classes, text }: typeof dataset) => [
      length,
      classes,
      text!['text']!.every((one, k) => one === `ä€😀 ${k}`),
    ]
    expect(isWhole(dataset)).toEqual([20_000, ['é', 'ü'], true])
    const wide = await loadTable(write('wide.csv', utf32(`\uFEFFtext,label\r\n${rows.join('')}`, true)), reviews)
    expect(isWhole(wide)).toEqual([20_000, ['é', 'ü'], true])
    await expect(
      loadTable(write('cut.csv', utf32('\uFEFFtext,label\r\n', true).subarray(0, 30)), reviews),
    ).rejects.toThrow(/ends within a character/)
  })

  it('leaves out blank labels, blank texts and rows of other lengths, and says so', () => {
    const { length, classes, intake } = readTable('text,label\none,a\n  ,b\nthree,\nfour,a,more\nfive\nsix, b\n', {
      name: 'r.csv',
      ...reviews,
    })
    expect([length, classes]).toEqual([2, ['a', 'b']])
    expect(intakeLine(intake!)).toMatch(/^2 rows used, 4 left out: 1 with more fields than the table's 2 \(row 4 on line 5\), 1 with fewer [^(]+\(row 5 on line 6\), 1 with a blank 'text' \(row 2 on line 3\), 1 with a blank 'label' \(row 3 on line 4\); commas between fields$/)
  })
  it('labels that look equal are one class', () => {
    const { classes, columns } = readTable('text,label\none,caf\u00e9\ntwo,cafe\u0301\nthree,tea\n', {
      name: 'r.csv',
      ...reviews,
    })
    expect([classes, [...columns['labels']!.data]]).toEqual([['café', 'tea'], [0, 0, 1]])
  })
  it('rows of a class that was not asked for are left out', () => {
    const { length, intake } = readTable('text,label\none,a\ntwo,b\nthree,c\n', {
      name: 'r.csv',
      ...reviews,
      classes: ['a', 'c'],
    })
    expect([length, intake!.leftOut[0]]).toEqual([
      2,
      { reason: 'of a class that was not asked for or not learned', count: 1, first: ['row 2 on line 3'] },
    ])
  })
  it('most rows of other lengths are an error that names the delimiter', () => {
    expect(() => parseTable('a,b\n1\n2\n3,4\n', { name: 'r.csv', delimiter: ',' })).toThrow(
      /2 of 3 rows[^]*commas between fields/,
    )
  })
})

describe('a missing header', () => {
  const headerOf = (content: string, more: object = {}) => parseTable(content, { name: 'r.csv', ...more }).format.header
  it.each<[string, boolean]>([
    ['a,b\n1,2\n3,4\n', true],
    ['1,2\n3,4\n', false],
    ['5.1,3.5,setosa\n4.9,3.0,setosa\n6.0,2.2,other\n', false],
    ['great film,good\nawful film,bad\nlovely,good\n', false],
    ['text,label\ngreat film,good\nawful film,bad\n', true],
    ['size,colour\n,red\n2,blue\n3,red\n', true],
    [',a,b\n0,1,2\n1,3,4\n', true],
    ['text\nsome\nwords\n', true],
  ])('%j: %s', (content, header) => expect(headerOf(content)).toBe(header))
  it('is said, can be stated, and a wanted name decides', () => {
    expect(parseTable('1,2\n3,4\n', { name: 'r.csv' }).intake.result().notes).toContain(
      'no header: the columns are called column1 to column2',
    )
    expect(headerOf('1,2\n3,4\n', { header: true })).toBe(true)
    expect(headerOf('a,b\n1,2\n', { header: false })).toBe(false)
    expect(headerOf('2019,good\n1,good\n', { wanted: ['good'] })).toBe(true)
    expect(() =>
      readTable('great film,good\nawful,bad\nlovely,good\n', { name: 'r.csv', text: 'text', label: 'label' }),
    ).toThrow(/first row is no header[^]*column1, column2/)
  })
})

describe('the delimiter', () => {
  it('is found among four, for tables of any content', () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '1', ',', ';', '|', '"', '\n', '\r\n'),
      maxLength: 8,
    })
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(
        fc.constantFrom(',', ';', '\t', '|'),
        fc
          .integer({ min: 2, max: 4 })
          .chain(width =>
            fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 3, maxLength: 12 }),
          ),
        fc.constantFrom('\n', '\r\n', '\r'),
        (delimiter, rows, lineEnd) => {
          const text = [rows[0]!.map((_, k) => `name${k}`), ...rows]
            .map(row => row.map(quoted).join(delimiter))
            .join(lineEnd)
          const { format, records } = parseTable(text, { name: 'r.csv', header: true })
          expect(format.delimiter).toBe(delimiter)
          expect(records).toEqual(rows)
        },
      ),
    )
  })
  it('stated, it must be a character', () => {
    expect(() => parseTable('a,b\n', { name: 'r.csv', delimiter: '::' })).toThrow(UserError)
    expect(parseTable('a:b\n1:2\n', { name: 'r.csv', delimiter: ':' }).records).toEqual([['1', '2']])
  })
})

describe('files that would fill the memory', () => {
  /**
   * Reads a file in a process of its own that may not have more than 200 MB of objects, and tells what it said and its
   * peak.
   */
  const inChild = (path: string) => {
    const program = `
      import { readTableFile } from ${JSON.stringify(compiled(new URL('../src/node.ts', import.meta.url)).href)}
      const before = process.resourceUsage().maxRSS
      const said = await readTableFile(${JSON.stringify(path)}).then(() => 'read', error => error.message)
      console.log(JSON.stringify({ said, grown: (process.resourceUsage().maxRSS - before) / 1024 }))`
    const child = spawnSync(
      process.execPath,
      ['--max-old-space-size=200', '--input-type=module', '--eval', program],
      { encoding: 'utf8' },
    )
    expect(child.stderr).toBe('')
    return JSON.parse(child.stdout) as { said: string; grown: number }
  }
  const big = (name: string, start: string, part: string) =>
    write(name, Buffer.concat([Buffer.from(start), Buffer.alloc(64 * 2 ** 20, part)]))
  it.each([
    ['one line without an end', 'text,label\n', 'abcdefgh ', /a row has at most 8,388,608 characters[^]*behind the header/],
    ['a quote that never closes', 'text,label\n"', 'one,two\n', /a row has at most[^]*a quote that is never closed/],
    ['nothing but delimiters', 'text,label\n', ',', /a row has at most/],
  ])('%s', (name, start, part, message) => {
    const { said, grown } = inChild(big(`${name}.csv`, start, part))
    expect(said).toMatch(message)
    expect(grown).toBeLessThan(400)
  })
  it('200,000 columns', async () => {
    const row = Array.from({ length: 200_000 }, (_, k) => `c${k}`).join(',')
    await expect(readTableFile(write('wide.csv', `${row}\n${row}\n`))).rejects.toThrow(
      /at most 50,000 columns[^]*200,000/,
    )
  })
  it('a packed file is no table', async () => {
    await expect(readTableFile(write('packed.csv', Uint8Array.of(31, 139, 8, 0, 0, 0, 1, 2, 0)))).rejects.toThrow(
      /zero bytes/,
    )
  })
  it('a quote that stays open to the end', async () => {
    await expect(readTableFile(write('open.csv', 'a,b\n"1,2\n3,4\n'))).rejects.toThrow(/well-formed[^]*Close the quote/)
  })
})

it('openDataset reads what loadTable reads', async () => {
  const dataset = await openDataset(
    write('ANY.CSV', `text;label\n${Array.from({ length: 10 }, (_, k) => `t${k};${k % 2}`).join('\r')}`),
    { table: { text: 'text', label: 'label' }, split: 'all' },
  )
  expect([dataset.length, dataset.classes, dataset.intake?.used]).toEqual([10, ['0', '1'], 10])
})

describe('commas in numbers', () => {
  const read = (fields: readonly string[], delimiter?: string) => {
    const { form, notes: [note] } = readNumbers('price', fields, delimiter)
    return { numbers: fields.map(field => numberOf(field, form)), note }
  }
  it.each([
    [
      'between thousands, though they could stand before fractions',
      ['1,200', '950', '2,300'],
      ';',
      [1200, 950, 2300],
      /commas between thousands: 1,200 is read as 1200; where they stand before fractions, write points/,
    ],
    [
      'between thousands, where commas separate fields',
      ['1,200', '950.5', '-2,300,000.25'],
      ',',
      [1200, 950.5, -2300000.25],
      /between thousands: 1,200 is read as 1200$/,
    ],
    [
      'before fractions',
      ['3,5', '4', '-0,125', '1,200'],
      ';',
      [3.5, 4, -0.125, 1.2],
      /before fractions: 3,5 is read as 3.5/,
    ],
    [
      'before fractions of three digits that no group of thousands can be',
      ['0,125', '0,250'],
      '\t',
      [0.125, 0.25],
      /before fractions: 0,125 is read as 0.125/,
    ],
    [
      'before fractions, with points between thousands',
      ['1.200,50', '950,25', '2.300'],
      ';',
      [1200.5, 950.25, 2300],
      /before fractions: 1\.200,50 is read as 1200\.5/,
    ],
    [
      'of which a fraction cannot be meant where commas separate fields',
      ['3,5', '4'],
      ',',
      [undefined, 4],
      /3,5 is read as no number, for commas separate the fields/,
    ],
    [
      'beside points',
      ['3,5', '4.25'],
      ';',
      [undefined, 4.25],
      /3,5 is read as no number, for other numbers have points/,
    ],
    [
      'of both meanings',
      ['1,200,300', '3,5'],
      ';',
      [undefined, undefined],
      /3,5 is read as no number, for commas stand between thousands as well/,
    ],
    [
      'between thousands as points, of which one number has several',
      ['1.200', '950', '1.200.300'],
      ';',
      [1200, 950, 1200300],
      /points between thousands: 1\.200\.300 is read as 1200300/,
    ],
    [
      'maybe between thousands as points',
      ['1.200', '950'],
      ';',
      [1.2, 950],
      /1\.200 is read as 1\.2; where points stand between thousands, leave them out/,
    ],
    ['of none', ['1,00,000', '3.5', 'x, y'], ';', [undefined, 3.5, undefined], undefined],
  ] as const)('%s', (_, fields, delimiter, numbers, note) => {
    const told = read(fields, delimiter)
    expect(told.numbers).toEqual(numbers)
    if (note === undefined) expect(told.note).toBeUndefined()
    else expect(told.note).toMatch(note)
  })
  it.each([
    ['addresses', ['192.168.100.200', '192.168.100.201', '10.100.100.100']],
    ['versions', ['1.000.001', '1.000.002']],
  ])('points in %s are no thousands', (_, fields) => {
    for (const delimiter of [',', ';']) expect(read(fields, delimiter).numbers).toEqual(fields.map(() => undefined))
  })
  it('points in very many addresses are no thousands', () => {
    const { numbers } = read(new Array<string>(150_000).fill('192.168.100.200'), ';')
    expect([numbers.length, new Set(numbers)]).toEqual([150_000, new Set([undefined])])
  })
  it('a minus says that points stand between thousands', () => {
    expect(read(['-1.200.300', '4.500.600'], ';').numbers).toEqual([-1200300, 4500600])
  })
  it('long fields are read or refused by looking at each character a few times', () => {
    const pieces = fc.constantFrom('1', '12', '.', ',', ' ', '-', '(', ')', 'e', '1,000', '.000', "'000")
    const long = fc.tuple(pieces, fc.constantFrom('', 'x', '.', ',', '€'), fc.integer({ min: 65, max: 60_000 }))
    const start = performance.now()
    fc.assert(fc.property(long, ([piece, end, length]) => {
      const field = piece.repeat(Math.ceil(length / piece.length)) + end
      const value = numberOf(field)
      if (value !== undefined) expect(value).toBe(Number(field))
      looksLikeDate(field)
      readNumbers('long', [field])
    }), { numRuns: 100, examples: [[['1', 'x', 60_000]], [['12', '.', 60_000]]] })
    expect(numberOf(`0.${'1'.repeat(100)}`)).toBe(1 / 9)
    // A pattern that is quadratic takes seconds for each; this bound is for a machine that is busy.
    expect(performance.now() - start).toBeLessThan(20_000)
  }, 120_000)
  it('whole numbers grouped in thousands come back, as Intl.NumberFormat writes them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1 }),
        fc.constantFrom(',', ';', '\t'),
        (numbers, delimiter) => {
          expect(
            read(
              numbers.map(number => new Intl.NumberFormat('en-US').format(number)),
              delimiter,
            ).numbers.map(value => value! + 0),
          ).toEqual(numbers.map(value => value + 0))
        },
      ),
    )
  })
  it('fractions in German come back, as Intl.NumberFormat writes them', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 1e8 }), { minLength: 1 }), cents => {
      const german = new Intl.NumberFormat('de-DE', { minimumFractionDigits: 2 })
      expect(read(cents.map(cent => german.format(cent / 100)), ';').numbers).toEqual(cents.map(cent => cent / 100))
    }))
  })
  it('mean the same in features and targets, and the intake says what', () => {
    const { columns, intake } = readTable('size;price;kind\n3,5;1,200;a\n4,5;950;b\n5;2,300;a\n', {
      name: 'made',
      target: 'price',
      features: ['size'],
    })
    expect([[...columns['features']!.data], [...columns['targets']!.data]]).toEqual([[3.5, 4.5, 5], [1200, 950, 2300]])
    expect(intakeLine(intake!)).toMatch(/'price' has commas between thousands[^]*'size' has commas before fractions/)
  })
  it('leave numbers over numbers without a header', () => {
    expect(parseTable('1,5;2,5\n3,5;4,5\n5,5;6,5\n', { name: 'made', delimiter: ';' }).names).toEqual([
      'column1',
      'column2',
    ])
  })
})

describe('currencies, percent signs and the numbers of accounts', () => {
  const read = (fields: readonly string[], delimiter = ';') => {
    const { form, notes } = readNumbers('price', fields, delimiter)
    return { numbers: fields.map(field => numberOf(field, form)), said: notes.join('; ') }
  }
  // What the Unicode consortium's tables say of each language, by Node's ICU.
  it.each([
    ['de-DE', { style: 'currency', currency: 'EUR' }],
    ['fr-FR', { style: 'currency', currency: 'EUR' }],
    ['en-US', { style: 'currency', currency: 'USD', currencySign: 'accounting' }],
    ['de-CH', { style: 'currency', currency: 'CHF' }],
    ['sv-SE', { minimumFractionDigits: 2 }],
    ['nb-NO', { minimumFractionDigits: 2 }],
    ['ja-JP', { style: 'currency', currency: 'JPY', minimumFractionDigits: 2 }],
    ['en-GB', { style: 'currency', currency: 'GBP', currencyDisplay: 'code' }],
  ] as const)('%s %j', (language, options) => {
    const format = new Intl.NumberFormat(language, options)
    fc.assert(fc.property(fc.array(fc.integer({ min: -1e8, max: 1e8 }), { minLength: 1 }), cents => {
      const { numbers } = read(cents.map(cent => format.format(cent / 100)))
      expect(numbers.map(value => value! + 0)).toEqual(cents.map(cent => cent / 100 + 0))
    }))
  })
  it.each([
    [
      'a currency that stands in some rows only',
      ['$1,200.00', '950.50', '$ 3'],
      [1200, 950.5, 3],
      /'price' is in \$: \$1,200\.00 is read as 1200/,
    ],
    [
      'two currencies',
      ['5 €', '6 €', '$7'],
      [5, 6, undefined],
      /is in €: 5 € is read as 5[^]*\$7 is read as no number, for the others are in €/,
    ],
    [
      'points between thousands of money',
      ['170.000 €', '9.500 €', '300 €'],
      [170000, 9500, 300],
      /between thousands: 170\.000 € is read as 170000/,
    ],
    ['percent signs', ['12 %', '7,5%', '-3 %'], [12, 7.5, -3], /is in %: 12 % is read as 12/],
    [
      'percent signs beside plain numbers',
      ['12%', '0.12'],
      [undefined, 0.12],
      /12% is read as no number, for other numbers have no percent sign/,
    ],
    ['brackets and a sign behind', ['(5.00)', '7-', '\u22123'], [-5, -7, -3], /\(5\.00\) is read as -5/],
    [
      'spaces and apostrophes between thousands',
      ['1 200', '12\u202f300,5', '1\u2019000\u2019000'],
      [1200, 12300.5, 1000000],
      /1 200 is read as 1200/,
    ],
    [
      'what is no number',
      ['12 34', '1 2345', 'TOP 5', '5 5', '--5', '(-5)', '$', '5 USD EUR', '01 234'],
      Array.from({ length: 9 }, () => undefined),
      /^$/,
    ],
  ] as const)('%s', (_, fields, numbers, note) => {
    const told = read(fields)
    expect(told.numbers).toEqual(numbers)
    expect(told.said).toMatch(note)
  })
  it('three decimals of money are decimals where commas separate the fields', () => {
    expect(read(['$3.459', '$3.219'], ',')).toMatchObject({ numbers: [3.459, 3.219] })
    expect(read(['$3.459', '$3.219'], ',').said).toContain(
      '$3.459 is read as 3.459; where points stand between thousands',
    )
  })
  it('days are told from numbers', () => {
    for (const day of [
      '2024-01-31',
      '2024/1/31',
      '31.01.2024',
      '1/31/24',
      '2024-01-31T12:30:00Z',
      '31.1.2024 12:30',
      '31 Jan 2024',
      '31. Januar 2024',
      'Jan 31, 2024',
    ])
      expect([day, looksLikeDate(day)]).toEqual([day, true])
    for (const other of ['2024', '20240131', '3.5', '1.200,50', '1-2-3-4', 'may', '192.168.1.10', ''])
      expect([other, looksLikeDate(other)]).toEqual([other, false])
  })
})

describe('the order of classes', () => {
  const classesOf = (labels: readonly string[]) =>
    readTable(`x,y\n${labels.map(label => `1,${label}\n`).join('')}`, { name: 'r.csv', label: 'y', header: true })
      .classes
  it('is by value where all are numbers, and by letters otherwise', () => {
    expect(classesOf(['10', '9', '-1', '2.5'])).toEqual(['-1', '2.5', '9', '10'])
    expect(classesOf(['b', 'a', 'B'])).toEqual(['B', 'a', 'b'])
    expect(classesOf(['9', '1a', '10'])).toEqual(['10', '1a', '9'])
  })
  it('does not depend on the order of the rows', () => {
    const label = fc.constantFrom('9', '10', '1a', '1', '1.0', '01', 'b', '-2', 'NaN', 'Infinity', '1e1')
    const shuffled = fc.uniqueArray(label, { minLength: 2 }).chain(labels =>
      fc.tuple(fc.constant(labels), fc.shuffledSubarray(labels, { minLength: labels.length })))
    fc.assert(fc.property(shuffled, ([one, other]) => { expect(classesOf(one)).toEqual(classesOf(other)) }))
  })
})

it('names are found however their accents are coded', () => {
  const [composed, decomposed] = ['r\u00e9sum\u00e9', 're\u0301sume\u0301']
  for (const [written, stated] of [[composed, decomposed], [decomposed, composed]] as const) {
    const content = `${written},class,${written}2,${written}3\none,${written},1,2\ntwo,no,3,4\n`
    const set = readTable(content, {
      name: 'made',
      text: stated,
      label: 'class',
      classes: [stated, 'no'],
      features: [`${stated}2`],
      target: `${stated}3`,
    })
    expect([set.classes, [...set.columns['labels']!.data], set.text!['text']]).toEqual([
      [composed, 'no'],
      [0, 1],
      ['one', 'two'],
    ])
    expect([[...set.columns['features']!.data], [...set.columns['targets']!.data]]).toEqual([[1, 3], [2, 4]])
    const others = readTable(`${written},b\n1,2\n3,4\n`, { name: 'made', target: stated })
    expect(others.columns['features']!.shape).toEqual([1])
    // A header of words over words is known by a name that is wanted.
    expect(parseTable(`${written},b\n${written},c\n`, { name: 'made', wanted: [stated] }).names).toEqual([
      composed,
      'b',
    ])
  }
})
it('the columns of a file are kept however their accents are coded', async () => {
  const { text } = await loadTable(write('nfd.csv', 're\u0301sume\u0301,label\none,a\ntwo,b\n'), {
    text: 're\u0301sume\u0301',
    label: 'label',
  })
  expect(text!['text']).toEqual(['one', 'two'])
})

describe('numbers beyond float32', () => {
  const beyond = ['1e39', '-1e300', '3.5e38']

  it('are no targets: their rows are left out, and it is said', () => {
    const rows = [...beyond, '3.4e38', '1', '2'].map((value, i) => `${i},${value}`)
    const { columns, intake } = readTable(['a,b', ...rows, ''].join('\n'), { name: 'made', target: 'b' })
    expect([...columns['targets']!.data]).toEqual([Math.fround(3.4e38), 1, 2])
    expect(intake!.leftOut).toEqual([
      {
        reason: "whose 'b' is beyond 3.4e38, the largest number that is learned",
        count: 3,
        first: ['row 1 on line 2', 'row 2 on line 3', 'row 3 on line 4'],
      },
    ])
  })

  it('are no features: the row and the column are named', () => {
    const read = () => readTable('a,b\n1,x\n1e300,y\n', { name: 'made', label: 'b' })
    expect(read).toThrow(/row 2 on line 3: column 'a' must hold numbers up to 3\.4e38\.[^]*1e300/)
  })
})
