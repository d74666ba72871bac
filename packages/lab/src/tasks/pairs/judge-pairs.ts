// Judges sequences that a model has written against all that count as right.
import { writtenTokens, type Dataset, type TokenWriting } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { bleu, type BleuTokenizer } from '../../analysis/text/bleu.ts'
import { editDistance } from '../../analysis/text/edit-rates.ts'
import { PAIR_TOKENS, rightTexts } from '../../data-source/pairs.ts'
import type { KeptOutputs, Metrics } from '../task.ts'
import type { JudgedBy } from './pair-metrics.ts'
import { waysOfWriting, type PairTaskSettings } from './pair-settings.ts'

/** Tokens that a model wrote as a text, up to their end. */
export function writtenText(writing: TokenWriting, tokens: Float32Array): string {
  const end = tokens.indexOf(PAIR_TOKENS.end)
  return writtenTokens(writing, end < 0 ? tokens : tokens.subarray(0, end))
}

/** The texts that a model wrote in one way, of all examples. @param way counted from 0 */
export function writtenTexts({ written }: KeptOutputs, { writing, length, name }: Dataset, way = 0): string[] {
  if (!writing || !written) {
    throw new UserError({
      rule: 'Sequences are judged as texts: their data say how tokens are written.',
      received: name,
      next: 'Make them with pairSource.',
    })
  }
  const [ways = 1, steps = 0] = written.shape
  return Array.from({ length }, (_, i) => {
    const from = (i * ways + way) * steps
    return writtenText(writing, written.data.subarray(from, from + steps))
  })
}

/** Everything that counts as right for each example. */
const rightOf = ({ text }: Dataset): string[][] => (text?.['target'] ?? []).map(rightTexts)

const share = (texts: readonly string[], right: readonly (readonly string[])[]) =>
  texts.filter((text, i) => !(right[i] ?? []).includes(text)).length / texts.length

/** Edits to the nearest of those that count as right, over the tokens of these. */
function tokenErrorOf(texts: readonly string[], right: readonly (readonly string[])[], between: string): number {
  const unitsOf = (text: string) => (between === '' ? Array.from(text) : text.split(between))
  let [edits, length] = [0, 0]
  for (const [i, text] of texts.entries()) {
    const units = unitsOf(text)
    const nearest = (right[i] ?? [])
      .map(unitsOf)
      .map(one => ({ edits: editDistance(units, one), length: one.length }))
      .reduce((best, one) => (one.edits < best.edits ? one : best))
    edits += nearest.edits
    length += nearest.length
  }
  return edits / length
}

/** Errors by the length of the source, of examples with one width of lengths each. */
function byLength(
  texts: readonly string[], right: readonly (readonly string[])[], dataset: Dataset, width: number,
): Metrics {
  const counts = new Map<number, { all: number; wrong: number }>()
  const offsets = dataset.columns['source']?.offsets
  for (const [i, text] of texts.entries()) {
    // Without its end.
    const length = (offsets?.[i + 1] ?? 0) - (offsets?.[i] ?? 0) - 1
    const last = Math.ceil(length / width) * width
    const found = counts.get(last) ?? { all: 0, wrong: 0 }
    counts.set(last, { all: found.all + 1, wrong: found.wrong + Number(!(right[i] ?? []).includes(text)) })
  }
  const told = [...counts].filter(([, { all }]) => all >= LEAST)
  return Object.fromEntries(told.map(([last, { all, wrong }]) => [`length/${last}`, wrong / all]))
}

/** Of fewer sequences a share says little. */
const LEAST = 20

/** Words of a target, on average, from which on BLEU says something: it counts runs of up to four. */
const WORDS_FOR_BLEU = 4

/** Whether texts are long enough for BLEU. */
const areLong = (right: readonly (readonly string[])[]): boolean =>
  right.reduce((sum, [first = '']) => sum + first.split(/\s+/).length, 0) >= WORDS_FOR_BLEU * right.length

/** What the texts say of a model, in every way that the settings ask for. */
export function judgePairs(
  outputs: KeptOutputs, dataset: Dataset, settings: PairTaskSettings, judgedBy: JudgedBy,
  tokenize: BleuTokenizer = '13a',
): Metrics {
  const right = rightOf(dataset)
  const tokenError = (texts: readonly string[]) => tokenErrorOf(texts, right, dataset.writing?.between ?? '')
  const overlap = (texts: readonly string[]) => bleu(texts, right, { tokenize }).score
  const score = (texts: readonly string[]) =>
    ({ exact: share, bleu: overlap, edits: tokenError })[judgedBy](texts, right)
  const [first = [], ...others] = waysOfWriting(settings).map((_, way) => writtenTexts(outputs, dataset, way))
  const told = waysOfWriting(settings).slice(1).map(({ metric = '' }, i) => [metric, score(others[i] ?? [])])
  return {
    ...(judgedBy === 'bleu' ? { bleu: score(first) } : { error: share(first, right), tokenError: tokenError(first) }),
    ...(judgedBy === 'edits' && areLong(right) && { bleu: overlap(first) }),
    ...(Object.fromEntries(told) as Metrics),
    ...(settings.byLength > 0 && byLength(first, right, dataset, settings.byLength)),
  }
}
