// The root: the width of queries and keys by the player, the division by a choice.
import { drawRoot, ROOT_START, ROOT_STEPS, saidOfRoot, type RootState } from '../../explain/root.ts'
import { choice, controlsOf, partOf } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const DIVISIONS = ['none', 'root'] as const

/** Brings the figure to life. */
export function root(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(280, Math.min(640, surface.clientWidth))
  const division = choice(figure, 'division', value =>
    player.set({ ...player.state, division: value === 'root' ? 'root' : 'none' }))
  const show = (state: RootState) => {
    surface.innerHTML = drawRoot(state, width())
    said.textContent = saidOfRoot(state)
    division(state.division)
  }
  const player: Player<RootState> = new Player(figure, controlsOf(figure), {
    name: 'root',
    first: ROOT_START,
    last: () => ROOT_STEPS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ width: String(state.step), division: state.division }),
    fromAddress: (given, first) => ({
      step: Math.round(numberFrom(given, 'width', [0, ROOT_STEPS], first.step)),
      division: oneFrom(given, 'division', DIVISIONS, first.division),
    }),
    show,
  })
  new ResizeObserver(() => show(player.state)).observe(surface)
}
