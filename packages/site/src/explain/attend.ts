// Attention by hand: a word's query meets the keys of the words before it on a plane, and the values come in shares.
import { softmax } from './linear-digits.ts'
import { planeSvg, placesOf, type Plane } from './plane.ts'
import { drawTokens } from './token-strip.ts'

export type AttendMask = 'on' | 'off'

/** Which word asks, with what query, and whether it sees later words. */
export interface AttendState {
  readonly step: number
  readonly x: number
  readonly y: number
  readonly mask: AttendMask
}

/** Words, what each offers (key, here also its value) and what it asks for; numbers made by hand. */
const WORDS: readonly { readonly word: string; readonly key: Point; readonly query: Point }[] = [
  { word: 'the', key: [-0.4, -0.6], query: [0.2, 0.4] },
  { word: 'cat', key: [2.2, 0.4], query: [-0.8, -1] },
  { word: 'sat', key: [0.3, 2.1], query: [2.4, 0.2] },
  { word: 'because', key: [-1.8, 0.6], query: [0.6, 2.2] },
  { word: 'it', key: [0.9, -1.1], query: [2.6, 0.6] },
  { word: 'slept', key: [-0.5, 1.7], query: [1.6, -1.2] },
]
type Point = readonly [x: number, y: number]

export const ATTEND_WORDS = WORDS.length
export const ATTEND_KEYS: readonly Point[] = WORDS.map(({ key }) => key)
export const ATTEND_RANGE = [-3, 3] as const
const queryOf = (step: number): Point => WORDS[step]?.query ?? [0, 0]

/** The state in which a word asks with its own query. */
export const asking = (step: number, mask: AttendMask): AttendState =>
  ({ step, x: queryOf(step)[0], y: queryOf(step)[1], mask })

export const ATTEND_START = asking(4, 'on')

/** Scores, weights and the mean of the values. A word that is not seen has the weight 0. */
export function attended({ step, x, y, mask }: AttendState) {
  const scores = WORDS.map(({ key }) => (x * key[0] + y * key[1]) / Math.SQRT2)
  const weights = softmax(scores.map((score, i) => (mask === 'on' && i > step ? -Infinity : score)))
  const mean = (axis: 0 | 1) => weights.reduce((sum, weight, i) => sum + weight * (WORDS[i]?.key[axis] ?? 0), 0)
  return { scores, weights, output: [mean(0), mean(1)] as const }
}

/** The plane, for places on it too. */
export const attendPlane = (width: number): Plane => ({
  width,
  height: Math.min(340, Math.round(0.75 * width)),
  x: ATTEND_RANGE,
  y: ATTEND_RANGE,
  xTitle: 'first number',
  yTitle: 'second number',
})

export function drawAttend(state: AttendState, width: number): string {
  const plane = attendPlane(width)
  const { px, py } = placesOf(plane)
  const { weights, output } = attended(state)
  const keys = WORDS.map(({ word, key: [x, y] }, i) => {
    const share = weights[i] ?? 0
    return (
      `<circle class="key" cx="${px(x)}" cy="${py(y)}" r="${(3 + 16 * Math.sqrt(share)).toFixed(1)}"/>` +
      `<text x="${px(x)}" y="${py(y) - 8 - 14 * Math.sqrt(share)}" text-anchor="middle">${word}</text>`
    )
  })
  const query =
    `<path class="query" d="M${px(0)} ${py(0)}L${px(state.x)} ${py(state.y)}"/>` +
    `<circle class="query" cx="${px(state.x)}" cy="${py(state.y)}" r="6"/>`
  const [ox, oy] = [px(output[0]), py(output[1])]
  const mixed = `<path class="mixed" d="M${ox - 7} ${oy}H${ox + 7}M${ox} ${oy - 7}V${oy + 7}"/>`
  const tokens = WORDS.map(({ word }, i) => ({
    // A blank that is no token's: a strip shows ordinary ones.
    text: `${word}\u00a0${(100 * (weights[i] ?? 0)).toFixed(0)}\u00a0%`,
    weight: weights[i] ?? 0,
    ...(i === state.step && { mark: 'now' as const }),
  }))
  return planeSvg(plane, keys.join('') + query + mixed, saidOfAttend(state)) + drawTokens(tokens)
}

/** What the figure shows, in words. */
export function saidOfAttend(state: AttendState): string {
  const { scores, weights, output } = attended(state)
  const best = weights.reduce((most, weight, i) => (weight > (weights[most] ?? 0) ? i : most), 0)
  const number = (value: number) => value.toFixed(1).replace('-', '−')
  const key = WORDS[best]?.key ?? [0, 0]
  return (
    `‘${WORDS[state.step]?.word}’ asks with (${number(state.x)}, ${number(state.y)}). ` +
    `Best fits the key of ‘${WORDS[best]?.word}’, (${number(key[0])}, ${number(key[1])}): ` +
    `score ${number(scores[best] ?? 0)}, weight ${(100 * (weights[best] ?? 0)).toFixed(0)} %. ` +
    `The mean of the values is (${number(output[0])}, ${number(output[1])}).`
  )
}
