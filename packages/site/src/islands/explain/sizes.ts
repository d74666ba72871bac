// Output sizes: picture, window, stride and padding by sliders, the window's place step by step.
import { drawSizes, lastPlace, saidOfSizes, SIZES_RANGES, SIZES_START, type SizesState } from '../../explain/sizes.ts'
import { controlsOf, drawnByWidth, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const NAMES = ['size', 'kernel', 'stride', 'padding'] as const

/** Brings the figure to life. */
export function sizes(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const isNarrow = drawnByWidth(surface, () => player.draw())
  const within = (state: SizesState): SizesState => ({ ...state, step: Math.min(state.step, lastPlace(state)) })
  const set = Object.fromEntries(
    NAMES.map(name => [name, slider(figure, name, value => player.set(within({ ...player.state, [name]: value })))]),
  )
  const player: Player<SizesState> = new Player(figure, controlsOf(figure), {
    name: 'sizes',
    first: SIZES_START,
    last: lastPlace,
    step: state => state.step,
    at: (state, step) => within({ ...state, step }),
    toAddress: state => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)])),
    fromAddress(given, first) {
      const read = (name: (typeof NAMES)[number]) =>
        Math.round(numberFrom(given, name, SIZES_RANGES[name], first[name]))
      const chosen = { size: read('size'), kernel: read('kernel'), stride: read('stride'), padding: read('padding') }
      return within({ ...chosen, step: Math.round(numberFrom(given, 'step', [0, 400], first.step)) })
    },
    show(state) {
      surface.innerHTML = drawSizes(state, isNarrow())
      said.textContent = saidOfSizes(state)
      for (const name of NAMES) set[name]?.(state[name], String(state[name]))
    },
    milliseconds: 150,
  })
}
