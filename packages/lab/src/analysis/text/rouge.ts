// ROUGE: how much of a reference a summary covers, in the numbers of the rouge-score package.
import { countRuns, pairsOf, shared, totalOf, type References } from './ngrams.ts'

/** Shares from 0 to 1. */
export interface RougeScore {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** Words, pairs of words, and the longest common subsequence of words. */
export interface RougeScores {
  readonly rouge1: RougeScore
  readonly rouge2: RougeScore
  readonly rougeL: RougeScore
}

/** Lower-case runs of Latin letters and digits: all else separates, as in the package. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? []

function scoreOf(common: number, hypothesis: number, reference: number): RougeScore {
  const [precision, recall] = [common / Math.max(hypothesis, 1), common / Math.max(reference, 1)]
  return { precision, recall, f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 }
}

/** The length of the longest common subsequence, a row of the table at a time. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let above = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const row = [0]
    b.forEach((other, j) =>
      row.push(word === other ? (above[j] as number) + 1 : Math.max(above[j + 1] as number, row[j] as number)),
    )
    above = row
  }
  return above[b.length] as number
}

function compare(hypothesis: string, reference: string): RougeScores {
  const [own, other] = [wordsOf(hypothesis), wordsOf(reference)]
  const byRuns = (order: number) => {
    const [mine, theirs] = [countRuns(own, order), countRuns(other, order)]
    return scoreOf(shared(mine, theirs), totalOf(mine), totalOf(theirs))
  }
  return { rouge1: byRuns(1), rouge2: byRuns(2), rougeL: scoreOf(longestCommon(own, other), own.length, other.length) }
}

const KINDS = ['rouge1', 'rouge2', 'rougeL'] as const

/**
 * ROUGE-1, ROUGE-2 and ROUGE-L of each hypothesis, without stemming. Against several references, for each measure the
 * one with the largest F1 counts. Only Latin letters and digits make words. Source: Lin, "ROUGE: a package for
 * automatic evaluation of summaries", 2004.
 */
export function rouge(hypotheses: readonly string[], references: readonly References[]): RougeScores[] {
  const lists = pairsOf('rouge', hypotheses, references)
  return hypotheses.map((hypothesis, i) => {
    const candidates = (lists[i] as readonly string[]).map(reference => compare(hypothesis, reference))
    const best = (kind: (typeof KINDS)[number]) =>
      candidates.map(scores => scores[kind]).reduce((a, b) => (b.f1 > a.f1 ? b : a))
    return { rouge1: best('rouge1'), rouge2: best('rouge2'), rougeL: best('rougeL') }
  })
}

/** The mean of each measure over hypotheses. */
export function meanRouge(scores: readonly RougeScores[]): RougeScores {
  const mean = (kind: (typeof KINDS)[number], of: keyof RougeScore) =>
    scores.reduce((sum, one) => sum + one[kind][of], 0) / scores.length
  const entries = KINDS.map(
    kind => [kind, { precision: mean(kind, 'precision'), recall: mean(kind, 'recall'), f1: mean(kind, 'f1') }] as const,
  )
  return Object.fromEntries(entries) as unknown as RougeScores
}
