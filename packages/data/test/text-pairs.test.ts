// A user's own pairs of texts: how tables of any form become pairs, what is left out, and what is refused.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { areColumnNames, intakeLine, rightTexts } from '../src/index.ts'
import { readPairs, readTableFile } from '../src/node.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-pairs-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const write = (name: string, content: string | Uint8Array) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, content)
  return file
}
async function read(name: string, content: string | Uint8Array, options: Parameters<typeof readPairs>[1] = {}) {
  const { dataset, columns } = await readPairs(write(name, content), options)
  const targets = (dataset.text?.['target'] ?? []).map(rightTexts)
  return {
    pairs: (dataset.text?.['source'] ?? []).map((source, i) => [source, ...(targets[i] ?? [])]),
    columns,
    said: dataset.intake ? intakeLine(dataset.intake) : '',
  }
}

describe('a table of pairs', () => {
  it.each([
    ['tabs, no header', 'a.tsv', 'one\teins\ntwo\tzwei\n', ['column1', 'column2']],
    ['languages as header', 'b.tsv', 'English\tDeutsch\none\teins\ntwo\tzwei\n', ['English', 'Deutsch']],
    ['codes as header', 'c.csv', 'en,de\r\none,eins\r\ntwo,zwei\r\n', ['en', 'de']],
    ['a byte-order mark', 'd.csv', '\uFEFFsource,target\none,eins\ntwo,zwei\n', ['source', 'target']],
    ['source and target among others', 'e.csv', 'id,target,source\n1,eins,one\n2,zwei,two\n', ['source', 'target']],
    ['objects', 'f.jsonl',
      '{"source":"one","target":"eins"}\n\n{"target":"zwei","source":"two"}\n', ['source', 'target']],
    ['objects within objects', 'g.jsonl',
      '{"translation":{"en":"one","de":"eins"}}\n{"translation":{"en":"two","de":"zwei"}}',
      ['translation.en', 'translation.de']],
    ['arrays', 'h.jsonl', '["one","eins"]\n["two","zwei"]', ['column1', 'column2']],
    ['quotes around each', 'q.csv', '"one","eins"\n"two","zwei"\n', ['column1', 'column2']],
    ['UTF-16', 'u.tsv', Buffer.from('\uFEFFone\teins\ntwo\tzwei\n', 'utf16le'), ['column1', 'column2']],
    ['attribution behind them', 'i.txt', 'one\teins\tby a\ntwo\tzwei\tby b\n', ['column1', 'column2']],
  ])('with %s', async (_, name, content, [source, target]) => {
    const { pairs, columns, said } = await read(name, content)
    expect(pairs).toEqual([['one', 'eins'], ['two', 'zwei']])
    expect(columns).toEqual({ source, target })
    expect(said).toContain(`'${source}' is read, '${target}' is written`)
  })
  it('has the columns that are stated, and the first row is a header where it names one', async () => {
    const text = 'Platt,Hochdeutsch,n\nWater,Wasser,1\n'
    const { pairs } = await read('platt.csv', text, { source: 'Hochdeutsch', target: 'Platt' })
    expect(pairs).toEqual([['Wasser', 'Water']])
    expect((await read('platt.csv', text, { source: 'Hochdeutsch' })).columns.target).toBe('Platt')
  })
  it('counts repeated pairs once, keeps several targets, joins lines, and leaves blank sides out', async () => {
    const content = 'source,target\na,b\na,b\na,c\n"d\ne",f\n,x\ny, \ncafe\u0301,g\nh,i,j\n'
    const { pairs, said } = await read('odd.csv', content)
    expect(pairs).toEqual([['a', 'b', 'c'], ['d e', 'f'], ['café', 'g']])
    expect(said).toMatch(/5 rows used, 3 left out: 1 with more fields[^;]*row 8[^;]*1 with a blank 'source' \(row 5 on line 7\)/)
    expect(said).toMatch(/1 with a blank 'target' \(row 6 on line 8\)/)
    expect(said).toMatch(/1 row repeats a pair[^]*1 of 3 sources have several targets[^]*line breaks within a row/)
  })
  it.each([
    ['t.tsv', '"a\tb"\tc\n"d\te"\tf\n', [['a\tb', 'c'], ['d\te', 'f']]],
    ['open.tsv', '"hello\thallo\nworld\tWelt\n', [['"hello', 'hallo'], ['world', 'Welt']]],
    ['doubled.csv', '"a ""b""",c\nd,"e, f"\n', [['a "b"', 'c'], ['d', 'e, f']]],
    ['letters.tsv', '👩‍👩‍👧 hi\tfamily\nשלום\thello\n', [['👩‍👩‍👧 hi', 'family'], ['שלום', 'hello']]],
    ['alone.tsv', 'a\tb\n', [['a', 'b']]],
    ['titled.tsv', 'My pairs\na\tb\nc\td\ne\tf\n', [['a', 'b'], ['c', 'd'], ['e', 'f']]],
  ])('keeps tabs in quotes, quotes in texts, and letters of any kind: %s', async (name, content, pairs) => {
    expect((await read(name, content)).pairs).toEqual(pairs)
  })
  it('says what is not one', async () => {
    const refused: [string, string | Uint8Array, RegExp][] = [
      ['one.csv', 'hello\nworld\n', /two columns[^]*one column/],
      ['blank.tsv', 'source\ttarget\n\tx\ny\t\n', /at least one row that can be used[^]*1 with a blank 'source'/],
      ['empty.tsv', '', /two columns[^]*no column|at least one row/],
      ['words.jsonl', 'hello\nworld\n', /must be JSON Lines[^]*2 of 2 lines[^]*line 1/],
      ['latin.jsonl', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /in UTF-8[^]*at 2/],
      ['twice.csv', 'source,source\na,b\n', /name of its own[^]*'source' twice/],
    ]
    for (const [name, content, message] of refused) await expect(read(name, content)).rejects.toThrow(message)
    const file = write('two.csv', 'source,target\na,b\n')
    await expect(readPairs(file, { source: 'sauce' })).rejects.toThrow(/no column named 'sauce'[^]*'source'/)
    await expect(readPairs(file, { source: 'source', target: 'source' })).rejects.toThrow(/different columns/)
  })
  it('in another encoding is read as that, and it is said', async () => {
    const { pairs, said } = await read('latin.tsv', Buffer.from('café\tMüller\n', 'latin1'))
    expect(pairs).toEqual([['café', 'Müller']])
    expect(said).toContain('Windows-1252')
  })
})

it('JSON Lines of any texts come back as they were written', async () => {
  const texts = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), { minLength: 1 })
  await fc.assert(fc.asyncProperty(texts, async rows => {
    const lines = rows.map(([a, b]) => JSON.stringify({ a, b }))
    const table = await readTableFile(write('any.jsonl', lines.join('\n')))
    // A lone half of a pair cannot be written in UTF-8, but JSON escapes it.
    expect(table.records).toEqual(rows.map(row => [...row]))
  }), { numRuns: 15 })
})

it('names of columns are told from pairs of words', () => {
  for (const names of [['Source', 'TARGET'], ['en', 'de'], ['English', 'français'], ['input', 'output', 'x']])
    expect(areColumnNames(names)).toBe(true)
  for (const words of [['hello', 'olleh'], ['aa', 'aa'], ['English', 'tea'], ['source'], ['', '']])
    expect(areColumnNames(words)).toBe(false)
})
