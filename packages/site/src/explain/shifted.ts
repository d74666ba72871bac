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

const TOP = 20

/** Of the drawing, in pixels; on a phone the bars are shorter. */
function layoutOf(narrow: boolean) {
  const cell = narrow ? 5 : 7
  const picture = SIDE * cell
  const left = picture + (narrow ? 12 : 24)
  const bar = narrow ? 78 : 180
  return { cell, picture, left, bar, row: narrow ? 48 : 62, width: narrow ? 350 : left + bar + 110 }
}

/** The share of the drawing's width that the picture has. */
export const pictureShare = (narrow: boolean): number => layoutOf(narrow).picture / layoutOf(narrow).width

/** A row of grey pixels, neighbours of one grey together. */
function inkOf(picture: Uint8Array, cell: number): string {
  const parts: string[] = []
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; ) {
      const level = (at: number) => Math.round((5 * (picture[row * SIDE + at] ?? 0)) / 255)
      const [first, now] = [column, level(column)]
      while (column < SIDE && level(column) === now) column++
      if (now > 0)
        parts.push(`<rect class="ink" x="${first * cell}" y="${TOP + row * cell}" width="${(column - first) * cell}" ` +
          `height="${cell}" fill-opacity="${now / 5}"/>`)
    }
  return parts.join('')
}

const likeliest = (shares: readonly number[]) => shares.indexOf(Math.max(...shares))
const percent = (share: number) => `${Math.round(100 * share)} %`

/** The digit where it lies now, and what each net says of it. @param narrow on a phone */
export function drawShifted(readers: Readers, state: ShiftedState, narrow = false): string {
  const { cell, picture: side, left, bar, row, width } = layoutOf(narrow)
  const picture = moved(readers.linear.digits[state.digit] ?? new Uint8Array(SIDE * SIDE), state.right, state.down)
  const rows = readings(readers, state).map((shares, i) => {
    const best = likeliest(shares)
    const y = TOP + i * row
    const kind = best === state.digit ? 'right' : 'wrong'
    return (
      `<text class="title" x="${left}" y="${y + 14}">${READERS[i] ?? ''}</text>` +
      `<text class="answer" x="${left}" y="${y + 40}">${best}</text>` +
      `<rect class="frame" x="${left + 26}" y="${y + 24}" width="${bar}" height="18"/>` +
      `<rect class="share ${kind}" x="${left + 26}" y="${y + 24}" width="${Math.round(bar * (shares[best] ?? 0))}" ` +
      `height="18"/><text x="${left + bar + 34}" y="${y + 38}">${percent(shares[best] ?? 0)} ${kind}</text>`
    )
  })
  return (
    `<svg class="chart window shifted" viewBox="0 0 ${width} ${TOP + side + 4}" role="img" ` +
    `aria-label="${saidOfShifted(readers, state)}">` +
    `<text class="title" x="0" y="13">a ${state.digit}, moved by ${state.right} and ${state.down}</text>` +
    `<rect class="frame" x="0" y="${TOP}" width="${side}" height="${side}"/>` +
    `${inkOf(picture, cell)}${rows.join('')}</svg>`
  )
}

/** What the figure shows, in words. */
export function saidOfShifted(readers: Readers, state: ShiftedState): string {
  const { digit, right, down } = state
  const said = readings(readers, state).map((shares, i) =>
    `${READERS[i] ?? ''} says ${likeliest(shares)}, ${percent(Math.max(...shares))} sure`).join('; ')
  const where = right === 0 && down === 0 ? 'where it was written' : `moved by ${right} to the right and ${down} down`
  return `A ${digit}, ${where}. ${said.charAt(0).toUpperCase()}${said.slice(1)}.`
}
