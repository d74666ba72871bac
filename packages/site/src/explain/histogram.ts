// The histogram: how many values lie where, with a strip below that keeps the spread of every layer or step in sight.
import { numberText, roundTicks } from '../charts/ticks.ts'

export interface Histogram {
  readonly values: ArrayLike<number>
  /** What lies outside is counted in the outermost bars. */
  readonly range: readonly [from: number, to: number]
  readonly width: number
  /** For those who cannot see it. */
  readonly label: string
  /** The spread at every step, and which one is shown above. */
  readonly deviations: readonly number[]
  readonly at: number
}

const BARS = 40
const HEIGHT = 190
const LEFT = 40
const RIGHT = 8
const TOP = 30
const STRIP = 64
const ABOVE_STRIP = 40
const round = (value: number) => Math.round(10 * value) / 10

/** Shares of values by bar; what is no number counts nowhere. */
export function binned(values: ArrayLike<number>, [from, to]: Histogram['range'], bars = BARS): number[] {
  const counts = Array.from({ length: bars }, () => 0)
  let all = 0
  for (const value of Array.from(values)) {
    if (Number.isNaN(value)) continue
    const place = Math.floor(((value - from) / (to - from)) * bars)
    const bar = Math.min(bars - 1, Math.max(0, place))
    counts[bar] = (counts[bar] ?? 0) + 1
    all++
  }
  return counts.map(count => count / Math.max(1, all))
}

/** The strip: a bar a step, its height the logarithm of the spread, a hundredth to a hundred. */
function strip({ deviations, at, width }: Histogram): string {
  const top = HEIGHT + ABOVE_STRIP
  const step = (width - LEFT - RIGHT) / deviations.length
  const middle = top + STRIP / 2
  const bars = deviations.map((deviation, i) => {
    const power = Math.max(-2, Math.min(2, Math.log10(deviation || 1e-9)))
    const height = Math.abs((power / 2) * (STRIP / 2))
    const y = power > 0 ? middle - height : middle
    const x = LEFT + i * step
    const kind = `bar${i === at ? ' last' : ''}`
    const size = `width="${round(step - 2)}" height="${round(height + 1)}"`
    return `<rect class="${kind}" x="${round(x + 1)}" y="${round(y)}" ${size}/>`
  })
  const label = (text: string, y: number) => `<text x="${LEFT - 5}" y="${y}" text-anchor="end">${text}</text>`
  return (
    `<text class="title" x="0" y="${top - 6}">spread, layer by layer (logarithmic)</text>` +
    `<path class="grid" d="M${LEFT} ${middle}H${width - RIGHT}"/>${bars.join('')}` +
    label('100', top + 10) + label('1', middle + 4) + label('0.01', top + STRIP)
  )
}

/** Draws it as SVG. */
export function drawHistogram(histogram: Histogram): string {
  const { values, range, width, label } = histogram
  const shares = binned(values, range)
  const most = Math.max(0.1, Math.min(1, Math.max(...shares)))
  const [from, to] = range
  const px = (value: number) => LEFT + ((value - from) / (to - from)) * (width - LEFT - RIGHT)
  const py = (share: number) => HEIGHT - (share / most) * (HEIGHT - TOP)
  const step = (to - from) / shares.length
  const bars = shares.map((share, i) => {
    const [left, right] = [px(from + i * step), px(from + (i + 1) * step)]
    const [x, y] = [round(left + 0.5), round(py(share))]
    return share === 0
      ? ''
      : `<rect class="bar" x="${x}" y="${y}" width="${round(right - left - 1)}" height="${round(HEIGHT - py(share))}"/>`
  })
  const ticks = roundTicks(from, to).filter(tick => tick >= from && tick <= to)
  const ys = roundTicks(0, 100 * most).filter(tick => tick <= 100 * most)
  const grid = ys.map(
    tick =>
      `<path class="grid" d="M${LEFT} ${round(py(tick / 100))}H${width - RIGHT}"/>` +
      `<text x="${LEFT - 5}" y="${round(py(tick / 100) + 4)}" text-anchor="end">${numberText(tick, 1)}</text>`,
  )
  const below = ticks.map(
    tick => `<text x="${round(px(tick))}" y="${HEIGHT + 15}" text-anchor="middle">${numberText(tick, 1)}</text>`,
  )
  const height = HEIGHT + ABOVE_STRIP + STRIP + 6
  return (
    `<svg class="chart histogram" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">` +
    `<text class="title" x="0" y="13">share of the values, %</text>${grid.join('')}${below.join('')}${bars.join('')}` +
    `${strip(histogram)}</svg>`
  )
}
