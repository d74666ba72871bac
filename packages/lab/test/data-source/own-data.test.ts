// A user's own data as a source: hashed tokens, division, checksums.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { textTable } from '../../src/own-data/experiments.ts'
import { fnv1a, hashText, words } from '../../src/own-data/hashed-tokens.ts'
import { parseSettings } from '../../src/experiment/experiment.ts'
import { changedSettings } from '../../src/runs/run-origin.ts'
import { runPaths } from '../../src/runs/run-folder.ts'
import { startRun } from '../../src/runs/stored-run.ts'
import { movedSettings, placesOf } from '../../src/data-source/node/moved-data.ts'
import { encodeSplit, keepSplit, splitArtifact } from '../../src/data-source/node/recorded-split.ts'
import type { OwnTrainingData } from '../../src/data-source/node/loaded-data.ts'
import { contentChecksum } from '../../src/data-source/node/own-training-data.ts'
import { loadSplit, loadTrainingData as loadAny } from '../../src/data-source/node/training-data.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

const loadTrainingData = loadAny as (...given: Parameters<typeof loadAny>) => Promise<OwnTrainingData>

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
  expect([...hashText('Not so bad', options)]).toEqual([
    token('not'),
    token('so'),
    token('bad'),
    token('not so'),
    token('so bad'),
    0,
  ])
  expect([...hashText('a b c d e f g', options)]).toEqual(['a', 'b', 'c', 'd', 'e', 'f'].map(token))
  expect([...hashText(' ', options)]).toEqual([0, 0, 0, 0, 0, 0])
})

describe('a table of texts', () => {
  const write = () => {
    const file = path.join(temporaryFolder(), 'mail.tsv')
    fs.writeFileSync(
      file,
      ['text\tlabel', ...Array.from({ length: 20 }, (_, i) => `text ${i}\t${i % 4 === 0 ? 'spam' : 'ham'}`), ''].join(
        '\n',
      ),
    )
    return file
  }

  test('is divided with the share of each class kept, and recorded with its checksum', async () => {
    const file = write()
    const data = await loadTrainingData(
      textTable,
      parseSettings(textTable, { data: file, maxTokens: 8, testShare: 0.25, validation: 0.2 }),
    )
    expect([data.train.length, data.validation?.length, data.test.length]).toEqual([12, 3, 5])
    expect(data.settings).toMatchObject({ data: file, classes: ['ham', 'spam'] })
    expect(data.train.columns['tokens']?.shape).toEqual([8])
    expect([...data.test.columns['labels']!.data].filter(label => label === 1)).toHaveLength(1)
    expect(data.checksums).toEqual({ 'own-data': expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  })

  test('says which of what judges a run stand among what it learns from', async () => {
    const file = write()
    const second = path.join(temporaryFolder(), 'second.tsv')
    const load = async (more: object) =>
      (await loadTrainingData(textTable, parseSettings(textTable, { data: file, maxTokens: 8, ...more }))).notes
    const about = 'measure memory, not learning'
    expect(await load({})).toEqual([])
    // One file twice, and another file of which two rows stand in the first, one with another label.
    expect(await load({ testData: file })).toEqual([
      `20 examples stand in both the training and the test part, all that it has: they ${about}`,
    ])
    fs.writeFileSync(second, 'text\tlabel\ntext 3\tham\ntext 4\tham\nnew\tspam\n')
    expect(await load({ testData: second, validation: 0.2 })).toEqual([
      expect.stringMatching(/^[12] examples? stands? in both the training and the test part, of the 3 that it has/),
    ])
    expect(await load({ testData: second })).toEqual([
      `2 examples stand in both the training and the test part, of the 3 that it has: they ${about}`,
    ])
    // A row that stands twice in one table may be on both sides of its split.
    fs.writeFileSync(second, ['text\tlabel', ...Array<string>(20).fill('same\tham\nsame too\tspam'), ''].join('\n'))
    expect(await load({ data: second })).toEqual([
      `8 examples stand in both the training and the test part, all that it has: they ${about}`,
    ])
  })

  test('in shared memory is the training part alone, and it holds the same numbers', async () => {
    const file = write()
    const isShared = ({
      columns,
    }: {
      readonly columns: Readonly<Record<string, { readonly data: { readonly buffer: unknown } }>>
    }) => columns['tokens']!.data.buffer instanceof SharedArrayBuffer
    for (const validation of [0, 0.2]) {
      const settings = parseSettings(textTable, { data: file, maxTokens: 8, validation })
      const [plain, shared] = [
        await loadTrainingData(textTable, settings),
        await loadTrainingData(textTable, settings, { shared: true }),
      ]
      expect([isShared(shared.train), isShared(shared.test), shared.validation && isShared(shared.validation)]).toEqual(
        [true, false, validation > 0 ? false : undefined],
      )
      expect([...shared.train.columns['tokens']!.data]).toEqual([...plain.train.columns['tokens']!.data])
      expect([shared.split, shared.checksums]).toEqual([plain.split, plain.checksums])
    }
  })

  test('the checksum follows the contents, not the place', async () => {
    const checksum = async (file: string) =>
      (await loadTrainingData(textTable, parseSettings(textTable, { data: file }))).checksums
    const file = write()
    const before = await checksum(file)
    const moved = path.join(temporaryFolder(), 'renamed.tsv')
    fs.renameSync(file, moved)
    expect(await checksum(moved)).toEqual(before)
    fs.writeFileSync(moved, fs.readFileSync(moved, 'utf8').replace('text 1\tham', 'text 1\tspam'))
    expect(await checksum(moved)).not.toEqual(before)
  })
})

describe('a run on own data', () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `text number ${from + i}\t${(from + i) % 4 === 0 ? 'spam' : 'ham'}`)
  const writeRows = (file: string, lines: readonly string[]) =>
    fs.writeFileSync(file, ['text\tlabel', ...lines, ''].join('\n'))
  const start = async (validation = 0, more: Readonly<Record<string, unknown>> = {}) => {
    const root = temporaryFolder()
    const file = path.join(root, 'mail.tsv')
    writeRows(file, rows(0, 40))
    const data = await loadTrainingData(
      textTable,
      parseSettings(textTable, { data: file, maxTokens: 8, testShare: 0.25, validation, ...more }),
    )
    const store = startRun({
      root: path.join(root, 'runs'),
      experiment: 'text-table',
      config: data.settings,
      seed: 1,
      provenance: noProvenance,
      data: data.checksums,
    })
    keepSplit(store, data.split)
    store.finish({ status: 'stopped', summary: {} })
    const { experiment, id, folder, record } = store
    return {
      file,
      data,
      of: { run: { experiment, id, folder }, record, experiment: textTable, settings: data.settings },
    }
  }
  const texts = (set: { readonly text?: Readonly<Record<string, readonly string[]>> }) => set.text?.['text']

  test('gives its splits again, in the same order', async () => {
    const { data, of } = await start(0.2)
    for (const split of ['train', 'test'] as const) {
      const { dataset, changes } = await loadSplit(of, split)
      expect([texts(dataset), changes]).toEqual([texts(data[split]), []])
      expect(dataset.columns).toEqual(data[split].columns)
    }
    expect((await loadSplit(of, 'validation')).dataset.length).toBe(6)
    await expect(loadSplit(of, 'other')).rejects.toThrow(/train, test and validation/)
    await expect(loadSplit((await start()).of, 'validation')).rejects.toThrow(/held out no validation set/)
    await expect(start(0.01)).rejects.toThrow(/must hold an example[^]*validation=0.01 of 30/)
  })

  test('validates on what it held out and on nothing else, whatever rows are gone', async () => {
    const { file, data, of } = await start(0.2)
    const before = { train: texts(data.train)!, validation: texts(data.validation!)!, test: texts(data.test)! }
    expect([before.train.length, before.validation.length, before.test.length]).toEqual([24, 6, 10])
    expect(new Set(Object.values(before).flat()).size).toBe(40)
    const gone = new Set([before.train[0], before.train[5], before.validation[1], before.test[2]])
    writeRows(file, rows(0, 40).filter(line => !gone.has(line.split('\t')[0])))
    for (const split of ['train', 'validation', 'test'] as const) {
      expect(texts((await loadSplit(of, split)).dataset)).toEqual(before[split].filter(text => !gone.has(text)))
    }
    const again = await loadTrainingData(textTable, of.settings, { of, resume: 'changed' })
    expect([texts(again.train), texts(again.validation!)]).toEqual(
      [before.train, before.validation].map(part => part.filter(text => !gone.has(text))),
    )
  })

  test('learns from the examples that trainExamples chose, and from no others when some are gone', async () => {
    const { file, data, of } = await start(0.2, { trainExamples: 20 })
    const [learned, held] = [texts(data.train)!, texts(data.validation!)!]
    expect([learned.length, held.length]).toEqual([16, 4])
    writeRows(file, rows(0, 40).filter(line => !line.startsWith(`${learned[3] ?? ''}\t`)))
    const again = await loadTrainingData(textTable, of.settings, { of, resume: 'changed' })
    expect([texts(again.train), texts(again.validation!)]).toEqual([learned.filter((_, k) => k !== 3), held])
  })

  test('of an older version, whose list has the validation part among the training examples, draws it again ' +
    'and says so', async () => {
    const { file, data, of } = await start(0.2)
    const { train = [], validation = [], test: tested = [] } = data.split!
    const order = new Map(rows(0, 40).map((line, k) => [line.split('\t')[0], k]))
    const names = [...texts(data.train)!, ...texts(data.validation!)!]
    const both = [...train, ...validation]
      .map((example, k) => ({ example, at: order.get(names[k])! }))
      .sort((a, b) => a.at - b.at)
    const bytes = encodeSplit({ train: both.map(({ example }) => example), test: tested })
    fs.writeFileSync(path.join(runPaths(of.run).artifacts, splitArtifact), bytes)
    const older = {
      ...of,
      record: {
        ...of.record,
        files: { ...of.record.files, [`artifacts/${splitArtifact}`]: createHash('sha256').update(bytes).digest('hex') },
      },
    }
    const { dataset, changes } = await loadSplit(older, 'validation')
    expect([texts(dataset), changes]).toEqual([texts(data.validation!), []])
    expect((await loadTrainingData(textTable, of.settings, { of: older, resume: 'same' })).train.length).toBe(30)
    writeRows(
      file,
      rows(0, 40).filter(line => !line.startsWith('text number 3\t')),
    )
    expect((await loadSplit(older, 'validation')).changes.map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(/drawn anew[^]*may have been trained on/),
    )
  })

  test('keeps every row in its part when rows are added, removed and moved, and says so', async () => {
    const { file, data, of } = await start()
    const before = { train: texts(data.train) ?? [], test: texts(data.test) ?? [] }
    // 20 new rows in front, the old ones backwards, three of them gone.
    const gone = new Set(['text number 3', 'text number 8', 'text number 39'])
    writeRows(file, [...rows(100, 120), ...rows(0, 40).reverse().filter(line => !gone.has(line.split('\t')[0] ?? ''))])
    for (const split of ['train', 'test'] as const) {
      const { dataset, changes } = await loadSplit(of, split)
      expect(texts(dataset)).toEqual(before[split].filter(text => !gone.has(text)))
      expect(changes.map(({ reason, count }) => [reason, count])).toEqual([['gone', 3], ['new, left out', 20]])
    }
    await expect(loadTrainingData(textTable, of.settings, { of, resume: 'same' })).rejects.toThrow(
      /data of the run have changed since[^]*3 gone, 20 new, left out[^]*--changed/,
    )
    const { train } = await loadTrainingData(textTable, of.settings, { of, resume: 'changed' })
    expect(texts(train)).toEqual(before.train.filter(text => !gone.has(text)))
  })

  test('a class that was added since is left out, and the numbers of the classes stay', async () => {
    const { file, data, of } = await start()
    writeRows(file, [...rows(0, 40), 'an advert\tadverts', 'another advert\tadverts'])
    const { dataset, changes } = await loadSplit(of, 'test')
    expect([texts(dataset), dataset.classes, [...dataset.columns['labels']!.data]]).toEqual([
      texts(data.test),
      ['ham', 'spam'],
      [...data.test.columns['labels']!.data],
    ])
    expect(changes).toEqual([{ reason: 'of classes that the run does not know, left out', count: 2, first: [] }])
  })

  test('whose list is damaged or gone is refused: nobody knows what was trained on', async () => {
    const { of } = await start()
    const file = path.join(runPaths(of.run).artifacts, splitArtifact)
    const bytes = fs.readFileSync(file)
    fs.writeFileSync(file, encodeSplit({ train: [], test: [] }))
    await expect(loadSplit(of, 'test')).rejects.toThrow(/was changed/)
    fs.rmSync(file)
    await expect(loadSplit(of, 'test')).rejects.toThrow(/is gone[^]*trained on/)
    fs.writeFileSync(file, bytes)
    await loadSplit(of, 'test')
  })

  test('with a second table is used where both were moved', async () => {
    const folder = temporaryFolder()
    const second = path.join(folder, 'second.tsv')
    writeRows(second, rows(40, 50))
    const { file, data, of } = await start(0, { testData: second })
    expect(placesOf(textTable, data.settings)).toEqual({ data: file, testData: second })
    const [movedFile, movedSecond] = [path.join(folder, 'a.tsv'), path.join(folder, 'b.tsv')]
    fs.renameSync(file, movedFile)
    fs.renameSync(second, movedSecond)
    const settings = movedSettings(textTable, of.settings, { data: movedFile, testData: movedSecond })
    const { dataset, changes } = await loadSplit({ ...of, settings }, 'test')
    expect([texts(dataset), changes]).toEqual([texts(data.test), []])
    await loadTrainingData(textTable, settings, { of, resume: 'same' })
    expect(changedSettings(of.settings as never, settings as never)).toEqual([])
    await expect(
      loadSplit({ ...of, settings: movedSettings(textTable, of.settings, { data: movedFile }) }, 'test'),
    ).rejects.toThrow(/testData[^]*does not exist[^]*--test-data/)
    const one = await start()
    expect(() => movedSettings(textTable, one.of.settings, { testData: movedSecond })).toThrow(/no second table/)
  })

  test.each([true, false])(
    'keeps the numbers that its classes had when they were put in another order (with a list of its split: %s)',
    async hasList => {
      const file = path.join(temporaryFolder(), 'mixed.tsv')
      const names = ['9', 'a', '10', 'b']
      writeRows(file, Array.from({ length: 40 }, (_, i) => `text ${i}\t${names[i % 4] ?? ''}`))
      // An earlier version compared two numbers by value and a number with a word by letters: 9 < 10 < a < 9.
      const given = { data: file, maxTokens: 8, testShare: 0.25, classes: names }
      const data = await loadTrainingData(textTable, parseSettings(textTable, given))
      expect(data.settings).toMatchObject({ classes: names })
      const root = temporaryFolder()
      const common = { root, experiment: 'text-table', seed: 1, provenance: noProvenance }
      const listed = { ...common, config: data.settings, data: data.checksums }
      const older = { ...common, config: data.settings, data: { [file]: await contentChecksum(file) } }
      const store = startRun(hasList ? listed : older)
      if (hasList) keepSplit(store, data.split)
      store.finish({ status: 'stopped', summary: {} })
      const of = { run: store, record: store.record }
      const again = await loadTrainingData(textTable, data.settings, { of, resume: 'same' })
      expect(again.settings).toMatchObject({ classes: names })
      for (const part of ['train', 'test'] as const) {
        expect(again[part].classes).toEqual(names)
        expect(again[part].text).toEqual(data[part].text)
        expect(again[part].columns['labels']).toEqual(data[part].columns['labels'])
        again[part].text?.['text']?.forEach((text, k) => {
          expect(again[part].columns['labels']?.data[k]).toBe(Number(text.slice('text '.length)) % 4)
        })
      }
    },
  )

  test('of an older version has its data by path, no list: unchanged data are used, changed ones refused', async () => {
    const { file, of } = await start()
    fs.rmSync(path.join(runPaths(of.run).artifacts, splitArtifact))
    const record = { ...of.record, data: { [file]: await contentChecksum(file) } }
    delete record.files
    const older = { ...of, record }
    expect((await loadSplit(older, 'test')).dataset.length).toBe(10)
    fs.appendFileSync(file, 'one more\tham\n')
    await expect(loadSplit(older, 'test')).rejects.toThrow(
      /have changed since[^]*does not say which of them it learned from/,
    )
    await expect(loadTrainingData(textTable, of.settings, { of: older, resume: 'same' })).rejects.toThrow(
      /data of the run have changed since/,
    )
    await loadTrainingData(textTable, of.settings, { of: older, resume: 'changed' })
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
