// A published text as words to learn vectors from, every 20th piece held out, and what the vectors are asked: pairs of
// neighbours, ratings of how alike words are, analogies.
import { raggedColumn, writtenPiece, type Dataset } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { z } from 'zod'
import { askedNgrams, usedBuckets, type characterNgramSettings } from '../tasks/word-vectors/character-ngrams.ts'
import { DrawnWords, quickDraw } from '../tasks/word-vectors/drawn-words.ts'
import { keptShare } from '../tasks/word-vectors/negative-sampling.ts'
import type { DataIo, DataSource } from './data-source.ts'
import { QUESTION_KINDS } from './question-kinds.ts'

/** The texts that vectors of words may be learned from, with the splits that are read of each. */
const CORPORA = {
  sotu: ['all'], imdb: ['train', 'test'], text8: ['all'], 'moby-dick': ['all'], brown: ['all'],
} as const
/** Of these all pieces are learned from, and their words are taken as they stand, capitals and marks, too. */
const AS_PUBLISHED: ReadonlySet<string> = new Set(['brown'])

/** Settings of an experiment on words of a text, to be spread into its own. */
export const corpusSettings = {
  corpus: z.enum(['sotu', 'imdb', 'text8', 'moby-dick', 'brown']).default('sotu').describe('text that is learned from'),
  minCount: z.number().int().min(1).max(1000).default(5).describe('times that a word stands in the text, at least'),
  vocabularySize: z
    .number()
    .int()
    .min(0)
    .max(500_000)
    .default(0)
    .describe('most frequent words that are known; 0: all'),
  questions: z
    .enum(['neighbours', 'published'])
    .default('neighbours')
    .describe('what the vectors are asked: which words are neighbours; published: word similarity and analogies too'),
  vocabulary: z.number().int().min(0).default(0).describe('words that there are; found in the text'),
}

/** What the source reads of the settings. */
export type CorpusSettings = {
  readonly [Name in keyof typeof corpusSettings]: z.infer<(typeof corpusSettings)[Name]>
} & {
  readonly [Name in keyof typeof characterNgramSettings]?: z.infer<(typeof characterNgramSettings)[Name]>
}

/** The artifact that holds the words of a run, the most frequent first, and how often each stands in the text. */
export const wordsArtifact = 'words.json'

/** The words of a text, most frequent first. */
export interface KnownWords {
  readonly words: readonly string[]
  readonly counts: readonly number[]
}

/** Longer texts are cut, as gensim cuts them: no window reaches from one piece to the next. */
const PIECE = 10_000
/** Every so many pieces, one is held out. */
const HELD_OUT = 20
/**
 * Pairs of neighbours that are asked, how far apart they are at most, words that each is compared with, and the share
 * of the text above which a word is left out at random: `the` stands beside everything.
 */
const ASKED = { pairs: 5000, window: 5, negatives: 5, subsample: 1e-4 } as const

const RATED = ['wordsim353', 'simlex999', 'men'] as const
/** Names of the groups of analogies that are about grammar. */
const GRAMMAR = /^gram/

/** The words of a text: letters and digits, with apostrophes inside, in small letters. */
export const plainWords = (text: string): string[] =>
  text.replaceAll('<br />', ' ').replaceAll('\u2019', "'").toLowerCase().match(/[\p{L}\p{N}]+(?:'[\p{L}]+)*/gu) ?? []

/** The words that stand there often enough, the most frequent first, of equal ones by the alphabet. */
export function knownWords(
  texts: Iterable<readonly string[]>, { minCount, vocabularySize }: Pick<CorpusSettings, 'minCount' | 'vocabularySize'>,
): KnownWords {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of text) counts.set(word, (counts.get(word) ?? 0) + 1)
  const known = [...counts].filter(([, count]) => count >= minCount)
  known.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const most = known.slice(0, vocabularySize || known.length)
  return { words: most.map(([word]) => word), counts: most.map(([, count]) => count) }
}

/** The texts in pieces of words. @param held whether those that judge, or those that are learned from */
async function piecesOf({ corpus }: CorpusSettings, io: DataIo, held: boolean): Promise<string[][]> {
  const pieces: string[][] = []
  let number = 0
  const isWhole = AS_PUBLISHED.has(corpus) && !held
  for (const split of CORPORA[corpus]) {
    const { text } = await io.dataset(corpus, split)
    for (const one of text?.['text'] ?? []) {
      const all = AS_PUBLISHED.has(corpus) ? one.split(' ') : plainWords(one)
      for (let from = 0; from < all.length; from += PIECE) {
        const isHeld = number++ % HELD_OUT === HELD_OUT - 1
        if (isWhole || isHeld === held) pieces.push(all.slice(from, from + PIECE))
      }
    }
  }
  return pieces
}

/** The words of a run as numbers, those that it does not know left out. */
export const numbersOf = (pieces: readonly (readonly string[])[], { words }: KnownWords): Int32Array[] => {
  const numbers = new Map(words.map((word, i) => [word, i]))
  return pieces.map(piece => Int32Array.from(piece.flatMap(word => numbers.get(word) ?? [])))
}

/** A question: its kind, up to four words, a rating, and drawn words. */
interface Question {
  readonly kind: (typeof QUESTION_KINDS)[number]
  readonly words: readonly number[]
  readonly score?: number
  readonly negatives?: readonly number[]
}

/** Pairs of neighbours in held-out texts: a word and one of those near it, and drawn words that it is compared with. */
function neighbourQuestions(texts: readonly Int32Array[], counts: Float64Array): Question[] {
  const draw = quickDraw(0, 'questions')
  const noise = new DrawnWords(counts, draw)
  const all = counts.reduce((sum, count) => sum + count, 0)
  const share = (word: number) => keptShare((counts[word] as number) / all, ASKED.subsample)
  const rare = texts.map(text => text.filter(word => draw() < share(word)))
  const isLong = ({ length }: Int32Array) => length > ASKED.window
  // Of a few different words each is a large share of the text.
  const long = rare.some(isLong) ? rare.filter(isLong) : texts.filter(isLong)
  const total = long.reduce((sum, { length }) => sum + length, 0)
  if (total === 0) return []
  const at = uniforms(randomKey(0, 'questions', 'places'), 2 * ASKED.pairs)
  return Array.from({ length: ASKED.pairs }, (_, i): Question => {
    let place = Math.floor((at[2 * i] as number) * total)
    const text = long.find(({ length }) => {
      if (place < length) return true
      place -= length
      return false
    }) as Int32Array
    const near = 1 + Math.floor((at[2 * i + 1] as number) * ASKED.window)
    const other = place + near < text.length ? place + near : place - near
    const negatives = Array.from({ length: ASKED.negatives }, () => noise.next())
    return { kind: 'neighbours', words: [text[place] as number, text[other] as number], negatives }
  })
}

/** The rated pairs and analogies of which every word is known. */
async function publishedQuestions(io: DataIo, { words }: KnownWords): Promise<Question[]> {
  const numbers = new Map(words.map((word, i) => [word, i]))
  const known = (...asked: readonly (string | undefined)[]) => {
    const found = asked.flatMap(word => numbers.get((word ?? '').toLowerCase()) ?? [])
    return found.length === asked.length ? found : undefined
  }
  const questions: Question[] = []
  for (const kind of RATED) {
    const { text = {}, columns, length } = await io.dataset(kind, 'all')
    for (let i = 0; i < length; i++) {
      const pair = known(text['first']?.[i], text['second']?.[i])
      if (pair) questions.push({ kind, words: pair, score: columns['scores']?.data[i] as number })
    }
  }
  const { text = {}, length } = await io.dataset('analogies', 'all')
  for (let i = 0; i < length; i++) {
    const four = known(...['first', 'second', 'third', 'fourth'].map(name => text[name]?.[i]))
    const kind = GRAMMAR.test(text['group']?.[i] ?? '') ? 'syntactic' : 'semantic'
    if (four) questions.push({ kind, words: four })
  }
  return questions
}

/** Questions as columns: `kind`, `words` [4], `scores` and `negatives` [5], filled up with word 0. */
function questionSet(name: string, questions: readonly Question[]): Dataset {
  const table = (width: number, of: (one: Question) => readonly number[]) => {
    const data = new Int32Array(questions.length * width)
    questions.forEach((one, i) => {
      data.set(of(one), i * width)
    })
    return data
  }
  return {
    name,
    length: questions.length,
    columns: {
      kind: { dtype: 'int32', shape: [], data: table(1, ({ kind }) => [QUESTION_KINDS.indexOf(kind)]) },
      words: { dtype: 'int32', shape: [4], data: table(4, ({ words }) => words) },
      scores: { dtype: 'float32', shape: [], data: Float32Array.from(questions, ({ score = 0 }) => score) },
      negatives: { dtype: 'int32', shape: [ASKED.negatives], data: table(5, ({ negatives = [] }) => negatives) },
    },
  }
}

/** The words of a run, counted in what is learned from and kept by it. */
async function wordsOfRun(settings: CorpusSettings, io: DataIo): Promise<KnownWords> {
  const count = async () => JSON.stringify(knownWords(await piecesOf(settings, io, false), settings))
  return JSON.parse(await io.artifact(wordsArtifact, count)) as KnownWords
}

/**
 * Words of a published text. What is learned from is the column `tokens`, a text an example, of different lengths; what
 * judges is a question an example: columns `kind`, `words`, `scores`, `negatives` (see {@link QUESTION_KINDS}).
 */
export function wordCorpus(): DataSource<CorpusSettings> {
  return {
    name: 'words of a text',
    parts: ['train', 'validation'],
    form: ({ vocabulary }) => ({
      columns: { words: { dtype: 'int32', shape: [4] } },
      ...(vocabulary > 0 && { vocabulary }),
    }),
    async settle(settings, io) {
      const { words } = await wordsOfRun(settings, io)
      const asked = askedNgrams(settings)
      if (words.length > 1)
        return { vocabulary: words.length, ...(asked && { grams: usedBuckets(words, asked).length }) }
      throw new UserError({
        rule: 'Vectors are learned of two words at least.',
        received: `minCount=${settings.minCount}, with ${words.length === 1 ? '1 word' : 'no word'} of ` +
          settings.corpus,
        next: 'Give a smaller one, for example --set minCount=1.',
      })
    },
    async load(part, settings, io) {
      const known = await wordsOfRun(settings, io)
      const held = part === 'validation'
      const texts = numbersOf(await piecesOf(settings, io, held), known)
      if (held) {
        const asked = neighbourQuestions(texts, Float64Array.from(known.counts))
        const published = settings.questions === 'published' ? await publishedQuestions(io, known) : []
        return questionSet(`${settings.corpus}/questions`, [...asked, ...published])
      }
      const tokens = raggedColumn('int32', texts, { shared: io.shared })
      const writing = { pieces: known.words.map(writtenPiece), between: ' ' }
      return { name: `${settings.corpus}/words`, length: texts.length, columns: { tokens }, writing }
    },
  }
}
