// The opening figure of Days 13-14: the votes of the words of a sentence, which of them are struck, and their sum; or
// what each word does to the answer of a net, which is asked about the sentence without it.
import type { ReviewWords } from './review-words-data.ts'

/** What the reader has chosen, and how many words are read. */
export interface StrikeState {
  readonly sentence: number
  /** The words that are struck, by their places. */
  readonly struck: readonly number[]
  readonly step: number
  /** Whose words they are: 0, the votes of naive Bayes; else a model of the record. */
  readonly model: number
}

export const strikeStart = ({ sentences }: ReviewWords, sentence = 0, model = 0): StrikeState =>
  ({ sentence, struck: [], step: sentences[sentence]?.words.length ?? 0, model })

/** A word struck, or no longer. Of a net one word at a time is known, and only of the whole sentence. */
export function strike(record: ReviewWords, state: StrikeState, place: number): StrikeState {
  const { struck } = state
  const isStruck = struck.includes(place)
  if (state.model > 0) {
    return { ...strikeStart(record, state.sentence, state.model), struck: isStruck ? [] : [place] }
  }
  const now = isStruck ? struck.filter(one => one !== place) : [...struck, place].sort((a, b) => a - b)
  return { ...state, struck: now }
}

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

/** What a net says of the words that are read and not struck; undefined before it has read one. */
export function saidByNet(record: ReviewWords, state: StrikeState): number | undefined {
  const { words, said, effects, read } = sentenceOf(record, state)
  const { model, step, struck } = state
  if (step < words.length) return step === 0 ? undefined : read[model]?.[step - 1]
  const whole = said[model] ?? NaN
  const [place] = struck
  if (place === undefined) return whole
  return probabilityOf(Math.log(whole / (1 - whole)) - (effects[model]?.[place] ?? NaN))
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`
const percent = (share: number) => `${Math.round(100 * share)} %`

/** A bar of so much is full: the least; of a sentence with stronger words, the strongest. */
const HIGHEST = 2.5

/** One word: a button under a bar that stands or hangs. @param highest what a full bar stands for */
function token(
  word: string, vote: number, highest: number, place: number, { struck, step, model }: StrikeState,
): string {
  const isStruck = struck.includes(place)
  const share = (Math.abs(vote) / highest).toFixed(3)
  const kind = ['token', vote >= 0 ? 'for' : 'against', isStruck && 'struck', place >= step && 'unread']
  const label = escaped(`${word}, ${model === 0 ? 'vote' : 'adds'} ${signed(vote)}`)
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
  const { words, votes, said, effects } = sentenceOf(record, state)
  const { model } = state
  const bars = model === 0 ? votes : (effects[model] ?? [])
  const highest = Math.max(HIGHEST, ...bars.map(Math.abs))
  const tokens = words.map((word, i) => token(word, bars[i] ?? 0, highest, i, state)).join('')
  const share = model === 0 ? probabilityOf(sumOfVotes(record, state)) : saidByNet(record, state)
  const now = share === undefined ? '' : answer('the words as they stand here', share, 'now')
  const models = record.models.map(({ name }, i) => answer(name, said[i] ?? 0)).join('')
  return (
    `<div class="tokens" role="group" aria-label="Words; press one to strike it">${tokens}</div>` +
    `<ul class="answers" aria-label="How likely a good review">${now}${models}</ul>`
  )
}

/** What the figure shows, in words. */
export function saidOfStrikeWords(record: ReviewWords, state: StrikeState): string {
  const { words, effects } = sentenceOf(record, state)
  const { step, struck, model } = state
  const read = step >= words.length ? 'Read to the end' : `${step} of ${words.length} words read`
  if (model === 0) {
    const sum = sumOfVotes(record, state)
    const without = struck.length === 0 ? '' : `, ${struck.length} struck`
    return `${read}${without}: the votes add up to ${signed(sum)}, so ${percent(probabilityOf(sum))} for a good review.`
  }
  const share = saidByNet(record, state)
  const [place] = struck
  const net = record.models[model]?.name ?? ''
  if (share === undefined) return `Nothing read: the ${net} is asked about a word at least.`
  if (place === undefined) return `${read}: the ${net} says ${percent(share)} for a good review.`
  const effect = signed(effects[model]?.[place] ?? NaN)
  return `Without “${words[place] ?? ''}” the ${net} says ${percent(share)}: the word adds ${effect} to its log-odds.`
}
