// What the page learns from a reader's own table of texts: naive Bayes by counting, or a small fastText by steps; and
// what each word of a sentence says to it.
import { columnOf, exampleOf, raggedColumn, type Dataset } from '@ddlf/data'
import {
  countVocabulary, NaiveBayes, naiveBayes, textEncoder, textSettings, wordsOf, type TextSettings,
} from '@ddlf/lab/experiments'
import { adam, crossEntropy, EmbeddingBag, Linear, trainingStep, withSeed, type Module } from '@ddlf/nn'
import { referenceRuntime, type Tensor, type TypedArray } from '@ddlf/tensor'
import { z } from 'zod'

/** A line of the table. */
export interface Row {
  readonly label: string
  readonly text: string
}

export type Way = 'count' | 'train'

/** What is told while a net learns. */
export interface Progress {
  readonly step: number
  readonly steps: number
  readonly loss: number
}

/** What a word says of each label: larger speaks for it. */
export interface WordVotes {
  readonly word: string
  /** Undefined of a word that was never met. */
  readonly votes: readonly number[] | undefined
}

export interface Answer {
  readonly probabilities: readonly number[]
  readonly words: readonly WordVotes[]
}

/** A model of the reader's own texts. */
export interface OwnModel {
  readonly labels: readonly string[]
  /** Lines that it had not seen, and how many of them it gets right. */
  readonly held: { readonly lines: number; readonly right: number }
  answer(text: string): Answer
}

const settings: TextSettings & { readonly seed: number } =
  z.strictObject({ ...textSettings, seed: z.number() }).parse({ texts: 'mr', seed: 1 })

/** Every so many lines one is held out, where there are lines enough. */
const HELD = 5
const ENOUGH = 20
const DIMENSIONS = 16
const STEPS = 60
const LARGEST_BATCH = 64
const LEARNING_RATE = 0.03

/** The table of votes [tokens + 1, labels], what is there without words, and whether votes are divided by the words. */
interface Votes {
  readonly table: ArrayLike<number>
  readonly prior: ArrayLike<number>
  readonly isMean: boolean
}

/** The rows of a table, a line each: a label, a comma (or semicolon, or tab), the text. @throws Error naming a line */
export function readRows(table: string): Row[] {
  return table.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return []
    const begun = line.trimStart()
    const between = begun.search(/[,;\t]/)
    const label = begun.slice(0, Math.max(0, between)).trim().replace(/^"/, '').replace(/"$/, '').trim()
    const text = begun.slice(between + 1).trim().replace(/^"(.*)"$/, '$1')
    if (label === '' || label.includes('"') || text === '')
      throw new Error(`Line ${i + 1} has no label and text with a comma between: ${line.trim().slice(0, 40)}`)
    return [{ label, text }]
  })
}

function counted(train: Dataset, tokens: number, labels: number): Votes {
  const model = new NaiveBayes(tokens, labels)
  void naiveBayes().fit?.learn(model, train, { smoothing: 1 })
  const dataOf = ({ weight }: NaiveBayes['likelihood']): ArrayLike<number> => weight.leaf?.data ?? []
  return { table: dataOf(model.likelihood), prior: dataOf(model.prior), isMean: false }
}

/** A batch of lines in turn, filled up with 0 to the longest of all. */
function batchOf(train: Dataset, size: number, from: number, length: number) {
  const [tokens, labels] = [new Int32Array(size * length), new Int32Array(size)]
  for (let i = 0; i < size; i++) {
    const line = (from + i) % train.length
    tokens.set(exampleOf(columnOf(train, 'tokens'), line).subarray(0, length), i * length)
    labels[i] = columnOf(train, 'labels').data[line] ?? 0
  }
  return [tokens, labels]
}

/** A small fastText: the mean of the vectors of a text's words, and a linear layer on it. */
class Bag implements Module {
  readonly bag: EmbeddingBag
  readonly logits: Linear

  constructor(tokens: number, labels: number) {
    this.bag = new EmbeddingBag(tokens + 1, DIMENSIONS, { paddingIndex: 0 })
    this.logits = new Linear(DIMENSIONS, labels)
  }

  forward(tokens: Tensor): Tensor {
    return this.logits.forward(this.bag.forward(tokens))
  }
}

async function trained(
  train: Dataset,
  tokens: number,
  labels: number,
  onProgress: (progress: Progress) => void,
): Promise<Votes> {
  const lengths = Array.from({ length: train.length }, (_, i) => exampleOf(columnOf(train, 'tokens'), i).length)
  const length = Math.min(lengths.reduce((longest, one) => Math.max(longest, one), 1), 200)
  const size = Math.min(LARGEST_BATCH, train.length)
  const model = withSeed(1, () => new Bag(tokens, labels))
  const step = trainingStep({
    model,
    batch: { tokens: { shape: [size, length], dtype: 'int32' }, labels: { shape: [size], dtype: 'int32' } },
    loss: (net, batch) => ({ loss: crossEntropy(net.forward(batch.tokens), batch.labels) }),
    optimizer: adam(),
  })
  const program = await referenceRuntime.compileSteps(step)
  // Two sets: what is read and what is written must not share memory.
  const copy = (): TypedArray[] => step.state.map(({ data }) => data.slice())
  let [state, next] = [copy(), copy()]
  for (let i = 0; i < STEPS; i++) {
    const rate = [Float32Array.of(LEARNING_RATE), Float32Array.of(i + 1), Int32Array.of(1, i + 1)]
    const [losses] = await program.run(state, next, [...batchOf(train, size, i * size, length), ...rate], 1)
    ;[state, next] = [next, state]
    if (i % 10 === 9) onProgress({ step: i + 1, steps: STEPS, loss: losses?.[0] ?? Number.NaN })
  }
  step.state.forEach(({ data }, i) => data.set(state[i] as never))
  return votesOf(model.bag, model.logits, labels)
}

/** Between a word's vector and its votes there is one linear layer: multiplied out, it is a table of votes. */
function votesOf(bag: EmbeddingBag, { weight, bias }: Linear, labels: number): Votes {
  const numbers = ({ leaf }: Tensor): ArrayLike<number> => leaf?.data ?? []
  const [vectors, matrix] = [numbers(bag.weight), numbers(weight)]
  const words = vectors.length / DIMENSIONS
  const table = Array.from({ length: words * labels }, (_, at) => {
    const [word, label] = [Math.floor(at / labels), at % labels]
    let sum = 0
    for (let d = 0; d < DIMENSIONS; d++)
      sum += (vectors[word * DIMENSIONS + d] ?? 0) * (matrix[label * DIMENSIONS + d] ?? 0)
    return sum
  })
  return { table, prior: bias ? numbers(bias) : [], isMean: true }
}

/** Learns from the rows of a table. @throws Error where there is nothing to tell apart */
export async function learnWords(
  rows: readonly Row[],
  way: Way,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<OwnModel> {
  const labels = [...new Set(rows.map(({ label }) => label))]
  if (labels.length < 2) throw new Error('A model tells labels apart: the table needs lines of two labels at least.')
  const isHeld = (i: number) => rows.length >= ENOUGH && i % HELD === HELD - 1
  const [seen, held] = [rows.filter((_, i) => !isHeld(i)), rows.filter((_, i) => isHeld(i))]
  const vocabulary = countVocabulary(seen.map(({ text }) => text), settings)
  const { encode, size } = textEncoder(vocabulary, settings, false)
  const train: Dataset = {
    name: 'own table',
    length: seen.length,
    columns: {
      tokens: raggedColumn('int32', seen.map(({ text }) => encode(text))),
      labels: { dtype: 'int32', shape: [], data: Int32Array.from(seen, ({ label }) => labels.indexOf(label)) },
    },
  }
  const votes = way === 'count'
    ? counted(train, size, labels.length)
    : await trained(train, size, labels.length, onProgress)
  const numbers = new Map(vocabulary.map((word, i) => [word, i + 1]))
  const answer = (text: string): Answer => answerOf(votes, wordsOf(text, settings), numbers, labels.length)
  const right = held.filter(({ label, text }) => {
    const { probabilities } = answer(text)
    return probabilities.indexOf(Math.max(...probabilities)) === labels.indexOf(label)
  })
  return { labels, held: { lines: held.length, right: right.length }, answer }
}

function answerOf(
  { table, prior, isMean }: Votes, words: string[], known: ReadonlyMap<string, number>, labels: number,
): Answer {
  const numbers = words.map(word => known.get(word) ?? 0)
  const share = isMean ? 1 / Math.max(1, numbers.filter(number => number > 0).length) : 1
  const voted = numbers.map(number =>
    number === 0 ? undefined : Array.from({ length: labels }, (_, k) => share * (table[number * labels + k] ?? 0)))
  const sums = Array.from({ length: labels }, (_, k) =>
    voted.reduce((sum, votes) => sum + (votes?.[k] ?? 0), prior[k] ?? 0))
  const most = Math.max(...sums)
  const powers = sums.map(sum => Math.exp(sum - most))
  const all = powers.reduce((a, b) => a + b, 0)
  return {
    probabilities: powers.map(power => power / all),
    words: words.map((word, i) => ({ word, votes: voted[i] })),
  }
}
