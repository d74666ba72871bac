// The temperature: a slider, and letters drawn one a step.
import { readNamesNet, type NamesNetOfPage } from '../../explain/names-net.ts'
import {
  drawTemperature, LETTERS_DRAWN, saidOfTemperature, TEMPERATURE_START, type TemperatureState,
} from '../../explain/temperature.ts'
import { controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const RANGE = [0.1, 3] as const

/** Brings the figure to life. */
export function temperature(figure: HTMLElement): void {
  const net = readNamesNet(JSON.parse(figure.dataset['model'] ?? '{}') as NamesNetOfPage)
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(280, Math.min(640, surface.clientWidth))
  const set = slider(figure, 'temperature', value => player.set({ ...player.state, temperature: value }))
  const show = (state: TemperatureState) => {
    surface.innerHTML = drawTemperature(net, state, width())
    said.textContent = saidOfTemperature(net, state)
    set(state.temperature, state.temperature.toFixed(1))
  }
  const player: Player<TemperatureState> = new Player(figure, controlsOf(figure), {
    name: 'temperature',
    first: TEMPERATURE_START,
    last: () => LETTERS_DRAWN,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ temperature: String(state.temperature), step: String(state.step) }),
    fromAddress: (given, first) => ({
      temperature: numberFrom(given, 'temperature', RANGE, first.temperature),
      step: Math.round(numberFrom(given, 'step', [0, LETTERS_DRAWN], first.step)),
    }),
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
