// Trains the models of Days 13-14 on sentences of reviews, and keeps what they say of a few sentences of our own: the
// opening figure of these days. Ten minutes or more.
// npm run review-words --workspace packages/site
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { experiments } from '@ddlf/course'
import { createLoader, raggedColumn } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import {
  evaluateModel, findExperiment, memoryRunStore, parseSettings, textEncoder, train, trainedModel, vocabularyArtifact,
  wordsOf, type DataIo, type TextSettings,
} from '@ddlf/lab'
import { stateDict } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { reviewWordsSchema } from '../explain/review-words-data.ts'

const SENTENCES = [
  'a good film , not a bad one',
  'a bad film , not a good one',
  'not good at all',
  'i expected nothing and loved every minute',
  'the plot is thin but the acting is a delight',
  'a dull , lifeless mess that even its brilliant star cannot save',
]
const given = { texts: 'mr', seed: 1 }
const MODELS = [
  ['naive Bayes', 'naive-bayes-on-texts', {}, false],
  ['fastText', 'fasttext-on-texts', {}, false],
  ['CNN', 'cnn-on-texts', { epochs: 4 }, true],
  ['LSTM', 'lstm-on-texts', { epochs: 4 }, true],
  ['transformer', 'transformer-on-texts', {}, true],
] as const

/** A sentence, itself without each of its words, and its beginnings. */
const asked = SENTENCES.map(sentence => {
  const words = sentence.split(' ')
  const without = words.map((_, i) => words.toSpliced(i, 1).join(' '))
  return [sentence, ...without, ...words.map((_, i) => words.slice(0, i + 1).join(' '))]
})
const ALL = asked.flat()

const round = (value: number) => Number(value.toPrecision(4))
const probability = (score: number) => round(1 / (1 + Math.exp(-score)))
const runtime = onnxNodeRuntime({ threads: 1 })

/** A trained model: what it says of the sentences, how often it errs, and its vocabulary with its weights. */
async function learned(name: string, more: Readonly<Record<string, unknown>>, others: boolean) {
  const experiment = findExperiment(experiments, name)
  const { load, settle } = experiment.data
  if (!load || !settle) throw new Error(`${name} loads nothing.`)
  const kept: Record<string, string> = {}
  const io: DataIo = {
    shared: false,
    dataset: (id, split) => loadDataset(id, { split }),
    texts: () => { throw new Error(`${name} reads no files.`) },
    artifact: async (file, make) => (kept[file] ??= await make()),
  }
  const chosen = parseSettings(experiment, { ...given, ...more })
  const settings = parseSettings(experiment, { ...chosen, ...(await settle(chosen, io)) })
  const [trained, test] = [await load('train', settings, io), await load('test', settings, io)]
  const store = memoryRunStore(name)
  let error = Number.NaN
  for await (const event of train({ experiment, settings, train: trained, test, runtime, store, createLoader })) {
    if (event.kind === 'failed') throw new Error(event.message)
    if (event.kind !== 'evaluation') continue
    error = event.metrics['test']?.['error'] ?? error
    console.log(`${name}, epoch ${event.epoch}: ${(100 * error).toFixed(1)} % wrong`)
  }
  const checkpoint = store.loadCheckpoint('last')
  if (!checkpoint) throw new Error(`${name} kept nothing.`)
  const model = trainedModel(experiment, settings, checkpoint)
  const texts = settings as unknown as TextSettings
  const vocabulary = JSON.parse(kept[vocabularyArtifact] ?? '[]') as string[]
  const { encode } = textEncoder(vocabulary, texts, others)
  const labels = { dtype: 'int32', shape: [], data: new Int32Array(ALL.length) } as const
  const asking = { tokens: raggedColumn('int32', ALL.map(encode)), labels }
  const dataset = { name: 'sentences', length: ALL.length, columns: asking, classes: test.classes ?? [] }
  const { outputs } = await evaluateModel(experiment, settings, model, dataset, runtime)
  const logits = outputs['logits']?.data ?? []
  const scores = ALL.map((_, i) => (logits[2 * i + 1] ?? 0) - (logits[2 * i] ?? 0))
  const said = asked.map(texts => {
    const [whole = 0, ...others] = scores.splice(0, texts.length)
    const count = others.length / 2
    return {
      whole: probability(whole),
      effects: others.slice(0, count).map(without => round(whole - without)),
      read: others.slice(count).map(probability),
    }
  })
  return { error: round(error), said, texts, vocabulary, state: stateDict(model) }
}

type Learned = Awaited<ReturnType<typeof learned>> & { readonly name: string; readonly experiment: string }
const all: Learned[] = []
for (const [name, experiment, more, others] of MODELS)
  all.push({ name, experiment, ...(await learned(experiment, more, others)) })
const [bayes] = all
if (!bayes) throw new Error('No model.')
const table = bayes.state['likelihood.weight']?.data ?? []
const prior = bayes.state['prior.weight']?.data ?? []
/** A token's vote, by naive Bayes. */
function vote(word: string): number {
  const at = bayes?.vocabulary.indexOf(word) ?? -1
  return at < 0 ? 0 : round((table[2 * (at + 1) + 1] ?? 0) - (table[2 * (at + 1)] ?? 0))
}
const record = reviewWordsSchema.parse({
  settings: given,
  prior: round((prior[1] ?? 0) - (prior[0] ?? 0)),
  sentences: SENTENCES.map((sentence, i) => {
    const words = wordsOf(sentence, bayes.texts)
    const told = all.flatMap(({ said }) => said[i] ?? [])
    return {
      words, votes: words.map(vote), said: told.map(one => one.whole), effects: told.map(one => one.effects),
      read: told.map(one => one.read),
    }
  }),
  models: all.map(({ name, experiment, error }) => ({ name, experiment, error })),
})
const file = fileURLToPath(new URL('../explain/review-words.json', import.meta.url))
await writeFile(file, `${JSON.stringify(record)}\n`)
console.log(file)
