// The sliding window: nine weights by a choice, its place by dragging, by the arrow keys, or row by row.
import {
  drawWindow,
  KERNEL_NAMES,
  OUTPUT,
  saidOfWindow,
  WINDOW_LAST,
  WINDOW_START,
  type WindowState,
} from '../../explain/window.ts'
import { choice, controlsOf, draggable, partOf } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const PICTURE_SHARE = 0.385
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
  const player: Player<WindowState> = new Player(figure, controlsOf(figure), {
    name: 'window',
    first: WINDOW_START,
    last: () => WINDOW_LAST,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ kernel: state.kernel, step: String(state.step) }),
    fromAddress: (given, first) => ({
      kernel: oneFrom(given, 'kernel', KERNEL_NAMES, first.kernel),
      step: Math.round(numberFrom(given, 'step', [0, WINDOW_LAST], first.step)),
    }),
    show: state => {
      surface.innerHTML = drawWindow(state)
      said.textContent = saidOfWindow(state)
      kernel(state.kernel)
    },
    milliseconds: 90,
  })
  draggable(
    surface,
    (x, y) => {
      // Within the picture, which is the left part of the drawing.
      if (x > PICTURE_SHARE) return
      change({ step: stepAt(((y - 0.09) / 0.91) * 14 - 1.5, (x / PICTURE_SHARE) * 14 - 1.5) })
    },
    (right, up) => {
      const { step } = player.state
      change({ step: stepAt(Math.floor(step / OUTPUT) - up, (step % OUTPUT) + right) })
    },
  )
}
