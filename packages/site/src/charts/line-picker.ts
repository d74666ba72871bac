// A line of a chart is picked, by pointer, by tap or by keys, and what it shows is opened.
import type { Chart } from './chart.ts'
import { lineNear } from './line-near.ts'

/** Pixels from a line within which a pointer means it; a finger covers more. */
const REACH = { mouse: 14, touch: 28 } as const

/** Picks the lines of a chart. */
export interface LinePicker {
  /** Marks the picked line again where the chart was drawn anew. */
  redraw(): void
  disconnect(): void
}

/** What a picker asks of its place. */
export interface Pickable {
  readonly chart: () => Chart
  /** Told which line is picked, of `chart().series`; undefined where none is. */
  readonly onPick: (index: number | undefined) => void
  readonly onOpen: (index: number) => void
}

/**
 * Lets a reader pick a line and open what it shows: a mouse picks what it is over and opens it by a click; a finger
 * picks by a tap and opens by another; up and down pick, Enter opens, Escape lets go.
 * @param place holds the drawing, and takes the keys
 */
export function connectPicker(place: HTMLElement, { chart, onPick, onOpen }: Pickable): LinePicker {
  const leaving = new AbortController()
  const options = { signal: leaving.signal }
  let picked: number | undefined
  let pointer: 'mouse' | 'touch' = 'mouse'
  const drawing = () => place.querySelector('svg')
  const mark = () => {
    const svg = drawing()
    svg?.classList.toggle('picking', picked !== undefined)
    svg?.querySelectorAll('.line:not(.swatch)').forEach((line, i) => line.classList.toggle('picked', i === picked))
  }
  const pick = (index: number | undefined) => {
    if (index !== picked) onPick(index)
    picked = index
    mark()
  }
  /** The line that a pointer means: its own, or the one whose name it is on. */
  const meant = (event: MouseEvent): number | undefined => {
    const svg = drawing()
    if (!svg) return undefined
    const name = event.target instanceof Element ? event.target.closest<SVGElement>('[data-line]') : null
    if (name) return Number(name.dataset['line'])
    const box = svg.getBoundingClientRect()
    const scale = svg.viewBox.baseVal.width / box.width
    const at = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale] as const
    const { index, away } = lineNear(chart(), svg.viewBox.baseVal.width, at)
    return away <= REACH[pointer] * scale ? index : undefined
  }
  const notePointer = ({ pointerType }: PointerEvent) => {
    pointer = pointerType === 'mouse' ? 'mouse' : 'touch'
  }
  place.addEventListener('pointerdown', notePointer, options)
  place.addEventListener('pointermove', event => {
    notePointer(event)
    if (pointer === 'touch') return
    const line = meant(event)
    place.classList.toggle('over-line', line !== undefined)
    if (line !== undefined) pick(line)
  }, options)
  place.addEventListener('pointerleave', event => {
    notePointer(event)
    place.classList.remove('over-line')
    if (pointer === 'mouse' && document.activeElement !== place) pick(undefined)
  }, options)
  place.addEventListener('click', event => {
    const line = meant(event)
    if (line === undefined) return
    const isKnown = line === picked
    pick(line)
    if (isKnown) onOpen(line)
  }, options)
  place.addEventListener('keydown', event => {
    const { length } = chart().series
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    const from = picked ?? (step === 1 ? -1 : length)
    if (step !== undefined && length > 0) pick((from + step + length) % length)
    else if (event.key === 'Escape' && picked !== undefined) pick(undefined)
    else if (event.key === 'Enter' && picked !== undefined && event.target === place) onOpen(picked)
    else return
    event.preventDefault()
  }, options)
  return {
    redraw() {
      if (picked !== undefined && picked >= chart().series.length) pick(undefined)
      mark()
    },
    disconnect: () => leaving.abort(),
  }
}
