// Tasks that learn without steps: n-grams, naive Bayes and nearest neighbours beside numpy and scikit-learn, as runs.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLoader, foldIndices, foldSize, pythonShuffle, type Dataset } from '@ddlf/data'
import { loadDataset, locateEdition } from '@ddlf/data/node'
import { datasetCard, publishedSets } from '@ddlf/data'
import { characterTokenizer } from '@ddlf/data/tokenizers'
import { tensor } from '@ddlf/tensor'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  arrays,
  checkExport,
  evaluateModel,
  experiment,
  exportOnnx,
  memoryRunStore,
  NaiveBayes,
  naiveBayes,
  NearestNeighbours,
  nearestNeighbours,
  Ngram,
  ngramModel,
  parseSettings,
  publishedFolds,
  sampleText,
  stepGraph,
  textStream,
  train,
  trainedModel,
  trainingSettings,
  vocabularyOf,
  windowSettings,
  windowsOf,
  type Experiment,
  type MemoryRunStore,
  type TrainEvent,
} from '../../src/index.ts'
import { tableData } from '../../src/tasks/counting/naive-bayes.ts'

const golden = JSON.parse(readFileSync(new URL('golden/counting.json', import.meta.url), 'utf8')) as {
  bayes: { tokens: number[]; labels: number[]; probabilities: number[] }
  neighbours: { points: number[]; labels: number[]; votes: number[] }
  trigram: { stream: number[]; loss: number }
  shuffles: { length: number; seed: number; order: number[] }[]
  long: { length: number; seed: number; first: number[]; last: number[] }
}
const runtime = onnxNodeRuntime({ threads: 1 })

async function run(
  made: Experiment,
  parts: { readonly train: Dataset; readonly validation?: Dataset; readonly test?: Dataset },
  given: Readonly<Record<string, unknown>> = {},
  store: MemoryRunStore = memoryRunStore('made/1'),
) {
  const settings = parseSettings(made, given)
  const events: TrainEvent[] = []
  for await (const event of train({ experiment: made, settings, ...parts, runtime, store, createLoader }))
    events.push(event)
  return { settings, events, store }
}

/** Evaluated data of a run of arrays, by part. */
async function partsOf(source: ReturnType<typeof arrays>) {
  const io = {} as never
  return { train: await source.load!('train', {}, io), test: await source.load!('test', {}, io) }
}

describe('n-grams', () => {
  const stream = Int32Array.from(golden.trigram.stream)
  const made = experiment({
    name: 'trigram',
    title: 'Trigram',
    question: 'Are they counted?',
    data: textStream({ texts: { train: 'a', validation: 'b' }, tokenizer: { alphabet: 'abcde' } }),
    config: z.strictObject({
      ...trainingSettings.shape, ...windowSettings, order: z.number().default(3), smoothing: z.number().default(0.3),
    }),
    task: ngramModel(),
    model: ({ order }, form) => new Ngram(vocabularyOf(form), order),
  })
  const parts = {
    train: windowsOf('train', stream.subarray(0, 161), 4, 4),
    validation: windowsOf('held', stream.subarray(160), 4, 4),
  }

  it('have the loss that numpy counts, and are a run: one step, measured, kept, ended', async () => {
    const { events, store, settings } = await run(made, parts)
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'evaluation', 'checkpoint', 'done'])
    expect(events[0]).toMatchObject({ totalSteps: 1, flopPerStep: 0, splits: ['train', 'validation'] })
    const { loss } = (events[1] as { metrics: Record<string, Record<string, number>> }).metrics['validation']!
    expect(loss).toBeCloseTo(golden.trigram.loss, 6)
    expect(store.summary).toMatchObject({ chosenBy: 'validation', steps: 1, parameters: 5 + 25 + 125 })
    const model = trainedModel(made, settings, store.loadCheckpoint('last')!)
    expect((await evaluateModel(made, settings, model, parts.validation, runtime)).metrics['loss']).toBe(loss)
    const exported = { experiment: made, settings, model }
    expect(await checkExport(exported, exportOnnx(exported), { runtime, run: runOnnxModel })).toBeLessThan(1e-6)
  })
  it('say which chosen settings of steps change nothing', async () => {
    const start = async (given: Readonly<Record<string, unknown>>) => (await run(made, parts, given)).events[0]
    expect(await start({ epochs: 3, order: 2 })).toMatchObject({
      notes: ['without effect: epochs=3 (with no training steps)'],
    })
    expect(await start({ order: 2 })).toMatchObject({ notes: [] })
  })
  it('count a stream as one, whatever its windows', async () => {
    const losses = await Promise.all(
      [4, 1].map(async step => {
        const { events } = await run(made, { ...parts, train: windowsOf('train', stream.subarray(0, 161), 4, step) })
        return (events[1] as { metrics: Record<string, Record<string, number>> }).metrics['validation']!['loss']
      }),
    )
    expect(losses[0]).toBe(losses[1])
  })
  it('go on from a checkpoint as they were, and learn again without one', async () => {
    const first = await run(made, parts)
    const again = await run(
      made,
      parts,
      {},
      memoryRunStore('made/1', { resumeFrom: first.store.loadCheckpoint('last')! }),
    )
    expect(again.events.map(({ kind }) => kind)).toEqual(['start', 'done'])
    const timeless = ({ summary }: MemoryRunStore) => ({ ...summary, seconds: 0 })
    expect(timeless(again.store)).toEqual(timeless(first.store))
  })
  it('learn from nothing but what they count: weights of another run are refused', async () => {
    const settings = parseSettings(made)
    const start = { run: 'trigram/1', tensors: {}, averaged: false }
    const events: TrainEvent[] = []
    const store = memoryRunStore('made/1')
    const given = { experiment: made, settings, ...parts, runtime, store, createLoader, start }
    for await (const event of train(given)) events.push(event)
    const rule = expect.stringContaining('learns without steps') as string
    expect(events).toMatchObject([{ kind: 'failed', parts: { rule, received: 'trigram/1' } }])
  })
  it('write texts of their own, by the longest context there is', async () => {
    const text = 'abcabdabe'.repeat(20)
    const tokens = characterTokenizer('abcde').encode(text).ids
    const chain = { ...parts, train: windowsOf('train', tokens, 4, 4) }
    const { settings, store } = await run(made, chain, { order: 4, smoothing: 0.001 })
    const model = trainedModel(made, settings, store.loadCheckpoint('last')!)
    // After 'ab' anything may come; after 'cab' only a d.
    for (const [prompt, next] of [['cab', 'dabeabcabd'], ['abcabda', 'beabcabdab'], ['b', '']] as const) {
      let said = ''
      const options = { runtime, tokenizer: characterTokenizer('abcde'), prompts: [prompt], tokens: 10, temperature: 0 }
      for await (const [piece] of sampleText(
        { experiment: made, settings: { ...settings, blockSize: 32 } as never, model },
        options,
      ))
        said += piece!
      if (next !== '') expect(said).toBe(next)
      expect(text.includes(said.slice(3))).toBe(true)
    }
  })
  it('without smoothing refuse what was never seen, and tables that are too large', async () => {
    const { events } = await run(
      made,
      { ...parts, train: windowsOf('train', stream.subarray(0, 20), 4, 4) },
      { smoothing: 0 },
    )
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      parts: { next: expect.stringContaining('smoothing=1') as string },
    })
    expect(() => stepGraph(made, parseSettings(made))).toThrow(/trigram learns without steps of a graph[^]*--part forward/)
    expect(() => new Ngram(65, 5)).toThrow(/67108864 numbers at most[^]*65 tokens to the power of 5[^]*smaller order/)
  })
  it('judge more than a million tokens, and find the one that is impossible among them', async () => {
    // All tokens equally often: ln 5 nats a token, 1,931,325 in all.
    const long = Int32Array.from({ length: 1_200_001 }, (_, i) => i % 5)
    const windows = (stream: Int32Array) => windowsOf('made', stream, 1000, 1000)
    const given = { blockSize: 1000, smoothing: 0, order: 1 }
    const { store, events } = await run(made, { train: windows(long.subarray(1)), validation: windows(long) }, given)
    expect(events.at(-1)).toMatchObject({ kind: 'done' })
    expect(store.summary.metrics!['validation']!['loss']).toBeCloseTo(Math.log(5), 5)
    const four = long.map(id => id % 4)
    const strange = four.with(1_100_000, 4)
    const never = await run(made, { train: windows(four), validation: windows(strange) }, given)
    const received = 'smoothing=0, and 1 impossible of 1200000 tokens'
    expect(never.events.at(-1)).toMatchObject({ kind: 'failed', parts: { received } })
  })
  it("have makemore's losses over all names", async context => {
    if (!locateEdition(datasetCard('names'))) context.skip('the names are not on this machine: ddlf data pull names')
    const names = await loadDataset('names', { split: 'all' })
    const text = `.${names.text!['text']!.join('.')}.`
    const tokens = characterTokenizer('.abcdefghijklmnopqrstuvwxyz').encode(text).ids
    const all = windowsOf('names', tokens, 1, 1)
    const bigrams = { ...made, model: () => new Ngram(27, 2) }
    const [bare, smooth] = await Promise.all(
      [0, 1].map(async smoothing => {
        const { store } = await run(bigrams, { train: all, validation: all }, { blockSize: 1, smoothing })
        return store.summary.metrics!['validation'] as Record<string, number>
      }),
    )
    expect([all.length, bare!['loss']!.toFixed(6), smooth!['loss']!.toFixed(6)]).toEqual([
      228_146,
      '2.454014',
      '2.454577',
    ])
    const parts = await Promise.all(['train', 'validation', 'test'].map(split => loadDataset('names', { split })))
    expect(parts.map(({ length }) => length)).toEqual([25_626, 28_829 - 25_626, 32_033 - 28_829])
    expect(parts[0]!.text!['text']![0]).toBe('yuheng')
  })
})

describe('naive Bayes', () => {
  const { tokens, labels, probabilities } = golden.bayes
  const part = (from: number, to: number) => ({
    tokens: { data: Int32Array.from(tokens.slice(6 * from, 6 * to)), shape: [to - from, 6] },
    labels: { data: Int32Array.from(labels.slice(from, to)), shape: [to - from] },
  })
  const source = arrays('texts', { train: part(0, 30), test: part(30, 40), classes: ['a', 'b', 'c'] })
  const made = experiment({
    name: 'bayes',
    title: 'Bayes',
    question: 'Is it counted?',
    data: source,
    config: z.strictObject({ ...trainingSettings.shape, smoothing: z.number().default(0.5) }),
    task: naiveBayes(),
    model: () => new NaiveBayes(9, 3),
  })
  it("gives scikit-learn's probabilities, and keeps what its analyses ask for", async () => {
    const { store, settings } = await run(made, await partsOf(source))
    const model = trainedModel(made, settings, store.loadCheckpoint('best')!)
    const { test } = await partsOf(source)
    const { outputs, metrics } = await evaluateModel(made, settings, model, test, runtime)
    const logits = outputs['logits']!.data
    probabilities.forEach((expected, i) => {
      const row = Array.from(logits.slice(3 * Math.floor(i / 3), 3 * Math.floor(i / 3) + 3))
      const total = row.reduce((sum, value) => sum + Math.exp(value), 0)
      expect(Math.exp(logits[i]!) / total).toBeCloseTo(expected, 5)
    })
    expect(metrics).toEqual(store.summary.metrics!['test'])
    expect([...store.artifacts.keys()]).toEqual(['test-outputs.safetensors'])
  })
  it('that are no better than chance are told so, without a learning rate to lower', async () => {
    const { train: all, test } = await partsOf(source)
    // The same words in every text say nothing of its class.
    const same = { ...all.columns['tokens']!, data: new Int32Array(30 * 6).fill(1) }
    const blind = { ...all, columns: { ...all.columns, tokens: same } }
    const { events, store } = await run(made, { train: blind, test })
    expect(store.summary.advice).toMatch(/chance/)
    expect(store.summary.advice).not.toMatch(/learning rate|epochs|clipNorm/)
    expect(events.at(-1)).toMatchObject({ kind: 'done', advice: store.summary.advice })
  })
  it('that measure no number fail, and keep no best', async () => {
    const diverging = { ...made, task: { ...naiveBayes(), fit: { learn: (model: object) => {
      tableData((model as NaiveBayes).likelihood).fill(Number.NaN)
    } } } } as unknown as Experiment
    const { events, store } = await run(diverging, await partsOf(source))
    const { kind, parts } = events.at(-1) as { kind: string; parts: { rule: string; next: string } }
    expect([kind, parts.rule]).toEqual(['failed', expect.stringMatching(/no finite number/)])
    expect(parts.next).not.toMatch(/learning rate/)
    expect([store.status, store.loadCheckpoint('best')]).toEqual(['failed', undefined])
  })
  it('say which class has no training example, and stay finite', async () => {
    const { train: all, test } = await partsOf(source)
    const labels = { ...all.columns['labels']!, data: Int32Array.from(all.columns['labels']!.data, label => label % 2) }
    const { events, store } = await run(made, { train: { ...all, columns: { ...all.columns, labels } }, test })
    expect(events[0]).toMatchObject({ notes: ['no training example of the class c: nothing is learned of it'] })
    expect(Number.isFinite(store.summary.metrics!['test']!['loss'])).toBe(true)
    for (const { data } of Object.values(store.loadCheckpoint('last')!.tensors))
      expect(Array.from(data as Float32Array).every(Number.isFinite)).toBe(true)
  })
})

describe('nearest neighbours', () => {
  const { points, labels, votes } = golden.neighbours
  const part = (from: number, to: number) => ({
    images: { data: Float32Array.from(points.slice(4 * from, 4 * to)), shape: [to - from, 4] },
    labels: { data: Int32Array.from(labels.slice(from, to)), shape: [to - from] },
  })
  const source = arrays('points', { train: part(0, 45), test: part(45, 60), classes: ['a', 'b', 'c'] })
  const made = experiment({
    name: 'neighbours',
    title: 'Neighbours',
    question: 'Who is near?',
    data: source,
    config: z.strictObject({ ...trainingSettings.shape, k: z.number().default(5) }),
    task: nearestNeighbours(),
    model: ({ k, trainExamples }, { examples = 0 }) =>
      new NearestNeighbours({ examples: trainExamples || examples, features: 4, classes: 3, k }),
  })
  it("vote as scikit-learn's", async () => {
    const { store, settings } = await run(made, await partsOf(source))
    expect(Object.keys(store.summary.metrics!)).toEqual(['test'])
    const model = trainedModel(made, settings, store.loadCheckpoint('last')!)
    const logits = model.forward(tensor(Float32Array.from(points.slice(180)), { shape: [15, 4] })).toTypedArray()
    logits.forEach((value, i) => expect(Math.exp(value) * 6 - 1 / 3).toBeCloseTo(votes[i]! * 5, 4))
  })
  it('keep as many examples as there are, or say what to do', async () => {
    const some = await run(made, await partsOf(source), { trainExamples: 20 })
    expect(some.events.at(-1)).toMatchObject({ kind: 'done' })
    const { events } = await run(made, await partsOf(source), { validation: 0.2 })
    expect(events.at(-1)).toMatchObject({ kind: 'failed', parts: { received: '36 to learn from' } })
  })
})

describe('a published set in folds', () => {
  const cards = publishedSets.map(({ card }) => card)
  const { id, splits } = cards.find(card => card.splits.some(({ name }) => name === 'all'))!
  const length = splits.find(({ name }) => name === 'all')!.examples
  it.each([2, 3, 10])('of %i says of each how many examples are learned from', async folds => {
    const source = publishedFolds(id, { folds })
    const whole: Dataset = { name: id, length, columns: {} }
    const io = { shared: false, dataset: () => Promise.resolve(whole) } as never
    let tested = 0
    for (let fold = 0; fold < folds; fold++) {
      const settings = { fold, splitSeed: 1 }
      const [learned, held] = [await source.load!('train', settings, io), await source.load!('test', settings, io)]
      expect([source.form(settings).examples, learned.length + held.length]).toEqual([learned.length, length])
      tested += held.length
    }
    expect(tested).toBe(length)
    expect(() => source.form({ fold: folds, splitSeed: 1 })).toThrow(/fold must be a whole number from 0 to/)
  })
})

describe('splits', () => {
  it.each(golden.shuffles)("$length entries are shuffled as by Python's seed $seed", ({ length, seed, order }) => {
    expect([...pythonShuffle(length, seed)]).toEqual(order)
  })
  it('also many, and no other seeds than whole numbers', () => {
    const { length, seed, first, last } = golden.long
    const order = pythonShuffle(length, seed)
    expect([[...order.slice(0, 5)], [...order.slice(-5)]]).toEqual([first, last])
    expect(() => pythonShuffle(3, -1)).toThrow(/whole number[^]*-1/)
  })
  it('ten folds hold every example once, in equal numbers and with equal shares of the classes', () => {
    const labels = Int32Array.from({ length: 103 }, (_, i) => Number(i % 4 === 0))
    const dataset: Dataset = {
      name: 'made',
      length: 103,
      columns: { labels: { dtype: 'int32', shape: [], data: labels } },
    }
    const folds = foldIndices(dataset, { folds: 10, seed: 3, stratifyBy: 'labels' })
    expect(folds.flatMap(fold => [...fold]).sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, i) => i))
    for (const fold of folds) {
      expect([10, 11]).toContain(fold.length)
      expect([2, 3]).toContain(fold.reduce((sum, i) => sum + labels[i]!, 0))
    }
    // Of classes that do not come out even, the first folds still are those that hold one more.
    for (const length of [103, 178, 31]) {
      const of = Int32Array.from({ length }, (_, i) => (i * i) % 7)
      const uneven: Dataset = { name: 'made', length, columns: { labels: { dtype: 'int32', shape: [], data: of } } }
      const parts = foldIndices(uneven, { folds: 10, seed: 3, stratifyBy: 'labels' })
      expect(parts.map(fold => fold.length)).toEqual(parts.map((_, k) => foldSize(length, 10, k)))
      for (let label = 0; label < 7; label++) {
        const counts = parts.map(fold => fold.filter(i => of[i] === label).length)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }
    }
    expect(foldIndices(dataset, { folds: 10, seed: 4 })[0]).not.toEqual(foldIndices(dataset, { folds: 10, seed: 3 })[0])
    expect(() => foldIndices(dataset, { folds: 1, seed: 1 })).toThrow(/from 2 to 103/)
  })
})
