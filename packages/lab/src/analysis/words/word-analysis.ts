// What can be said about trained vectors of words: how people and they agree, and which words they hold alike.
import type { Evaluation } from '../../tasks/task.ts'
import { wordScores, type WordScore } from '../../tasks/word-vectors/word-figures.ts'
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

/** What is said of vectors of words; nothing of another model, or where its words are not known. */
export function wordResults(run: AnalysedRun, { outputs }: Evaluation): { readonly words?: WordAnalysis } {
  const { model, words, test: { columns } } = run
  if (!(model instanceof WordVectors) || !words) return {}
  const table = model.input.weight.leaf?.data as Float32Array
  const column = (name: string) => ({ data: Float32Array.from(columns[name]?.data ?? []), shape: [] })
  return {
    words: {
      known: words.length,
      scores: wordScores({ ...outputs, kind: column('kind'), rating: column('scores') }),
      neighbours: shownWords(words.length).map(id => ({
        word: words[id] as string,
        near: nearestTokens(table, words.length, id, NEAR).map(one => ({
          word: words[one.id] as string, similarity: one.similarity,
        })),
      })),
    },
  }
}
