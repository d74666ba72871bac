// chrF: how many runs of characters two texts share, in sacreBLEU's numbers and with its signature.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  countRuns, pairsOf, referenceCount, SACREBLEU, shared, totalOf, wordsOf, type Counts, type References,
} from './ngrams.ts'

/** Settings of chrF. */
export interface ChrfOptions {
  /** Longest runs of characters, default 6. */
  readonly charOrder?: number
  /** Longest runs of words, default 0; 2 makes it chrF++. */
  readonly wordOrder?: number
  /** How much more recall counts than precision, default 2. */
  readonly beta?: number
  /** Whether case counts for nothing; default no. */
  readonly lowercase?: boolean
  /** Whether spaces are characters too; default no. */
  readonly whitespace?: boolean
}

/** A score from 0 to 100, and its settings in sacreBLEU's words. */
export interface ChrfScore {
  readonly score: number
  /** `chrF2`, `chrF2++` */
  readonly name: string
  readonly signature: string
}

const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')

/** Words with a punctuation mark at their end, or else at their beginning, apart. */
function wordsApart(text: string): string[] {
  return wordsOf(text).flatMap(word => {
    const letters = Array.from(word)
    if (letters.length === 1) return [word]
    if (PUNCTUATION.has(letters.at(-1) as string)) return [letters.slice(0, -1).join(''), letters.at(-1) as string]
    return PUNCTUATION.has(letters[0] as string) ? [letters[0] as string, letters.slice(1).join('')] : [word]
  })
}

type Settings = Required<ChrfOptions>

/** The runs of each order: characters first, then words. */
function runsOf(text: string, { charOrder, wordOrder, whitespace }: Settings): Counts[] {
  const characters = Array.from(whitespace ? text : wordsOf(text).join(''))
  const words = wordOrder > 0 ? wordsApart(text) : []
  return [
    ...Array.from({ length: charOrder }, (_, i) => countRuns(characters, i + 1)),
    ...Array.from({ length: wordOrder }, (_, i) => countRuns(words, i + 1)),
  ]
}

/** For each order: runs of the hypothesis, of the reference, and those that both have. */
type Statistics = readonly (readonly [number, number, number])[]

function scoreOf(statistics: Statistics, beta: number): number {
  const counted = statistics.filter(([hypothesis, reference]) => hypothesis > 0 && reference > 0)
  if (counted.length === 0) return 0
  const mean = (of: (entry: readonly [number, number, number]) => number) =>
    counted.reduce((sum, entry) => sum + of(entry), 0) / counted.length
  const precision = mean(([hypothesis, , both]) => both / hypothesis)
  const recall = mean(([, reference, both]) => both / reference)
  return precision + recall === 0 ? 0 : (100 * (1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall)
}

/** Against several references, the one with the best score counts. */
function statisticsOf(hypothesis: string, references: readonly string[], settings: Settings): Statistics {
  const own = runsOf(hypothesis, settings)
  const candidates = references.map((reference): Statistics =>
    runsOf(reference, settings).map((counts, i) => {
      const mine = own[i] as Counts
      return [counts.size === 0 ? 0 : totalOf(mine), totalOf(counts), shared(mine, counts)]
    }),
  )
  const scores = candidates.map(candidate => scoreOf(candidate, settings.beta))
  return candidates[scores.indexOf(Math.max(...scores))] as Statistics
}

/**
 * chrF of a corpus: an F-score of the runs of up to 6 characters (and, as chrF++, of up to 2 words). The numbers are
 * sacreBLEU's. Source: Popović, "chrF: character n-gram F-score for automatic MT evaluation", 2015.
 * @param hypotheses what was produced, a sentence each
 * @param references for each hypothesis its reference, or several
 */
export function chrf(
  hypotheses: readonly string[],
  references: readonly References[],
  options: ChrfOptions = {},
): ChrfScore {
  const {
    charOrder = 6, wordOrder = 0, beta = 2, lowercase = false, whitespace = false,
  } = checkOptions('chrf', options, ['charOrder', 'wordOrder', 'beta', 'lowercase', 'whitespace'])
  if (!Number.isInteger(charOrder) || charOrder < 1 || !Number.isInteger(wordOrder) || wordOrder < 0 || !(beta > 0)) {
    throw new UserError({
      rule: 'chrf: charOrder is a whole number of at least 1, wordOrder one of at least 0, and beta is above 0.',
      received: `${charOrder}, ${wordOrder}, ${beta}`,
    })
  }
  const settings = { charOrder, wordOrder, beta, lowercase, whitespace }
  const lists = pairsOf('chrf', hypotheses, references)
  const cased = (text: string) => (lowercase ? text.toLowerCase() : text)
  const parts = hypotheses.map((hypothesis, i) =>
    statisticsOf(cased(hypothesis), (lists[i] as readonly string[]).map(cased), settings),
  )
  const add = (k: 0 | 1 | 2, order: number) =>
    parts.reduce((sum, part) => sum + (part[order] as readonly [number, number, number])[k], 0)
  const whole = Array.from(
    { length: charOrder + wordOrder },
    (_, order) => [add(0, order), add(1, order), add(2, order)] as const,
  )
  const facts = {
    nrefs: referenceCount(lists),
    case: lowercase ? 'lc' : 'mixed',
    eff: 'yes',
    nc: charOrder,
    nw: wordOrder,
    space: whitespace ? 'yes' : 'no',
    version: SACREBLEU,
  }
  return {
    score: scoreOf(whole, beta),
    name: `chrF${beta}${'+'.repeat(wordOrder)}`,
    signature: Object.entries(facts)
      .map(([name, value]) => `${name}:${value}`)
      .join('|'),
  }
}
