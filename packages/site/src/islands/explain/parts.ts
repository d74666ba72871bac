// Finds the parts of an explaining figure, and makes a place in it draggable by pointer and by the arrow keys.
import type { Controls } from './player.ts'

/** A part of a figure by its name: `data-part="play"`. @param kind what it is, for example HTMLButtonElement */
export function partOf<T extends Element>(figure: ParentNode, name: string, kind: new () => T): T {
  const found = figure.querySelector(`[data-part="${name}"]`)
  if (!(found instanceof kind)) throw new Error(`The figure has no part '${name}' that is a ${kind.name}.`)
  return found
}

export const controlsOf = (figure: ParentNode): Controls => ({
  play: partOf(figure, 'play', HTMLButtonElement),
  step: partOf(figure, 'step', HTMLButtonElement),
  reset: partOf(figure, 'reset', HTMLButtonElement),
  scrub: partOf(figure, 'scrub', HTMLInputElement),
})

/** A slider of a figure, with its value in words. */
export function slider(
  figure: ParentNode,
  name: string,
  onInput: (value: number) => void,
): (value: number, words: string) => void {
  const input = partOf(figure, name, HTMLInputElement)
  const output = partOf(figure, `${name}-said`, HTMLOutputElement)
  input.disabled = false
  input.addEventListener('input', () => onInput(Number(input.value)))
  return (value, words) => {
    input.value = String(value)
    input.setAttribute('aria-valuetext', words)
    output.textContent = words
  }
}

/** One of few by radio buttons. @returns what checks the chosen one */
export function choice(figure: ParentNode, name: string, onChoice: (value: string) => void): (value: string) => void {
  const inputs = [...partOf(figure, name, HTMLFieldSetElement).querySelectorAll('input')]
  for (const input of inputs) {
    input.disabled = false
    input.addEventListener('change', () => onChoice(input.value))
  }
  return value => {
    for (const input of inputs) input.checked = input.value === value
  }
}

/** Below this width a drawing is laid out for a phone: letters keep their size. */
const NARROW = 480

/**
 * Draws a surface anew when its place becomes narrow or wide.
 * @returns whether it is narrow now
 */
export function drawnByWidth(surface: HTMLElement, draw: () => void): () => boolean {
  const isNarrow = () => surface.clientWidth > 0 && surface.clientWidth < NARROW
  let drawn = isNarrow()
  new ResizeObserver(() => {
    if (isNarrow() === drawn) return
    drawn = isNarrow()
    draw()
  }).observe(surface)
  return isNarrow
}

const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}

/**
 * Lets a surface be dragged.
 * @param onMove the pointer's place within the surface, in shares of its width and height
 * @param onKey right and up, by one
 */
export function draggable(
  surface: HTMLElement,
  onMove: (x: number, y: number) => void,
  onKey: (right: number, up: number) => void,
): void {
  let isDown = false
  const move = (event: PointerEvent) => {
    const { left, top, width, height } = surface.getBoundingClientRect()
    onMove((event.clientX - left) / width, (event.clientY - top) / height)
  }
  surface.addEventListener('pointerdown', event => {
    isDown = true
    surface.setPointerCapture(event.pointerId)
    move(event)
  })
  surface.addEventListener('pointermove', event => {
    if (isDown) move(event)
  })
  for (const end of ['pointerup', 'pointercancel'] as const) surface.addEventListener(end, () => (isDown = false))
  surface.addEventListener('keydown', event => {
    const step = KEYS[event.key]
    if (!step) return
    event.preventDefault()
    onKey(...step)
  })
}
