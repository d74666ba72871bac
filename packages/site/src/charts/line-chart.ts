// The one hand for every line chart: from its lines and a width to SVG that carries classes instead of colours.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import {
  colourClass,
  FEWEST_IN_A_LINE,
  greatest,
  isLogarithmicChart,
  least,
  MOST_COLOURS,
  roomBeside,
  shareBetween,
  valuesOf,
  xRangeOf,
  type Chart,
  type ChartSeries,
} from './chart.ts'
import { drawMarks, markRows, placeMarks, type PlacedMark } from './chart-marks.ts'
import { fitting } from './fitting.ts'
import { logarithmicTexts, numberLetters, numberMarkup, numberText, roundTicks } from './ticks.ts'
import { textWidth } from './text-width.ts'
import { tenths } from './tenths.ts'

/** From this width on, names stand at the ends of the lines; on a phone they stand above. */
const NAMES_AT_ENDS_FROM = 480
const LINE_HEIGHT = 17
/** Share of a chart's width that names may take. */
const MOST_FOR_NAMES = 0.36
const SWATCH = 26

/** Where a chart's axes lie, in pixels, so that a cursor can find its way. */
export interface ChartFrame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly log: boolean
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly xRange: readonly [number, number]
  readonly marks: readonly PlacedMark[]
  /** Where the words of marks begin. */
  readonly marksTop: number
  readonly yTicks: readonly { readonly value: number; readonly label: string }[]
  readonly xTicks: readonly number[]
}

/** What a line is called: its name, and how many seeds stand behind it. */
export const nameWithSeeds = ({ name, seeds }: ChartSeries): string =>
  seeds === undefined ? name : `${name} (${seeds} seed${seeds === 1 ? '' : 's'})`

/** Whether names stand at the ends of the lines: where there is room for them beside the lines. */
const namesAtEnds = ({ series }: Chart, width: number) =>
  width >= NAMES_AT_ENDS_FROM && series.every(one => textWidth(nameWithSeeds(one)) + 14 <= MOST_FOR_NAMES * width)

function yTicksOf([low, high]: readonly [number, number], log: boolean): ChartFrame['yTicks'] {
  const ticks = roundTicks(low, high, log)
  if (log) {
    const values = ticks.map(tick => 10 ** tick)
    return logarithmicTexts(values).map((label, i) => ({ value: values[i] ?? 1, label }))
  }
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  return ticks.map(tick => ({ value: tick, label: numberText(tick, step) }))
}

/** The range of the y axis, in powers of ten where it is logarithmic. */
function yRange({ series, highest, room = [] }: Chart, log: boolean): readonly [number, number] {
  const drawn = series.flatMap(one => [...valuesOf([one]), ...(one.band ?? []).flat()])
  const shown = [...drawn, ...room]
    .filter(y => Number.isFinite(y) && (!log || y > 0) && (highest === undefined || y <= highest))
    .map(y => (log ? Math.log10(y) : y))
  if (shown.length === 0) return [0, 1]
  const [low, high] = [least(shown, Infinity), greatest(shown, -Infinity)]
  const pad = roomBeside(low, high)
  const largest = log ? Math.log10(Number.MAX_VALUE) : Number.MAX_VALUE
  // From zero, where zero is not far: lengths can then be compared.
  const first = !log && low >= 0 && low < 0.5 * high ? 0 : Math.max(-largest, low - pad)
  return [first, highest === undefined ? Math.min(largest, high + pad) : log ? Math.log10(highest) : highest]
}

/** Lays out a chart. @param width pixels @param names lines that stand above the chart, one row each */
function frameOf(chart: Chart, width: number, rows: number): ChartFrame {
  const log = isLogarithmicChart(chart)
  const [low, high] = yRange(chart, log)
  const yTicks = yTicksOf([low, high], log)
  const [from, to] = xRangeOf(chart)
  const atEnds = namesAtEnds(chart, width)
  const left = Math.ceil(
    10 +
      greatest(
        yTicks.map(({ label }) => textWidth(numberLetters(label))),
        12,
      ),
  )
  const names = atEnds ? chart.series.map(one => textWidth(nameWithSeeds(one))) : []
  const right = width - Math.ceil(14 + greatest(names, 0))
  const span = to - from || 1
  const x = (value: number) => left + ((value - from) / span) * (right - left)
  const marks = placeMarks(chart.marks ?? [], { width, xRange: [from, to], x })
  const marksTop = 20 + (atEnds ? 0 : rows * LINE_HEIGHT)
  const top = marksTop + 10 + markRows(marks) * LINE_HEIGHT
  const height = top + Math.round(Math.min(300, Math.max(190, width * 0.4))) + 38
  const bottom = height - 38
  const scaled = (y: number) => shareBetween(log ? Math.log10(Math.max(y, Number.MIN_VALUE)) : y, low, high)
  return {
    width,
    height,
    left,
    right,
    top,
    bottom,
    log,
    yTicks,
    x,
    marks,
    marksTop,
    y: value => bottom - scaled(value) * (bottom - top),
    xRange: [from, to],
    xTicks: xTicksOf(from, to, right - left),
  }
}

/** Whole numbers where all x are: an epoch has no half. */
function xTicksOf(from: number, to: number, room: number): number[] {
  const most = Math.max(2, Math.floor(room / 70))
  const ticks = roundTicks(from, to).filter(tick => tick >= from)
  const whole = to - from >= 3 ? [...new Set(ticks.map(Math.round))] : ticks
  const every = Math.ceil(whole.length / most)
  const kept = whole.filter((_, i) => i % every === 0)
  // A run begins at its first epoch: the axis says so where the next tick leaves room.
  const isFirstMissing = from === 1 && ((kept[0] ?? Infinity) - from) / (to - from || 1) > 24 / room
  return isFirstMissing && kept[0] !== from ? [from, ...kept] : kept
}

/** Names at the ends of lines, moved apart where they would overlap; y in pixels. */
export function spreadLabels(wanted: readonly number[], top: number, bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))
  const placed = wanted.slice()
  order.forEach((i, k) => {
    const before = placed[order[k - 1] ?? -1]
    placed[i] = Math.max(wanted[i] ?? 0, top, before === undefined ? -Infinity : before + LINE_HEIGHT)
  })
  order.toReversed().forEach((i, k, list) => {
    const below = placed[list[k - 1] ?? -1]
    placed[i] = Math.min(placed[i] ?? 0, k === 0 ? bottom : (below ?? bottom) - LINE_HEIGHT)
  })
  return placed
}

/** Breaks names into rows above a narrow chart. */
function rowsOf(series: readonly ChartSeries[], width: number): ChartSeries[][] {
  const rows: ChartSeries[][] = []
  let at = Infinity
  for (const one of series) {
    const need = 30 + textWidth(nameWithSeeds(one)) + 12
    if (at + need > width) {
      rows.push([])
      at = 0
    }
    rows.at(-1)?.push(one)
    at += need
  }
  return rows
}

type Placed = readonly [x: number, y: number]

/** A path through points, in steps from one to the next: half as long as with places. */
function path(points: readonly Placed[]): string {
  let [fromX, fromY] = [0, 0]
  const steps = points.map(([x, y]) => {
    // Rounded places, so that rounding does not add up.
    const [toX, toY] = [Math.round(x * 10), Math.round(y * 10)]
    const step = `${(toX - fromX) / 10} ${(toY - fromY) / 10}`
    fromX = toX
    fromY = toY
    return step
  })
  return `M${steps[0] ?? '0 0'}${steps.length > 1 ? `l${steps.slice(1).join(' ')}` : ''}`.replaceAll(' -', '-')
}

/** Pixels to a place of a line: what lies closer cannot be told apart. */
const PIXELS_A_PLACE = 5

/** Where more points are than the eye can see: the least and the greatest of each stretch, and both ends. */
function thinned<T>(points: readonly T[], width: number, y: (point: T) => number): T[] {
  const stretches = Math.floor(width / PIXELS_A_PLACE / 2)
  if (points.length <= 2 * stretches) return points.slice()
  const size = points.length / stretches
  const kept = new Set<T>()
  for (let i = 0; i < stretches; i++) {
    const stretch = points.slice(Math.floor(i * size), Math.floor((i + 1) * size))
    kept.add(stretch.reduce((a, b) => (y(b) < y(a) ? b : a)))
    kept.add(stretch.reduce((a, b) => (y(b) > y(a) ? b : a)))
  }
  return points.filter((point, i) => i === 0 || i === points.length - 1 || kept.has(point))
}

/** Stretches of points without a gap, in pixels. */
function stretchesOf(points: readonly Placed[], frame: ChartFrame): Placed[][] {
  const stretches: Placed[][] = [[]]
  for (const [x, y] of points) {
    if (!Number.isFinite(y) || (frame.log && y <= 0)) stretches.push([])
    else stretches.at(-1)?.push([frame.x(x), Math.max(frame.top, frame.y(y))])
  }
  return stretches.filter(({ length }) => length > 0)
}

function drawLine(chart: Chart, one: ChartSeries, frame: ChartFrame): string {
  const colour = colourClass(chart, one)
  const stretches = stretchesOf(one.points, frame)
  const few = one.points.filter(([, y]) => Number.isFinite(y)).length < FEWEST_IN_A_LINE
  const dots = (points: readonly Placed[]) =>
    points.map(([x, y]) => `<circle class="${colour}" cx="${tenths(x)}" cy="${tenths(y)}" r="3.5"/>`).join('')
  const lines = stretches.map(points => {
    if (few || points.length === 1) return dots(points)
    return `<path d="${path(thinned(points, frame.right - frame.left, ([, y]) => y))}"/>`
  })
  const band = few ? '' : drawBand(one, colour, frame)
  const dash = one.dashed ? ' dashed' : ''
  return `${band}<g class="line ${colour}${dash}">${lines.join('')}</g>${clippedMarks(chart, one, frame, colour)}`
}

function drawBand({ points, band }: ChartSeries, colour: string, frame: ChartFrame): string {
  if (!band) return ''
  const both = points.map(([x], i) => ({ x, low: band[i]?.[0] ?? NaN, high: band[i]?.[1] ?? NaN }))
  const finite = both.filter(
    ({ low, high }) => Number.isFinite(low) && Number.isFinite(high) && (!frame.log || low > 0),
  )
  if (finite.length < 2) return ''
  const known = thinned(finite, (frame.right - frame.left) / 2, ({ low, high }) => low + high)
  const clamp = (y: number) => Math.min(frame.bottom, Math.max(frame.top, frame.y(y)))
  const upper = known.map(({ x, high }) => [frame.x(x), clamp(high)] as const)
  const lower = known.map(({ x, low }) => [frame.x(x), clamp(low)] as const).reverse()
  return `<path class="band ${colour}" d="${path([...upper, ...lower])}Z"/>`
}

/** An arrow and the largest number where a line leaves the chart. */
function clippedMarks({ highest }: Chart, { points }: ChartSeries, frame: ChartFrame, colour: string): string {
  const above = points.filter(([, y]) => highest !== undefined && Number.isFinite(y) && y > highest)
  if (above.length === 0) return ''
  const [x, y] = above.reduce((a, b) => (b[1] > a[1] ? b : a))
  const at = frame.x(x)
  const label = numberText(y, y / 100)
  const end = at + 10 + textWidth(label) > frame.right
  const arrow = `M${tenths(at)} ${frame.top + 8}V${frame.top - 6}M${tenths(at - 4)} ${frame.top - 1}l4 -5l4 5`
  const anchor = end ? ` text-anchor="end"` : ''
  return (
    `<path class="arrow ${colour}" d="${arrow}"/>` +
    `<text class="value" x="${tenths(at + (end ? -8 : 8))}" y="${frame.top + 5}"${anchor}>${label}</text>`
  )
}

function drawAxes({ yTitle, yUnit, xTitle }: Chart, frame: ChartFrame): string {
  const { left, right, bottom, yTicks, xTicks, xRange } = frame
  const grid = yTicks.map(({ value, label }) => {
    const y = tenths(frame.y(value))
    const at = `x="${left - 6}" y="${tenths(frame.y(value) + 4)}"`
    const words = `<text ${at} text-anchor="end">${numberMarkup(label)}</text>`
    return `<path class="grid" d="M${left} ${y}H${right}"/>${words}`
  })
  const step = (xTicks[1] ?? 1) - (xTicks[0] ?? 0)
  const below = xTicks.map(
    x => `<text x="${tenths(frame.x(x))}" y="${bottom + 17}" text-anchor="middle">${numberText(x, step)}</text>`,
  )
  const scale = frame.log ? ' <tspan class="soft">(logarithmic)</tspan>' : ''
  const title = escapeMarkup(yUnit === undefined ? yTitle : `${yTitle}, ${yUnit}`)
  return (
    `<text class="title" x="0" y="14">${title}${scale}</text>${grid.join('')}` +
    `<path class="axis" d="M${tenths(frame.x(xRange[0]))} ${bottom}H${right}"/>${below.join('')}` +
    `<text class="title" x="${right}" y="${bottom + 34}" text-anchor="end">${escapeMarkup(xTitle)}</text>`
  )
}

const swatch = (x: number, y: number, dashed: boolean, colour: string) =>
  `<g class="swatch line ${colour}${dashed ? ' dashed' : ''}"><path d="M${tenths(x)} ${tenths(y)}h20"/></g>`

/** Marks the name of a line that can be picked: it is picked by its name, too. */
const nameOfLine = ({ series }: Chart, one: ChartSeries) =>
  one.href === undefined ? 'class="name"' : `class="name" data-line="${series.indexOf(one)}"`

function drawNames(chart: Chart, frame: ChartFrame, rows: readonly (readonly ChartSeries[])[]): string {
  if (!namesAtEnds(chart, frame.width)) {
    return rows
      .map((row, k) => {
        let x = 0
        return row
          .map(one => {
            const [at, y] = [x, 30 + k * LINE_HEIGHT]
            x += 30 + textWidth(nameWithSeeds(one)) + 12
            const mark = swatch(at, y - 4, one.dashed === true, colourClass(chart, one))
            const name = fitting(nameWithSeeds(one), frame.width - at - SWATCH)
            const place = `x="${tenths(at + SWATCH)}" y="${y}"`
            return `${mark}<text ${nameOfLine(chart, one)} ${place}>${escapeMarkup(name)}</text>`
          })
          .join('')
      })
      .join('')
  }
  const named = chart.series.flatMap(one => {
    const last = one.points.findLast(([, y]) => Number.isFinite(y) && (!frame.log || y > 0))
    return last ? [{ one, at: Math.max(frame.top, frame.y(last[1])), end: frame.x(last[0]) }] : []
  })
  const places = spreadLabels(
    named.map(({ at }) => at + 4),
    frame.top + 4,
    frame.bottom,
  )
  return named
    .map(({ one, at, end }, i) => {
      const y = places[i] ?? at
      const lead = Math.abs(y - 4 - at) > 5 || end < frame.right - 1
      const line = lead
        ? `<path class="lead" d="M${tenths(end + 2)} ${tenths(at)}L${frame.right + 8} ${tenths(y - 4)}"/>`
        : ''
      const name = escapeMarkup(nameWithSeeds(one))
      return `${line}<text ${nameOfLine(chart, one)} x="${frame.right + 10}" y="${tenths(y)}">${name}</text>`
    })
    .join('')
}

/** Which chart stands where and what it says, for those who cannot see it. */
const described = ({ series, marks = [], yTitle, yUnit, xTitle }: Chart) => {
  const ends = series.map(one => {
    const last = one.points.findLast(([, y]) => Number.isFinite(y))
    const end = last === undefined ? 'no value' : numberText(last[1], Math.abs(last[1]) / 100 || 1)
    return `${nameWithSeeds(one)} ends at ${end}`
  })
  const happened = marks.map(({ x, label, run }) =>
    ` At ${xTitle} ${numberText(x, 0.01)}${run === undefined ? '' : ` of ${run}`}: ${label}.`)
  return `${yTitle}${yUnit === undefined ? '' : ` in ${yUnit}`} by ${xTitle}: ${ends.join('; ')}.${happened.join('')}`
}

/** A chart laid out at a width, with what a cursor needs. */
export function layOut(chart: Chart, width: number): { readonly frame: ChartFrame; readonly rows: ChartSeries[][] } {
  const rows = rowsOf(chart.series, width)
  return { frame: frameOf(chart, width, rows.length), rows }
}

/**
 * A chart as SVG: y title above, x title at its right end, a horizontal grid, names at the ends of the lines or, on a
 * narrow page, above them; fewer than four points are dots.
 * @param width pixels; letters keep their size, so a phone's chart is drawn anew
 */
export function lineChart(chart: Chart, width: number): string {
  const { frame, rows } = layOut(chart, width)
  const inner = [
    drawAxes(chart, frame),
    drawMarks(frame.marks, { top: frame.marksTop, bottom: frame.bottom, colour: mark => colourClass(chart, mark) }),
    ...chart.series.map(one => drawLine(chart, one, frame)),
    drawNames(chart, frame, rows),
  ]
  const grey = new Set(chart.series.map(({ colour }) => colour)).size > MOST_COLOURS ? ' many' : ''
  return (
    `<svg class="chart${grey}" viewBox="0 0 ${frame.width} ${frame.height}" data-top="${frame.top - 6}"` +
    ` width="${frame.width}" height="${frame.height}"` +
    ` role="img" aria-label="${escapeMarkup(described(chart))}">${inner.join('')}</svg>`
  )
}
