// Means of batches and what is kept of them: the size of a batch and the momentum by sliders, a batch a step.
import {
  drawRunning, RUNNING_START, RUNNING_STEPS, saidOfRunning, type RunningState,
} from '../../explain/running-statistics.ts'
import { controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const BATCHES = [2, 64] as const
const MOMENTA = [0.01, 1] as const

/** Brings the figure to life. */
export function runningStatistics(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(260, Math.min(640, surface.clientWidth))
  const change = (part: Partial<RunningState>) => player.set({ ...player.state, ...part })
  const batch = slider(figure, 'batch', value => change({ batch: value }))
  const momentum = slider(figure, 'momentum', value => change({ momentum: value }))
  const show = (state: RunningState) => {
    surface.innerHTML = drawRunning(state, width())
    said.textContent = saidOfRunning(state)
    batch(state.batch, `${state.batch} examples`)
    momentum(state.momentum, state.momentum.toFixed(2))
  }
  const player: Player<RunningState> = new Player(figure, controlsOf(figure), {
    name: 'running-statistics',
    first: RUNNING_START,
    last: () => RUNNING_STEPS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({
      batch: String(state.batch), momentum: String(state.momentum), step: String(state.step),
    }),
    fromAddress: (given, first) => ({
      batch: Math.round(numberFrom(given, 'batch', BATCHES, first.batch)),
      momentum: numberFrom(given, 'momentum', MOMENTA, first.momentum),
      step: Math.round(numberFrom(given, 'step', [0, RUNNING_STEPS], first.step)),
    }),
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
