// Moments of a run on its chart: a thin upright line, what happened in words above the plot.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import type { ChartMark } from './chart.ts'
import { fitting } from './fitting.ts'
import { textWidth } from './text-width.ts'
import { tenths } from './tenths.ts'

/** Closer marks are one, the later: their lines could not be told apart. */
const LEAST_APART = 6
const BESIDE = 5
const BETWEEN = 10
const LINE_HEIGHT = 17

/** A mark with its place in pixels, and the row of its words, from the top. */
export interface PlacedMark {
  readonly mark: ChartMark
  readonly at: number
  readonly row: number
  readonly words: string
  readonly from: number
  readonly to: number
}

/** Where an axis lies, and how wide the chart is. */
interface Span {
  readonly width: number
  readonly xRange: readonly [from: number, to: number]
  readonly x: (value: number) => number
}

/** Whether words in a row are crossed by nothing: no other words there, no line from a row above; nor cross others. */
const isFree = (row: number, one: Omit<PlacedMark, 'row'>, placed: readonly PlacedMark[]): boolean =>
  placed.every(other => {
    if (other.row === row) return one.from > other.to + BETWEEN || one.to < other.from - BETWEEN
    const [above, below] = other.row < row ? [other, one] : [one, other]
    return above.at < below.from - 1 || above.at > below.to + 1
  })

/** Places marks: each in the first row where its words have room. */
export function placeMarks(marks: readonly ChartMark[], { width, xRange, x }: Span): PlacedMark[] {
  const within = marks
    .filter(mark => mark.x >= xRange[0] && mark.x <= xRange[1])
    .toSorted((a, b) => a.x - b.x)
  const apart = within.filter((mark, i) => {
    const next = within[i + 1]
    return next === undefined || x(next.x) - x(mark.x) >= LEAST_APART
  })
  return apart.reduce<PlacedMark[]>((placed, mark) => {
    const at = x(mark.x)
    const words = fitting(mark.label, Math.max(width - at, at) - BESIDE)
    const wide = textWidth(words)
    const isRight = at + BESIDE + wide <= width
    const [from, to] = isRight ? [at + BESIDE, at + BESIDE + wide] : [at - BESIDE - wide, at - BESIDE]
    const one = { mark, at, words, from, to }
    let row = 0
    while (!isFree(row, one, placed)) row++
    return [...placed, { ...one, row }]
  }, [])
}

/** How many rows of words marks need. */
export const markRows = (placed: readonly PlacedMark[]): number =>
  placed.reduce((most, { row }) => Math.max(most, row + 1), 0)

/** Where marks are drawn, in pixels, and the class of each one's colour. */
interface MarksFrame {
  readonly top: number
  readonly bottom: number
  readonly colour: (mark: ChartMark) => string
}

/** The marks as SVG. */
export function drawMarks(placed: readonly PlacedMark[], { top, bottom, colour }: MarksFrame): string {
  return placed
    .map(({ mark, at, row, words, from, to }) => {
      const y = top + row * LINE_HEIGHT
      const place = from > at ? `x="${tenths(from)}"` : `x="${tenths(to)}" text-anchor="end"`
      return (
        `<path class="moment ${colour(mark)}" d="M${tenths(at)} ${tenths(y + 1)}V${tenths(bottom)}"/>` +
        `<text class="value" ${place} y="${tenths(y + 12)}">${escapeMarkup(words)}</text>`
      )
    })
    .join('')
}
