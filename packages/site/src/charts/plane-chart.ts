// Dots, lines and cells over two axes, in the hand of the line charts: y title above, x title at its right end, classes
// instead of colours. What a study measured is drawn so.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { greatest, LOGARITHMIC_FROM, roomBeside, shareBetween } from './chart.ts'
import { fitting } from './fitting.ts'
import { logarithmicTexts, numberLetters, numberMarkup, numberText, roundTicks } from './ticks.ts'
import { textWidth } from './text-width.ts'
import { tenths } from './tenths.ts'

/** An axis of numbers, or of choices that have no order. */
export type PlaneAxis =
  | { readonly title: string; readonly from: number; readonly to: number; readonly log: boolean }
  | { readonly title: string; readonly choices: readonly string[] }

type Value = number | string

/** How strongly something is drawn, 0 to 1. */
interface Drawn {
  /** Of the five colours, from 0; `grey` beside them, `ink` above them. */
  readonly colour: number | 'grey' | 'ink'
  /** Default 1. */
  readonly strength?: number
}

export interface PlaneDot extends Drawn {
  readonly x: Value
  readonly y: Value
  readonly isRing?: boolean
  /** What a reader is told who points at it. */
  readonly said: string
}

export interface PlaneLine extends Drawn {
  readonly points: readonly (readonly [x: Value, y: Value])[]
  /** The value holds until the next, or has held since the one before. */
  readonly step?: 'after' | 'before'
  readonly isWide?: boolean
}

/** What a mark means, above the chart. */
export interface PlaneKey extends Drawn {
  readonly name: string
  readonly mark: 'dot' | 'ring' | 'line'
}

export interface PlaneChart {
  readonly x: PlaneAxis
  readonly y: PlaneAxis
  readonly dots: readonly PlaneDot[]
  readonly lines?: readonly PlaneLine[]
  /** Shares of the plane that are shaded, rows from the bottom: 0 to 1. */
  readonly cells?: readonly (readonly number[])[]
  readonly keys?: readonly PlaneKey[]
  /** For those who cannot see it. */
  readonly description: string
  /** Height by width; default 0.4, between 190 and 300 pixels. */
  readonly isSquare?: boolean
}

interface Tick {
  readonly at: number
  readonly label: string
}

/** Where everything lies, in pixels. */
export interface PlaneFrame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly x: (value: Value) => number
  readonly y: (value: Value) => number
}

const LINE_HEIGHT = 17
const SWATCH = 20
const LONGEST = 110

/** The axis of those values that are finite: logarithmic where they are positive and span more than 30 to 1. */
export function axisOfValues(title: string, values: readonly number[]): PlaneAxis {
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return { title, from: 0, to: 1, log: false }
  const [low, high] = [-greatest(finite.map(value => -value), -Infinity), greatest(finite, -Infinity)]
  const log = low > 0 && high > LOGARITHMIC_FROM * low
  if (log) {
    const room = 0.04 * (Math.log10(high) - Math.log10(low))
    // Zero has no place on such an axis.
    const from = Math.max(Number.MIN_VALUE, low / 10 ** room)
    return { title, from, to: Math.min(Number.MAX_VALUE, high * 10 ** room), log }
  }
  const pad = roomBeside(low, high)
  // From zero, where zero is not far: lengths can then be compared.
  const from = low >= 0 && low < 0.5 * high ? 0 : Math.max(-Number.MAX_VALUE, low - pad)
  return { title, from, to: Math.min(Number.MAX_VALUE, high + pad), log }
}

const isChoices = (axis: PlaneAxis): axis is Extract<PlaneAxis, { choices: readonly string[] }> => 'choices' in axis

/** Where a value lies along an axis, 0 to 1; not finite for what has no place on it. */
function shareAlong(axis: PlaneAxis, value: Value): number {
  if (isChoices(axis)) {
    const index = axis.choices.indexOf(String(value))
    return index < 0 ? Number.NaN : (index + 0.5) / axis.choices.length
  }
  if (!Number.isFinite(Number(value))) return Number.NaN
  const scaled = (x: number) => (axis.log ? Math.log10(x) : x)
  const [from, to] = [scaled(axis.from), scaled(axis.to)]
  return to > from ? shareBetween(scaled(Number(value)), from, to) : 0.5
}

function ticksOf(axis: PlaneAxis): Tick[] {
  if (isChoices(axis))
    return axis.choices.map((choice, i) => ({
      at: (i + 0.5) / axis.choices.length, label: fitting(choice, LONGEST),
    }))
  const { from, to, log } = axis
  if (!(to > from)) return [{ at: 0.5, label: numberText(from, Math.abs(from) / 100 || 1) }]
  const ticks = log ? roundTicks(Math.log10(from), Math.log10(to), true).map(tick => 10 ** tick) : roundTicks(from, to)
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0)
  const shown = ticks.filter(tick => tick >= from * (1 - 1e-9) - 1e-12 && tick <= to * (1 + 1e-9))
  const texts = log ? logarithmicTexts(shown) : shown.map(tick => numberText(tick, step))
  return shown.map((tick, i) => ({ at: shareAlong(axis, tick), label: texts[i] ?? '' }))
}

const widthOf = ({ label }: Tick) => textWidth(numberLetters(label))

/** The fewest pixels that the name of a choice is cut to, with its distance from the next. */
const CHOICE_ROOM = 44

/** Ticks whose words do not touch: of numbers every so many, of choices all while there is room for a part of each. */
function apart(axis: PlaneAxis, { left, right, width }: Pick<PlaneFrame, 'left' | 'right' | 'width'>): Tick[] {
  const ticks = ticksOf(axis)
  const room = right - left
  if (!isChoices(axis)) {
    const widest = greatest(ticks.map(widthOf), 10) + 12
    const nearest = greatest(ticks.slice(1).map((tick, i) => (ticks[i]?.at ?? 0) - tick.at), -1)
    const every = Math.ceil(widest / (-nearest * room))
    return ticks.filter((_, i) => i % every === 0)
  }
  const every = Math.max(1, Math.ceil((ticks.length * CHOICE_ROOM) / room))
  return ticks.filter((_, i) => i % every === 0).map(tick => {
    const middle = left + tick.at * room
    const most = Math.min((every * room) / ticks.length - 10, 2 * middle, 2 * (width - middle))
    return { ...tick, label: fitting(tick.label, most) }
  })
}

/** Keys in rows as wide as the chart. */
function keyRows(keys: readonly PlaneKey[], width: number): PlaneKey[][] {
  const rows: PlaneKey[][] = []
  let at = Infinity
  for (const key of keys) {
    const need = SWATCH + textWidth(fitting(key.name, width - SWATCH)) + 14
    if (at + need > width) {
      rows.push([])
      at = 0
    }
    rows.at(-1)?.push(key)
    at += need
  }
  return rows
}

/** Lays a chart out. @param width pixels; letters keep their size */
export function planeFrame(chart: PlaneChart, width: number): PlaneFrame {
  const xTicks = isChoices(chart.x) ? [] : ticksOf(chart.x)
  const last = xTicks.at(-1)
  const right = width - Math.ceil(6 + Math.max(4, last ? widthOf(last) / 2 : 0))
  // Beside the words of the y axis, and so that half of what stands below the left end is inside.
  const halves = xTicks.filter(({ at }) => at < 0.5).map(tick => (widthOf(tick) / 2 - tick.at * right) / (1 - tick.at))
  const left = Math.ceil(greatest([...halves, 10 + greatest(ticksOf(chart.y).map(widthOf), 12)], 0))
  const top = 30 + keyRows(chart.keys ?? [], width).length * LINE_HEIGHT
  const tall = chart.isSquare === true ? 0.75 * width : 0.4 * width
  const bottom = top + Math.round(Math.min(300, Math.max(190, tall)))
  return {
    width, left, right, top, bottom,
    height: bottom + 38,
    x: value => left + shareAlong(chart.x, value) * (right - left),
    y: value => bottom - shareAlong(chart.y, value) * (bottom - top),
  }
}

/** The class of a colour. */
export const classOf = ({ colour }: Drawn): string =>
  colour === 'grey' ? 'series-grey' : colour === 'ink' ? 'series-ink' : `series-${colour + 1}`

const strengthOf = (attribute: string, { strength = 1 }: Drawn) =>
  strength === 1 ? '' : ` ${attribute}="${Number(strength.toFixed(2))}"`

/** A dot or a ring. */
export const dotMarkup = (x: number, y: number, dot: Drawn & { readonly isRing?: boolean }, r = 3.2): string =>
  `<circle class="${dot.isRing === true ? 'ring' : 'dot'} ${classOf(dot)}" cx="${tenths(x)}" cy="${tenths(y)}" ` +
  `r="${r}"${strengthOf('opacity', dot)}/>`

function lineMarkup(line: PlaneLine, frame: PlaneFrame): string {
  const places = line.points.map(([x, y]) => [frame.x(x), frame.y(y)] as const)
  const parts = places.map(([x, y], i) => {
    if (!isPlace([x, y])) return ''
    const before = places[i - 1]
    // What has no place leaves a gap.
    if (!before || !isPlace(before)) return `M${tenths(x)} ${tenths(y)}`
    if (line.step === 'after') return `H${tenths(x)}V${tenths(y)}`
    return line.step === 'before' ? `V${tenths(y)}H${tenths(x)}` : `L${tenths(x)} ${tenths(y)}`
  })
  if (parts.every(part => part === '')) return ''
  const wide = line.isWide === true ? ' wide' : ''
  return `<path class="curve ${classOf(line)}${wide}" d="${parts.join('')}"${strengthOf('opacity', line)}/>`
}

const isPlace = (place: readonly number[]) => place.every(Number.isFinite)

/** The dots of a chart that have a place on both axes, with it. */
export function placedDots(dots: readonly PlaneDot[], frame: PlaneFrame) {
  return dots
    .map(dot => ({ ...dot, place: [frame.x(dot.x), frame.y(dot.y)] as const }))
    .filter(({ place }) => isPlace(place))
}

function keysMarkup(keys: readonly PlaneKey[], width: number): string {
  return keyRows(keys, width).map((row, k) => {
    const y = 31 + k * LINE_HEIGHT
    let x = 0
    return row.map(key => {
      const at = x
      const name = fitting(key.name, width - SWATCH)
      x += SWATCH + textWidth(name) + 14
      const mark = key.mark === 'line'
        ? `<path class="curve wide ${classOf(key)}" d="M${tenths(at)} ${y - 4}h14"/>`
        : dotMarkup(at + 6, y - 4, { ...key, isRing: key.mark === 'ring' })
      return `${mark}<text class="name" x="${tenths(at + SWATCH)}" y="${y}">${escapeMarkup(name)}</text>`
    }).join('')
  }).join('')
}

function axesMarkup({ x, y }: PlaneChart, frame: PlaneFrame): string {
  const { width, left, right, top, bottom } = frame
  const across = ticksOf(y).map(({ at, label }) => {
    const place = bottom - at * (bottom - top)
    return (
      `<path class="grid" d="M${left} ${tenths(place)}H${right}"/>` +
      `<text x="${left - 6}" y="${tenths(place + 4)}" text-anchor="end">${numberMarkup(escapeMarkup(label))}</text>`
    )
  })
  const below = apart(x, frame).map(({ at, label }) => {
    const place = tenths(left + at * (right - left))
    return `<text x="${place}" y="${bottom + 17}" text-anchor="middle">${numberMarkup(escapeMarkup(label))}</text>`
  })
  const scale = (axis: PlaneAxis) => (!isChoices(axis) && axis.log ? ' <tspan class="soft">(logarithmic)</tspan>' : '')
  const title = (axis: PlaneAxis, room: number) =>
    escapeMarkup(fitting(axis.title, room - textWidth(' (logarithmic)')))
  return (
    `<text class="title" x="0" y="14">${title(y, width)}${scale(y)}</text>${across.join('')}` +
    `<path class="axis" d="M${left} ${bottom}H${right}"/>${below.join('')}` +
    `<text class="title" x="${right}" y="${bottom + 34}" text-anchor="end">${title(x, right)}${scale(x)}</text>`
  )
}

function cellsMarkup(cells: readonly (readonly number[])[], { left, right, top, bottom }: PlaneFrame): string {
  // Whole pixels: cells that overlap or leave a gap show as a grid.
  const edge = (from: number, to: number, i: number, count: number) => Math.round(from + (i / count) * (to - from))
  return cells.map((row, r) => {
    const [low, high] = [r, r + 1].map(i => edge(bottom, top, i, cells.length)) as [number, number]
    return row.map((share, c) => {
      const [from, to] = [c, c + 1].map(i => edge(left, right, i, row.length)) as [number, number]
      const box = `x="${from}" y="${high}" width="${to - from}" height="${low - high}"`
      return `<rect ${box} opacity="${share.toFixed(2)}"/>`
    }).join('')
  }).join('')
}

/** The chart as SVG. */
export function planeChart(chart: PlaneChart, width: number): string {
  const frame = planeFrame(chart, width)
  const cells = chart.cells ? `<g class="cells">${cellsMarkup(chart.cells, frame)}</g>` : ''
  const lines = (chart.lines ?? []).map(line => lineMarkup(line, frame)).join('')
  const dots = placedDots(chart.dots, frame).map(({ place: [x, y], ...dot }) => dotMarkup(x, y, dot)).join('')
  return (
    `<svg class="chart plane" viewBox="0 0 ${frame.width} ${frame.height}" width="${frame.width}"` +
    ` height="${frame.height}" role="img" aria-label="${escapeMarkup(chart.description)}">` +
    `${cells}${axesMarkup(chart, frame)}${lines}${dots}${keysMarkup(chart.keys ?? [], width)}</svg>`
  )
}
