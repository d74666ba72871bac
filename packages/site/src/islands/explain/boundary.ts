// The bending line: units by a slider, the activation by a choice, a point by dragging it, the training step by step.
import {
  BOUNDARY_RANGE,
  BOUNDARY_START,
  BOUNDARY_STEPS,
  boundaryPlane,
  drawBoundary,
  saidOfBoundary,
  type BoundaryState,
} from '../../explain/boundary.ts'
import { placesOf } from '../../explain/plane.ts'
import { choice, controlsOf, draggable, partOf, slider } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const ACTIVATIONS = ['relu', 'none'] as const
const within = (value: number) => Math.round(10 * Math.max(-BOUNDARY_RANGE, Math.min(BOUNDARY_RANGE, value))) / 10

/** Brings the figure to life. */
export function boundary(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(280, Math.min(640, surface.clientWidth))
  const change = (part: Partial<BoundaryState>) => player.set({ ...player.state, ...part })
  const units = slider(figure, 'units', value => change({ units: value }))
  const activation = choice(figure, 'activation', value =>
    change({ activation: ACTIVATIONS.find(one => one === value) ?? 'relu' }),
  )
  const show = (state: BoundaryState) => {
    surface.innerHTML = drawBoundary(state, width())
    said.textContent = saidOfBoundary(state)
    units(state.units, String(state.units))
    activation(state.activation)
  }
  const player: Player<BoundaryState> = new Player(figure, controlsOf(figure), {
    name: 'boundary',
    first: BOUNDARY_START,
    last: () => BOUNDARY_STEPS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: ({ units: count, activation: kind, point: [x, y], step }) => ({
      units: String(count), activation: kind, x: String(x), y: String(y), step: String(step),
    }),
    fromAddress: (given, first) => ({
      units: Math.round(numberFrom(given, 'units', [1, 8], first.units)),
      activation: oneFrom(given, 'activation', ACTIVATIONS, first.activation),
      point: [
        numberFrom(given, 'x', [-BOUNDARY_RANGE, BOUNDARY_RANGE], first.point[0]),
        numberFrom(given, 'y', [-BOUNDARY_RANGE, BOUNDARY_RANGE], first.point[1]),
      ],
      step: Math.round(numberFrom(given, 'step', [0, BOUNDARY_STEPS], first.step)),
    }),
    show,
    milliseconds: 120,
  })
  draggable(
    surface,
    (x, y) => {
      const plane = boundaryPlane(width())
      const [toX, toY] = placesOf(plane).fromPixels(x * plane.width, y * plane.height)
      change({ point: [within(toX), within(toY)] })
    },
    (right, up) => {
      const [x, y] = player.state.point
      change({ point: [within(x + right / 5), within(y + up / 5)] })
    },
  )
  new ResizeObserver(() => show(player.state)).observe(surface)
}
