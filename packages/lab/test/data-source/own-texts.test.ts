// A user's own texts as the data of a run: divided by document, encoded by a tokenizer that the run keeps.
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { examplesOf } from '@ddlf/data'
import { tokenizerFromJson, trainTokenizer } from '@ddlf/data/tokenizers'
import { Embedding, Linear, Sequential } from '@ddlf/nn'
import { z } from 'zod'
import {
  experiment,
  languageModel,
  ownData,
  ownTextSettings,
  parseSettings,
  trainingSettings,
  vocabularyOf,
} from '../../src/index.ts'
import { loadSplit, loadTrainingData, runTokenizer } from '../../src/node.ts'
import { keepSplit } from '../../src/data-source/node/recorded-split.ts'
import { keepArtifacts } from '../../src/data-source/node/run-artifacts.ts'
import { startRun } from '../../src/runs/stored-run.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

const made = experiment({
  name: 'own-text',
  title: 'Own text',
  question: 'Is it read?',
  data: ownData('texts', 'your text', ({ blockSize }: { readonly blockSize: number }) => ({
    tokens: { dtype: 'int32', shape: [blockSize] },
    targets: { dtype: 'int32', shape: [blockSize] },
  })),
  config: z.strictObject({ ...trainingSettings.shape, ...ownTextSettings }),
  task: languageModel(),
  model: (_, form) => new Sequential(new Embedding(vocabularyOf(form), 4), new Linear(4, vocabularyOf(form))),
})

const BOOK = Array.from({ length: 30 }, (_, i) => `Chapter ${i} of the tale, in which nothing happened.`).join('\n\n')

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text)
  return folder
}

const load = (data: string, given: Readonly<Record<string, unknown>> = {}) =>
  loadTrainingData(made, parseSettings(made, { data, blockSize: 16, ...given }))
type Loaded = Awaited<ReturnType<typeof load>>

const textOf = ({ artifacts }: Pick<Loaded, 'artifacts'>, set: Loaded['train'] | undefined) => {
  const { data } = set!.columns['tokens']!
  return tokenizerFromJson(artifacts!['tokenizer.json']).decode(data)
}

it('how far a long text is read is told while a tokenizer is learned, and while it becomes tokens', async () => {
  const sentence = 'a tale in which nothing happened, twice. '
  const folder = folderOf({ 'long.txt': sentence.repeat(20_000) })
  const heard: Record<string, { done: number; total: number }[]> = {}
  const settings = parseSettings(made, { data: folder, blockSize: 16, tokenizer: 'bpe', vocabularySize: 270 })
  const loaded = await loadTrainingData(made, settings, {
    onItems: ({ items, ...far }) => void (heard[items] ??= []).push(far),
  })
  expect(textOf(loaded, loaded.train) + textOf(loaded, loaded.test)).toBe(sentence.repeat(20_000))
  // What is learned piece by piece is what is learned of the whole.
  const whole = trainTokenizer([textOf(loaded, loaded.train)], { vocabularySize: 270 })
  expect(loaded.artifacts!['tokenizer.json']).toBe(whole.toJson())
  const trained = sentence.length * 18_000
  for (const items of ['characters, to learn a tokenizer', 'characters as tokens']) {
    const ofTraining = heard[items]!.filter(({ total }) => total === trained)
    expect(ofTraining.length).toBeGreaterThan(1)
    expect(ofTraining.at(-1)!.done).toBe(trained)
  }
})

/** A run on data that were loaded, kept as a training keeps it. */
function runOn(data: Loaded) {
  const root = temporaryFolder()
  const { settings: config, checksums } = data
  const store = startRun({ root, experiment: made.name, config, seed: 1, provenance: noProvenance, data: checksums })
  keepSplit(store, data.split)
  keepArtifacts(store, data.artifacts)
  store.finish({ status: 'stopped', summary: {} })
  const { experiment: name, id, folder, record } = store
  return { name: store.name, run: { experiment: name, id, folder }, record, experiment: made, settings: config }
}

describe('a book', () => {
  it('is one stream of characters whose end is held out; the vocabulary is in the settings', async () => {
    const file = path.join(folderOf({ 'book.txt': BOOK }), 'book.txt')
    const data = await load(file, { validation: 0.2 })
    expect(data.settings).toMatchObject({ vocabulary: new Set(BOOK).size, data: file })
    const parts = [data.train, data.validation, data.test].map(set => textOf(data, set))
    // Of every part the last token is only predicted.
    expect(parts.map(text => BOOK.includes(text))).toEqual([true, true, true])
    expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(BOOK.length)
    expect(data.test!.columns['tokens']!.step).toBe(16)
    expect(data.notes).toEqual([`a vocabulary of ${new Set(BOOK).size} characters`])
    expect(made.model(data.settings)).toBeInstanceOf(Sequential)
  })
  it('by byte pairs is learned from the training part alone, with no more tokens than were asked for', async () => {
    const data = await load(folderOf({ 'a.txt': BOOK, 'b.txt': `${BOOK}x`, 'c.txt': 'a zebra! '.repeat(9) }), {
      tokenizer: 'bpe', vocabularySize: 300, splitSeed: 1, testShare: 0.3,
    })
    expect((data.settings as unknown as { vocabulary: number }).vocabulary).toBeLessThanOrEqual(300)
    const held = data.split!['test']!.map(({ name }) => name)
    const learned = tokenizerFromJson(data.artifacts!['tokenizer.json'])
    expect(learned.idOf('Ġzebra') === undefined).toBe(held.includes('c.txt'))
    // Texts end with the token for it.
    expect(textOf(data, data.train).split('<|endoftext|>').length).toBe(3)
  })
  it('by the tokenizer of a run that it begins from is said to be of its tokens', async () => {
    const file = path.join(folderOf({ 'book.txt': BOOK }), 'book.txt')
    const tokenizer = trainTokenizer([BOOK], { kind: 'bpe', vocabularySize: 270 }).toJson()
    const { notes } = await loadTrainingData(made, parseSettings(made, { data: file, blockSize: 16 }), { tokenizer })
    expect(notes).toEqual(['a vocabulary of 270 tokens of the tokenizer that was kept'])
  })
  it('can be read by a tokenizer in a file, and what that one cannot spell is named with its file', async () => {
    const folder = folderOf({ 'a.txt': BOOK, 'b.txt': `${BOOK} à` })
    const tokenizer = path.join(temporaryFolder(), 'tokenizer.json')
    fs.writeFileSync(tokenizer, trainTokenizer([BOOK], { kind: 'characters' }).toJson())
    await expect(load(folder, { tokenizer })).rejects.toThrow(/never seen[^]*"à"[^]* in b.txt[^]*bpe spells every text/)
    const data = await load(path.join(folder, 'a.txt'), { tokenizer })
    expect(data.artifacts!['tokenizer.json']).toBe(fs.readFileSync(tokenizer, 'utf8'))
    await expect(load(folder, { tokenizer: 'gone.json' })).rejects.toThrow(
      /characters[^]*gone.json, which does not exist/,
    )
    await expect(load(path.join(folder, 'a.txt'), { blockSize: 5000 })).rejects.toThrow(
      /blockSize=5000 a text needs at least 5001 tokens in each[^]*a\.txt of \d+ characters[^]*about 50010/,
    )
    const short = folderOf({ 'few.txt': 'hello world!\n', 'more.txt': `${'some words '.repeat(20)}end` })
    await expect(load(path.join(short, 'few.txt'), { blockSize: 64, validation: 0 })).rejects.toThrow(
      /at least 65 tokens[^]*few\.txt of 13 characters, of which the test part[^]*about 1\n[^]*about 650 characters/,
    )
    await expect(load(path.join(short, 'more.txt'), { blockSize: 64, validation: 0 })).rejects.toThrow(
      /at least 65 tokens[^]*\d\d tokens in the test part \(testShare=0\.1\)[^]*testShare\)[^]*--set blockSize=\d\d$/,
    )
    await expect(load(path.join(short, 'few.txt'), { blockSize: 1, validation: 0, testShare: 0.01 })).rejects.toThrow(
      /its test part must hold more than blanks[^]*few\.txt of 13 characters/,
    )
    await expect(load('')).rejects.toThrow(/needs data of your own[^]*--data <text file/)
  })
})

describe('a run', () => {
  it('reads its own tokenizer and its own division again, whatever was added since', async () => {
    const texts = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.txt`, `${BOOK} ${'abcdefghij'[i]}`]))
    const folder = folderOf(texts)
    const data = await load(folder)
    const run = runOn(data)
    fs.writeFileSync(path.join(folder, 'new.txt'), 'A new text with new signs: #%$'.repeat(20))
    for (const split of ['train', 'test'] as const) {
      const { dataset, changes } = await loadSplit(run, split)
      expect([...dataset.columns['tokens']!.data]).toEqual([...data[split]!.columns['tokens']!.data])
      expect(changes).toEqual([{ reason: 'new, left out', count: 1, first: ['new.txt'] }])
    }
    const tokenizer = await runTokenizer(run)
    expect(tokenizer.toJson()).toBe(data.artifacts!['tokenizer.json'])
    expect(() => tokenizer.encode('#')).toThrow(/never seen/)
    const again = { of: run, resume: 'same' as const }
    await expect(loadTrainingData(made, run.settings, again)).rejects.toThrow(/have changed since[^]*1 new, left out/)
    const { test } = await loadTrainingData(made, run.settings, { ...again, resume: 'changed' })
    expect(examplesOf(test!.columns['tokens']!, 0, 1)).toEqual(examplesOf(data.test!.columns['tokens']!, 0, 1))
  })
  it('on a single text judges only what lies behind its own cut, however long the text is now', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `Line ${i} of the book, and nothing else happens in it.\n`)
    const file = path.join(folderOf({ 'book.txt': lines.join('') }), 'book.txt')
    const given = { validation: 0.1, tokenizer: 'characters' }
    const run = runOn(await load(file, given))
    const whole = await load(file, given)
    // Cut to 700 lines, all that is left was trained on.
    fs.writeFileSync(file, lines.slice(0, 700).join(''))
    await expect(loadSplit(run, 'test')).rejects.toThrow(
      /judged on what lies behind[^]*cut at \d+[^]*Put the text back/,
    )
    // Pushed behind the cut by a preface, the same.
    fs.writeFileSync(file, lines.slice(0, 300).join('') + lines.slice(0, 950).join(''))
    await expect(loadSplit(run, 'test')).rejects.toThrow(/beginning must be as it was[^]*book.txt/)
    // What was written on since is judged with the old end.
    fs.writeFileSync(file, `${lines.join('')}${'Line 99 of the book goes on. '.repeat(40)}`)
    const { dataset, changes } = await loadSplit(run, 'test')
    const first = [expect.stringMatching(/^book.txt \(from \d+\)$/)]
    expect(changes).toEqual([{ reason: 'with other contents', count: 1, first }])
    const text = textOf(whole, dataset)
    const trained = textOf(whole, (await loadSplit(run, 'train')).dataset)
    expect(text).toMatch(/^Line 9\d\d of the book/)
    expect(text).toContain('Line 99 of the book goes on.')
    expect(trained).not.toContain(text.slice(0, 200))
    expect(lines.join('').startsWith(trained)).toBe(true)
  })
  it('on folders of parts holds documents out to choose by, not windows, and lists them', async () => {
    const folder = folderOf({})
    for (const [part, count] of [['train', 10], ['test', 2]] as const) {
      fs.mkdirSync(path.join(folder, part))
      for (let i = 0; i < count; i++) fs.writeFileSync(path.join(folder, part, `${i}.txt`), `${part} ${i}. ${BOOK}`)
    }
    const data = await load(folder, { validation: 0.2 })
    expect(Object.entries(data.split!).map(([part, { length }]) => [part, length])).toEqual([
      ['train', 8], ['test', 2], ['validation', 2],
    ])
    expect(textOf(data, data.validation)).toMatch(/^train \d/)
  })
  it('whose tokenizer was changed or is gone refuses to guess', async () => {
    const run = runOn(await load(path.join(folderOf({ 'book.txt': BOOK }), 'book.txt')))
    const file = path.join(run.run.folder, 'artifacts', 'tokenizer.json')
    fs.appendFileSync(file, ' ')
    await expect(runTokenizer(run)).rejects.toThrow(/tokenizer.json of the run was changed/)
    fs.rmSync(file)
    await expect(loadSplit(run, 'test')).rejects.toThrow(/tokenizer.json of the run is gone/)
  })
})
