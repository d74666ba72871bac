// What can be said about trained vectors of words: how people and they agree, and which words they hold alike.
import { UserError } from '@ddlf/tensor/errors'
import type { Evaluation } from '../../tasks/task.ts'
import type { CharacterNgramOptions } from '../../tasks/word-vectors/character-ngrams.ts'
import { wordScores, type WordScore } from '../../tasks/word-vectors/word-figures.ts'
import { wordVector } from '../../tasks/word-vectors/word-vector.ts'
import { WordVectors } from '../../tasks/word-vectors/word-vectors.ts'
import type { AnalysedRun } from '../../trained/analysed-run.ts'
import { nearestTokens } from '../tokens/nearest-tokens.ts'

/** The results, with words as text. */
export interface WordAnalysis {
  /** Words that have a vector. */
  readonly known: number
  /** None where the run was asked about neighbours alone. */
  readonly scores: readonly WordScore[]
  readonly neighbours: readonly {
    readonly word: string
    /** Set where the word was asked for: whether it has a vector of its own, or one by its letters alone. */
    readonly asked?: 'known' | 'by its letters'
    readonly near: readonly { readonly word: string; readonly similarity: number }[]
  }[]
}

/** Words whose neighbours are shown, and how many of each. */
const [SHOWN, NEAR] = [20, 6]
/** The most frequent words say what they are next to, not what they mean. */
const FIRST = 100

/** The words whose neighbours are shown: from frequent to rare, in equal steps of the logarithm. */
function shownWords(known: number): number[] {
  const [first, last] = [Math.min(FIRST, Math.floor(known / 4)), Math.max(0, known - 1)]
  const [start, range] = [Math.log(first + 1), Math.log((last + 1) / (first + 1))]
  const at = (k: number) => Math.floor(Math.exp(start + (k / SHOWN) * range)) - 1
  return [...new Set(Array.from({ length: SHOWN }, (_, k) => at(k)))]
}

/**
 * The words nearest to one that was asked for.
 * @throws UserError where it has no vector
 */
function nearAsked({ settings }: AnalysedRun, model: WordVectors, words: readonly string[], word: string) {
  const { minGram, maxGram, buckets } = settings as Partial<CharacterNgramOptions>
  const letters = minGram === undefined || maxGram === undefined || buckets === undefined
    ? {}
    : { minGram, maxGram, buckets }
  const vector = wordVector(model, words, letters, word)
  if (!vector) {
    throw new UserError({
      rule: 'A word that is asked for has a vector, or n-grams that have some.',
      received: `${word}, which is none of ${words.length} words`,
      next: model.grams
        ? 'Ask for a word of letters that stand in the text.'
        : 'Ask for a word of the text; vectors of n-grams (--set maxGram=6) know others, too.',
    })
  }
  const table = model.input.weight.leaf?.data as Float32Array
  const known = words.indexOf(word)
  const more = new Float32Array(table.length + vector.length)
  more.set(table)
  more.set(vector, table.length)
  const near = nearestTokens(more, words.length + 1, words.length, NEAR + 1)
  return {
    word,
    asked: known < 0 ? 'by its letters' as const : 'known' as const,
    near: near.filter(({ id }) => id !== known).slice(0, NEAR),
  }
}

/**
 * What is said of vectors of words; nothing of another model, or where its words are not known.
 * @param asked words whose neighbours are shown instead of some from frequent to rare
 * @throws UserError where words are asked for that have no vector, or of another model
 */
export function wordResults(
  run: AnalysedRun, { outputs }: Evaluation, asked: readonly string[] = [],
): { readonly words?: WordAnalysis } {
  const { model, words, test: { columns } } = run
  if (!(model instanceof WordVectors) || !words) {
    if (asked.length === 0) return {}
    throw new UserError({
      rule: 'Words are asked for of a run that learned vectors of words.', received: run.experiment.name,
      next: 'Leave --words out, or name a run of skip-gram or cbow.',
    })
  }
  const table = model.input.weight.leaf?.data as Float32Array
  const some = () => shownWords(words.length).map(id => ({
    word: words[id] as string, near: nearestTokens(table, words.length, id, NEAR),
  }))
  const found = asked.length > 0 ? asked.map(word => nearAsked(run, model, words, word)) : some()
  const column = (name: string) => ({ data: Float32Array.from(columns[name]?.data ?? []), shape: [] })
  return {
    words: {
      known: words.length,
      scores: wordScores({ ...outputs, kind: column('kind'), rating: column('scores') }),
      neighbours: found.map(({ near, ...of }) => ({
        ...of,
        near: near.map(({ id, similarity }) => ({ word: words[id] as string, similarity })),
      })),
    },
  }
}
