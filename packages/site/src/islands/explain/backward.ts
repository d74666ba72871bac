// One unit, forward and backward: the reader's numbers by sliders, one value a step.
import {
  BACKWARD_START,
  BACKWARD_STEPS,
  drawBackward,
  saidOfBackward,
  type BackwardState,
} from '../../explain/backward.ts'
import { controlsOf, drawnByWidth, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const NUMBERS = ['x', 'w', 'b', 'y'] as const
const RANGE = [-3, 3] as const

/** Brings the figure to life. */
export function backward(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const isNarrow = drawnByWidth(surface, () => player.draw())
  const set = Object.fromEntries(
    NUMBERS.map(name => [name, slider(figure, name, value => player.set({ ...player.state, [name]: value }))]),
  )
  const player: Player<BackwardState> = new Player(figure, controlsOf(figure), {
    name: 'backward',
    first: BACKWARD_START,
    last: () => BACKWARD_STEPS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)])),
    fromAddress: (given, first) => ({
      x: numberFrom(given, 'x', RANGE, first.x),
      w: numberFrom(given, 'w', RANGE, first.w),
      b: numberFrom(given, 'b', RANGE, first.b),
      y: numberFrom(given, 'y', RANGE, first.y),
      step: Math.round(numberFrom(given, 'step', [0, BACKWARD_STEPS], first.step)),
    }),
    show: state => {
      surface.innerHTML = drawBackward(state, isNarrow())
      said.textContent = saidOfBackward(state)
      for (const name of NUMBERS) set[name]?.(state[name], state[name].toFixed(1))
    },
  })
}
