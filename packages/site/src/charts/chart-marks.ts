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

type Unplaced = Omit<PlacedMark, 'row'>

/** The words of a mark on one side of its line. */
const beside = (mark: ChartMark, at: number, words: string, isRight: boolean): Unplaced => {
  const wide = textWidth(words)
  const [from, to] = isRight ? [at + BESIDE, at + BESIDE + wide] : [at - BESIDE - wide, at - BESIDE]
  return { mark, at, words, from, to }
}

/** The first row where words are crossed by nothing; above all others is the last that is tried. */
function freeRow(one: Unplaced, placed: readonly PlacedMark[]): number | undefined {
  const rows = placed.map(({ row }) => row)
  const [highest, lowest] = [Math.min(0, ...rows), Math.max(-1, ...rows)]
  const tried = Array.from({ length: lowest - highest + 2 }, (_, i) => highest + i)
  return [...tried, highest - 1].find(row => isFree(row, one, placed))
}

/** A mark's words where every row would have them crossed: cut to the larger gap beside its line, below all others. */
function cutToGap(
  mark: ChartMark,
  at: number,
  [left, right]: readonly [number, number],
  before: readonly PlacedMark[],
): PlacedMark {
  const isRight = right - at > at - left
  const room = Math.max(right - at, at - left) - 2 * BESIDE
  const words = fitting(mark.label, room)
  const row = Math.max(-1, ...before.map(other => other.row)) + 1
  return { ...beside(mark, at, textWidth(words) <= room ? words : '', isRight), row }
}

/** Places marks that lie apart, their words first on the side that is asked for. */
const arranged = (marks: readonly ChartMark[], { width, x }: Span, isRightFirst: (at: number) => boolean) =>
  marks.reduce<PlacedMark[]>((before, mark, i) => {
    const at = x(mark.x)
    const words = fitting(mark.label, Math.max(width - at, at) - BESIDE)
    const first = isRightFirst(at)
    for (const isRight of [first, !first]) {
      const one = beside(mark, at, words, isRight)
      const row = one.from >= 0 && one.to <= width ? freeRow(one, before) : undefined
      if (row !== undefined) return [...before, { ...one, row }]
    }
    const [previous, next] = [marks[i - 1], marks[i + 1]]
    const gap = [previous ? x(previous.x) : 0, next ? x(next.x) : width] as const
    return [...before, cutToGap(mark, at, gap, before)]
  }, [])

/**
 * Places marks: right of their lines where there is room, else left; each in a row where its words have room. Where
 * that would cut words, those of the right half are set left first.
 */
export function placeMarks(marks: readonly ChartMark[], span: Span): PlacedMark[] {
  const { width, xRange, x } = span
  const within = marks
    .filter(mark => mark.x >= xRange[0] && mark.x <= xRange[1])
    .toSorted((a, b) => a.x - b.x)
  const apart = within.filter((mark, i) => {
    const next = within[i + 1]
    return next === undefined || x(next.x) - x(mark.x) >= LEAST_APART
  })
  const ways = [() => true, (at: number) => at < width / 2].map(isRightFirst => arranged(apart, span, isRightFirst))
  const letters = (placed: readonly PlacedMark[]) => placed.reduce((sum, { words }) => sum + words.length, 0)
  const placed = ways.reduce((best, one) => (letters(one) > letters(best) ? one : best))
  const highest = Math.min(0, ...placed.map(({ row }) => row))
  return placed.map(one => ({ ...one, row: one.row - highest }))
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
