// Bars in the hand of the line charts: a group for each name, a bar for each of a few series, its value at its end.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { greatest } from './chart.ts'
import { fitting } from './fitting.ts'
import { textWidth } from './text-width.ts'

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
/** Share of the width that names may take. */
const MOST_FOR_NAMES = 0.4
const round = (value: number) => String(Math.round(value * 10) / 10)

/** The chart as SVG: bars begin at zero. @param width pixels */
export function barChart({ title, series, rows, text, description }: BarChart, width: number): string {
  const names = rows.map(({ name }) => fitting(name, MOST_FOR_NAMES * width))
  const left = Math.ceil(10 + greatest(names.map(name => textWidth(name)), 0))
  const values = rows.flatMap(row => row.values)
  const right = width - Math.ceil(8 + greatest(values.map(value => textWidth(text(value))), 0))
  const most = greatest(values, 0) || 1
  const top = 24 + (series.length > 1 ? LINE_HEIGHT : 0)
  const tall = series.length * BAR
  const bars = rows.map(({ values: own }, r) => {
    const y = top + r * (tall + GAP)
    const name = `<text class="name" x="0" y="${round(y + tall / 2 + 4)}">${escapeMarkup(names[r] ?? '')}</text>`
    return name + own.map((value, i) => {
      const length = (Math.max(0, value) / most) * (right - left)
      const at = `x="${left}" y="${y + i * BAR}" width="${round(Math.max(1, length))}" height="${BAR - 2}"`
      const words = `<text class="value" x="${round(left + length + 5)}" y="${y + i * BAR + 10}">`
      return `<rect class="bar series-${i + 1}" ${at}/>${words}${escapeMarkup(text(value))}</text>`
    }).join('')
  }).join('')
  let at = 0
  const keys = series.length < 2 ? '' : series.map((name, i) => {
    const x = at
    at += 20 + textWidth(name) + 14
    return `<rect class="bar series-${i + 1}" x="${x}" y="22" width="12" height="11"/>` +
      `<text class="name" x="${round(x + 18)}" y="32">${escapeMarkup(name)}</text>`
  }).join('')
  const height = top + rows.length * (tall + GAP)
  return (
    `<svg class="chart bars" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"` +
    ` aria-label="${escapeMarkup(description)}">` +
    `<text class="title" x="0" y="14">${escapeMarkup(fitting(title, width))}</text>` +
    `${keys}${bars}<path class="axis" d="M${left} ${top - 3}V${height - GAP + 2}"/></svg>`
  )
}
