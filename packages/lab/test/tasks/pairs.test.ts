// Pairs of sequences: what a source makes of texts, how what is written is judged, and a training that learns to copy.
import { describe, expect, it } from 'vitest'
import { createLoader, examplesOf, writtenTokens, type Dataset } from '@ddlf/data'
import { Embedding, GRU, Linear } from '@ddlf/nn'
import { argmax, cast, greater, sum, unsqueeze, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  experiment, memoryRunStore, pairs, pairSettings, pairSource, pairTaskSettings, parseSettings, train, trainingSettings,
  vocabularyOf, type DataIo, type PairModel, type PairTexts, type TrainEvent,
} from '../../src/index.ts'
import { judgePairs } from '../../src/tasks/pairs/judge-pairs.ts'
import { waysOfWriting } from '../../src/tasks/pairs/pair-settings.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const io: DataIo = {
  shared: false,
  dataset: id => Promise.reject(new Error(`no set ${id} is asked for`)),
  texts: () => {
    throw new Error('No file is read.')
  },
  artifact: (_, make) => make(),
}
const listed = (set: Dataset, name: string) =>
  Array.from({ length: set.length }, (_, i) => Array.from(examplesOf(set.columns[name]!, i, i + 1)))
const settings = { longest: 6, labelSmoothing: 0, beams: [1], lengthPenalty: 1, penalties: [], byLength: 0 }

it('what is listed twice is written once', () => {
  const waysOf = (beams: number[], penalties: number[] = []) => waysOfWriting({ ...settings, beams, penalties })
  expect(waysOf([2, 2])).toEqual(waysOf([2]))
  expect(waysOf([1, 4, 1, 4], [0, 2, 0])).toEqual(waysOf([1, 4], [0, 2]))
})

describe('a source of pairs', () => {
  const texts: PairTexts = { sources: ['ab', 'c'], targets: [['X Y', 'Y'], ['Z']] }
  const source = pairSource({
    name: 'toy', parts: ['train', 'test'], source: 'characters', target: 'blanks', texts: () => texts,
  })
  it('learns from every target, judges each source once, and ends all sequences', async () => {
    expect(await source.settle!(settings, io)).toEqual({ vocabulary: 10 })
    const learned = await source.load!('train', settings, io)
    // Behind the four tokens that every vocabulary has: X Y Z a b c.
    expect(listed(learned, 'source')).toEqual([[7, 8, 2], [7, 8, 2], [9, 2]])
    expect(listed(learned, 'target')).toEqual([[4, 5, 2], [5, 2], [6, 2]])
    const judged = await source.load!('test', settings, io)
    expect(judged.text).toEqual({ source: ['ab', 'c'], target: ['X Y\nY', 'Z'] })
    expect(writtenTokens(judged.writing!, [4, 5])).toBe('X Y')
  })
  it('cuts what judges, leaves out what is too long to learn from, and says so where nothing is left', async () => {
    const longest = 2
    expect(listed(await source.load!('test', { longest }, io), 'source')).toEqual([[7, 2], [9, 2]])
    expect(listed(await source.load!('train', { longest }, io), 'target')).toEqual([[6, 2]])
    await expect(source.load!('train', { longest: 1 }, io)).rejects.toThrow(/No pair of toy\/train[^]*--set longest=4/)
  })
  it('gives each side a vocabulary of its own, and what is rare the token of the unknown', async () => {
    const kept: Record<string, string> = {}
    const own: DataIo = { ...io, artifact: async (name, make) => (kept[name] ??= await make()) }
    const said: PairTexts = { sources: ['du da', 'da ja'], targets: [['you there'], ['there there yes']] }
    const both = pairSource<{ longest: number; minFrequency: number }>({
      name: 'said', parts: ['train'], source: 'blanks', target: 'blanks', apart: true, texts: () => said,
    })
    const [often, all] = [{ longest: 6, minFrequency: 2 }, { longest: 6, minFrequency: 1 }]
    expect(await both.settle!(often, own)).toEqual({ vocabulary: 5, sourceVocabulary: 5 })
    expect(Object.values(kept)).toEqual(['{"source":["da"],"target":["there"]}'])
    const learned = await both.load!('train', often, own)
    expect(listed(learned, 'source')).toEqual([[3, 4, 2], [4, 3, 2]])
    expect(listed(learned, 'target')).toEqual([[3, 4, 2], [4, 4, 3, 2]])
    // What is written for it counts as a word where it is judged.
    expect(writtenTokens(learned.writing!, [3, 4])).toBe('<unk> there')
    expect(await both.settle!(all, io)).toEqual({ vocabulary: 7, sourceVocabulary: 7 })
    const form = await both.textForm!(often, name => kept[name])
    expect(form.told).toMatch(/entry i of its list in vocabulary\.json, .* found less than 2 times is in none/)
    expect(Array.from(form.read('da da'))).toEqual([4, 4, 2, 0, 0, 0])
    expect(() => form.read('du da')).toThrow(/never shown some words[^]*never seen: "du"/)
    expect(() => pairSource({ name: 'x', parts: ['train'], source: 'subwords', target: 'subwords', apart: true,
      texts: () => said })).toThrow(/of one vocabulary/)
  })
  it('writes what a person asks as its sources are written', async () => {
    const kept: Record<string, string> = {}
    const own: DataIo = { ...io, artifact: async (name, make) => (kept[name] ??= await make()) }
    const small = pairSource<{ longest: number; capital: string }>({
      name: 'small', parts: ['train'], source: 'characters', target: 'characters',
      texts: () => ({ sources: ['ab'], targets: [['b']] }),
      asked: (text, { capital }) => text.replace(capital, capital.toLowerCase()),
    })
    const settings = { longest: 4, capital: 'B' }
    await small.load!('train', settings, own)
    const form = await small.textForm!(settings, name => kept[name])
    expect(Array.from(form.read('aB'))).toEqual(Array.from(form.read('ab')))
    expect(() => form.read('Ab')).toThrow(/never seen: "A"/)
  })
  it('writes subwords back as they were read, whatever their bytes', async () => {
    const sentences = ['zwei Männer – grün', 'zwei Männer', 'grün, grün']
    const words = pairSource<{ longest: number; subwords: number }>({
      name: 'words', parts: ['train'], source: 'subwords', target: 'subwords',
      texts: () => ({ sources: sentences, targets: sentences.map(text => [text]) }),
    })
    const set = await words.load!('train', { longest: 40, subwords: 300 }, io)
    expect(listed(set, 'target').map(tokens => writtenTokens(set.writing!, tokens))).toEqual(sentences)
  })
})

describe('what is written is judged', () => {
  const writing = { pieces: ['', '', '', '', 'a', 'b', 'c'], between: ' ' }
  const dataset = {
    name: 'toy', length: 3, columns: { source: { dtype: 'int32', shape: [], data: new Int32Array(9),
      offsets: Int32Array.from([0, 2, 5, 9]) } },
    text: { source: ['x', 'xy', 'xyz'], target: ['a b\nc', 'a b', 'b b'] }, writing,
  } satisfies Dataset
  const written = (rows: readonly (readonly number[])[]) =>
    ({ written: { data: Float32Array.from(rows.flat()), shape: [1, 3] } })
  const outputs = written([[6, 2, 2], [4, 6, 2], [5, 5, 2]])
  it('by the share that is exactly right, and by edits to the nearest of what counts as right', () => {
    // c is right; "a c" instead of "a b": one edit; the references have 1, 2 and 2 tokens.
    expect(judgePairs(outputs, dataset, settings, 'exact')).toEqual({ error: 1 / 3, tokenError: 1 / 5 })
  })
  it('by BLEU, with all that counts as right as references', () => {
    const long = { ...dataset, length: 1, text: { source: ['x'], target: ['a b c a'] } }
    const right = { written: { data: Float32Array.of(4, 5, 6, 4), shape: [1, 4] } }
    expect(judgePairs(right, long, settings, 'bleu')['bleu']).toBeCloseTo(100, 8)
  })
  it('by BLEU of words that are cut already, where that is asked for', () => {
    const marks = { ...writing, pieces: ['', '', '', '<unk>', 'a', 'b', '.'] }
    const one = { ...dataset, length: 1, writing: marks, text: { source: ['x'], target: ['a b a b z'] } }
    const wrote = { written: { data: Float32Array.of(4, 5, 4, 5, 3), shape: [1, 5] } }
    // 4 of 5 words, 3 of 4, 2 of 3, 1 of 2; mteval's rules cut <unk> into three.
    const product = (4 / 5) * (3 / 4) * (2 / 3) * (1 / 2)
    expect(judgePairs(wrote, one, settings, 'bleu', 'none')['bleu']).toBeCloseTo(100 * product ** 0.25, 8)
    expect(judgePairs(wrote, one, settings, 'bleu')['bleu']).toBeLessThan(60)
  })
  it('and the best checkpoint is chosen by what decides, or by the loss', () => {
    expect(pairs({ judgedBy: 'bleu' }).monitor.name).toBe('bleu')
    expect(pairs({ judgedBy: 'bleu', chosenBy: 'loss' }).monitor.name).toBe('loss')
  })
  it('where the data do not say how tokens are written, that is told', () => {
    const { name, length, columns, text } = dataset
    const silent = { name, length, columns, text }
    expect(() => judgePairs(outputs, silent, settings, 'exact')).toThrow(/pairSource/)
  })
})

/** The last state of the source begins the target. */
class Copier implements PairModel {
  readonly tokens: Embedding
  readonly encoder = new GRU(16, 24, { batchFirst: true })
  readonly decoder = new GRU(16, 24, { batchFirst: true })
  readonly logits: Linear
  constructor(vocabulary: number) {
    this.tokens = new Embedding(vocabulary, 16, { paddingIndex: 0 })
    this.logits = new Linear(24, vocabulary)
  }
  encode(source: Tensor): readonly Tensor[] {
    const lengths = sum(cast(greater(source, 0), 'int32'), { axes: 1 })
    const { hidden } = this.encoder.forward(this.tokens.forward(source), { lengths })
    return [hidden.reshape([source.shape[0]!, 24])]
  }
  decode(tokens: Tensor, [state]: readonly Tensor[]) {
    const { output } = this.decoder.forward(this.tokens.forward(tokens), { hidden: unsqueeze(state!, 0) })
    return { logits: this.logits.forward(output) }
  }
  forward(source: Tensor): Tensor {
    return argmax(this.decode(source, this.encode(source)).logits)
  }
}

it('a training learns to copy, and is judged by what it writes in every way that is asked for', async () => {
  const words = ['a', 'b', 'ab', 'ba', 'aa', 'bb']
  const copies = experiment({
    name: 'copies',
    title: 'Copies',
    question: 'Does it learn to copy?',
    data: pairSource({
      name: 'words', parts: ['train', 'test'], source: 'characters', target: 'characters',
      texts: part => {
        const sources = part === 'train' ? Array.from({ length: 30 }, () => words).flat() : words
        return { sources, targets: sources.map(word => [word]) }
      },
    }),
    config: z.strictObject({ ...trainingSettings.shape, ...pairSettings, ...pairTaskSettings }),
    task: pairs(),
    model: (_, form) => new Copier(vocabularyOf(form)),
  })
  const data = copies.data as unknown as ReturnType<typeof pairSource>
  const given = {
    epochs: 5, batchSize: 18, learningRate: 0.02, optimizer: 'adam', longest: 4, beams: [1, 2], penalties: [0],
    byLength: 1,
  }
  const asked = parseSettings(copies, { ...given, ...(await data.settle!({ longest: 4 }, io)) })
  const [learned, test] = [await data.load!('train', { longest: 4 }, io), await data.load!('test', { longest: 4 }, io)]
  const parts = { train: learned, test }
  const events: TrainEvent[] = []
  const store = memoryRunStore('copies/1')
  for await (const event of train({ experiment: copies, settings: asked, ...parts, runtime, store, createLoader }))
    events.push(event)
  expect(events.at(-1)).toMatchObject({ kind: 'done' })
  const [between, last] = events.filter(event => event.kind === 'evaluation').slice(-2)
  expect(Object.keys(between!.metrics['test']!).sort()).toEqual(
    ['error', 'forcedError', 'loss', 'perplexity', 'tokenError'],
  )
  expect(Object.keys(last!.metrics['test']!)).not.toContain('free/3')
  expect(last!.metrics['test']).toMatchObject({ 'error': 0, 'tokenError': 0, 'beam/1': 0, 'beam/2': 0, 'penalty/0': 0 })
})
