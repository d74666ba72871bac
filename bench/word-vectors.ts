// How fast are vectors of words learned, and how good are they, beside gensim? The speeches of npm's SOTU, five passes.
// Run: npm run bench word-vectors (DDLF_GENSIM names a Python that has gensim and scipy; SEEDS, default 3)
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadDataset } from '@ddlf/data/node'
import {
  answerAnalogies, knownWords, NegativeSampling, numbersOf, plainWords, rankCorrelation, WordVectors,
} from '@ddlf/lab'
import { withSeed } from '@ddlf/nn'
import { tensor } from '@ddlf/tensor'
import { machine } from './alternate.ts'

const [SIZE, EPOCHS, PIECE] = [100, 5, 10_000]
const RATES = { 'skip-gram': 0.025, cbow: 0.05 } as const
const seeds = Array.from({ length: Number(process.env['SEEDS'] ?? 3) }, (_, i) => i + 1)
const python = process.env['DDLF_GENSIM']

/** Figures of one training. */
type Found = Readonly<Record<'words' | 'read' | 'seconds' | 'processor' | 'analogies' | (typeof RATED)[number], number>>
const RATED = ['wordsim353', 'simlex999', 'men'] as const

const { text } = await loadDataset('sotu', { split: 'all' })
const pieces = (text?.['text'] ?? []).map(plainWords).flatMap(all =>
  Array.from({ length: Math.ceil(all.length / PIECE) }, (_, k) => all.slice(k * PIECE, (k + 1) * PIECE)))
const known = knownWords(pieces, { minCount: 5, vocabularySize: 0 })
const numbers = new Map(known.words.map((word, i) => [word, i]))
const isKnown = (words: readonly string[]) => words.every(word => numbers.has(word))

/** The published questions of which every word is known. */
async function questionsOf() {
  const rated: Record<string, (readonly [string, string, number])[]> = {}
  for (const name of RATED) {
    const { text: words = {}, columns, length } = await loadDataset(name, { split: 'all' })
    rated[name] = Array.from({ length }, (_, i) => [
      words['first']?.[i]?.toLowerCase() ?? '',
      words['second']?.[i]?.toLowerCase() ?? '',
      columns['scores']?.data[i] ?? 0,
    ] as const).filter(([first, second]) => isKnown([first, second]))
  }
  const { text: four = {}, length } = await loadDataset('analogies', { split: 'all' })
  const analogies = Array.from({ length }, (_, i) =>
    ['first', 'second', 'third', 'fourth'].map(name => four[name]?.[i]?.toLowerCase() ?? '')).filter(isKnown)
  return { rated, analogies }
}

const questions = await questionsOf()

function ours(method: keyof typeof RATES, seed: number, contextGradient: 'mean' | 'whole'): Found {
  const model = withSeed(seed, () => new WordVectors(known.words.length, SIZE))
  const [input, output] = [model.input, model.output].map(({ weight }) => weight.leaf?.data as Float32Array) as
    [Float32Array, Float32Array]
  const texts = numbersOf(pieces, known)
  const tokens = Int32Array.from(texts.flatMap(one => [...one]))
  const offsets = new Int32Array(texts.length + 1)
  texts.forEach((one, i) => (offsets[i + 1] = (offsets[i] as number) + one.length))
  const [began, used] = [performance.now(), process.cpuUsage()]
  const learning = new NegativeSampling({ input, output }, Float64Array.from(known.counts), {
    method, window: 5, negatives: 5, subsample: 1e-3, learningRate: RATES[method], epochs: EPOCHS, seed,
    contextGradient,
  })
  let read = 0
  for (const { words } of learning.learn({ tokens, offsets })) read = words
  const { user, system } = process.cpuUsage(used)
  const unit = (word: string) => {
    const row = input.subarray(SIZE * (numbers.get(word) ?? 0), SIZE * ((numbers.get(word) ?? 0) + 1))
    const length = Math.hypot(...row)
    return row.map(value => value / length)
  }
  const cosine = (first: string, second: string) => {
    const other = unit(second)
    return unit(first).reduce((sum, value, d) => sum + value * (other[d] as number), 0)
  }
  const correlations = RATED.map(name => {
    const pairs = questions.rated[name] ?? []
    return [name, rankCorrelation(pairs.map(([a, b]) => cosine(a, b)), pairs.map(([, , score]) => score))] as const
  })
  const given = questions.analogies.flatMap(four => four.slice(0, 3).map(word => numbers.get(word) ?? 0))
  const asked = Int32Array.from(given)
  let right = 0
  const table = tensor(input, { shape: [known.words.length, SIZE] })
  for (let from = 0; from < questions.analogies.length; from += 200) {
    const some = asked.subarray(3 * from, 3 * (from + 200))
    const answers = answerAnalogies(tensor(some, { shape: [some.length / 3, 3] }), table).toArray() as number[]
    answers.forEach((answer, i) => (right += Number(known.words[answer] === questions.analogies[from + i]?.[3])))
  }
  return {
    words: known.words.length, read, seconds: (performance.now() - began) / 1000, processor: (user + system) / 1e6,
    analogies: right / questions.analogies.length, ...Object.fromEntries(correlations),
  } as Found
}

const folder = mkdtempSync(path.join(tmpdir(), 'ddlf-words-'))
const [corpusFile, questionsFile] = [path.join(folder, 'corpus.txt'), path.join(folder, 'questions.json')]
writeFileSync(corpusFile, `${pieces.map(piece => piece.join(' ')).join('\n')}\n`)
writeFileSync(questionsFile, JSON.stringify(questions))

function gensim(method: string, seed: number): Found {
  const script = fileURLToPath(new URL('peers/gensim_words.py', import.meta.url))
  const arguments_ = [script, corpusFile, questionsFile, method, String(EPOCHS), String(seed)]
  const { stdout, stderr, status } = spawnSync(python ?? '', arguments_, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Found
}

const spread = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
  return `${mean.toFixed(3)} ± ${Math.sqrt(variance).toFixed(3)}`
}
console.log(machine(), `load ${loadavg()[0]?.toFixed(1) ?? '?'}, ${readFileSync(corpusFile).length} bytes`)
console.log('| | thousand words a second of processor | WordSim-353 | SimLex-999 | MEN | analogies |')
console.log('| --- | --- | --- | --- | --- | --- |')
const report = (title: string, all: readonly Found[]) => {
  const paces = all.map(({ read, processor }) => read / processor / 1000).sort((a, b) => a - b)
  const pace = paces[Math.floor(all.length / 2)]
  const figures = [...RATED, 'analogies' as const].map(name => spread(all.map(found => found[name])))
  console.log(`| ${title} | ${(pace ?? NaN).toFixed(0)} | ${figures.join(' | ')} |`)
}
try {
  for (const method of ['skip-gram', 'cbow'] as const) {
    report(`30ddlf, ${method}`, seeds.map(seed => ours(method, seed, 'mean')))
    if (method === 'cbow') report('30ddlf, cbow, whole gradient', seeds.map(seed => ours(method, seed, 'whole')))
    if (python !== undefined) report(`gensim, ${method}`, seeds.map(seed => gensim(method, seed)))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
