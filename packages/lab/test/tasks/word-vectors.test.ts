// Vectors of words: the quick loops beside the plain ones, a step beside the gradient of the loss, what is drawn and
// left out, a run from a text to its figures, analogies.
import { describe, expect, it } from 'vitest'
import { createLoader, type Column, type Dataset } from '@ddlf/data'
import { differentiate, mul, reshape, slice, sum, tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { permutation, randomKey, uniforms } from '@ddlf/tensor/random'
import { z } from 'zod'
import {
  analyzeRun, answerAnalogies, characterNgramSettings, corpusSettings, experiment, keptShare, knownWords,
  memoryRunStore, NegativeSampling, negativeSamplingLoss, ngramBuckets, ngramVectors, parseSettings, plainWords, train,
  trainedModel, trainingSettings, vocabularyOf, wordCorpus, wordVector, WordVectors, wordVectors, wordVectorSettings,
  wordsArtifact, type Checkpoint, type DataIo, type KnownWords, type NegativeSamplingOptions, type TrainEvent,
} from '../../src/index.ts'
import { DrawnWords, quickDraw } from '../../src/tasks/word-vectors/drawn-words.ts'
import { plainKernel, vectorKernel } from '../../src/tasks/word-vectors/vector-kernel.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const SIZE = 8
const ROW = 4 * SIZE
const judge = (score: number, k: number) => (k === 0 ? 1 : 0) - 1 / (1 + Math.exp(-score))

/** A memory with 4 rows looked from, 4 looked for, a row for the step, and a list of words. */
const at = { output: 4 * ROW, back: 8 * ROW, list: 9 * ROW, end: 9 * ROW + 16 }
function filled(memory: ArrayBuffer): Float32Array {
  const numbers = new Float32Array(memory)
  numbers.set(uniforms(randomKey(3, 'test'), 8 * SIZE, -1, 1))
  new Int32Array(memory, at.list, 3).set([1, 2, 3])
  return numbers
}

describe('the inner loops', () => {
  it('are the same on four numbers at once', () => {
    const quick = vectorKernel(at.end, ROW, judge)
    const plain = plainKernel(new ArrayBuffer(at.end), ROW, judge)
    const [fast, slow] = [quick, plain].map(kernel => {
      const numbers = filled(kernel.memory)
      for (let i = 0; i < 20; i++) kernel.predict((i % 4) * ROW, at.list, 3, at.back, at.output, 0.1)
      kernel.add(2 * ROW, at.back, 0.5)
      return numbers.slice(0, 9 * SIZE)
    }) as [Float32Array, Float32Array]
    expect(quick.memory.byteLength).toBeGreaterThan(plain.memory.byteLength)
    fast.forEach((value, i) => expect(value).toBeCloseTo(slow[i] as number, 5))
  })

  it('take a step against the gradient of the loss, as the engine derives it', () => {
    const kernel = vectorKernel(at.end, ROW, judge)
    const numbers = filled(kernel.memory)
    const before = numbers.slice()
    kernel.predict(0, at.list, 3, at.back, at.output, 0.25)
    const rows = (from: number, count: number) => 
      tensor(before.slice(from * SIZE, (from + count) * SIZE), { shape: [count, SIZE] })
    const [vector, others] = [rows(0, 1), rows(5, 3)]
    const scores = reshape(sum(mul(vector, others), { axes: 1 }), [1, 3])
    const part = (start: number, end: number) => slice(scores, { axis: 1, start, end })
    const loss = sum(negativeSamplingLoss(part(0, 1), part(1, 3)))
    const [ofVector, ofOthers] = differentiate(loss, [vector, others]).map(one => [one.toArray()].flat(3)) as number[][]
    ofVector?.forEach((value, d) => expect(numbers[8 * SIZE + d]).toBeCloseTo(-0.25 * value, 5))
    ofOthers?.forEach((value, i) =>
      expect(numbers[5 * SIZE + i]).toBeCloseTo((before[5 * SIZE + i] as number) - 0.25 * value, 5))
  })
})

describe('what is drawn and left out', () => {
  it('draws words by their counts to the power of 0.75', () => {
    const counts = [1000, 100, 10, 1]
    const words = new DrawnWords(counts, quickDraw(1, 'test'))
    const seen = new Float64Array(4)
    for (let i = 0; i < 40_000; i++) {
      const word = words.next()
      seen[word] = (seen[word] as number) + 1
    }
    const all = counts.reduce((total, count) => total + count ** 0.75, 0)
    seen.forEach((count, i) => expect(count / 40_000).toBeCloseTo((counts[i] as number) ** 0.75 / all, 2))
  })
  it('keeps the share of a word that word2vec.c and gensim keep', () => {
    // (sqrt(f / t) + 1) t / f, by hand
    expect(keptShare(0.01, 1e-3)).toBeCloseTo(0.416_227_8, 6)
    expect(keptShare(1e-4, 1e-3)).toBe(1)
    expect(keptShare(0.5, 0)).toBe(1)
  })
})

/** Two circles of words that never meet, each in any order. */
const circles = Array.from({ length: 40 }, (_, i) => {
  const circle = (i % 2 === 0 ? 'ship sea sail harbour wind' : 'field wheat plough barn seed').split(' ')
  const order = [...permutation(randomKey(i, 'first'), 5), ...permutation(randomKey(i, 'second'), 5)]
  return order.map(word => circle[word]).join(' ')
})

const options: Omit<NegativeSamplingOptions, 'method' | 'window'> = {
  // Of ten words more would mostly be neighbours themselves.
  negatives: 1, subsample: 0, learningRate: 0.2, epochs: 40, seed: 1,
}

describe.each(['skip-gram', 'cbow'] as const)('%s', method => {
  const known = knownWords(circles.map(plainWords), { minCount: 1, vocabularySize: 0 })
  const numbers = circles.map(text => plainWords(text).map(word => known.words.indexOf(word)))
  const learned = (given: Partial<NegativeSamplingOptions> = {}) => {
    const words = known.words.length
    const input = uniforms(randomKey(5, 'start'), words * 12, -1 / 24, 1 / 24)
    const output = new Float32Array(words * 12)
    const texts = {
      tokens: Int32Array.from(numbers.flat()), offsets: Int32Array.from({ length: 41 }, (_, i) => 10 * i),
    }
    // The mean of a whole circle says which it is, whatever each of its words says.
    const window = method === 'cbow' ? 1 : 3
    const asked = { ...options, window, method, ...given }
    const learning = new NegativeSampling({ input, output }, Float64Array.from(known.counts), asked)
    const reports = [...learning.learn(texts)]
    return { input, output, last: reports.at(-1), words }
  }

  it('brings words together that stand together, and repeats itself bit for bit', () => {
    const { input, last, words } = learned()
    const row = (word: number) => input.subarray(12 * word, 12 * (word + 1))
    const dot = (p: Float32Array, q: Float32Array) => p.reduce((all, value, i) => all + value * (q[i] as number), 0)
    const cosine = (a: number, b: number) =>
      dot(row(a), row(b)) / Math.sqrt(dot(row(a), row(a)) * dot(row(b), row(b)))
    const ofSea = (word: number) => /ship|sea|sail|harbour|wind/.test(known.words[word] ?? '')
    const pairs = known.words.flatMap((_, a) => known.words.slice(0, a).map((_word, b) => [a, b] as const))
    const alike = (together: boolean) => {
      const cosines = pairs.filter(([a, b]) => (ofSea(a) === ofSea(b)) === together).map(([a, b]) => cosine(a, b))
      return cosines.reduce((all, one) => all + one, 0) / cosines.length
    }
    expect(words).toBe(10)
    expect(alike(true)).toBeGreaterThan(alike(false) + 0.15)
    expect(last).toMatchObject({ words: 16_000, total: 16_000 })
    expect(learned().input).toEqual(input)
    expect(learned({ seed: 2 }).input).not.toEqual(input)
  })
  it.runIf(method === 'cbow')('gives each neighbour its share of the step, or all of it', () => {
    expect(learned({ contextGradient: 'whole' }).input).not.toEqual(learned({ contextGradient: 'mean' }).input)
    expect(learned({ contextGradient: 'mean' }).input).toEqual(learned().input)
  })
})

/** A set of texts. */
function plainTexts(name: string, text: NonNullable<Dataset['text']>, columns: Record<string, Column> = {}): Dataset {
  return { name, length: Object.values(text)[0]?.length ?? 0, columns, text }
}

/** A published set by its id, made. */
const sets: Readonly<Record<string, Dataset>> = {
  sotu: plainTexts('sotu/all', { text: circles }),
  wordsim353: rated('wordsim353', [
    ['ship', 'sea', 9], ['ship', 'barn', 1], ['wheat', 'seed', 8], ['unknown', 'sea', 5],
  ]),
  simlex999: rated('simlex999', [['sail', 'wind', 7], ['sail', 'seed', 2], ['field', 'barn', 6]]),
  men: rated('men', [['plough', 'field', 40], ['plough', 'sea', 3]]),
  analogies: plainTexts('analogies/all', {
    first: ['ship', 'Ship'], second: ['sea', 'sail'], third: ['barn', 'nobody'], fourth: ['field', 'seed'],
    group: ['capital', 'gram1'],
  }),
}

function rated(name: string, pairs: readonly (readonly [string, string, number])[]): Dataset {
  const text = { first: pairs.map(([a]) => a), second: pairs.map(([, b]) => b) }
  return plainTexts(`${name}/all`, text, {
    scores: { dtype: 'float32', shape: [], data: Float32Array.from(pairs, ([, , score]) => score) },
  })
}

/** What a run keeps of its data, as it was made last. */
const kept = new Map<string, string>()

const io: DataIo = {
  shared: false,
  dataset: id => Promise.resolve(sets[id] as Dataset),
  texts: () => { throw new Error('none') },
  async artifact(name, make) {
    const content = await make()
    kept.set(name, content)
    return content
  },
}

const made = experiment({
  name: 'made-words', title: 'Made', question: 'Do they meet?', data: wordCorpus(),
  config: z.strictObject({
    ...trainingSettings.shape, ...corpusSettings, ...wordVectorSettings, ...characterNgramSettings,
  }),
  task: wordVectors('skip-gram'),
  model: ({ dimensions, ...letters }, form) => new WordVectors(vocabularyOf(form), dimensions, ngramVectors(letters)),
})

async function run(given: Readonly<Record<string, unknown>>, signal?: AbortSignal) {
  const plain = { minCount: 1, dimensions: 12, epochs: 60, learningRate: 0.2, negatives: 1, subsample: 0 }
  const asked = parseSettings(made, { ...plain, ...given })
  const settings = parseSettings(made, { ...asked, ...(await made.data.settle?.(asked, io)) })
  const load = (part: 'train' | 'validation') => made.data.load?.(part, settings, io) as Promise<Dataset>
  const [learn, validation] = [await load('train'), await load('validation')]
  const store = memoryRunStore('made-words/1')
  const events: TrainEvent[] = []
  for await (const event of train({
    experiment: made, settings, train: learn, validation, runtime, store, createLoader, ...(signal && { signal }),
  })) events.push(event)
  return { events, store, settings, learn, validation }
}

describe('a run', () => {
  it('holds every 20th piece out, asks, and reports each pass', async () => {
    const { events, learn, validation, settings } = await run({ questions: 'published' })
    expect(settings).toMatchObject({ vocabulary: 10 })
    expect(learn.length).toBe(38)
    // Pairs and questions with an unknown word are not asked: 5000 neighbours, 3 + 3 + 2 pairs, one analogy.
    expect(validation.length).toBe(5000 + 8 + 1)
    const steps = events.filter(({ kind }) => kind === 'step')
    expect(steps.at(-1)).toMatchObject({ step: 60 * 380, epoch: 60, stepInEpoch: 380 })
    const judged = events.find(event => event.kind === 'evaluation')?.metrics['validation']
    const number = expect.any(Number) as number
    expect(judged).toMatchObject({ ranking: number, men: 1, wordsim353: number, semantic: number })
    expect(judged?.['ranking']).toBeGreaterThan(0.6)
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
  })
  it('is analysed: what people say with an interval, and which words are near each other', async () => {
    const { store, settings, validation } = await run({ questions: 'published' })
    const model = trainedModel(made, settings, store.loadCheckpoint('last') as Checkpoint)
    const { words } = JSON.parse(kept.get(wordsArtifact) ?? '') as KnownWords
    const experimentRun = { experiment: made, settings, model, metrics: [], test: validation, runtime, words }
    const { words: found, taskFigures } = await analyzeRun(experimentRun)
    expect(found?.known).toBe(10)
    const wordsim = found?.scores.find(({ set }) => set === 'wordsim353')
    expect(wordsim).toMatchObject({ asked: 3, of: 353 })
    expect(found?.scores.find(({ set }) => set === 'semantic')).toMatchObject({ asked: 1, kind: 'share' })
    const isOfSea = (word: string) => /ship|sea|sail|harbour|wind/.test(word)
    expect(found?.neighbours.length).toBeGreaterThan(3)
    for (const { word, near } of found?.neighbours ?? [])
      expect(near.slice(0, 4).every(one => isOfSea(one.word) === isOfSea(word)), word).toBe(true)
    expect(taskFigures?.[0]?.texts?.[0]).toMatch(/^WordSim-353: .* \(95 % interval .* 3 of 353 pairs/)
  })
  it('has vectors of n-grams where they are asked for, of which a word that never stood there is made', async () => {
    const { store, settings, validation } = await run({ questions: 'published', maxGram: 4 })
    const { words } = JSON.parse(kept.get(wordsArtifact) ?? '') as KnownWords
    const asked = { minGram: 3, maxGram: 4, buckets: 2_000_000 }
    const used = [...new Set(words.flatMap(word => ngramBuckets(word, asked)))].sort((a, b) => a - b)
    expect(settings).toMatchObject({ vocabulary: 10, grams: used.length })
    const model = trainedModel(made, settings, store.loadCheckpoint('last') as Checkpoint)
    if (!(model instanceof WordVectors)) throw new Error('another model')
    expect(model.buckets?.leaf?.data).toEqual(Int32Array.from(used))
    const grams = model.grams?.weight.leaf?.data as Float32Array
    const of = ngramBuckets('sailor', asked).map(bucket => used.indexOf(bucket)).filter(row => row >= 0)
    const mean = Array.from({ length: 12 }, (_, d) =>
      of.reduce((sum, row) => sum + (grams[12 * row + d] as number), 0) / of.length)
    const unseen = wordVector(model, words, asked, 'sailor')
    mean.forEach((value, d) => expect(unseen?.[d]).toBeCloseTo(value, 5))
    const [sail, input] = [12 * words.indexOf('sail'), model.input.weight.leaf?.data as Float32Array]
    expect(wordVector(model, words, asked, 'sail')).toEqual(input.slice(sail, sail + 12))
    expect(wordVector(model, words, asked, 'xyzzy')).toBeUndefined()
    // What is left out is as in the settings.
    expect(wordVector(model, words, { maxGram: 4 }, 'sailor')).toEqual(unseen)

    const experimentRun = { experiment: made, settings, model, metrics: [], test: validation, runtime, words }
    const { words: found } = await analyzeRun(experimentRun, { words: ['sail', 'sailor'] })
    expect(found?.neighbours.map(({ word, asked: how }) => [word, how]))
      .toEqual([['sail', 'known'], ['sailor', 'by its letters']])
    expect(found?.neighbours[0]?.near.some(({ word }) => word === 'sail')).toBe(false)
    expect(found?.neighbours[1]?.near[0]?.word).toBe('sail')
    await expect(analyzeRun(experimentRun, { words: ['xyzzy'] })).rejects.toThrow(/xyzzy, which is none of 10 words/)
  })
  it('needs lengths of n-grams that go together', async () => {
    await expect(run({ minGram: 5, maxGram: 4 })).rejects.toThrow(/minGram=5, maxGram=4/)
  })
  it('stops where it is asked to, and keeps nothing', async () => {
    const stop = new AbortController()
    stop.abort()
    const { events } = await run({}, stop.signal)
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'stopped' })
  })
  it('says so where no word stands often enough', async () => {
    const settings = parseSettings(made, { minCount: 1000 })
    await expect(made.data.settle?.(settings, io)).rejects.toThrow(/two words at least[^]*(1|no) word of/)
  })
})

it('answers an analogy by the nearest of the other words', () => {
  // man, king, woman, queen, apple
  const table = tensor(Float32Array.of(1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, -1, 0, 0.2), { shape: [5, 3] })
  // The second is nearest to woman herself, who is given.
  const asked = tensor(Int32Array.of(0, 1, 2, 0, 0, 2), { shape: [2, 3] })
  expect(answerAnalogies(asked, table).toArray()).toEqual([3, 3])
})
