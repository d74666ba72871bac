// Makes the living pictures of the plan that are texts: what models of language write while they learn, and what
// recorded ones say.
// npm run living-texts --workspace packages/site
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { experiments } from '@ddlf/course'
import { columnOf, exampleOf, writtenTokens, type Dataset } from '@ddlf/data'
import { tokenizerFromJson } from '@ddlf/data/tokenizers'
import {
  findExperiment, PAIR_TOKENS, parseSettings, sampleText, tokenizerArtifact, trainedModel, writePairs,
  type Experiment, type PairModel, type TrainingSettings,
} from '@ddlf/lab'
import { loadTrainingData } from '@ddlf/lab/node'
import type { Module } from '@ddlf/nn'
import { tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import type { LivingText } from '../build/pictures.ts'
import reviews from '../explain/review-words.json' with { type: 'json' }
import { neighboursOf, wordNumber } from '../explain/word-map.ts'
import { readWordMap } from '../explain/word-map-data.ts'
import wordMap from '../explain/word-map.json' with { type: 'json' }
import { trainingFilm } from './training-film.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const root = fileURLToPath(new URL('../../../../course/topics/', import.meta.url))

/** A model at one moment, and what belongs to it. */
interface Moment {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly model: Module
  /** The content of its tokenizer.json, where it has one. */
  readonly tokenizer: string | undefined
  readonly judged: Dataset
}

interface Film {
  readonly folder: string
  readonly experiment: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly shows: string
  readonly caption: (step: number, measured: (name: string) => number | undefined) => string
  readonly write: (moment: Moment) => Promise<string>
}

/** Goes on with each prompt. */
async function sampled(
  { experiment, settings, model, tokenizer }: Moment, prompts: readonly string[], tokens: number, stop: string[] = [],
): Promise<string[]> {
  const written: string[][] = prompts.map(() => [])
  const parts = sampleText({ experiment, settings, model }, {
    tokenizer: tokenizerFromJson(tokenizer ?? '', experiment.name), prompts, tokens, runtime, temperature: 0.8, seed: 1,
    stop,
  })
  for await (const piece of parts) piece.forEach((text, i) => written[i]?.push(text))
  return written.map(pieces => pieces.join(''))
}

const LONGEST_DATE = 12
/** As many as a card shows. */
const LETTERS = 150

/** What is written of the first examples. */
function translated({ model, judged }: Moment, examples: number): string {
  const { writing, text } = judged
  if (!writing) throw new Error('Sequences without a way to write them.')
  return Array.from({ length: examples }, (_, i) => {
    const source = Int32Array.from(exampleOf(columnOf(judged, 'source'), i))
    const read = tensor(source, { shape: [1, source.length], dtype: 'int32' })
    const tokens = writePairs(model as PairModel, read, LONGEST_DATE, { beams: 1, lengthPenalty: 0 }).toTypedArray()
    const end = tokens.indexOf(PAIR_TOKENS.end)
    return `${text?.['source']?.[i] ?? ''} → ${writtenTokens(writing, end < 0 ? tokens : tokens.subarray(0, end))}`
  }).join('\n')
}

const nats = (name: string) => (step: number, measured: (name: string) => number | undefined) =>
  `step ${step.toLocaleString('en-US')}: ${(measured(name) ?? NaN).toFixed(2)} nats a letter`

const films: readonly Film[] = [
  {
    folder: '06-recurrent-language-models',
    experiment: 'context-net-on-first-names',
    settings: { steps: 8000, evaluateEvery: 1000, seed: 1 },
    shows: 'names that a net makes up',
    caption: nats('validation/loss'),
    write: async moment => (await sampled(moment, Array.from({ length: 14 }, () => ''), 11, ['.'])).join(', '),
  },
  {
    folder: '07-seq2seq-and-attention',
    experiment: 'read-dates',
    settings: { pairs: 1280, epochs: 8, seed: 1 },
    shows: 'dates that a net reads',
    caption: (step, measured) =>
      `step ${step.toLocaleString('en-US')}: ${(100 * (measured('test/error') ?? NaN)).toFixed(0)} % wrong`,
    write: moment => Promise.resolve(translated(moment, 4)),
  },
  {
    folder: '08-transformer-and-gpt',
    experiment: 'gpt-on-shakespeare',
    settings: { steps: 1600, evaluateEvery: 200, seed: 1 },
    shows: 'what a GPT writes',
    caption: nats('validation/loss'),
    write: async moment => (await sampled(moment, ['ROMEO:\n'], LETTERS))[0] ?? '',
  },
]

async function record({ folder, experiment: name, settings: given, shows, caption, write }: Film): Promise<void> {
  const experiment = findExperiment(experiments, name)
  const data = await loadTrainingData(experiment, parseSettings(experiment, given))
  const { settings, artifacts, train, test, validation } = data
  const judged = test ?? validation
  if (!judged) throw new Error(`${name} has nothing to be judged on.`)
  const parts = { settings, train, ...(test && { test }), ...(validation && { validation }) }
  const frames: LivingText['frames'][number][] = []
  for await (const { step, checkpoint, measured } of trainingFilm(experiment, parts)) {
    const model = trainedModel(experiment, settings, checkpoint)
    const tokenizer = artifacts?.[tokenizerArtifact]
    frames.push({
      caption: caption(step, measured),
      text: await write({ experiment, settings, model, tokenizer, judged }),
    })
  }
  await keep(folder, { experiment: name, settings: given, shows, frames })
}

async function keep(folder: string, text: LivingText): Promise<void> {
  const out = join(root, folder, 'pictures')
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'text.json'), `${JSON.stringify(text, undefined, 2)}\n`)
  console.log(`${folder}: ${text.frames.length} frames\n${text.frames.at(-1)?.text ?? ''}`)
}

/** The nearest of some words by recorded vectors. */
async function nearWords(): Promise<void> {
  const mapped = readWordMap(wordMap)
  const [folder, near] = ['04-words-as-vectors', 5]
  const pages = [
    ['war', 'law', 'money', 'river'], ['peace', 'woman', 'tax', 'ship'], ['farm', 'army', 'gold', 'school'],
  ]
  const frames = pages.map(words => ({
    caption: `of ${mapped.words.length.toLocaleString('en-US')} frequent words of presidents' speeches`,
    text: words.map(word => [word, wordNumber(mapped, word)] as const).filter(([, id]) => id >= 0)
      .map(([word, id]) => `${word}: ${neighboursOf(mapped, id, near).map(({ text }) => text).join(', ')}`).join('\n'),
  }))
  const { experiment, settings } = wordMap
  await keep(folder, { experiment, settings, shows: 'what stands near a word', frames })
}

/** What recorded models say of sentences. */
async function reviewed(): Promise<void> {
  const frames = reviews.models.map(({ name }, i) => ({
    caption: `${name}: how surely a good review`,
    text: reviews.sentences.slice(1, 5).map(({ words, said }) => {
      const percent = String(Math.round(100 * (said[i] ?? NaN))).padStart(3)
      return `${percent} %  ${words.join(' ').replaceAll(' ,', ',')}`
    }).join('\n'),
  }))
  const shows = 'a good review or a bad one'
  const { experiment } = reviews.models[0] ?? { experiment: '' }
  await keep('05-text-classification', { experiment, settings: reviews.settings, shows, frames })
}

const asked = process.argv.slice(2)
const wanted = (folder: string) => asked.length === 0 || asked.includes(folder)
if (wanted('04-words-as-vectors')) await nearWords()
if (wanted('05-text-classification')) await reviewed()
for (const film of films) if (wanted(film.folder)) await record(film)
