// Skip-gram and CBOW with negative sampling: gradient descent over a text, one word after another, in plain loops.
// Sources: Mikolov et al., "Distributed representations of words and phrases and their compositionality", 2013,
// equation 4 and sections 2.2 and 2.3; the order of work is that of the authors' word2vec.c. With character n-grams:
// Bojanowski, Grave, Joulin and Mikolov, "Enriching word vectors with subword information", 2017, as fastText has it.
import { UserError } from '@ddlf/tensor/errors'
import type { NgramLists } from './character-ngrams.ts'
import { DrawnWords, quickDraw, type Draw } from './drawn-words.ts'
import { LANES, vectorKernel, type VectorKernel } from './vector-kernel.ts'

/** How vectors of words are learned. */
export interface NegativeSamplingOptions {
  /** `skip-gram`: a word predicts each of its neighbours; `cbow`: the mean of its neighbours predicts the word. */
  readonly method: 'skip-gram' | 'cbow'
  /** Most words to either side that are neighbours: each word draws how many of them count, from 1 on. */
  readonly window: number
  /** Drawn words for each pair. */
  readonly negatives: number
  /** Words of a larger share of the text are left out at random; 0: none is. */
  readonly subsample: number
  /** Of the first word; it falls to a ten-thousandth in a straight line. */
  readonly learningRate: number
  readonly epochs: number
  readonly seed: number
  /**
   * What a neighbour's vector gets of the gradient of the mean that it is part of (CBOW): `mean` its share, `whole` all
   * of it, as word2vec.c and gensim do. Source: Irsoy, Benton and Stratos, "Corrected CBOW performs as well as
   * skip-gram", 2021.
   */
  readonly contextGradient?: 'mean' | 'whole'
}

/** The two vectors of each word, row-major [words, size]: where it is looked from, and where it is looked for. */
export interface WordTables {
  readonly input: Float32Array
  readonly output: Float32Array
  /** A vector for each character n-gram, [n-grams, size], and the n-grams of each word. */
  readonly grams?: NgramLists & { readonly vectors: Float32Array }
}

/** Texts one after another: text `i` is `tokens[offsets[i] .. offsets[i + 1]]`. */
export interface WordTexts {
  readonly tokens: Int32Array
  readonly offsets: Int32Array
}

/** How far it is. */
export interface LearnedWords {
  /** Words read, over all passes, and those there are to read. */
  readonly words: number
  readonly total: number
  /** Mean loss of a pair since the last report, in nats. */
  readonly loss: number
  readonly learningRate: number
}

/** The rate falls to this share. */
const LEAST_RATE = 1e-4

/** Words between two looks at the clock. */
const WORDS_A_REPORT = 10_000

/**
 * Share of the occurrences of a word that is read, where it makes up `share` of the text: as word2vec.c has it. The
 * paper's formula, sqrt(t / share), is this without the second part.
 */
export const keptShare = (share: number, subsample: number): number =>
  subsample > 0 && share > 0 ? Math.min(1, Math.sqrt(subsample / share) + subsample / share) : 1

/** How often each of so many words stands in texts. */
export function countWords(tokens: Int32Array, words: number): Float64Array {
  const counts = new Float64Array(words)
  for (const token of tokens) counts[token] = (counts[token] as number) + 1
  return counts
}

/** Where rows lie in the memory of the kernel, in bytes. */
interface Layout {
  /** Of a row: whole lanes, filled up with zeros that stay zeros. */
  readonly bytes: number
  readonly output: number
  readonly back: number
  readonly mean: number
  readonly total: number
  readonly grams: number
  readonly list: number
  readonly end: number
}

function layoutOf(words: number, grams: number, size: number, negatives: number): Layout {
  const bytes = Math.ceil((4 * size) / LANES) * LANES
  const output = words * bytes
  const back = 2 * output
  const first = back + 3 * bytes
  const list = first + grams * bytes
  return {
    bytes, output, back, mean: back + bytes, total: back + 2 * bytes, grams: first, list,
    end: list + 4 * (negatives + 1),
  }
}

/**
 * How far the mean of each list moves where every row of it takes a step of one, and the word's own row too: one, and
 * further where a row stands in the list several times.
 */
const gainsOf = ({ rows, offsets }: NgramLists): Float64Array =>
  Float64Array.from({ length: offsets.length - 1 }, (_, word) => {
    const list = rows.subarray(offsets[word], offsets[word + 1])
    const times = new Map<number, number>()
    for (const row of list) times.set(row, (times.get(row) ?? 0) + 1)
    return [...times.values()].reduce((sum, count) => sum + count ** 2, 1) / (1 + list.length)
  })

/**
 * Learns vectors of words; {@link save} writes them into the tables that it was given.
 *
 * With character n-grams (skip-gram alone) a word is looked from by the mean of a vector of its own, with which `input`
 * begins, and those of its n-grams. Each of them takes the whole step of the mean, as in fastText: the word then moves
 * as far as a vector without n-grams does. What is saved in `input` is the mean.
 */
export class NegativeSampling {
  readonly #tables: WordTables
  readonly #options: NegativeSamplingOptions
  readonly #words: number
  readonly #kept: Float64Array
  readonly #noise: DrawnWords
  readonly #draw: Draw
  readonly #layout: Layout
  readonly #kernel: VectorKernel
  readonly #numbers: Float32Array
  /** The word that stands there and those that are drawn. */
  readonly #list: Int32Array
  /** How far the vector of each word moves where all that it is made of take a step. */
  readonly #gains: Float64Array | undefined
  #nats = 0
  #pairs = 0

  /**
   * @param counts how often each word stands in the text
   * @param makeKernel of the inner loops; default the quick one
   * @throws UserError where CBOW is to learn character n-grams
   */
  constructor(
    tables: WordTables, counts: Float64Array, options: NegativeSamplingOptions,
    makeKernel: typeof vectorKernel = vectorKernel,
  ) {
    const { seed, subsample, negatives, method } = options
    if (tables.grams && method === 'cbow') {
      throw new UserError({
        rule: 'Vectors of character n-grams are learned by skip-gram.', received: method,
        next: "Give method: 'skip-gram', or tables without grams.",
      })
    }
    this.#tables = tables
    this.#options = options
    this.#words = counts.length
    const all = counts.reduce((sum, count) => sum + count, 0)
    this.#kept = counts.map(count => keptShare(count / all, subsample))
    this.#draw = quickDraw(seed, 'word vectors')
    this.#noise = new DrawnWords(counts, this.#draw)
    const size = tables.input.length / counts.length
    this.#layout = layoutOf(counts.length, (tables.grams?.vectors.length ?? 0) / size, size, negatives)
    this.#kernel = makeKernel(this.#layout.end, this.#layout.bytes, (score, k) => this.#judge(score, k))
    this.#numbers = new Float32Array(this.#kernel.memory)
    this.#list = new Int32Array(this.#kernel.memory, this.#layout.list, negatives + 1)
    this.#gains = tables.grams && gainsOf(tables.grams)
    this.#eachRow((row, at) => this.#numbers.set(row, at))
  }

  /** Writes what was learned until now into the tables. */
  save(): void {
    this.#eachRow((row, at) => row.set(this.#numbers.subarray(at, at + row.length)))
    const { input, grams } = this.#tables
    const size = input.length / this.#words
    if (!grams) return
    for (let word = 0; word < this.#words; word++) {
      const at = this.#compose(word) / 4
      input.set(this.#numbers.subarray(at, at + size), word * size)
    }
  }

  #eachRow(visit: (row: Float32Array, at: number) => void): void {
    const { input, output, grams } = this.#tables
    const size = input.length / this.#words
    const { bytes, output: second, grams: third } = this.#layout
    for (const [table, from] of [[input, 0], [output, second], [grams?.vectors, third]] as const) {
      for (let at = 0; at < (table?.length ?? 0); at += size)
        visit(table?.subarray(at, at + size) as Float32Array, (from + (at / size) * bytes) / 4)
    }
  }

  /** Adds a row to those of which a word is made: its own, and those of its n-grams. */
  #addToParts(word: number, row: number): void {
    const { bytes, grams: first } = this.#layout
    const { rows, offsets } = this.#tables.grams as NgramLists
    this.#kernel.add(word * bytes, row, 1)
    for (let i = offsets[word] as number; i < (offsets[word + 1] as number); i++)
      this.#kernel.add(first + (rows[i] as number) * bytes, row, 1)
  }

  /** The mean of what a word is made of. @returns where it lies */
  #compose(word: number): number {
    const { bytes, mean, grams: first } = this.#layout
    const { rows, offsets } = this.#tables.grams as NgramLists
    const [from, to] = [offsets[word] as number, offsets[word + 1] as number]
    const share = 1 / (1 + to - from)
    this.#clear(mean)
    this.#kernel.add(mean, word * bytes, share)
    for (let i = from; i < to; i++) this.#kernel.add(mean, first + (rows[i] as number) * bytes, share)
    return mean
  }

  /** Reads the texts as often as `epochs` says, reports now and then and after each pass, and saves at the end. */
  *learn({ tokens, offsets }: WordTexts): Generator<LearnedWords, void> {
    const { epochs, learningRate: first } = this.#options
    const total = Math.max(1, tokens.length * epochs)
    const read = new Int32Array(tokens.length)
    const rateAt = (words: number) => first * Math.max(LEAST_RATE, 1 - words / total)
    let [words, due] = [0, WORDS_A_REPORT]
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let i = 0; i + 1 < offsets.length; i++) {
        const [from, to] = [offsets[i] as number, offsets[i + 1] as number]
        const count = this.#subsampled(tokens, from, to, read)
        for (let at = 0; at < count; at++) this.#step(read, at, count, rateAt(words + (at / count) * (to - from)))
        words += to - from
        if (words < due && i + 2 < offsets.length) continue
        due = words + WORDS_A_REPORT
        yield { words, total, loss: this.#nats / Math.max(1, this.#pairs), learningRate: rateAt(words) }
        this.#nats = this.#pairs = 0
      }
    }
    this.save()
  }

  /** The words of a text that are read this time; those left out close up. @returns how many there are */
  #subsampled(tokens: Int32Array, from: number, to: number, into: Int32Array): number {
    let count = 0
    for (let i = from; i < to; i++) {
      const word = tokens[i] as number
      const kept = this.#kept[word] as number
      if (kept >= 1 || this.#draw() < kept) into[count++] = word
    }
    return count
  }

  // #region step
  /** A word and its neighbours: as many to either side as are drawn. */
  #step(read: Int32Array, at: number, count: number, rate: number): void {
    const { window, method, contextGradient } = this.#options
    const { bytes, back, mean, total } = this.#layout
    const reach = 1 + Math.floor(this.#draw() * window)
    const [first, last] = [Math.max(0, at - reach), Math.min(count - 1, at + reach)]
    if (first === last) return
    const word = read[at] as number
    if (method === 'skip-gram') {
      const { grams } = this.#tables
      const vector = grams ? this.#compose(word) : word * bytes
      const gain = this.#gains?.[word] ?? 1
      if (grams) this.#clear(total)
      for (let near = first; near <= last; near++) {
        if (near === at) continue
        this.#predict(vector, read[near] as number, rate)
        this.#kernel.add(vector, back, gain)
        if (grams) this.#kernel.add(total, back, 1)
      }
      if (grams) this.#addToParts(word, total)
      return
    }
    this.#clear(mean)
    for (let near = first; near <= last; near++)
      if (near !== at) this.#kernel.add(mean, (read[near] as number) * bytes, 1 / (last - first))
    this.#predict(mean, word, rate)
    const share = contextGradient === 'whole' ? 1 : 1 / (last - first)
    for (let near = first; near <= last; near++)
      if (near !== at) this.#kernel.add((read[near] as number) * bytes, back, share)
  }
  // #endregion

  /** A vector says yes to a word and no to words that are drawn; its own step is left in `back`. */
  #predict(vector: number, word: number, rate: number): void {
    const list = this.#list
    let count = 1
    list[0] = word
    for (let k = 0; k < this.#options.negatives; k++) {
      const drawn = this.#noise.next()
      if (drawn !== word) list[count++] = drawn
    }
    this.#clear(this.#layout.back)
    this.#pairs++
    this.#kernel.predict(vector, this.#layout.list, count, this.#layout.back, this.#layout.output, rate)
  }

  /** How far sigmoid(score) is from the truth, which is 1 for the word that stands there; counts the loss. */
  #judge(score: number, k: number): number {
    const said = 1 / (1 + Math.exp(-score))
    this.#nats -= Math.log(Math.max(k === 0 ? said : 1 - said, 1e-12))
    return k === 0 ? 1 - said : -said
  }

  #clear(row: number): void {
    this.#numbers.fill(0, row / 4, (row + this.#layout.bytes) / 4)
  }
}
