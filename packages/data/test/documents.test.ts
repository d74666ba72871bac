// A user's own texts: which files are documents, how they are divided, and what stands in two parts.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { intakeLine } from '../src/index.ts'
import { cutOf, divideDocuments, holdsTexts, openDataset, readDocuments } from '../src/node.ts'
import { cutPlace } from '../src/own/documents.ts'

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-texts-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), content)
  }
  return folder
}

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${String(i).padStart(2, '0')}.txt`, `text ${i}`]))
const division = { test: 0.1, validation: 0.2, seed: 1 }
const namesOf = (documents: readonly { readonly name: string }[] | undefined) => documents?.map(({ name }) => name)

describe('a folder', () => {
  it('is divided by document: each in one part, the same for the same seed', async () => {
    const listing = await readDocuments(
      folderOf({ ...many(20), 'notes.pdf': 'x', '.DS_Store': 'x', 'blank.md': ' \n' }),
    )
    expect(intakeLine(listing.intake)).toBe(
      '20 documents used, 2 left out: 1 without the ending of a text (notes.pdf), 1 blank (blank.md)',
    )
    const { parts } = divideDocuments(listing, division)
    const all = Object.values(parts).flatMap(documents => namesOf(documents as never) ?? [])
    expect([parts.train.length, parts.validation?.length, parts.test.length]).toEqual([14, 4, 2])
    expect(all.sort()).toEqual(Object.keys(many(20)))
    expect(divideDocuments(listing, division)).toEqual(divideDocuments(listing, division))
    expect(namesOf(divideDocuments(listing, { ...division, seed: 2 }).parts.test)).not.toEqual(namesOf(parts.test))
    // Where no test part is asked for, there is none.
    const trained = divideDocuments(listing, { ...division, test: 0 }).parts
    expect([trained.train.length, trained.validation?.length, trained.test.length]).toEqual([16, 4, 0])
    // However few there are, something is held out.
    const two = divideDocuments(await readDocuments(folderOf(many(2))), { ...division, validation: 0 }).parts
    expect([two.train.length, two.test.length]).toEqual([1, 1])
  })
  it('is read with its links, and what is not read is said with its reason', async () => {
    const elsewhere = folderOf({ 'other.txt': 'two', 'sub/more.txt': 'three' })
    const folder = folderOf({ 'a.txt': 'one', '.x.txt': 'hidden', 'notes.pdf': 'x', '__MACOSX/a.txt': 'x' })
    const link = (to: string, name: string) => { fs.symlinkSync(to, path.join(folder, name)) }
    link(path.join(elsewhere, 'other.txt'), 'b.txt')
    link('a.txt', 'again.txt')
    link('b.txt', 'c.txt')
    link('gone.txt', 'lost.txt')
    link('round.txt', 'round.txt')
    link(path.join(elsewhere, 'sub'), 'sub')
    const { parts, intake } = await readDocuments(folder)
    expect(parts.all).toEqual([{ name: 'a.txt', text: 'one' }, { name: 'b.txt', text: 'two' }])
    expect(intake.leftOut).toEqual(expect.arrayContaining([
      { reason: 'hidden', count: 1, first: ['.x.txt'] },
      { reason: 'without the ending of a text', count: 1, first: ['notes.pdf'] },
      { reason: 'link to a text that is read already', count: 2, first: ['again.txt', 'c.txt'] },
      { reason: 'broken link', count: 2, first: ['lost.txt', 'round.txt'] },
      { reason: 'link to a folder, which is not followed', count: 1, first: ['sub'] },
    ]))
    expect([intake.used, intake.leftOut.length]).toEqual([2, 5])
    expect(holdsTexts(folder)).toBe(true)
  })
  it('that is divided already stays so', async () => {
    const folder = folderOf({
      'train/a.txt': 'one',
      'Train/sub/b.md': 'two',
      'dev/c.txt': 'three',
      'test/d.txt': 'four',
    })
    fs.writeFileSync(path.join(folder, 'stray.txt'), 'five')
    const listing = await readDocuments(folder)
    const { parts, intake } = divideDocuments(listing, division)
    expect(namesOf(parts.train)?.sort()).toEqual(['Train/sub/b.md', 'train/a.txt'])
    expect([namesOf(parts.validation), namesOf(parts.test)]).toEqual([['dev/c.txt'], ['test/d.txt']])
    expect(intakeLine(intake)).toMatch(/1 left out: 1 outside the folders train, validation and test \(stray.txt\)/)
  })
  it('of training texts alone, or without validation texts, has as many held out as were asked for', async () => {
    const below = (part: string, count: number) =>
      Object.fromEntries(Object.entries(many(count)).map(([name, text]) => [`${part}/${name}`, `${part} ${text}`]))
    const sizes = async (files: Readonly<Record<string, string>>) => {
      const { parts } = divideDocuments(await readDocuments(folderOf(files)), division)
      return [parts.train.length, parts.validation?.length, parts.test.length]
    }
    expect(await sizes({ ...below('train', 10), ...below('test', 3) })).toEqual([8, 2, 3])
    expect(await sizes(below('train', 20))).toEqual([14, 4, 2])
    expect(await sizes({ ...below('train', 10), ...below('dev', 3) })).toEqual([9, 3, 1])
    // A single text to train on is cut.
    const cut = divideDocuments(
      await readDocuments(folderOf({ 'train/a.txt': 'A line of text.\n'.repeat(50), 'test/b.txt': 'other' })), division,
    ).parts
    expect([namesOf(cut.train), namesOf(cut.validation), namesOf(cut.test)]).toEqual([
      ['train/a.txt (from 0)'], ['train/a.txt (from 640)'], ['test/b.txt'],
    ])
  })
  it('is told from one of pictures, and opened as a data set', async () => {
    const folder = folderOf(many(10))
    expect([holdsTexts(folder), holdsTexts(folderOf({ 'cat/1.png': '', 'notes.txt': 'x' }))]).toEqual([true, false])
    const all = await openDataset(folder, { split: 'all' })
    expect([all.length, all.text?.['file']?.[3], all.text?.['text']?.[3]]).toEqual([10, 't03.txt', 'text 3'])
    expect((await openDataset(folder, { split: 'test' })).length).toBe(1)
    await expect(openDataset(folder, { split: 'other' })).rejects.toThrow(/no part named 'other'[^]*all, train/)
  })
})

describe('what stands in two parts', () => {
  it('is left out of the held-out part where it is a whole document, and counted where it is a line', async () => {
    const line = 'A line that is long enough to be no accident at all.'
    const folder = folderOf({
      'train/a.txt': `One.\n${line}\n`, 'train/b.txt': 'Two.', 'test/c.txt': 'Two.\n', 'test/d.txt': `${line}\nFour.`,
    })
    const { parts, intake } = divideDocuments(await readDocuments(folder), { ...division, validation: 0 })
    expect(namesOf(parts.test)).toEqual(['test/d.txt'])
    expect(intakeLine(intake)).toBe(
      '3 documents used, 1 left out: 1 in the training part too, left out of test (test/c.txt); ' +
        'of 1 held-out lines of at least 40 characters, 1 stand in the training part too',
    )
    fs.mkdirSync(path.join(folder, 'dev'))
    fs.writeFileSync(path.join(folder, 'dev/e.txt'), 'Five.')
    fs.writeFileSync(path.join(folder, 'test/f.txt'), 'Five.\n')
    const validated = divideDocuments(await readDocuments(folder), division)
    const { validation, test } = validated.parts
    expect([namesOf(validation), namesOf(test)]).toEqual([['dev/e.txt'], ['test/d.txt']])
    expect(intakeLine(validated.intake)).toMatch(/1 in the validation part too, left out of test \(test\/f.txt\)/)
    const whole = { ...division, validation: 0 }
    const repeated = { train: [{ name: 'a', text: 'x' }], test: [{ name: 'b', text: 'x ' }] }
    expect(() => divideDocuments({ parts: repeated, intake }, whole))
      .toThrow(/test part of the texts must hold a document[^]*1 of them in two parts/)
    const copies = [{ name: 'a', text: 'x' }, { name: 'c', text: 'y' }]
    const copied = { train: copies, validation: copies, test: [{ name: 'b', text: 'z' }] }
    expect(() => divideDocuments({ parts: copied, intake }, division)).toThrow(
      /validation part of the texts must hold a document/,
    )
  })
})

describe('a single text', () => {
  it('is cut near an empty line: nothing is lost, and its end is held out', async () => {
    const book = Array.from({ length: 40 }, (_, i) => `Chapter ${i}. It was a night.\nAnd a day.`).join('\n\n')
    const file = path.join(folderOf({ 'book.txt': book }), 'book.txt')
    const { parts } = divideDocuments(await readDocuments(file), division)
    const pieces = [parts.train, parts.validation ?? [], parts.test].flat()
    expect(pieces.map(({ text }) => text).join('')).toBe(book)
    const [middle, end] = [parts.train[0]!.text.length, book.length - parts.test[0]!.text.length]
    expect(namesOf(pieces)).toEqual(['book.txt (from 0)', `book.txt (from ${middle})`, `book.txt (from ${end})`])
    for (const { text } of pieces.slice(1)) expect(text).toMatch(/^Chapter/)
    expect(parts.test[0]!.text.length / book.length).toBeCloseTo(0.1, 1)
  })
  it('is cut again where it was, also beside others and where it has grown; not where its end is gone', () => {
    const text = 'One line of it.\n'.repeat(100)
    const intake = { unit: 'documents', used: 1, leftOut: [], notes: [] } as never
    const first = divideDocuments({ parts: { all: [{ name: 'a.txt', text }] }, intake }, division).parts
    const names = { train: namesOf(first.train), validation: namesOf(first.validation), test: namesOf(first.test) }
    const cut = cutOf(names)!
    const [middle, end] = [first.train[0]!.text.length, 1600 - first.test[0]!.text.length]
    expect(cut).toEqual({ name: 'a.txt', validation: middle, test: end })
    expect(cutOf({ train: ['a.txt'], test: ['b.txt'] })).toBeUndefined()
    const again = (all: readonly { name: string; text: string }[]) =>
      divideDocuments({ parts: { all }, intake }, { ...division, cut }).parts
    const grown = again([{ name: 'a.txt', text: `${text}More.` }, { name: 'b.txt', text: 'Other.' }])
    expect([grown.train[0], grown.validation]).toEqual([first.train[0], first.validation])
    expect(grown.test[0]).toEqual({ ...first.test[0], text: `${first.test[0]!.text}More.` })
    expect(() => again([{ name: 'a.txt', text: text.slice(0, 1000) }])).toThrow(
      /judged on what lies behind[^]*a.txt of 1000 characters, cut at 14\d\d/,
    )
  })
  it('is never cut within a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 2 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (text, share) => {
          const place = cutPlace(text, share)
          expect([text.slice(0, place), text.slice(place)].some(piece => /\p{Surrogate}/u.test(piece))).toBe(false)
        },
      ),
    )
  })
})

it('what is no text is refused, and nothing is guessed', async () => {
  const folder = folderOf({ 'bad.txt': Uint8Array.of(0x61, 0xff, 0xfe), 'empty.txt': '', 'sub/x.bin': 'x' })
  await expect(readDocuments(path.join(folder, 'bad.txt'))).rejects.toThrow(
    /bad.txt must hold text in UTF-8[^]*at 1: ff fe/,
  )
  const wide = (text: string) => Buffer.from(text, 'utf16le')
  const wides = folderOf({
    'marked.txt': wide('\ufeffOnce'),
    'han.txt': wide('\ufeff海'),
    'bare.txt': wide('Once upon'),
    'big.txt': wide('Ab').swap16(),
  })
  const encodings = { marked: 'UTF-16LE', han: 'UTF-16LE', bare: 'UTF-16LE', big: 'UTF-16BE' }
  for (const [name, encoding] of Object.entries(encodings)) {
    await expect(readDocuments(path.join(wides, `${name}.txt`))).rejects.toThrow(
      new RegExp(`must hold text in UTF-8[^]*as in ${encoding}[^]*iconv -f ${encoding} -t UTF-8$`),
    )
  }
  const odd = folderOf({
    'cut.txt': Buffer.from('\u00e9caf\u00e9').subarray(0, 6),
    'latin.txt': Buffer.from('caf\u00e9', 'latin1'),
    'picture.txt': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d),
  })
  const advice = { cut: 'within a character: copy it again', latin: 'iconv -f WINDOWS-1252', picture: 'not look like' }
  for (const [name, next] of Object.entries(advice))
    await expect(readDocuments(path.join(odd, `${name}.txt`))).rejects.toThrow(next)
  const blank = folderOf({ 'a.txt': ' \n', 'b.txt': '' })
  await expect(readDocuments(blank)).rejects.toThrow(/2 files with nothing but blanks/)
  await expect(readDocuments(path.join(blank, 'a.txt'))).rejects.toThrow(/a file with nothing but blanks/)
  await expect(readDocuments(path.join(folder, 'empty.txt'))).rejects.toThrow(/must hold text[^]*an empty file/)
  await expect(readDocuments(path.join(folder, 'sub'))).rejects.toThrow(
    /\.txt, \.text, \.md or \.markdown[^]*none among 1 files/,
  )
  await expect(readDocuments(path.join(folder, 'gone'))).rejects.toThrow(/does not exist/)
})
