// One cursor a chart: by pointer or by the arrow keys it reads all lines at one x, and says so. Charts that belong
// together are read at the same x.
import type { ChartData } from './chart-data.ts'

/** Within one element that bears it, a chart's cursor leads those of the others. */
const LINKED = '[data-linked]'
const MOVED = 'chartcursor'

/** Where the cursor of a chart stands now; without an x it has gone. */
interface Moved {
  readonly from: HTMLElement
  readonly xTitle: string
  readonly x: number | undefined
}

/** A chart's cursor. */
export interface ChartCursor {
  /** Draws the cursor again where the chart was drawn anew. */
  redraw(): void
  disconnect(): void
}

const round = (value: number) => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3))))

function reading({ x, xTitle, unit, series }: ChartData, at: number): string {
  const values = series.flatMap(({ name, y }) => {
    const value = y[at]
    return value === null || value === undefined ? [] : [`${name} ${round(value)}${unit === '' ? '' : `\u00a0${unit}`}`]
  })
  return `${xTitle} ${round(x[at] ?? 0)}: ${values.join(', ')}`
}

const rangeOf = ({ x, range }: ChartData) => range ?? ([x[0] ?? 0, x.at(-1) ?? 1] as const)

/** The place of the value that is next to `wanted`. */
export const nearest = (x: readonly number[], wanted: number): number =>
  x.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs((x[best] ?? 0) - wanted) ? i : best), 0)

/** Pixels of the x axis from its first to its last value, as drawn: the axis line says so. */
function axisOf(svg: SVGSVGElement): readonly [from: number, to: number] {
  const [, from = '0', to = '1'] =
    /M([\d.]+) [\d.]+H([\d.]+)/.exec(svg.querySelector('.axis')?.getAttribute('d') ?? '') ?? []
  return [Number(from), Number(to)]
}

/** The drawing that is seen: a page keeps one for a phone beside the wide one. */
const drawnIn = (place: HTMLElement) =>
  [...place.querySelectorAll('svg')].find(one => one.getBoundingClientRect().width > 0)

function drawLine(svg: SVGSVGElement, data: ChartData, x: number): void {
  const [first, last] = rangeOf(data)
  const [from, to] = axisOf(svg)
  const position = from + ((x - first) / (last - first || 1)) * (to - from)
  const line = svg.querySelector('.cursor') ?? document.createElementNS('http://www.w3.org/2000/svg', 'path')
  line.setAttribute('class', 'cursor')
  const top = Number(svg.dataset['top'] ?? 24)
  line.setAttribute('d', `M${position} ${top}V${svg.viewBox.baseVal.height - 38}`)
  svg.append(line)
}

/** The x below a pointer. */
function xBelow(svg: SVGSVGElement, clientX: number, data: ChartData): number {
  const box = svg.getBoundingClientRect()
  const [from, to] = axisOf(svg)
  const share = (((clientX - box.left) / box.width) * svg.viewBox.baseVal.width - from) / (to - from)
  const [first, last] = rangeOf(data)
  return first + share * (last - first)
}

/**
 * Gives a chart its cursor. Charts within one `data-linked` element follow one another, where their x is the same.
 * @param place holds the drawing, and a `.reading` that says the values
 * @param dataOf what is drawn now
 */
export function connectCursor(place: HTMLElement, dataOf: () => ChartData): ChartCursor {
  const said = place.querySelector<HTMLElement>('.reading')
  const linked = place.closest<HTMLElement>(LINKED)
  const leaving = new AbortController()
  const { signal } = leaving
  let x: number | undefined
  const draw = (index: number) => {
    const data = dataOf()
    const at = Math.max(0, Math.min(data.x.length - 1, index))
    const svg = drawnIn(place)
    x = data.x[at]
    if (!svg || x === undefined) return
    drawLine(svg, data, x)
    const words = reading(data, at)
    if (said && said.textContent !== words) said.textContent = words
  }
  // Of charts that are linked, one is announced: where the reader is.
  const lead = (index: number) => {
    said?.setAttribute('aria-live', 'polite')
    draw(index)
    tell()
  }
  const hide = () => {
    x = undefined
    for (const line of place.querySelectorAll('.cursor')) line.remove()
    if (said) said.textContent = ''
  }
  const tell = () => {
    const detail: Moved = { from: place, xTitle: dataOf().xTitle, x }
    linked?.dispatchEvent(new CustomEvent<Moved>(MOVED, { detail }))
  }
  const leave = () => {
    hide()
    tell()
  }
  const follow = (event: Event) => {
    const { detail } = event as CustomEvent<Moved>
    if (detail.from === place || detail.xTitle !== dataOf().xTitle) return
    if (detail.x === undefined) {
      hide()
      return
    }
    said?.setAttribute('aria-live', 'off')
    draw(nearest(dataOf().x, detail.x))
  }
  linked?.addEventListener(MOVED, follow, { signal })
  const move = (event: PointerEvent) => {
    const svg = drawnIn(place)
    if (svg) lead(nearest(dataOf().x, xBelow(svg, event.clientX, dataOf())))
  }
  place.addEventListener('pointermove', move, { signal })
  place.addEventListener('pointerleave', leave, { signal })
  // Whoever goes on to the next of the charts goes on reading where they were.
  const all = linked ?? place
  const goOut = ({ relatedTarget }: FocusEvent) => {
    if (!(relatedTarget instanceof Node && all.contains(relatedTarget))) leave()
  }
  all.addEventListener('focusout', goOut, { signal })
  const press = (event: KeyboardEvent) => {
    const at = x === undefined ? -1 : nearest(dataOf().x, x)
    const step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: Infinity }[event.key]
    if (step === undefined) return
    event.preventDefault()
    lead(step)
  }
  place.addEventListener('keydown', press, { signal })
  return {
    redraw() {
      if (x !== undefined) draw(nearest(dataOf().x, x))
    },
    disconnect: () => leaving.abort(),
  }
}
