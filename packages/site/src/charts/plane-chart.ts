// Dots, lines and cells over two axes, in the hand of the line charts: y title above, x title at its right end, classes
// instead of colours. What a study measured is drawn so.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { greatest, LOGARITHMIC_FROM } from './chart.ts'
import { fitting } from './fitting.ts'
import { numberLetters, numberMarkup, numberText, roundTicks } from './ticks.ts'
import { textWidth } from './text-width.ts'

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
const round = (value: number) => String(Math.round(value * 10) / 10)

/** The axis of some values: logarithmic where they are positive and span more than 30 to 1. */
export function axisOfValues(title: string, values: readonly number[]): PlaneAxis {
  const [low, high] = [-greatest(values.map(value => -value), -Infinity), greatest(values, -Infinity)]
  const log = low > 0 && high > LOGARITHMIC_FROM * low
  if (log) {
    const room = 0.04 * (Math.log10(high) - Math.log10(low))
    return { title, from: low / 10 ** room, to: Math.min(Number.MAX_VALUE, high * 10 ** room), log }
  }
  const pad = 0.05 * high - 0.05 * low || 0.05 * Math.abs(high) || 0.05
  // From zero, where zero is not far: lengths can then be compared.
  const from = low >= 0 && low < 0.5 * high ? 0 : Math.max(-Number.MAX_VALUE, low - pad)
  return { title, from, to: Math.min(Number.MAX_VALUE, high + pad), log }
}

const isChoices = (axis: PlaneAxis): axis is Extract<PlaneAxis, { choices: readonly string[] }> => 'choices' in axis

/** Where a value lies along an axis, 0 to 1. */
function shareAlong(axis: PlaneAxis, value: Value): number {
  if (isChoices(axis)) return (axis.choices.indexOf(String(value)) + 0.5) / axis.choices.length
  const scaled = (x: number) => (axis.log ? Math.log10(x) : x)
  const [from, to] = [scaled(axis.from), scaled(axis.to)]
  // Halves, so that no difference leaves the range of numbers.
  return to > from ? (scaled(Number(value)) / 2 - from / 2) / (to / 2 - from / 2) : 0.5
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
  return ticks
    .filter(tick => tick >= from * (1 - 1e-9) - 1e-12 && tick <= to * (1 + 1e-9))
    .map(tick => ({
      at: shareAlong(axis, tick), label: numberText(tick, log ? 10 ** Math.floor(Math.log10(tick) + 1e-9) : step),
    }))
}

/** Ticks whose words do not touch. */
function apart(ticks: readonly Tick[], room: number): Tick[] {
  const widest = greatest(ticks.map(({ label }) => textWidth(numberLetters(label))), 10) + 12
  const every = Math.max(1, Math.ceil((ticks.length * widest) / room))
  return ticks.filter((_, i) => i % every === 0)
}

/** Keys in rows as wide as the chart. */
function keyRows(keys: readonly PlaneKey[], width: number): PlaneKey[][] {
  const rows: PlaneKey[][] = []
  let at = Infinity
  for (const key of keys) {
    const need = SWATCH + textWidth(key.name) + 14
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
  const ySize = greatest(ticksOf(chart.y).map(({ label }) => textWidth(numberLetters(label))), 12)
  const left = Math.ceil(10 + Math.min(LONGEST, ySize))
  const last = ticksOf(chart.x).at(-1)
  const right = width - Math.ceil(6 + Math.max(4, textWidth(numberLetters(last?.label ?? '')) / 2))
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
  `<circle class="${dot.isRing === true ? 'ring' : 'dot'} ${classOf(dot)}" cx="${round(x)}" cy="${round(y)}" r="${r}"` +
  `${strengthOf('opacity', dot)}/>`

function lineMarkup(line: PlaneLine, frame: PlaneFrame): string {
  const places = line.points.map(([x, y]) => [frame.x(x), frame.y(y)] as const)
  const [first] = places
  if (!first) return ''
  const parts = places.slice(1).map(([x, y]) => {
    if (line.step === 'after') return `H${round(x)}V${round(y)}`
    return line.step === 'before' ? `V${round(y)}H${round(x)}` : `L${round(x)} ${round(y)}`
  })
  const wide = line.isWide === true ? ' wide' : ''
  return (
    `<path class="curve ${classOf(line)}${wide}" d="M${round(first[0])} ${round(first[1])}${parts.join('')}"` +
    `${strengthOf('opacity', line)}/>`
  )
}

function keysMarkup(keys: readonly PlaneKey[], width: number): string {
  return keyRows(keys, width).map((row, k) => {
    const y = 31 + k * LINE_HEIGHT
    let x = 0
    return row.map(key => {
      const at = x
      x += SWATCH + textWidth(key.name) + 14
      const mark = key.mark === 'line'
        ? `<path class="curve wide ${classOf(key)}" d="M${at} ${y - 4}h14"/>`
        : dotMarkup(at + 6, y - 4, { ...key, isRing: key.mark === 'ring' })
      return `${mark}<text class="name" x="${round(at + SWATCH)}" y="${y}">${escapeMarkup(key.name)}</text>`
    }).join('')
  }).join('')
}

function axesMarkup({ x, y }: PlaneChart, { width, left, right, top, bottom }: PlaneFrame): string {
  const across = ticksOf(y).map(({ at, label }) => {
    const place = bottom - at * (bottom - top)
    return (
      `<path class="grid" d="M${left} ${round(place)}H${right}"/>` +
      `<text x="${left - 6}" y="${round(place + 4)}" text-anchor="end">${numberMarkup(escapeMarkup(label))}</text>`
    )
  })
  const below = apart(ticksOf(x), right - left).map(({ at, label }) => {
    const place = round(left + at * (right - left))
    return `<text x="${place}" y="${bottom + 17}" text-anchor="middle">${numberMarkup(escapeMarkup(label))}</text>`
  })
  const scale = (axis: PlaneAxis) => (!isChoices(axis) && axis.log ? ' <tspan class="soft">(logarithmic)</tspan>' : '')
  const title = (axis: PlaneAxis) => escapeMarkup(fitting(axis.title, width - textWidth(' (logarithmic)')))
  return (
    `<text class="title" x="0" y="14">${title(y)}${scale(y)}</text>${across.join('')}` +
    `<path class="axis" d="M${left} ${bottom}H${right}"/>${below.join('')}` +
    `<text class="title" x="${right}" y="${bottom + 34}" text-anchor="end">${title(x)}${scale(x)}</text>`
  )
}

function cellsMarkup(cells: readonly (readonly number[])[], { left, right, top, bottom }: PlaneFrame): string {
  const high = (bottom - top) / cells.length
  return cells.map((row, r) => {
    const wide = (right - left) / row.length
    return row.map((share, c) => {
      const place = `x="${round(left + c * wide)}" y="${round(bottom - (r + 1) * high)}"`
      return `<rect ${place} width="${round(wide + 0.1)}" height="${round(high + 0.1)}" opacity="${share.toFixed(2)}"/>`
    }).join('')
  }).join('')
}

/** The chart as SVG. */
export function planeChart(chart: PlaneChart, width: number): string {
  const frame = planeFrame(chart, width)
  const cells = chart.cells ? `<g class="cells">${cellsMarkup(chart.cells, frame)}</g>` : ''
  const lines = (chart.lines ?? []).map(line => lineMarkup(line, frame)).join('')
  const dots = chart.dots.map(dot => dotMarkup(frame.x(dot.x), frame.y(dot.y), dot)).join('')
  return (
    `<svg class="chart plane" viewBox="0 0 ${frame.width} ${frame.height}" width="${frame.width}"` +
    ` height="${frame.height}" role="img" aria-label="${escapeMarkup(chart.description)}">` +
    `${cells}${axesMarkup(chart, frame)}${lines}${dots}${keysMarkup(chart.keys ?? [], width)}</svg>`
  )
}
