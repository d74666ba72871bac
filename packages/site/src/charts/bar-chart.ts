// Bars in the hand of the line charts: a group for each name, a bar for each of a few series, its value at its end.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { greatest } from './chart.ts'
import { fitting } from './fitting.ts'
import { textWidth } from './text-width.ts'
import { tenths } from './tenths.ts'

export interface BarChart {
  readonly title: string
  /** At most five. */
  readonly series: readonly string[]
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[]
  /** A value in words. */
  readonly text: (value: number) => string
  readonly description: string
}

const BAR = 13
const GAP = 12
const LINE_HEIGHT = 17
/** Share of the width that names may take, and values. */
const MOST_FOR_NAMES = 0.4
const MOST_FOR_VALUES = 0.4
const SWATCH = 18

/** The names of the series, in rows as wide as the chart. */
function keysOf(series: readonly string[], width: number) {
  let [x, row] = [0, 0]
  return series.map((name, i) => {
    const words = fitting(name, width - SWATCH)
    const need = SWATCH + textWidth(words)
    if (x > 0 && x + need > width) [x, row] = [0, row + 1]
    const at = x
    x += need + 16
    return { words, x: at, row, index: i }
  })
}

/** The chart as SVG: bars begin at zero, and what is not finite has none. @param width pixels */
export function barChart({ title, series, rows, text, description }: BarChart, width: number): string {
  const names = rows.map(({ name }) => fitting(name, MOST_FOR_NAMES * width))
  const left = Math.ceil(10 + greatest(names.map(name => textWidth(name)), 0))
  const values = rows.flatMap(row => row.values)
  const wordsOf = (value: number) =>
    fitting(Number.isFinite(value) ? text(value) : 'not finite', MOST_FOR_VALUES * width)
  const right = width - Math.ceil(8 + greatest(values.map(value => textWidth(wordsOf(value))), 0))
  const most = greatest(values.filter(Number.isFinite), 0) || 1
  const keys = series.length < 2 ? [] : keysOf(series, width)
  const top = 24 + greatest(keys.map(({ row }) => row + 1), 0) * LINE_HEIGHT
  const tall = series.length * BAR
  const bars = rows.map(({ values: own }, r) => {
    const y = top + r * (tall + GAP)
    const name = `<text class="name" x="0" y="${tenths(y + tall / 2 + 4)}">${escapeMarkup(names[r] ?? '')}</text>`
    return name + own.map((value, i) => {
      const length = Number.isFinite(value) ? (Math.max(0, value) / most) * (right - left) : 0
      const at = `x="${left}" y="${y + i * BAR}" width="${tenths(Math.max(1, length))}" height="${BAR - 2}"`
      const words = `<text class="value" x="${tenths(left + length + 5)}" y="${y + i * BAR + 10}">`
      const bar = Number.isFinite(value) ? `<rect class="bar series-${i + 1}" ${at}/>` : ''
      return `${bar}${words}${escapeMarkup(wordsOf(value))}</text>`
    }).join('')
  }).join('')
  const swatches = keys.map(({ words, x, row, index }) => {
    const y = 22 + row * LINE_HEIGHT
    return `<rect class="bar series-${index + 1}" x="${tenths(x)}" y="${y}" width="12" height="11"/>` +
      `<text class="name" x="${tenths(x + SWATCH)}" y="${y + 10}">${escapeMarkup(words)}</text>`
  }).join('')
  const height = top + rows.length * (tall + GAP)
  return (
    `<svg class="chart bars" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"` +
    ` aria-label="${escapeMarkup(description)}">` +
    `<text class="title" x="0" y="14">${escapeMarkup(fitting(title, width))}</text>` +
    `${swatches}${bars}<path class="axis" d="M${left} ${top - 3}V${height - GAP + 2}"/></svg>`
  )
}
