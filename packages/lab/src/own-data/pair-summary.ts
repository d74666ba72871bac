// What a user's pairs of texts hold, for those who have not decided yet how to learn from them.
import { rightTexts, type Dataset } from '@ddlf/data'
import type { ColumnSummary } from './table-summary.ts'

/** One side of the pairs. */
export interface SideSummary {
  /** Characters of a text: of the one in the middle, and of the longest. */
  readonly characters: { readonly median: number; readonly most: number }
  /** What blanks divide a text into, likewise. */
  readonly words: { readonly median: number; readonly most: number }
  readonly differentCharacters: number
  readonly differentWords: number
}

/** Pairs of texts, and how they may be learned. */
export interface PairSummary {
  readonly source: SideSummary
  readonly target: SideSummary
  /** What the texts are best cut into: characters where they are words, subwords where they are sentences. */
  readonly units: 'characters' | 'subwords'
  /** Characters of the longest text of either side, with the end that a model reads. */
  readonly longest: number
}

const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean)

function sideOf(texts: readonly string[]): SideSummary {
  const characters = texts.map(text => Array.from(text))
  const words = texts.map(wordsOf)
  const sizes = (lists: readonly (readonly string[])[]) => {
    const sorted = lists.map(({ length }) => length).sort((a, b) => a - b)
    return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 }
  }
  return {
    characters: sizes(characters),
    words: sizes(words),
    differentCharacters: new Set(characters.flat()).size,
    differentWords: new Set(words.flat()).size,
  }
}

/** Characters of a text in the middle from which on subwords make shorter sequences of more sense. */
const LONG = 24

/** Says what pairs hold. @param dataset as `pairDataset` of `@ddlf/data` gives it */
export function summarisePairs({ text }: Dataset): PairSummary {
  const source = sideOf(text?.['source'] ?? [])
  const target = sideOf((text?.['target'] ?? []).flatMap(rightTexts))
  const median = Math.max(source.characters.median, target.characters.median)
  return {
    source,
    target,
    units: median > LONG ? 'subwords' : 'characters',
    longest: Math.max(source.characters.most, target.characters.most) + 1,
  }
}

/** Whether a table looks like one of pairs: two columns of texts, most of which are different on both sides. */
export const looksLikePairs = (columns: readonly ColumnSummary[], rows: number): boolean =>
  columns.length === 2 &&
  columns.every(({ kind, different }) => (kind === 'texts' || kind === 'categories') && different > rows / 2)
