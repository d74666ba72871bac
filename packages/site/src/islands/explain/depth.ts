// Values through layers: the size of the weights by a slider, activation and normalisation by choices, a layer a step.
import { DEPTH_LAYERS, DEPTH_START, drawDepth, saidOfDepth, type DepthState } from '../../explain/depth-histogram.ts'
import { choice, controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const SCALES = [0.4, 2] as const
const ACTIVATIONS = ['relu', 'tanh'] as const
const NORMS = ['without', 'with'] as const
const normOf = ({ norm }: DepthState) => (norm ? 'with' : 'without')

/** Brings the figure to life. */
export function depth(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(280, Math.min(640, surface.clientWidth))
  const change = (part: Partial<DepthState>) => player.set({ ...player.state, ...part })
  const scale = slider(figure, 'scale', value => change({ scale: value }))
  const activation = choice(figure, 'activation', value =>
    change({ activation: ACTIVATIONS.find(one => one === value) ?? 'relu' }),
  )
  const norm = choice(figure, 'norm', value => change({ norm: value === 'with' }))
  const show = (state: DepthState) => {
    surface.innerHTML = drawDepth(state, width())
    said.textContent = saidOfDepth(state)
    scale(state.scale, `${state.scale.toFixed(1)} of He's`)
    activation(state.activation)
    norm(normOf(state))
  }
  const player: Player<DepthState> = new Player(figure, controlsOf(figure), {
    name: 'depth',
    first: DEPTH_START,
    last: () => DEPTH_LAYERS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({
      scale: String(state.scale), activation: state.activation, norm: normOf(state), step: String(state.step),
    }),
    fromAddress: (given, first) => ({
      scale: numberFrom(given, 'scale', SCALES, first.scale),
      activation: oneFrom(given, 'activation', ACTIVATIONS, first.activation),
      norm: oneFrom(given, 'norm', NORMS, normOf(first)) === 'with',
      step: Math.round(numberFrom(given, 'step', [0, DEPTH_LAYERS], first.step)),
    }),
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
