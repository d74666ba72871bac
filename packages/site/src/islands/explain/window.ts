// The sliding window: nine weights by a choice, its place by dragging, by the arrow keys, or row by row; and a picture
// of the reader's own under it.
import {
  drawingFromText,
  drawingToText,
  drawWindow,
  KERNEL_NAMES,
  OUTPUT,
  pixelBelow,
  saidOfWindow,
  WINDOW_LAST,
  WINDOW_START,
  withInk,
  type WindowState,
} from '../../explain/window.ts'
import { choice, controlsOf, draggable, drawnByWidth, partOf } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const within = (value: number) => Math.max(0, Math.min(OUTPUT - 1, Math.round(value)))
const stepAt = (row: number, column: number) => within(row) * OUTPUT + within(column)

/** Brings the figure to life. */
export function slidingWindow(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const change = (part: Partial<WindowState>) => player.set({ ...player.state, ...part })
  const kernel = choice(figure, 'kernel', value =>
    change({ kernel: KERNEL_NAMES.find(one => one === value) ?? 'blur' }),
  )
  const isNarrow = drawnByWidth(surface, () => player.draw())
  let isPen = false
  const pointer = choice(figure, 'pointer', value => {
    isPen = value === 'pen'
    surface.classList.toggle('drawn-on', isPen)
  })
  pointer('window')
  const player: Player<WindowState> = new Player(figure, controlsOf(figure), {
    name: 'window',
    first: WINDOW_START,
    last: () => WINDOW_LAST,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({
      kernel: state.kernel,
      step: String(state.step),
      ...(state.drawn && { ink: drawingToText(state.drawn) }),
    }),
    fromAddress: (given, first) => ({
      kernel: oneFrom(given, 'kernel', KERNEL_NAMES, first.kernel),
      step: Math.round(numberFrom(given, 'step', [0, WINDOW_LAST], first.step)),
      drawn: drawingFromText(given.get('ink') ?? ''),
    }),
    show: state => {
      surface.innerHTML = drawWindow(state, isNarrow())
      said.textContent = saidOfWindow(state)
      kernel(state.kernel)
    },
    milliseconds: 90,
  })
  draggable(
    surface,
    (x, y) => {
      const pixel = pixelBelow(x, y, isNarrow())
      if (!pixel) return
      const [row, column] = pixel
      if (isPen) change({ drawn: withInk(player.state.drawn, Math.floor(row), Math.floor(column)), step: WINDOW_LAST })
      else change({ step: stepAt(row - 1.5, column - 1.5) })
    },
    (right, up) => {
      const { step } = player.state
      change({ step: stepAt(Math.floor(step / OUTPUT) - up, (step % OUTPUT) + right) })
    },
  )
  // With the keyboard: ink in the middle of the window.
  surface.addEventListener('keydown', event => {
    if (!isPen || (event.key !== ' ' && event.key !== 'Enter')) return
    event.preventDefault()
    const { drawn, step } = player.state
    change({ drawn: withInk(drawn, Math.floor(step / OUTPUT) + 1, (step % OUTPUT) + 1) })
  })
}
