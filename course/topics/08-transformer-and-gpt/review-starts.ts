// The first words of film reviews, each with the word that follows.
// Source: A. Nandan, "Text generation with a miniature GPT", Keras, 2020.
import type { Dataset } from '@ddlf/data'
import { tokenizerArtifact, type DataIo, type DataSource } from '@ddlf/lab/experiments'

/** What the examples follow from. */
export interface ReviewStartSettings {
  /** Words that are read of a review; one more is asked for. */
  readonly blockSize: number
  /** Rows of the table of words. */
  readonly words: number
}

/** Token 0 fills up, 1 is any word that is not known. */
const SPECIAL = ['[PAD]', '[UNK]'] as const
/** Reviews that are judged again behind each epoch; as there, nothing is held out. */
const JUDGED = 1000

/** Marks, of which each begins a word. */
const MARKS = '!-/:-@\\[\\]^_`{|}~'
const WORD = new RegExp(`[${MARKS}]?[^\\s${MARKS}]+|[${MARKS}]`, 'g')

/** Words end at blanks and before every mark: `don't (stop)` is `don`, `'t`, `(stop`, `)`. */
export const wordsOfReview = (review: string): readonly string[] =>
  review.toLowerCase().replaceAll('<br />', ' ').match(WORD) ?? []

/**
 * The most frequent words of reviews as a tokenizer; Keras' layer keeps one row of the table free.
 * @param rows at least 4: three that are no word, and a word
 */
export function reviewTokenizer(reviews: readonly string[], rows: number): string {
  const counts = new Map<string, number>()
  for (const review of reviews) for (const word of wordsOfReview(review)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const known = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, rows - 1 - SPECIAL.length)
  const vocab = Object.fromEntries([...SPECIAL, ...known.map(([word]) => word)].map((word, id) => [word, id]))
  return JSON.stringify({
    version: '1.0',
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'Lowercase' }, { type: 'Replace', pattern: { String: '<br />' }, content: ' ' }],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Split', pattern: { Regex: `[${MARKS}]` }, behavior: 'MergedWithNext', invert: false },
      ],
    },
    model: { type: 'WordLevel', vocab, unk_token: SPECIAL[1] },
  })
}

interface TokenizerFile {
  readonly model: { readonly vocab: Readonly<Record<string, number>> }
}

/** The reviews of both parts, as they are learned from. */
async function allReviews(io: DataIo): Promise<string[]> {
  const parts = [await io.dataset('imdb', 'train'), await io.dataset('imdb', 'test')]
  return parts.flatMap(({ text }) => text?.['text'] ?? [])
}

/** Columns `tokens` and `targets`, int32 [size]: the same numbers, moved on by one. */
export function startsOf(
  name: string, reviews: readonly string[], vocab: TokenizerFile['model']['vocab'], size: number,
): Dataset {
  const known = new Map(Object.entries(vocab))
  const step = size + 1
  const data = new Int32Array(reviews.length * step)
  for (const [i, review] of reviews.entries()) {
    const words = wordsOfReview(review).slice(0, step)
    data.set(words.map(word => known.get(word) ?? 1), i * step)
  }
  const column = (from: number) => ({ dtype: 'int32', shape: [size], data: data.subarray(from), step }) as const
  return { name, length: reviews.length, columns: { tokens: column(0), targets: column(1) } }
}

const tokenizerOf = (io: DataIo, rows: number) =>
  io.artifact(tokenizerArtifact, async () => reviewTokenizer(await allReviews(io), rows))

export const reviewStarts: DataSource<ReviewStartSettings> = {
  name: 'imdb',
  parts: ['train', 'validation'],
  decides: ['blockSize', 'words'],
  form: ({ blockSize, words }) => {
    const column = { dtype: 'int32', shape: [blockSize] } as const
    return { columns: { tokens: column, targets: column }, vocabulary: words, examples: 50_000 }
  },
  async settle({ words }, io) {
    await tokenizerOf(io, words)
    return {}
  },
  async load(part, { blockSize, words }, io) {
    const { model } = JSON.parse(await tokenizerOf(io, words)) as TokenizerFile
    const all = await allReviews(io)
    const own = part === 'train' ? all : all.filter((_, i) => i % (all.length / JUDGED) === 0)
    return startsOf(`imdb/${part === 'train' ? 'all' : `${JUDGED} of all`}`, own, model.vocab, blockSize)
  },
}
