// The opening figure of Days 13-14: the votes of the words of a sentence, which of them are struck, and their sum.
import type { ReviewWords } from './review-words-data.ts'

/** What the reader has chosen, and how many words are read. */
export interface StrikeState {
  readonly sentence: number
  /** The words that are struck, by their places. */
  readonly struck: readonly number[]
  readonly step: number
}

export const strikeStart = ({ sentences }: ReviewWords, sentence = 0): StrikeState =>
  ({ sentence, struck: [], step: sentences[sentence]?.words.length ?? 0 })

const sentenceOf = ({ sentences }: ReviewWords, { sentence }: StrikeState) => {
  const found = sentences[sentence]
  if (!found) throw new Error(`There is no sentence ${sentence}.`)
  return found
}

/** The sum of the votes of the words that are read and not struck, and of the prior. */
export function sumOfVotes(record: ReviewWords, state: StrikeState): number {
  const { votes } = sentenceOf(record, state)
  return votes.reduce(
    (sum, vote, i) => (i < state.step && !state.struck.includes(i) ? sum + vote : sum),
    record.prior,
  )
}

/** The probability of a good review that a sum stands for. */
export const probabilityOf = (sum: number): number => 1 / (1 + Math.exp(-sum))

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
const percent = (share: number) => `${Math.round(100 * share)} %`

/** Votes beyond it are drawn as high as it. */
const HIGHEST = 2.5

/** One word: a button under a bar that stands or hangs. */
function token(word: string, vote: number, place: number, { struck, step }: StrikeState): string {
  const isStruck = struck.includes(place)
  const share = Math.min(1, Math.abs(vote) / HIGHEST).toFixed(3)
  const kind = ['token', vote >= 0 ? 'for' : 'against', isStruck && 'struck', place >= step && 'unread']
  const label = escaped(`${word}, vote ${signed(vote)}`)
  return (
    `<button type="button" class="${kind.filter(Boolean).join(' ')}" data-word="${place}" style="--share:${share}"` +
    ` aria-pressed="${String(isStruck)}" aria-label="${label}"><i></i><span>${escaped(word)}</span></button>`
  )
}

/** A model's answer: a bar from 0 to certain. */
const answer = (name: string, share: number, kind = ''): string =>
  `<li class="${kind}"><span>${escaped(name)}</span><i style="--share:${share.toFixed(3)}"></i>` +
  `<span>${percent(share)}</span></li>`

/** The words and, below them, how good each model finds the whole sentence. */
export function drawStrikeWords(record: ReviewWords, state: StrikeState): string {
  const { words, votes, said } = sentenceOf(record, state)
  const tokens = words.map((word, i) => token(word, votes[i] ?? 0, i, state)).join('')
  const now = answer('the words as they stand here', probabilityOf(sumOfVotes(record, state)), 'now')
  const models = record.models.map(({ name }, i) => answer(name, said[i] ?? 0)).join('')
  return (
    `<div class="tokens" role="group" aria-label="Words; press one to strike it">${tokens}</div>` +
    `<ul class="answers" aria-label="How likely a good review">${now}${models}</ul>`
  )
}

/** What the figure shows, in words. */
export function saidOfStrikeWords(record: ReviewWords, state: StrikeState): string {
  const { words } = sentenceOf(record, state)
  const sum = sumOfVotes(record, state)
  const read = state.step >= words.length ? 'Read to the end' : `${state.step} of ${words.length} words read`
  const struck = state.struck.length === 0 ? '' : `, ${state.struck.length} struck`
  return `${read}${struck}: the votes add up to ${signed(sum)}, so ${percent(probabilityOf(sum))} for a good review.`
}
