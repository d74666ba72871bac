// The field of an output: windows, layers and pooling by the reader, back layer by layer.
import {
  drawField, FIELD_POOLS, FIELD_RANGES, FIELD_START, fieldLayers, saidOfField, type FieldState,
} from '../../explain/field.ts'
import { choice, controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const NAMES = ['kernel', 'layers'] as const

/** Brings the figure to life. */
export function field(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(300, Math.min(640, surface.clientWidth))
  // A net that is changed is seen down to the picture.
  const change = (part: Partial<FieldState>) => {
    const state = { ...player.state, ...part }
    player.set({ ...state, step: fieldLayers(state).length })
  }
  const set = Object.fromEntries(NAMES.map(name => [name, slider(figure, name, value => change({ [name]: value }))]))
  const pool = choice(figure, 'pool', value => change({ pool: FIELD_POOLS.find(one => one === value) ?? 'none' }))
  const show = (state: FieldState) => {
    surface.innerHTML = drawField(state, width())
    said.textContent = saidOfField(state)
    for (const name of NAMES) set[name]?.(state[name], String(state[name]))
    pool(state.pool)
  }
  const player: Player<FieldState> = new Player(figure, controlsOf(figure), {
    name: 'field',
    first: FIELD_START,
    last: state => fieldLayers(state).length,
    step: state => Math.min(state.step, fieldLayers(state).length),
    at: (state, step) => ({ ...state, step }),
    toAddress: state => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)])),
    fromAddress: (given, first) => ({
      kernel: Math.round(numberFrom(given, 'kernel', FIELD_RANGES.kernel, first.kernel)),
      layers: Math.round(numberFrom(given, 'layers', FIELD_RANGES.layers, first.layers)),
      pool: oneFrom(given, 'pool', FIELD_POOLS, first.pool),
      step: Math.round(numberFrom(given, 'step', [0, 12], first.step)),
    }),
    show,
    milliseconds: 700,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
