// Language modelling: perplexity over a stream, and a text learned by heart and gone on with.
import { describe, expect, it } from 'vitest'
import { createLoader, examplesOf } from '@ddlf/data'
import { characterTokenizer } from '@ddlf/data/tokenizers'
import { Embedding, Linear } from '@ddlf/nn'
import { tensor, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  contextModel,
  contextsAt,
  evaluateModel,
  experiment,
  languageModel,
  memoryRunStore,
  parseSettings,
  sampleText,
  textStream,
  textViewOf,
  train,
  trainedModel,
  trainingSettings,
  vocabularyOf,
  windowSettings,
  type DataIo,
  type TrainEvent,
  type TrainingSettings,
} from '../../src/index.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const ALPHABET = '.abcdefgh'
const TEXT = 'abcdefgh.'.repeat(60)

/** Each character from the one before: all that this text asks for. */
class Bigram {
  readonly tokens: Embedding
  readonly logits: Linear
  constructor(vocabulary: number) {
    this.tokens = new Embedding(vocabulary, 16)
    this.logits = new Linear(16, vocabulary)
  }
  forward(x: Tensor): Tensor {
    return this.logits.forward(this.tokens.forward(x))
  }
}

const tokenizer = characterTokenizer(ALPHABET)
const texts = { 'train.txt': TEXT, 'held.txt': TEXT.slice(0, 101) }
const source = textStream({ texts: { train: 'train.txt', validation: 'held.txt' }, tokenizer: { alphabet: ALPHABET } })
const io: DataIo = {
  shared: false,
  dataset: id => Promise.reject(new Error(`no set ${id} is asked for`)),
  // eslint-disable-next-line @typescript-eslint/require-await -- the contract is an async iterable
  async *texts(file) {
    yield { text: texts[file as keyof typeof texts], ends: true }
  },
  artifact: (_, make) => make(),
}

const made = experiment({
  name: 'letters',
  title: 'Letters',
  question: 'Does it learn the alphabet?',
  data: source,
  config: z.strictObject({ ...trainingSettings.shape, ...windowSettings, blockSize: z.number().default(8) }),
  task: languageModel(),
  model: (_, form) => new Bigram(vocabularyOf(form)),
})

const parsed = (given: Record<string, unknown>) =>
  parseSettings(made, given) as TrainingSettings & { readonly blockSize: number }

async function trained(more: Record<string, unknown> = {}) {
  const settings = parsed({
    steps: 120,
    evaluateEvery: 40,
    sampling: 'replacement',
    batchSize: 16,
    optimizer: 'adam',
    learningRate: 0.05,
    ...more,
  })
  const events: TrainEvent[] = []
  const store = memoryRunStore('letters/1')
  const parts = {
    train: await source.load!('train', settings, io),
    validation: await source.load!('validation', settings, io),
  }
  for await (const event of train({ experiment: made, settings, ...parts, runtime, store, createLoader }))
    events.push(event)
  return { settings, events, store, parts }
}

describe('a training in steps on windows of a text, without a test part', () => {
  it('is evaluated after every so many steps, learns, and names validation as what judged it', async () => {
    const { events, store } = await trained()
    expect(events[0]).toMatchObject({
      kind: 'start',
      epochs: 3,
      stepsPerEpoch: 40,
      totalSteps: 120,
      splits: ['train', 'validation'],
    })
    const evaluations = events.filter(event => event.kind === 'evaluation')
    expect(evaluations.map(({ step }) => step)).toEqual([40, 80, 120])
    const { loss, perplexity } = evaluations.at(-1)!.metrics['validation'] as Record<string, number>
    expect(loss!).toBeLessThan(0.05)
    expect(perplexity!).toBeCloseTo(Math.exp(loss!), 6)
    expect(store.summary).toMatchObject({ chosenBy: 'validation', steps: 120 })
    expect(Object.keys(store.summary.metrics!)).toEqual(['train', 'validation'])
  })
  it('refuses steps that the evaluations do not divide, and says how many would do', () => {
    return expect(
      trained({ steps: 100, evaluateEvery: 40 }).then(({ events }) => events.at(-1)),
    ).resolves.toMatchObject({
      kind: 'failed',
      parts: { received: 'steps=100, evaluateEvery=40', next: 'For example: steps=120' },
    })
  })
})

it('the loss of an evaluation is the mean over every token, also where the last batch is smaller', async () => {
  const settings = parsed({ blockSize: 4 })
  const model = made.model(settings)
  const data = await source.load!('validation', settings, io)
  expect(data.length).toBe(25)
  const { metrics, outputs, sums } = await evaluateModel(made, settings, model, data, runtime)
  expect([outputs, sums['tokens']![0]]).toEqual([{}, 100])
  // By hand, token by token, in double precision.
  const { tokens, logits } = model as unknown as Bigram
  const [table, weight, bias] = [tokens.weight, logits.weight, logits.bias!].map(
    one => one.leaf!.data as Float32Array,
  ) as [Float32Array, Float32Array, Float32Array]
  const numbers = Array.from(TEXT.slice(0, 101), character => ALPHABET.indexOf(character))
  let total = 0
  for (let i = 0; i < 100; i++) {
    const row = Array.from(
      bias,
      (b, k) =>
        b +
        Array.from({ length: 16 }, (_, d) => table[numbers[i]! * 16 + d]! * weight[k * 16 + d]!).reduce(
          (a, c) => a + c,
          0,
        ),
    )
    total += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[numbers[i + 1]!]!
  }
  expect(metrics['loss']).toBeCloseTo(total / 100, 5)
})

it('a trained model goes on with a text, the same for the same seed', async () => {
  const { settings, store } = await trained()
  const model = trainedModel(made, settings, store.loadCheckpoint('last')!)
  const said = async (prompt: string, temperature: number, seed = 1) => {
    let text = ''
    const options = { runtime, tokenizer, prompts: [prompt], tokens: 12, temperature, seed }
    for await (const [piece] of sampleText({ experiment: made, settings, model }, options)) text += piece!
    return text
  }
  expect(await said('abc', 0)).toBe('defgh.abcdef')
  expect(await said('abcdefgh.abc', 0.2)).toBe('defgh.abcdef')
  expect(await said('', 0)).toBe('abcdefgh.abc')
  expect(await said('a', 40, 1)).toBe(await said('a', 40, 1))
  expect(await said('a', 40, 1)).not.toBe(await said('a', 40, 2))
  await expect(said('xyz', 1)).rejects.toThrow(/character that the tokenizer has never seen[^]*"x"/)
})

it('a model that is none of language writes no text', () => {
  const task = { ...made.task, views: {} }
  expect(() => textViewOf({ experiment: { ...made, task } })).toThrow(/Only a language model goes on with a text/)
})

describe('contexts of a fixed size', () => {
  const contexts = textStream({
    texts: { train: 'names' }, tokenizer: { alphabet: ALPHABET }, separator: '.', contexts: true,
  })
  const namesIo: DataIo = {
    ...io,
    // eslint-disable-next-line @typescript-eslint/require-await -- the contract is an async iterable
    async *texts() {
      yield { text: 'ab', ends: true }
      yield { text: 'cde', ends: true }
    },
  }
  const written = (numbers: Iterable<number>) => Array.from(numbers, id => ALPHABET[id]).join('')

  it('are one a letter, within its own text, and tell what ends it', async () => {
    const data = await contexts.load!('train', { blockSize: 3 }, namesIo)
    const { tokens, targets } = data.columns
    const rows = Array.from({ length: data.length }, (_, i) =>
      [tokens!, targets!].map(column => written(examplesOf(column, i, i + 1) as Int32Array)).join('>'),
    )
    expect(rows).toEqual(['...>a', '..a>b', '.ab>.', '...>c', '..c>d', '.cd>e', 'cde>.'])
    expect(contexts.form({ blockSize: 3 })).toMatchObject({
      columns: { tokens: { shape: [3] }, targets: { shape: [1] } }, vocabulary: 9,
    })
  })

  it('are the same where a model goes on with a text: what stands before its beginning does not count', () => {
    const text = tensor(Int32Array.from('.ab.c', letter => ALPHABET.indexOf(letter))).reshape([1, 5])
    const all = contextsAt(text, 3, 0).toArray() as number[][]
    expect(all.map(written)).toEqual(['...', '..a', '.ab', '...', '..c'])
  })

  it('need a separator of one token, and a model that says its size', async () => {
    const none = textStream({ texts: { train: 'names' }, tokenizer: { alphabet: ALPHABET }, contexts: true })
    await expect(none.load!('train', { blockSize: 3 }, namesIo)).rejects.toThrow(/separator that is one token/)
    expect(() => contextModel().views!.text!.logits(new Bigram(9), tensor([[1]], { dtype: 'int32' }))).toThrow(
      /field blockSize/,
    )
  })
})
