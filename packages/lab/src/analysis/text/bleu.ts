// BLEU, in sacreBLEU's numbers and with its signature.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import {
  countRuns, pairsOf, referenceCount, SACREBLEU, shared, totalOf, wordsOf, type Counts, type References,
} from './ngrams.ts'

/**
 * How a line becomes words: mteval-v13a's rules, mteval-v14's with all of Unicode's punctuation, characters, or as it
 * is.
 */
export type BleuTokenizer = '13a' | 'intl' | 'char' | 'none'

/** Settings of BLEU. */
export interface BleuOptions {
  /** Default '13a'. */
  readonly tokenize?: BleuTokenizer
  /** Whether case counts for nothing; default no. */
  readonly lowercase?: boolean
  /**
   * What stands for a precision of 0: half as much at each order as at the one before ('exp', default), a small count
   * ('floor'), one added to all counts ('add-k'), or 0. Source: Chen and Cherry 2014.
   */
  readonly smooth?: 'exp' | 'floor' | 'add-k' | 'none'
  /** The small count of 'floor' (default 0.1), or what 'add-k' adds (default 1). */
  readonly smoothValue?: number
  /** Longest runs of words, default 4. */
  readonly maxOrder?: number
  /** Whether orders that a short text does not have are left out, as for single sentences; default no. */
  readonly effectiveOrder?: boolean
}

/** A score and what it is made of. */
export interface BleuScore {
  /** From 0 to 100. */
  readonly score: number
  /** Of the runs of 1, 2 ... words, the share in per cent that a reference has too. */
  readonly precisions: readonly number[]
  /** At most 1: what is taken off where the hypotheses are shorter than the references. */
  readonly brevityPenalty: number
  readonly hypothesisLength: number
  readonly referenceLength: number
  /** The settings, in sacreBLEU's words. */
  readonly signature: string
}

const replaceAll = (text: string, rules: readonly (readonly [RegExp, string])[]): string =>
  rules.reduce((line, [pattern, by]) => line.replace(pattern, by), text)

const WESTERN = [
  [/([{-~[-` -&(-+:-@/])/g, ' $1 '],
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  [/([0-9])(-)/g, '$1 $2 '],
] as const
const INTERNATIONAL = [
  [/(\P{N})(\p{P})/gu, '$1 $2 '],
  [/(\p{P})(\P{N})/gu, ' $1 $2'],
  [/(\p{S})/gu, ' $1 '],
] as const
const ESCAPES = [
  ['<skipped>', ''],
  ['-\n', ''],
  ['\n', ' '],
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
] as const

const TOKENIZERS: Readonly<Record<BleuTokenizer, (line: string) => string>> = {
  '13a': line => replaceAll(` ${ESCAPES.reduce((text, [from, to]) => text.replaceAll(from, to), line)} `, WESTERN),
  'intl': line => replaceAll(line, INTERNATIONAL),
  'char': line => Array.from(line).join(' '),
  'none': line => line,
}

const SMOOTH_VALUES = { 'exp': undefined, 'none': undefined, 'floor': 0.1, 'add-k': 1 } as const

type Settings = Required<Omit<BleuOptions, 'smoothValue'>> & { readonly smoothValue: number | undefined }

function settingsOf(options: BleuOptions): Settings {
  const {
    tokenize = '13a', lowercase = false, smooth = 'exp', maxOrder = 4, effectiveOrder = false, smoothValue,
  } = checkOptions('bleu', options, ['tokenize', 'lowercase', 'smooth', 'smoothValue', 'maxOrder', 'effectiveOrder'])
  for (const [name, value, known] of [
    ['tokenize', tokenize, TOKENIZERS],
    ['smooth', smooth, SMOOTH_VALUES],
  ] as const) {
    if (!Object.hasOwn(known, value))
      throw new UserError({ rule: `bleu: ${name} is one of ${Object.keys(known).join(', ')}.`, received: value })
  }
  if (!Number.isInteger(maxOrder) || maxOrder < 1)
    throw new UserError({ rule: 'bleu: maxOrder must be a whole number of at least 1.', received: String(maxOrder) })
  return { tokenize, lowercase, smooth, maxOrder, effectiveOrder, smoothValue: smoothValue ?? SMOOTH_VALUES[smooth] }
}

/** What a sentence adds to the counts of a corpus. */
interface Statistics {
  readonly hypothesisLength: number
  readonly referenceLength: number
  readonly correct: readonly number[]
  readonly total: readonly number[]
}

function statisticsOf(
  hypothesis: string,
  references: readonly string[],
  { tokenize, lowercase, maxOrder }: Settings,
): Statistics {
  const words = (text: string) => wordsOf(TOKENIZERS[tokenize]((lowercase ? text.toLowerCase() : text).trimEnd()))
  const own = words(hypothesis)
  const others = references.map(words)
  // The closest length, of two equally close ones the shorter.
  const closest = others
    .map(({ length }) => length)
    .sort((a, b) => Math.abs(a - own.length) - Math.abs(b - own.length) || a - b)
  const orders = Array.from({ length: maxOrder }, (_, i) => i + 1)
  const most = (order: number): Counts => {
    const counts = new Map<string, number>()
    for (const other of others)
      for (const [run, count] of countRuns(other, order)) counts.set(run, Math.max(count, counts.get(run) ?? 0))
    return counts
  }
  const mine = orders.map(order => countRuns(own, order))
  return {
    hypothesisLength: own.length,
    referenceLength: closest[0] ?? 0,
    correct: mine.map((counts, i) => shared(counts, most(i + 1))),
    total: mine.map(totalOf),
  }
}

/** The precision of each order in per cent, smoothed, and how many orders count. */
function smoothedPrecisions(
  { correct, total }: Statistics,
  { smooth, smoothValue = 0, effectiveOrder, maxOrder }: Settings,
) {
  const precisions = new Array<number>(maxOrder).fill(0)
  let orders = maxOrder
  let halved = 1
  for (let i = 0; i < maxOrder; i++) {
    const added = smooth === 'add-k' && i > 0 ? smoothValue : 0
    const [right, all] = [(correct[i] as number) + added, (total[i] as number) + added]
    if (all === 0) break
    if (effectiveOrder) orders = i + 1
    if (right > 0) precisions[i] = (100 * right) / all
    else if (smooth === 'exp') precisions[i] = 100 / ((halved *= 2) * all)
    else if (smooth === 'floor') precisions[i] = (100 * smoothValue) / all
  }
  return { precisions, orders }
}

function signatureOf(
  lists: readonly (readonly string[])[],
  { lowercase, effectiveOrder, tokenize, smooth, smoothValue }: Settings,
): string {
  const smoothing = smoothValue === undefined ? smooth : `${smooth}[${smoothValue.toFixed(2)}]`
  const parts = {
    nrefs: referenceCount(lists),
    case: lowercase ? 'lc' : 'mixed',
    eff: effectiveOrder ? 'yes' : 'no',
    tok: tokenize,
    smooth: smoothing,
    version: SACREBLEU,
  }
  return Object.entries(parts)
    .map(([name, value]) => `${name}:${value}`)
    .join('|')
}

const sumOf = (lists: readonly (readonly number[])[]): number[] =>
  (lists[0] ?? []).map((_, i) => lists.reduce((sum, list) => sum + (list[i] as number), 0))

/**
 * BLEU of a corpus: the geometric mean of the precisions of runs of 1 to 4 words, times a penalty for brevity. The
 * numbers are sacreBLEU's. Source: Papineni, Roukos, Ward and Zhu, "BLEU", 2002; Post, "A call for clarity in
 * reporting BLEU scores", 2018.
 * @param hypotheses what was produced, a sentence each
 * @param references for each hypothesis its reference, or several
 */
export function bleu(
  hypotheses: readonly string[],
  references: readonly References[],
  options: BleuOptions = {},
): BleuScore {
  const settings = settingsOf(options)
  const lists = pairsOf('bleu', hypotheses, references)
  const parts = hypotheses.map((hypothesis, i) => statisticsOf(hypothesis, lists[i] as readonly string[], settings))
  const whole: Statistics = {
    hypothesisLength: parts.reduce((sum, part) => sum + part.hypothesisLength, 0),
    referenceLength: parts.reduce((sum, part) => sum + part.referenceLength, 0),
    correct: sumOf(parts.map(({ correct }) => correct)),
    total: sumOf(parts.map(({ total }) => total)),
  }
  const { hypothesisLength, referenceLength } = whole
  const brevityPenalty =
    hypothesisLength >= referenceLength
      ? 1
      : hypothesisLength === 0
        ? 0
        : Math.exp(1 - referenceLength / hypothesisLength)
  const none = whole.correct.every(count => count === 0)
  const { precisions, orders } = none
    ? { precisions: whole.correct, orders: settings.maxOrder }
    : smoothedPrecisions(whole, settings)
  const logarithm = precisions
    .slice(0, orders)
    .reduce((sum, precision) => sum + (precision > 0 ? Math.log(precision) : -9999999999), 0)
  return {
    score: none ? 0 : brevityPenalty * Math.exp(logarithm / orders),
    precisions,
    brevityPenalty,
    hypothesisLength,
    referenceLength,
    signature: signatureOf(lists, settings),
  }
}

/** BLEU of one sentence: orders that it is too short for are left out. */
export const sentenceBleu = (hypothesis: string, references: References, options: BleuOptions = {}): BleuScore =>
  bleu([hypothesis], [references], { effectiveOrder: true, ...options })
