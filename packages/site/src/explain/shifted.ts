// One digit, moved: what three nets say of it. A linear classifier, a LeNet, and a LeNet that has seen moved digits.
import { lenetScores, type LeNetOfPage } from './lenet-digits.ts'
import { moved, scoresOf, SIDE, softmax, type LinearDigits } from './linear-digits.ts'

export const READERS = ['linear', 'LeNet-1', 'LeNet-1, moved digits'] as const

/** The three nets, and the digits that they are asked about. */
export interface Readers {
  readonly linear: LinearDigits
  readonly plain: LeNetOfPage
  readonly distorted: LeNetOfPage
}

export interface ShiftedState {
  readonly digit: number
  readonly right: number
  readonly down: number
}

export const MOST_MOVED = 8
export const SHIFTED_START: ShiftedState = { digit: 7, right: 4, down: 0 }

/** Probabilities of the ten digits by each reader, for the moved digit. */
export function readings({ linear, plain, distorted }: Readers, { digit, right, down }: ShiftedState): number[][] {
  const seen = moved(linear.digits[digit] ?? new Uint8Array(SIDE * SIDE), right, down)
  return [scoresOf(linear, seen), lenetScores(plain, seen), lenetScores(distorted, seen)].map(softmax)
}

const CELL = 7
const PICTURE = SIDE * CELL
const TOP = 20
const LEFT = PICTURE + 24
const ROW = 62
const WIDTH = LEFT + 290
const HEIGHT = TOP + PICTURE + 4

/** A row of grey pixels, neighbours of one grey together. */
function inkOf(picture: Uint8Array): string {
  const parts: string[] = []
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; ) {
      const level = (at: number) => Math.round((5 * (picture[row * SIDE + at] ?? 0)) / 255)
      const [first, now] = [column, level(column)]
      while (column < SIDE && level(column) === now) column++
      if (now > 0)
        parts.push(`<rect class="ink" x="${first * CELL}" y="${TOP + row * CELL}" width="${(column - first) * CELL}" ` +
          `height="${CELL}" fill-opacity="${now / 5}"/>`)
    }
  return parts.join('')
}

const likeliest = (shares: readonly number[]) => shares.indexOf(Math.max(...shares))
const percent = (share: number) => `${Math.round(100 * share)} %`

/** The digit where it lies now, and what each net says of it. */
export function drawShifted(readers: Readers, state: ShiftedState): string {
  const picture = moved(readers.linear.digits[state.digit] ?? new Uint8Array(SIDE * SIDE), state.right, state.down)
  const rows = readings(readers, state).map((shares, i) => {
    const best = likeliest(shares)
    const y = TOP + i * ROW
    const kind = best === state.digit ? 'right' : 'wrong'
    return (
      `<text class="title" x="${LEFT}" y="${y + 14}">${READERS[i] ?? ''}</text>` +
      `<text class="answer" x="${LEFT}" y="${y + 40}">${best}</text>` +
      `<rect class="frame" x="${LEFT + 26}" y="${y + 24}" width="180" height="18"/>` +
      `<rect class="share ${kind}" x="${LEFT + 26}" y="${y + 24}" width="${Math.round(180 * (shares[best] ?? 0))}" ` +
      `height="18"/><text x="${LEFT + 214}" y="${y + 38}">${percent(shares[best] ?? 0)} ${kind}</text>`
    )
  })
  return (
    `<svg class="chart window shifted" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" ` +
    `aria-label="${saidOfShifted(readers, state)}">` +
    `<text class="title" x="0" y="13">a ${state.digit}, moved by ${state.right} and ${state.down}</text>` +
    `<rect class="frame" x="0" y="${TOP}" width="${PICTURE}" height="${PICTURE}"/>` +
    `${inkOf(picture)}${rows.join('')}</svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfShifted(readers: Readers, state: ShiftedState): string {
  const { digit, right, down } = state
  const said = readings(readers, state).map((shares, i) =>
    `${READERS[i] ?? ''}: ${likeliest(shares)}, ${percent(Math.max(...shares))} sure`)
  const where = right === 0 && down === 0 ? 'where it was written' : `moved by ${right} to the right and ${down} down`
  return `A ${digit}, ${where}. ${said.join('; ')}.`
}
