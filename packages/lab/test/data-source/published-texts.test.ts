// Published texts as numbers: which words are known, how runs of words count, what a mail says, folds by the seed.
import { expect, it } from 'vitest'
import { columnOf, exampleOf, type Dataset } from '@ddlf/data'
import { z } from 'zod'
import { publishedTexts, textEncoder, textSettings, wordsOf, type DataIo, type TextSettings } from '../../src/index.ts'

const schema = z.strictObject({ ...textSettings, seed: z.number().default(1) })
const settingsOf = (given: Partial<TextSettings> = {}) => schema.parse({ texts: 'sst2', ...given })

const setOf = (texts: readonly string[], labels: readonly number[]): Dataset => ({
  name: 'made',
  length: texts.length,
  columns: { labels: { dtype: 'int32', shape: [], data: Int32Array.from(labels) } },
  text: { text: texts },
})

/** What a source may ask for, of sets by id and split. */
function ioOf(sets: Readonly<Record<string, Dataset>>) {
  const kept: Record<string, string> = {}
  const io: DataIo = {
    shared: false,
    dataset: (id, split) => Promise.resolve(sets[`${id}/${split}`]!),
    texts: () => { throw new Error('no files') },
    artifact: async (name, make) => (kept[name] ??= await make()),
  }
  return { io, kept }
}

const good = ['A good film, a GOOD film', 'good']
const sst2 = { 'sst2/train': setOf(good, [1, 1]), 'sst2/test': setOf(['a bad film', ''], [0, 0]) }

const tokensOf = (set: Dataset) =>
  Array.from({ length: set.length }, (_, i) => Array.from(exampleOf(columnOf(set, 'tokens'), i)))

async function read(given: Partial<TextSettings>, part: 'train' | 'test', others = false) {
  const { io, kept } = ioOf(sst2)
  const source = publishedTexts({ others })
  const found = await source.settle!(settingsOf(given), io)
  return { set: await source.load!(part, settingsOf(given), io), found, kept }
}

it('numbers words by how often they stand in what is learned from, and leaves the others out', async () => {
  const { set, found, kept } = await read({}, 'train')
  expect(JSON.parse(kept['vocabulary.json']!)).toEqual(['good', 'a', 'film', ','])
  expect(found).toEqual({ vocabulary: 4 })
  expect(tokensOf(set)).toEqual([[2, 1, 3, 4, 2, 1, 3], [1]])
  expect(tokensOf((await read({}, 'test')).set)).toEqual([[2, 3], []])
})

it('says where no word stands often enough', async () => {
  for (const others of [false, true])
    await expect(read({ minCount: 50 }, 'train', others)).rejects.toThrow(
      /No word stands 50 times in the training texts[^]*minCount=50[^]*--set minCount=/,
    )
  expect((await read({ minCount: 50, ngrams: 2, buckets: 10 }, 'train')).found).toEqual({ vocabulary: 10 })
})

it('gives the others a token where their place counts, and an empty text one too', async () => {
  const { set, found } = await read({ vocabularySize: 3 }, 'test', true)
  expect(found).toEqual({ vocabulary: 4 })
  expect(tokensOf(set)).toEqual([[3, 1, 4], [1]])
})

it('knows runs of words, or hashes them behind the vocabulary', async () => {
  const { kept, set } = await read({ ngrams: 2, minCount: 2 }, 'train')
  expect(JSON.parse(kept['vocabulary.json']!)).toEqual(['good', 'a', 'a good', 'film', 'good film'])
  expect(tokensOf(set)[0]).toEqual([2, 1, 4, 2, 1, 4, 3, 5, 3, 5])
  const hashed = await read({ ngrams: 2, buckets: 10 }, 'train')
  expect(hashed.found).toEqual({ vocabulary: 14 })
  const [first] = tokensOf(hashed.set)
  expect(first!.slice(0, 7)).toEqual([2, 1, 3, 4, 2, 1, 3])
  expect(first!.slice(7).every(token => token > 4 && token <= 14)).toBe(true)
  // "a good" stands twice.
  expect(first![7]).toBe(first![11])
})

it("reads a text of the user's with the words that its run keeps, filled up", async () => {
  const { kept } = await read({ maxTokens: 6 }, 'train', true)
  const { textForm } = publishedTexts({ others: true })
  const form = await textForm!(settingsOf({ maxTokens: 6 }), name => kept[name])
  expect(Array.from(form.read('A good plot'))).toEqual([3, 2, 1, 0, 0, 0])
})

it('cuts texts, and counts a token once where that is asked for', () => {
  expect(wordsOf('Well-made: 8/10!<br />Go', settingsOf())).toEqual(['well-made', ':', '8/10', '!', 'go'])
  const letters = wordsOf('Well-made: 8/10', settingsOf({ cut: 'letters' }))
  expect(letters).toEqual(['well', '-', 'made', ':', '8', '/', '10'])
  expect(wordsOf(good[0]!, settingsOf({ maxTokens: 2 }))).toEqual(['a', 'good'])
  expect(wordsOf(good[0]!, settingsOf({ maxTokens: 2, keep: 'last' }))).toEqual(['good', 'film'])
  const known = textEncoder(['a', 'good'], settingsOf({ repeats: 'once' }), false)
  expect(Array.from(known.encode(good[0]!))).toEqual([1, 2])
})

it('reads the subject and the body of a mail, or its whole way', () => {
  const mail = 'Received: from a\nSubject: Win\n now\nTo: b\n\nHello'
  const spam = settingsOf({ texts: 'spam-assassin' })
  expect(wordsOf(mail, spam)).toEqual(['win', 'now', 'hello'])
  expect(wordsOf(mail, { ...spam, mail: 'whole' })).toContain('received')
})

it('holds out a fold a seed, so that ten seeds test on every text once', async () => {
  const texts = Array.from({ length: 40 }, (_, i) => `word${i}`)
  const { io } = ioOf({ 'mr/all': setOf(texts, texts.map((_, i) => i % 2)) })
  const source = publishedTexts()
  const held: string[] = []
  for (let seed = 1; seed <= 10; seed++) {
    const settings = settingsOf({ texts: 'mr', seed } as never)
    const [train, test] = await Promise.all([source.load!('train', settings, io), source.load!('test', settings, io)])
    expect([train.length, test.length]).toEqual([36, 4])
    expect(train.text!['text']!.filter(text => test.text!['text']!.includes(text))).toEqual([])
    held.push(...test.text!['text']!)
  }
  expect(held.toSorted()).toEqual(texts.toSorted())
})

it('tests on another set with the same classes, and refuses one with others', async () => {
  const { io } = ioOf({ ...sst2, 'mr/all': setOf(['film', 'bad'], [1, 0]) })
  const source = publishedTexts()
  const test = await source.load!('test', settingsOf({ testedOn: 'mr' }), io)
  expect(tokensOf(test)).toEqual([[3], []])
  await expect(source.load!('test', settingsOf({ testedOn: 'trec' }), io)).rejects.toThrow(/tell the same classes/)
})
