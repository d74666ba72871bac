// A gradient on its way back: weight, inputs and gate by sliders, one step back a step.
import {
  drawThroughTime, saidOfThroughTime, STEPS_BACK, THROUGH_TIME_START, type ThroughTimeState,
} from '../../explain/through-time.ts'
import { controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const RANGES = { weight: [0.2, 2], input: [0, 2], gate: [0.5, 1] } as const
const NAMES = ['weight', 'input', 'gate'] as const

/** Brings the figure to life. */
export function throughTime(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(300, Math.min(640, surface.clientWidth))
  const set = Object.fromEntries(
    NAMES.map(name => [name, slider(figure, name, value => player.set({ ...player.state, [name]: value }))]),
  )
  const show = (state: ThroughTimeState) => {
    surface.innerHTML = drawThroughTime(state, width())
    said.textContent = saidOfThroughTime(state)
    for (const name of NAMES) set[name]?.(state[name], state[name].toFixed(2))
  }
  const player: Player<ThroughTimeState> = new Player(figure, controlsOf(figure), {
    name: 'through-time',
    first: THROUGH_TIME_START,
    last: () => STEPS_BACK,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)])),
    fromAddress: (given, first) => ({
      weight: numberFrom(given, 'weight', RANGES.weight, first.weight),
      input: numberFrom(given, 'input', RANGES.input, first.input),
      gate: numberFrom(given, 'gate', RANGES.gate, first.gate),
      step: Math.round(numberFrom(given, 'step', [0, STEPS_BACK], first.step)),
    }),
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
