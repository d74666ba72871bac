// Pooling: its kind by a choice, one pixel by a slider, windows forwards and backwards step by step.
import {
  drawPooling, POOLING_LAST, POOLING_START, POOLINGS, saidOfPooling, type PoolingState,
} from '../../explain/pooling.ts'
import { choice, controlsOf, drawnByWidth, partOf, slider } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

/** Brings the figure to life. */
export function pooling(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const isNarrow = drawnByWidth(surface, () => player.draw())
  const change = (part: Partial<PoolingState>) => player.set({ ...player.state, ...part })
  const kind = choice(figure, 'kind', value => change({ kind: POOLINGS.find(one => one === value) ?? 'largest' }))
  const number = slider(figure, 'value', value => change({ value }))
  const player: Player<PoolingState> = new Player(figure, controlsOf(figure), {
    name: 'pooling',
    first: POOLING_START,
    last: () => POOLING_LAST,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ kind: state.kind, value: String(state.value), step: String(state.step) }),
    fromAddress: (given, first) => ({
      kind: oneFrom(given, 'kind', POOLINGS, first.kind),
      value: Math.round(numberFrom(given, 'value', [0, 9], first.value)),
      step: Math.round(numberFrom(given, 'step', [0, POOLING_LAST], first.step)),
    }),
    show(state) {
      surface.innerHTML = drawPooling(state, isNarrow())
      said.textContent = saidOfPooling(state)
      kind(state.kind)
      number(state.value, String(state.value))
    },
    milliseconds: 900,
  })
}
