// ddlf tokenizer: train, encode, decode and show as a user calls them, and what they say to mistakes.
import fs from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { tokenizerFromJson, trainTokenizer } from '@ddlf/data/tokenizers'
import { UserError } from '@ddlf/tensor/errors'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { tokenizerCommand } from '../src/commands/tokenizer.ts'
import { workFolder } from './command.ts'

const folder = workFolder()
const at = (name: string) => path.join(folder, name)
const TEXT = 'It was the best of times, it was the worst of times. '.repeat(40)

beforeAll(() => {
  fs.writeFileSync(at('book.txt'), `\ufeff${TEXT}`)
  fs.mkdirSync(at('essays/more'), { recursive: true })
  fs.writeFileSync(at('essays/one.txt'), 'one two two')
  fs.writeFileSync(at('essays/more/two.md'), 'two three three')
  fs.writeFileSync(at('essays/picture.png'), Buffer.from([0x89, 0x50]))
  fs.writeFileSync(at('latin.txt'), Buffer.from('caf\u00e9', 'latin1'))
  fs.writeFileSync(at('empty.txt'), '')
  fs.writeFileSync(at('bytes.json'), trainTokenizer([TEXT], { vocabularySize: 300 }).toJson())
  fs.writeFileSync(at('letters.json'), trainTokenizer(['abc'], { kind: 'characters' }).toJson())
  fs.writeFileSync(at('newer.json'), JSON.stringify({ version: '2.0', model: {} }))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** What a command prints, given some input. */
async function run(args: readonly string[], input?: string): Promise<string> {
  let output = ''
  const logged = vi.spyOn(console, 'log').mockImplementation((text: unknown) => {
    output += `${String(text)}\n`
  })
  const { stdin } = process
  const given = Readable.from(input === undefined ? [] : [Buffer.from(input)])
  Object.defineProperty(process, 'stdin', { value: given, configurable: true })
  try {
    await tokenizerCommand().parseAsync([...args], { from: 'user' })
  } finally {
    logged.mockRestore()
    Object.defineProperty(process, 'stdin', { value: stdin, configurable: true })
  }
  return output
}

const read = (name: string) => tokenizerFromJson(fs.readFileSync(at(name), 'utf8'))

it('learns from a file, without its byte-order mark, and refuses to write over one that is there', async () => {
  const said = await run(['train', at('book.txt'), '--vocabulary', '280', '--out', at('t.json')])
  expect(said).toMatch(/bpe, 2[678]\d entries from 2,120 characters in [\d.]+ s; <\|endoftext\|> is 0/)
  expect(read('t.json').toJson()).toBe(trainTokenizer([TEXT], { vocabularySize: 280 }).toJson())
  const before = fs.readFileSync(at('t.json'), 'utf8')
  await expect(run(['train', at('essays'), '--out', at('t.json')])).rejects.toThrow(/is there already[^]*--force/)
  expect(fs.readFileSync(at('t.json'), 'utf8')).toBe(before)
  // What got no entry is said.
  const learned = async (...words: string[]) => run(['train', at('essays'), '--out', at('u.json'), '--force', ...words])
  expect(await learned('--kind', 'words')).toMatch(/words, 3 entries[^]*\n {2}2 of 3 words occur at least 2 times\./)
  expect(await learned('--kind', 'words', '--vocabulary', '2', '--minimum-count', '1')).toMatch(
    /\n {2}1 of 3 words fit into the vocabulary, the most frequent ones\./,
  )
  expect(await learned('--minimum-count', '100000')).toMatch(/257 entries[^]*No pair of bytes occurs at least 100,000 t/)
  expect(await learned()).toMatch(/\n {2}No more pairs occur at least 2 times: 26\d of at most 8,192 entries\./)
  expect(await learned('--kind', 'characters')).not.toMatch(/ of /)
  await expect(learned('--kind', 'words', '--minimum-count', '100000')).rejects.toThrow(/"two" occurs most often: 3 times/)
  const json = JSON.parse(
    await run(['train', at('essays'), '--kind', 'words', '--out', at('t.json'), '--force', '--json']),
  ) as object
  expect(json).toMatchObject({ file: at('t.json'), kind: 'words', vocabulary: 3, characters: 26 })
  // Counted over both files: two three times, three twice, one once and so left out.
  expect([read('t.json').idOf('two'), read('t.json').idOf('three'), read('t.json').idOf('one')]).toEqual([
    1,
    2,
    undefined,
  ])
})

it('says where a text has no more pairs than were asked for', async () => {
  expect(await run(['train', at('book.txt'), '--vocabulary', '9000', '--out', at('few.json')])).toMatch(
    /No more pairs occur at least 2 times: 280 of at most 9,000 entries/,
  )
})

it('encodes a text, a file and the input; decodes what it encoded', async () => {
  const ids = (await run(['encode', at('bytes.json'), '--file', at('book.txt'), '--ids'])).trim()
  expect(ids.split(' ').map(Number)).toEqual([...read('bytes.json').encode(TEXT).ids])
  expect(await run(['decode', at('bytes.json')], ids)).toBe(`${TEXT}\n`)
  expect(JSON.parse(await run(['encode', at('letters.json'), '--json'], 'cab'))).toEqual({
    ids: [2, 0, 1],
    tokens: ['c', 'a', 'b'],
    starts: [0, 1, 2],
    ends: [1, 2, 3],
  })
  expect(await run(['decode', at('letters.json'), '[2,', '0,1]'])).toBe('cab\n')
  expect(await run(['encode', at('bytes.json'), ' é<|endoftext|>'])).toMatch(
    /id {2}text\n *\d+ {2}␣\n *\d+ {2}<C3>\n *\d+ {2}<A9>\n *0 {2}<\|endoftext\|>\n4 tokens of 15 characters/,
  )
  expect(await run(['encode', at('bytes.json'), '<|endoftext|>', '--ids', '--no-parse-special'])).not.toBe('0\n')
})

it('decodes into a file byte for byte, also what is no text', async () => {
  const tokenizer = read('bytes.json')
  const bytes = Uint8Array.of(0x1b, 0xff, 0x0d, 0x0a, 0x41)
  const ids = [...tokenizer.encodeBytes(bytes)].join(',')
  await run(['decode', at('bytes.json'), ids, '--out', at('out.bin')])
  const told = await run(['decode', at('bytes.json'), ids, '--out', at('again.bin'), '--json'])
  expect(JSON.parse(told)).toMatchObject({ file: at('again.bin'), tokens: ids.split(',').length })
  expect(new Uint8Array(fs.readFileSync(at('out.bin')))).toEqual(bytes)
})

it('shows a page that stands alone, escaped, and statistics', async () => {
  const text = `${TEXT}<script>alert(1)</script> 日 "&\n`
  const said = await run(['show', at('bytes.json'), text, '--out', at('page.html'), '--most', '700'])
  expect(said).toMatch(
    /\d+ tokens of 2,15\d characters: [\d.]+ characters and [\d.]+ bytes a token; \d+ of \d+ entries occur/,
  )
  expect(said).toMatch(/most frequent\n {2}\S+ +\d+ +[\d.]+ %/)
  const page = fs.readFileSync(at('page.html'), 'utf8')
  expect(page).not.toMatch(/<script|https?:|@import|url\(/)
  expect(page).toContain("default-src 'none'")
  expect(page.match(/tabindex="0"/g)?.length).toBe(read('bytes.json').encode(text).ids.length)
  expect(page).toContain('&lt;')
  await expect(run(['show', at('bytes.json'), 'x', '--out', at('page.html')])).rejects.toThrow(/is there already/)
  const few = JSON.parse(
    await run(['show', at('bytes.json'), text, '--out', at('page.html'), '--force', '--most', '3', '--json']),
  ) as { tokens: number; frequent: unknown[] }
  expect(few.frequent).toHaveLength(20)
  expect(fs.readFileSync(at('page.html'), 'utf8')).toContain(`The first 3 of ${few.tokens} tokens`)
})

it.each<[string, string[], RegExp, string?]>([
  ['no text', ['encode', 'bytes.json', ''], /There must be some text[^]*an empty text/],
  ['an empty file', ['encode', 'bytes.json', '--file', 'empty.txt'], /empty\.txt, which is empty/],
  ['empty input', ['show', 'bytes.json'], /There must be some text/, ''],
  [
    'an empty file to learn from',
    ['train', 'empty.txt', '--out', 'none.json'],
    /learned from text[^]*nothing but empty text/,
  ],
  ['invalid UTF-8', ['train', 'latin.txt', '--out', 'none.json'], /must hold text in UTF-8[^]*none at 3: e9[^]*iconv/],
  ['a folder without texts', ['train', 'folder', '--out', 'none.json'], /must hold files that end in \.txt/],
  [
    'a source that is not there',
    ['train', 'nowhere', '--out', 'none.json'],
    /a file, a folder of text files, or a data set[^]*nowhere/,
  ],
  ['an unknown version', ['encode', 'newer.json', 'a'], /only version "1\.0"[^]*Received: "2\.0"/],
  ['something that is no tokenizer', ['encode', 'book.txt', 'a'], /must hold JSON/],
  ['a tokenizer that is not there', ['encode', 'missing.json', 'a'], /must be a file that can be read[^]*ENOENT/],
  ['a device, which never ends', ['encode', '/dev/zero', 'a'], /must be a file that can be read[^]*a pipe or a device/],
  [
    'texts of a device', ['train', '/dev/zero', '--vocabulary', '300', '--out', 'never.json'],
    /must be a file that can be read[^]*a pipe or a device/,
  ],
  ['a character that was never seen', ['encode', 'letters.json', 'abé'], /never seen[^]*"é" \(U\+00E9\)/],
  ['an id outside the vocabulary', ['decode', 'letters.json', '7'], /in the vocabulary, 0 \.\. 2\.[^]*Received: 7/],
  ['an id that is none', ['decode', 'letters.json', '1', 'x'], /Ids are whole numbers[^]*Received: x/],
  ['a text and a file', ['encode', 'letters.json', 'a', '--file', 'book.txt'], /not both/],
  [
    'a vocabulary below the bytes',
    ['train', 'book.txt', '--vocabulary', '10', '--out', 'none.json'],
    /257 \.\. 2097152[^]*Received: 10/,
  ],
])('%s', async (_, args, message, input) => {
  fs.mkdirSync(at('folder'), { recursive: true })
  const here = args.map(arg => (/\.(json|txt)$|^(folder|nowhere)$/.test(arg) ? at(arg) : arg))
  const failed = await run(here, input).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(failed).toBeInstanceOf(UserError)
  expect((failed as UserError).message).toMatch(message)
  expect(fs.existsSync(at('none.json'))).toBe(false)
})
