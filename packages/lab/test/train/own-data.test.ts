import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { textTable } from '../../src/own-data/experiments.ts'
import { fnv1a, hashText, words } from '../../src/own-data/hashed-tokens.ts'
import { parseSettings } from '../../src/experiment.ts'
import { contentChecksum, loadSplit, loadTrainingData } from '../../src/train/node/training-data.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

test('FNV-1a as published', () => {
  // Test vectors of the authors, http://www.isthe.com/chongo/src/fnv/test_fnv.c
  expect(['', 'a', 'b', 'foobar'].map(fnv1a)).toEqual([0x811c9dc5, 0xe40c292c, 0xe70c2de5, 0xbf9cf968])
})

test('words, numbers and marks of any script', () => {
  expect(words("It's 3.5 km — ÀÉ, Привет!")).toEqual(["it's", '3', '.', '5', 'km', '—', 'àé', ',', 'привет', '!'])
})

test('tokens: words first, then word groups, cut off and filled up', () => {
  const options = { buckets: 1000, ngrams: 2, maxTokens: 6 }
  const token = (text: string) => 1 + (fnv1a(text) % 1000)
  expect([...hashText('Not so bad', options)]).toEqual([token('not'), token('so'), token('bad'), token('not so'), token('so bad'), 0])
  expect([...hashText('a b c d e f g', options)]).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map(token))
  expect([...hashText(' ', options)]).toEqual([0, 0, 0, 0, 0, 0])
})

describe('a table of texts', () => {
  const write = () => {
    const file = path.join(temporaryFolder(), 'mail.tsv')
    fs.writeFileSync(file, ['text\tlabel', ...Array.from({ length: 20 }, (_, i) => `text ${i}\t${i % 4 === 0 ? 'spam' : 'ham'}`), ''].join('\n'))
    return file
  }

  test('is divided with the share of each class kept, and recorded with its checksum', async () => {
    const file = write()
    const data = await loadTrainingData(textTable, parseSettings(textTable, { data: file, maxTokens: 8, testShare: 0.25, validation: 0.2 }))
    expect([data.train.length, data.test.length]).toEqual([15, 5])
    expect(data.settings).toMatchObject({ data: file, classes: ['ham', 'spam'] })
    expect(data.train.columns['tokens']?.shape).toEqual([8])
    expect([...data.test.columns['labels']!.data].filter(label => label === 1)).toHaveLength(1)
    expect(data.checksums).toEqual({ [file]: await contentChecksum(file) })
    expect((await loadSplit(textTable, data.settings, 'validation')).length).toBe(3)
    await expect(loadSplit(textTable, data.settings, 'other')).rejects.toThrow(/train, test and validation/)
  })

  test('that changed is refused where its checksum was recorded', async () => {
    const file = write()
    const { settings, checksums } = await loadTrainingData(textTable, parseSettings(textTable, { data: file }))
    await loadTrainingData(textTable, settings, { recorded: checksums })
    fs.appendFileSync(file, 'one more\tham\n')
    await expect(loadTrainingData(textTable, settings, { recorded: checksums })).rejects.toThrow(/data of the run have changed since/)
  })
})

test('the checksum of a folder sees names and contents', async () => {
  const folder = temporaryFolder()
  fs.mkdirSync(path.join(folder, 'a'))
  fs.writeFileSync(path.join(folder, 'a', '1.png'), 'x')
  const before = await contentChecksum(folder)
  fs.writeFileSync(path.join(folder, '.hidden'), 'y')
  expect(await contentChecksum(folder)).toBe(before)
  fs.renameSync(path.join(folder, 'a', '1.png'), path.join(folder, 'a', '2.png'))
  expect(await contentChecksum(folder)).not.toBe(before)
})
