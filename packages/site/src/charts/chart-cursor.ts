// One cursor a chart: by pointer or by the arrow keys it reads all lines at one x, and says so.
import type { ChartData } from './chart-data.ts'

const round = (value: number) => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3))))

function reading({ x, xTitle, unit, series }: ChartData, at: number): string {
  const values = series.flatMap(({ name, y }) => {
    const value = y[at]
    return value === null || value === undefined ? [] : [`${name} ${round(value)}${unit === '' ? '' : ` ${unit}`}`]
  })
  return `${xTitle} ${round(x[at] ?? 0)}: ${values.join(', ')}`
}

const rangeOf = ({ x, range }: ChartData) => range ?? ([x[0] ?? 0, x.at(-1) ?? 1] as const)

/** Pixels of the x axis from its first to its last value, as drawn: the axis line says so. */
function axisOf(svg: SVGSVGElement): readonly [from: number, to: number] {
  const [, from = '0', to = '1'] =
    /M([\d.]+) [\d.]+H([\d.]+)/.exec(svg.querySelector('.axis')?.getAttribute('d') ?? '') ?? []
  return [Number(from), Number(to)]
}

/**
 * Gives a chart its cursor.
 * @param place holds the drawing, and a `.reading` that says the values
 * @param dataOf what is drawn now
 */
export function connectCursor(place: HTMLElement, dataOf: () => ChartData): void {
  const said = place.querySelector<HTMLElement>('.reading')
  let at = -1
  const svg = () => [...place.querySelectorAll('svg')].find(one => one.getBoundingClientRect().width > 0)
  const show = (index: number) => {
    const data = dataOf()
    const { x } = data
    const [first, last] = rangeOf(data)
    at = Math.max(0, Math.min(x.length - 1, index))
    const drawn = svg()
    if (!drawn) return
    const [from, to] = axisOf(drawn)
    const position = from + (((x[at] ?? 0) - first) / (last - first || 1)) * (to - from)
    const line = drawn.querySelector('.cursor') ?? document.createElementNS('http://www.w3.org/2000/svg', 'path')
    line.setAttribute('class', 'cursor')
    line.setAttribute('d', `M${position} 24V${drawn.viewBox.baseVal.height - 38}`)
    drawn.append(line)
    if (said) said.textContent = reading(data, at)
  }
  const hide = () => {
    at = -1
    for (const line of place.querySelectorAll('.cursor')) line.remove()
    if (said) said.textContent = ''
  }
  place.addEventListener('pointermove', event => {
    const drawn = svg()
    if (!drawn) return
    const box = drawn.getBoundingClientRect()
    const [from, to] = axisOf(drawn)
    const share = (((event.clientX - box.left) / box.width) * drawn.viewBox.baseVal.width - from) / (to - from)
    const data = dataOf()
    const { x } = data
    const [first, last] = rangeOf(data)
    const wanted = first + share * (last - first)
    show(x.reduce((best, value, i) => (Math.abs(value - wanted) < Math.abs((x[best] ?? 0) - wanted) ? i : best), 0))
  })
  place.addEventListener('pointerleave', hide)
  place.addEventListener('blur', hide)
  place.addEventListener('keydown', event => {
    const step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: Infinity }[event.key]
    if (step === undefined) return
    event.preventDefault()
    show(step)
  })
}
