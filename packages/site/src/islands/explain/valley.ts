// The valley: rate and momentum by sliders, the start by dragging it, the path step by step.
import { STEPS } from '../../explain/descent.ts'
import { placesOf } from '../../explain/plane.ts'
import { drawValley, saidOfValley, VALLEY_START, valleyPlane, type ValleyState } from '../../explain/valley.ts'
import { controlsOf, draggable, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const RATES = [0.02, 2.6] as const
const MOMENTA = [0, 0.95] as const
const [WIDEST, HIGHEST] = [10.5, 4.5]

const within = (value: number, most: number) => Math.round(10 * Math.max(-most, Math.min(most, value))) / 10

/** Brings a valley figure to life. */
export function valley(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(300, Math.min(640, surface.clientWidth))
  const change = (part: Partial<ValleyState>) => player.set({ ...player.state, ...part })
  const rate = slider(figure, 'rate', value => change({ rate: value }))
  const momentum = slider(figure, 'momentum', value => change({ momentum: value }))
  const show = (state: ValleyState) => {
    surface.innerHTML = drawValley(state, width())
    said.textContent = saidOfValley(state)
    rate(state.rate, state.rate.toFixed(2))
    momentum(state.momentum, state.momentum.toFixed(2))
  }
  const player: Player<ValleyState> = new Player(figure, controlsOf(figure), {
    name: 'valley',
    first: VALLEY_START,
    last: () => STEPS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({
      rate: String(state.rate),
      momentum: String(state.momentum),
      step: String(state.step),
      x: String(state.start[0]),
      y: String(state.start[1]),
    }),
    fromAddress: (given, first) => ({
      rate: numberFrom(given, 'rate', RATES, first.rate),
      momentum: numberFrom(given, 'momentum', MOMENTA, first.momentum),
      step: Math.round(numberFrom(given, 'step', [0, STEPS], first.step)),
      start: [
        numberFrom(given, 'x', [-WIDEST, WIDEST], first.start[0]),
        numberFrom(given, 'y', [-HIGHEST, HIGHEST], first.start[1]),
      ],
    }),
    show,
  })
  draggable(
    surface,
    (x, y) => {
      const plane = valleyPlane(width())
      const [toX, toY] = placesOf(plane).fromPixels(x * plane.width, y * plane.height)
      change({ start: [within(toX, WIDEST), within(toY, HIGHEST)] })
    },
    (right, up) => {
      const [x, y] = player.state.start
      change({ start: [within(x + right / 2, WIDEST), within(y + up / 2, HIGHEST)] })
    },
  )
  new ResizeObserver(() => show(player.state)).observe(surface)
}
