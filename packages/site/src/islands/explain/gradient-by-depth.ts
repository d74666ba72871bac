// A gradient on its way back: depth and normalisation by choices, the weights' size by a slider, two layers a step.
import {
  drawGradient, GRADIENT_START, saidOfGradient, type GradientState,
} from '../../explain/gradient-by-depth.ts'
import { choice, controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const DEPTHS = ['20', '56'] as const
const NORMS = ['without', 'with'] as const
const SCALES = [0.4, 1.4] as const
const normOf = ({ norm }: GradientState) => (norm ? 'with' : 'without')
const depthOf = (words: string) => (words === '20' ? 20 : 56)

/** Brings the figure to life. */
export function gradientByDepth(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(260, Math.min(640, surface.clientWidth))
  const change = (part: Partial<GradientState>) => player.set({ ...player.state, ...part })
  const depth = choice(figure, 'depth', value => {
    const layers = depthOf(value)
    change({ depth: layers, step: Math.round((player.state.step / player.state.depth) * layers) })
  })
  const norm = choice(figure, 'norm', value => change({ norm: value === 'with' }))
  const scale = slider(figure, 'scale', value => change({ scale: value }))
  const show = (state: GradientState) => {
    surface.innerHTML = drawGradient(state, width())
    said.textContent = saidOfGradient(state)
    depth(String(state.depth))
    norm(normOf(state))
    scale(state.scale, `${state.scale.toFixed(1)} of He's`)
  }
  const player: Player<GradientState> = new Player(figure, controlsOf(figure), {
    name: 'gradient-by-depth',
    first: GRADIENT_START,
    last: state => state.depth / 2,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({
      depth: String(state.depth), norm: normOf(state), scale: String(state.scale), step: String(state.step),
    }),
    fromAddress: (given, first) => {
      const layers = depthOf(oneFrom(given, 'depth', DEPTHS, String(first.depth) as '56'))
      return {
        depth: layers,
        norm: oneFrom(given, 'norm', NORMS, normOf(first)) === 'with',
        scale: numberFrom(given, 'scale', SCALES, first.scale),
        step: Math.round(numberFrom(given, 'step', [0, layers / 2], first.step)),
      }
    },
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
