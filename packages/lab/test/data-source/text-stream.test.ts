// Text as data: windows over one stream, tokenizers that a run keeps, and how much memory a long text takes.
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { examplesOf, subset, type Dataset } from '@ddlf/data'
import { createPrefetchingLoader } from '@ddlf/data/node'
import { tokenizerFromJson, trainTokenizer } from '@ddlf/data/tokenizers'
import { Embedding, Linear, Sequential } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  evaluateModel,
  experiment,
  languageModel,
  memoryRunStore,
  parseSettings,
  textStream,
  train,
  trainingSettings,
  vocabularyOf,
  windowSettings,
  windowsOf,
  type DataIo,
  type DataSource,
  type TokenizerChoice,
  type TrainEvent,
  type WindowSettings,
} from '../../src/index.ts'
import { loadTrainingData } from '../../src/node.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

vi.setConfig({ testTimeout: 120_000 })
const runtime = onnxNodeRuntime({ threads: 1 })

/** Files in memory, several texts in a folder each in parts, and what was kept. */
function memoryIo(files: Readonly<Record<string, string | readonly (readonly string[])[]>>, shared = false) {
  const kept: Record<string, string> = {}
  const io: DataIo = {
    shared,
    dataset: id => Promise.reject(new Error(`no set ${id} is asked for`)),
    // eslint-disable-next-line @typescript-eslint/require-await -- the contract is an async iterable
    async *texts(file) {
      const content = files[file] ?? ''
      for (const parts of typeof content === 'string' ? [[content]] : content)
        for (const [i, text] of parts.entries()) yield { text, ends: i === parts.length - 1 }
    },
    artifact: async (name, make) => (kept[name] ??= await make()),
  }
  return { io, kept }
}

const texts = { 'a.txt': 'the cat sat on the mat. '.repeat(20), 'b.txt': 'the rat sat on the hat! '.repeat(3) }
const sourceOf = (tokenizer: TokenizerChoice) =>
  textStream({ texts: { train: 'a.txt', validation: 'b.txt' }, tokenizer })
const settings: WindowSettings = { blockSize: 8, windows: 'overlapping' }

describe('a text is a stream of tokens', () => {
  it('whose windows begin at every token or side by side, and where each token follows the one before', async () => {
    const source = sourceOf({ learn: { kind: 'characters' } })
    const { io, kept } = memoryIo(texts, true)
    const found = { ...settings, ...(await source.settle!(settings, io)) }
    const tokenizer = tokenizerFromJson(kept['tokenizer.json'])
    // Characters of all parts: what only the held-out text has can be judged.
    expect([found.vocabulary, source.form(found).vocabulary]).toEqual([13, tokenizer.vocabularySize])
    expect(source.form(settings).vocabulary).toBeUndefined()
    const whole = await source.load!('train', found, io)
    const { tokens, targets } = whole.columns as Record<'tokens' | 'targets', Dataset['columns'][string]>
    expect([whole.length, tokens.data.buffer === targets.data.buffer]).toEqual([480 - 8, true])
    expect(tokens.data.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(tokenizer.decode(examplesOf(tokens, 4, 5))).toBe('cat sat ')
    expect(tokenizer.decode(examplesOf(targets, 4, 5))).toBe('at sat o')
    const apart = await source.load!('train', { ...found, windows: 'contiguous' }, io)
    expect([apart.length, tokenizer.decode(examplesOf(apart.columns['tokens']!, 0, apart.length))]).toEqual([
      59, texts['a.txt'].slice(0, 59 * 8),
    ])
    const held = await source.load!('validation', found, io)
    expect([held.length, tokenizer.decode(examplesOf(held.columns['targets']!, 0, 2))]).toEqual([
      8, texts['b.txt'].slice(1, 17),
    ])
  })
  it('by a tokenizer that is learned from what is trained on alone, and kept', async () => {
    const source = sourceOf({ learn: { kind: 'bpe', vocabularySize: 265 } })
    const { io, kept } = memoryIo(texts)
    const found = { ...settings, ...(await source.settle!(settings, io)) }
    const tokenizer = tokenizerFromJson(kept['tokenizer.json'])
    expect([found.vocabulary, tokenizer.model, tokenizer.idOf('!')]).toEqual([265, 'BPE', tokenizer.idOf('!')])
    // A merge of the held-out text alone was never learned.
    expect([tokenizer.idOf('Ġcat') ?? tokenizer.idOf('at'), tokenizer.idOf('Ġhat')]).toEqual([
      expect.any(Number),
      undefined,
    ])
    const again = memoryIo({ ...texts, 'a.txt': 'something else entirely, but long enough' })
    again.kept['tokenizer.json'] = kept['tokenizer.json'] as string
    expect(await source.settle!(settings, again.io)).toEqual({ vocabulary: 265 })
  })
  it('or by one in a file; what is no tokenizer, or of another version, is refused', async () => {
    const json = sourceOf({ alphabet: 'the casonm.r!' })
    const first = memoryIo(texts)
    await json.settle!(settings, first.io)
    const source = sourceOf({ file: 'tokenizer.json' })
    const there = memoryIo({ ...texts, 'tokenizer.json': first.kept['tokenizer.json'] as string })
    expect(await source.settle!(settings, there.io)).toEqual({ vocabulary: 13 })
    const newer = memoryIo({ ...texts, 'tokenizer.json': '{"version":"2.0","model":{}}' })
    await expect(source.settle!(settings, newer.io)).rejects.toThrow(/only version "1.0"[^]*"2.0"/)
    await expect(sourceOf({ alphabet: 'the' }).load!('train', settings, memoryIo(texts).io)).rejects.toThrow(
      /never seen[^]*" "/,
    )
  })
  it('with too few tokens for a window says how many it has', async () => {
    const source = sourceOf({ learn: { kind: 'characters' } })
    await expect(source.load!('validation', { ...settings, blockSize: 72 }, memoryIo(texts).io)).rejects.toThrow(
      /blockSize=72 a text needs at least 73 tokens[^]*72 tokens of b.txt[^]*--set blockSize=71$/,
    )
    await expect(source.load!('train', settings, memoryIo({ 'a.txt': '', 'b.txt': '' }).io)).rejects.toThrow(/text/)
  })
})

it('a learned vocabulary must have a place among the settings', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'a.txt')
  fs.writeFileSync(file, texts['a.txt'])
  const forgetful = experiment({
    name: 'forgetful',
    title: 'Forgetful',
    question: 'Does it say so?',
    data: textStream({ texts: { train: file }, tokenizer: { learn: { kind: 'words' } } }),
    config: z.strictObject({ ...trainingSettings.shape, ...windowSettings }),
    task: languageModel(),
    model: (_, form) => new Embedding(vocabularyOf(form), 4),
  })
  await expect(loadTrainingData(forgetful, parseSettings(forgetful))).rejects.toThrow(
    /forgetful without the setting vocabulary[^]*Add it to its config: vocabulary/,
  )
})

/** A model of two matrices: what remains of the memory is the data's. */
const experimentOn = (name: string, data: DataSource<WindowSettings>) =>
  experiment({
    name,
    title: 'Long',
    question: 'Does a long text fit?',
    data,
    config: z.strictObject({ ...trainingSettings.shape, ...windowSettings, vocabulary: z.number().default(0) }),
    task: languageModel(),
    model: (_, form) => new Sequential(new Embedding(vocabularyOf(form), 4), new Linear(4, vocabularyOf(form))),
  })
const learn = { kind: 'characters' } as const
const made = experimentOn('long', textStream({ texts: { train: 'a.txt' }, tokenizer: { learn } }))

/** A tokenizer of the letters a, b, a blank and a line break, with what a test gives it beside. */
const tokenizerOf = (changes: (json: Record<string, unknown> & { model: Record<string, unknown> }) => void) => {
  const json = JSON.parse(trainTokenizer(['ab \n'], { kind: 'characters' }).toJson()) as Parameters<typeof changes>[0]
  json.model['vocab'] = { a: 0, b: 1, ' ': 2, '\n': 3, 'a ': 4, 'a b': 5 }
  changes(json)
  return JSON.stringify(json)
}

describe('several texts', () => {
  const idsOf = async (content: readonly (readonly string[])[], json: string, separator?: string) => {
    const given = { texts: { train: 'folder' }, tokenizer: { file: 'tokenizer.json' } }
    const source = textStream({ ...given, ...(separator !== undefined && { separator }) })
    const { io } = memoryIo({ folder: content, 'tokenizer.json': json })
    const found = { blockSize: 1, ...(await source.settle!({ blockSize: 1 }, io)) }
    return [...(await source.load!('train', found, io)).columns['tokens']!.data]
  }
  const plain = tokenizerOf(() => undefined)
  it('of a folder are apart by an empty line, or by what was asked for', async () => {
    expect(await idsOf([['a'], ['b'], ['a']], plain)).toEqual([0, 3, 3, 1, 3, 3, 0])
    expect(await idsOf([['ab'], ['b']], plain, ' ')).toEqual([2, 0, 1, 2, 1, 2])
    expect(await idsOf([['a', 'b'], ['b']], plain, ' ')).toEqual([2, 0, 1, 2, 1, 2])
  })
  it('have separators without the special tokens that the tokenizer adds around texts', async () => {
    const special = tokenizerOf(json => {
      const start = { SpecialToken: { id: '<s>', type_id: 0 } }
      const sequence = (id: string) => ({ Sequence: { id, type_id: 0 } })
      const how = { single_word: false, lstrip: false, rstrip: false, normalized: false }
      json['added_tokens'] = [{ id: 6, content: '<s>', special: true, ...how }]
      json['post_processor'] = {
        type: 'TemplateProcessing', single: [start, sequence('A')], pair: [start, sequence('A'), sequence('B')],
        special_tokens: { '<s>': { id: '<s>', ids: [6], tokens: ['<s>'] } },
      }
    })
    expect([...tokenizerFromJson(special).encode(' ').ids]).toEqual([6, 2])
    expect(await idsOf([['a'], ['b']], special, ' ')).toEqual([2, 0, 2, 1, 2])
  })
  it('in parts have the ids of the whole text, also by a tokenizer that looks beyond a blank', async () => {
    const joining = tokenizerOf(json => {
      json.model['merges'] = [['a', ' '], ['a ', 'b']]
      json['pre_tokenizer'] = null
    })
    const tokenizer = tokenizerFromJson(joining)
    expect([tokenizer.encodesInParts, [...tokenizer.encode('aa ba b').ids]]).toEqual([false, [0, 5, 5]])
    expect(await idsOf([['aa', ' ba', ' b'], ['b']], joining)).toEqual([0, 5, 5, 3, 3, 1])
  })
})

describe('a run that begins from another', () => {
  const other = trainTokenizer([texts['a.txt']], { kind: 'bpe', vocabularySize: 265 }).toJson()
  const load = async (tokenizer: TokenizerChoice) => {
    const file = path.join(temporaryFolder(), 'a.txt')
    fs.writeFileSync(file, texts['a.txt'])
    const begun = experimentOn('begun', textStream({ texts: { train: file }, tokenizer }))
    const data = await loadTrainingData(begun, parseSettings(begun, {}), { tokenizer: other })
    const { vocabulary } = data.settings as unknown as { vocabulary: number }
    return [data.artifacts!['tokenizer.json'] === other, vocabulary, ...(data.notes ?? [])]
  }
  it('goes on with its tokenizer only where one is learned: an alphabet of its own stays', async () => {
    expect(await load({ learn: { kind: 'bpe' } })).toEqual([true, 265])
    expect(await load({ alphabet: 'the casonm.' })).toEqual([
      false, 0, expect.stringMatching(/^has another tokenizer than the run that it starts from/),
    ])
  })
  it('and one that keeps more tokens than its model knows is refused', async () => {
    const { io, kept } = memoryIo(texts)
    kept['tokenizer.json'] = other
    await expect(sourceOf({ alphabet: 'the casonm.r!' }).load!('train', settings, io)).rejects.toThrow(
      /no more tokens than its model knows[^]*265 tokens, and a vocabulary of 13/,
    )
  })
})

describe('memory', () => {
  it('a stream of 100 million tokens is trained on, held out of and chosen from without being copied', async () => {
    // Pages that nobody writes take no memory: only copies do.
    const stream = new Int32Array(new SharedArrayBuffer(4e8))
    const windows = windowsOf('long', stream, 64, 1)
    const given = {
      vocabulary: 100,
      steps: 8,
      evaluateEvery: 4,
      sampling: 'replacement',
      batchSize: 4,
      validation: 0.000001,
      learningRate: 0.01,
    }
    const run = async (data: Dataset, validation?: Dataset) => {
      const before = process.memoryUsage().rss
      const events: TrainEvent[] = []
      for await (const event of train({
        experiment: made,
        settings: parseSettings(made, validation ? { ...given, validation: 0 } : given),
        train: data,
        ...(validation && { validation }),
        runtime,
        store: memoryRunStore('long/1'),
        createLoader: createPrefetchingLoader,
      }))
        events.push(event)
      const last = events.at(-1)
      expect(last, JSON.stringify(last)).toMatchObject({ kind: 'done', status: 'completed', step: 8 })
      return process.memoryUsage().rss - before
    }
    expect(await run(windows)).toBeLessThan(300e6)
    const chosen = subset(windows, Int32Array.from({ length: 1000 }, (_, i) => i * 90_000), true)
    expect(chosen.columns['tokens']!.data.buffer).toBe(stream.buffer)
    expect(await run(chosen, windowsOf('held', stream.subarray(0, 1000), 64, 64))).toBeLessThan(300e6)
  })
  it('an evaluation at the vocabulary of GPT-2 holds the logits of a few windows, not of all', async () => {
    const chosen = parseSettings(made, { vocabulary: 50_257 })
    const data = windowsOf('held', new Int32Array(8001), 64, 64)
    const before = process.memoryUsage().rss
    const { metrics } = await evaluateModel(made, chosen, made.model(chosen), data, runtime)
    expect(metrics['loss']).toBeGreaterThan(5)
    // All logits at once would take 1.6 GB.
    expect(process.memoryUsage().rss - before).toBeLessThan(1.1e9)
  })
})
