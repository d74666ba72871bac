// The task of learning vectors of words, and what judges them: held-out neighbours, ratings of people, analogies.
import {
  add, argmax, buffer, cast, div, equal, gather, greater, matmul, maximum, mean, mul, neg, oneHot, reshape, slice,
  softplus, sqrt, square, sub, sum, transpose, unsqueeze, where, type Tensor,
} from '@ddlf/tensor'
import { writtenTokens, type Dataset } from '@ddlf/data'
import { Embedding, init, type Module } from '@ddlf/nn'
import { z } from 'zod'
import { rankCorrelation } from '../../analysis/statistics/rank-correlation.ts'
import { QUESTION_KINDS } from '../../data-source/question-kinds.ts'
import type { CorpusSettings } from '../../data-source/word-corpus.ts'
import type { Metric } from '../../experiment/metric.ts'
import { otherModel } from '../counting/other-model.ts'
import { total, type BatchTensors, type FitProgress, type KeptOutputs, type Metrics, type Task } from '../task.ts'
import { askedNgrams, ngramLists, usedBuckets } from './character-ngrams.ts'
import { countWords, NegativeSampling } from './negative-sampling.ts'
import { wordFigures } from './word-figures.ts'

/** Settings of an experiment on vectors of words, to be spread into its own. */
export const wordVectorSettings = {
  dimensions: z.number().int().min(1).max(1024).default(100).describe('numbers of a vector'),
  window: z.number().int().min(1).max(100).default(5).describe('words to either side that are neighbours, at most'),
  negatives: z.number().int().min(1).max(100).default(5).describe('words drawn for each pair, that are not neighbours'),
  subsample: z
    .number()
    .min(0)
    .max(1)
    .default(1e-3)
    .describe('words of a larger share of the text are left out at random; 0: none is'),
  contextGradient: z
    .enum(['mean', 'whole'])
    .default('mean')
    .describe('cbow: a neighbour takes its share of the step of their mean, or all of it, as word2vec does'),
}

/** What the task reads of the settings. */
export type WordVectorSettings = CorpusSettings & {
  readonly [Name in 'dimensions' | 'window' | 'negatives' | 'subsample']: z.infer<(typeof wordVectorSettings)[Name]>
} & {
  readonly contextGradient?: 'mean' | 'whole'
} & { readonly epochs: number; readonly learningRate: number; readonly seed: number }

/**
 * Two vectors for each word: where it is looked from, and where it is looked for. Where its character n-grams have
 * vectors, the first is the mean of a vector of the word's own and theirs, once it is learned.
 */
export class WordVectors implements Module {
  readonly input: Embedding
  readonly output: Embedding
  /** A vector for each bucket of character n-grams. */
  readonly grams?: Embedding
  /** These buckets, in rising order: int32 [n-grams]. */
  readonly buckets?: Tensor

  /** @param words that there are @param dimensions of a vector @param grams vectors of n-grams; default none */
  constructor(words: number, dimensions: number, grams = 0) {
    // As word2vec.c begins: small numbers, and nothing. fastText's are twice as large.
    const most = (grams > 0 ? 1 : 0.5) / dimensions
    this.input = new Embedding(words, dimensions, { init: init.uniform(-most, most) })
    this.output = new Embedding(words, dimensions, { init: init.constant(0) })
    if (grams === 0) return
    this.grams = new Embedding(grams, dimensions, { init: init.uniform(-most, most) })
    this.buckets = buffer(new Int32Array(grams), [grams], 'int32')
  }

  // #region forward
  /** @param words int32 [...] @returns their vectors, float32 [..., dimensions] */
  forward(words: Tensor): Tensor {
    return this.input.forward(words)
  }

  /** The score of each pair, before the sigmoid. @param words int32 [N] @param others int32 [N, K] @returns [N, K] */
  scores(words: Tensor, others: Tensor): Tensor {
    const from = unsqueeze(this.input.forward(words), 1) // [N, 1, D]
    return sum(mul(from, this.output.forward(others)), { axes: -1 })
  }
  // #endregion
}

// #region loss
/** -log sigmoid(u_o . v_c) - sum of log sigmoid(-u_k . v_c): one loss a pair, from the scores [N, 1] and [N, K]. */
export function negativeSamplingLoss(truth: Tensor, drawn: Tensor): Tensor {
  return add(sum(softplus(neg(truth)), { axes: -1 }), sum(softplus(drawn), { axes: -1 }))
}
// #endregion

/** Each row divided by its length; a row of zeros stays one. @param rows float32 [..., D] */
const unit = (rows: Tensor): Tensor =>
  div(rows, sqrt(maximum(sum(square(rows), { axes: -1, keepDims: true }), 1e-24)))

// #region analogy
/**
 * a is to b as c is to what? The word with the vector nearest to b - a + c (of those three none): 3CosAdd.
 * @param asked int32 [N, 3] @param table float32 [words, D] @returns int32 [N]
 */
export function answerAnalogies(asked: Tensor, table: Tensor): Tensor {
  const directions = unit(table)
  const part = (k: number) => gather(directions, reshape(slice(asked, { axis: 1, start: k, end: k + 1 }), [-1]))
  const wanted = add(sub(part(1), part(0)), part(2)) // [N, D]
  const likeness = matmul(wanted, transpose(directions, [1, 0])) // [N, words]
  const given = sum(oneHot(asked, table.shape[0] as number), { axes: 1 }) // 1 at each of the three
  return argmax(where(greater(given, 0), -Infinity, likeness), { axis: 1 })
}
// #endregion

/** Sums over the questions of a kind, and how many there are. */
function sumsOf(kind: Tensor, values: Readonly<Record<string, readonly [of: string, value: Tensor]>>) {
  const sums: Record<string, Tensor> = {}
  for (const [name, [of, value]] of Object.entries(values)) {
    const counts = cast(equal(kind, QUESTION_KINDS.indexOf(of as (typeof QUESTION_KINDS)[number])), 'float32')
    sums[name] = sum(mul(value, counts))
    sums[`${name} count`] = sum(counts)
  }
  return sums
}

/** What is asked of one batch of questions. */
function compute(model: WordVectors, batch: BatchTensors, { questions }: WordVectorSettings) {
  const { kind, words, scores, negatives } = batch as Record<'kind' | 'words' | 'scores' | 'negatives', Tensor>
  const at = (k: number) => slice(words, { axis: 1, start: k, end: k + 1 })
  const first = reshape(at(0), [-1])
  const [truth, drawn] = [model.scores(first, at(1)), model.scores(first, negatives)]
  const above = add(cast(greater(truth, drawn), 'float32'), mul(cast(equal(truth, drawn), 'float32'), 0.5))
  const [a, b] = [first, reshape(at(1), [-1])].map(one => unit(model.forward(one))) as [Tensor, Tensor]
  const right = () => {
    const answers = answerAnalogies(slice(words, { axis: 1, end: 3 }), model.input.weight)
    return cast(equal(answers, reshape(at(3), [-1])), 'float32')
  }
  const answered = questions === 'published' ? right() : undefined
  return {
    sums: sumsOf(kind, {
      ranking: ['neighbours', mean(above, { axes: -1 })],
      loss: ['neighbours', negativeSamplingLoss(truth, drawn)],
      ...(answered && { semantic: ['semantic', answered] as const, syntactic: ['syntactic', answered] as const }),
    }),
    outputs: {
      similarity: sum(mul(a, b), { axes: -1 }),
      rating: scores,
      kind: cast(kind, 'float32'),
      ...(answered && { right: answered }),
    },
  }
}

/** Spearman's correlation with each set of ratings that was asked, where it has one: equal ratings order nothing. */
function correlations({ similarity }: KeptOutputs, { columns: { kind, scores } }: Dataset): Metrics {
  const found: Record<string, number> = {}
  for (const name of ['wordsim353', 'simlex999', 'men'] as const) {
    const asked = Array.from(kind?.data ?? []).flatMap((one, i) => (one === QUESTION_KINDS.indexOf(name) ? [i] : []))
    const of = (values: ArrayLike<number> | undefined) => asked.map(i => values?.[i] ?? Number.NaN)
    const correlation = asked.length > 1 ? rankCorrelation(of(similarity?.data), of(scores?.data)) : Number.NaN
    if (!Number.isNaN(correlation)) found[name] = correlation
  }
  return found
}

const metric = (name: string, title: string, format: Metric['format'], more: Partial<Metric> = {}): Metric =>
  ({ name, title, unit: '', better: 'higher', format, ...more })

/** How often a word that did stand near is scored above one that was drawn: half is chance. */
const ranking = metric('ranking', 'neighbours ranked above drawn words', 'percent')
/** MEN first: of the lists of ratings it is the longest by far, and so the surest. */
const METRICS: readonly Metric[] = [
  metric('men', 'rank correlation, MEN', 'fixed'),
  metric('wordsim353', 'rank correlation, WordSim-353', 'fixed'),
  metric('simlex999', 'rank correlation, SimLex-999', 'fixed'),
  metric('analogies', 'analogies', 'percent'),
  metric('semantic', 'analogies of meaning', 'percent'),
  metric('syntactic', 'analogies of grammar', 'percent'),
  ranking,
  { ...metric('loss', 'loss', 'fixed', { unit: 'nats per pair' }), better: 'lower' },
]

const numbersIn = ({ weight }: Embedding) => weight.leaf?.data as Float32Array

/** The vectors of n-grams that a model has, with the n-grams of each word; notes their buckets in the model. */
function gramsOf({ grams, buckets, input }: WordVectors, { writing }: Dataset, settings: WordVectorSettings) {
  const asked = askedNgrams(settings)
  if (!asked || !grams || !buckets || !writing) return undefined
  const words = Array.from({ length: input.numEmbeddings }, (_, word) => writtenTokens(writing, [word]))
  const used = buckets.leaf?.data as Int32Array
  used.set(usedBuckets(words, asked))
  return { vectors: numbersIn(grams), ...ngramLists(words, used, asked) }
}

/** Learns by {@link NegativeSampling} over the column `tokens`. */
function* learn(
  model: Module, train: Dataset, settings: WordVectorSettings, method: 'skip-gram' | 'cbow',
): Generator<FitProgress, void> {
  if (!(model instanceof WordVectors)) throw otherModel('wordVectors', 'WordVectors')
  const [input, output] = [numbersIn(model.input), numbersIn(model.output)]
  const grams = gramsOf(model, train, settings)
  const { data, offsets } = train.columns['tokens'] as { data: Int32Array; offsets: Int32Array }
  const counts = countWords(data, model.input.numEmbeddings)
  const learning = new NegativeSampling({ input, output, ...(grams && { grams }) }, counts, { ...settings, method })
  for (const { words, loss, learningRate } of learning.learn({ tokens: data, offsets }))
    yield { done: words, loss, learningRate }
}

/**
 * Learns {@link WordVectors} from a text with negative sampling: `skip-gram` (a word predicts its neighbours) or `cbow`
 * (neighbours predict a word). Words of a {@link wordCorpus}.
 */
export function wordVectors(method: 'skip-gram' | 'cbow'): Task<WordVectorSettings, WordVectors> {
  const mean = (sums: Parameters<typeof total>[0], name: string) => total(sums, name) / total(sums, `${name} count`)
  return {
    name: `vectors of words, ${method}`,
    phases: () => [],
    fit: {
      judgesTraining: false,
      heeds: ['epochs', 'learningRate'],
      learn(model, train, settings) {
        Array.from(learn(model, train, settings, method))
      },
      learnInParts: (model, train, settings) => learn(model, train, settings, method),
      length: ({ columns }, { epochs }) => ({ steps: columns['tokens']?.data.length ?? 0, passes: epochs }),
    },
    inputs: ['words'],
    outputs: (model, { words }) => ({ vectors: model.forward(words as Tensor) }),
    evaluate: {
      columns: ['kind', 'words', 'scores', 'negatives'],
      compute,
      keep: ['similarity', 'right'],
      metrics(sums) {
        const [semantic, syntactic] = [total(sums, 'semantic'), total(sums, 'syntactic')]
        const [ofMeaning, ofGrammar] = [total(sums, 'semantic count'), total(sums, 'syntactic count')]
        return {
          ranking: mean(sums, 'ranking'),
          loss: mean(sums, 'loss'),
          ...(ofMeaning > 0 && { semantic: semantic / ofMeaning }),
          ...(ofGrammar > 0 && { syntactic: syntactic / ofGrammar }),
          ...(ofMeaning + ofGrammar > 0 && { analogies: (semantic + syntactic) / (ofMeaning + ofGrammar) }),
        }
      },
      judge: correlations,
    },
    metrics: METRICS,
    monitor: ranking,
    views: { figures: wordFigures },
  }
}
