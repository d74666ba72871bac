// A picture on its way through blocks: what a block adds by a slider, a block a step.
import {
  BLOCKS, BLOCKS_START, drawBlocks, saidOfBlocks, type BlocksState,
} from '../../explain/through-blocks.ts'
import { controlsOf, drawnByWidth, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

const SHARES = [0, 1] as const

/** Brings the figure to life. */
export function throughBlocks(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const isNarrow = drawnByWidth(surface, () => player.draw())
  const change = (part: Partial<BlocksState>) => player.set({ ...player.state, ...part })
  const share = slider(figure, 'share', value => change({ share: value }))
  const show = (state: BlocksState) => {
    surface.innerHTML = drawBlocks(state, isNarrow())
    said.textContent = saidOfBlocks(state)
    share(state.share, state.share.toFixed(1))
  }
  const player: Player<BlocksState> = new Player(figure, controlsOf(figure), {
    name: 'through-blocks',
    first: BLOCKS_START,
    last: () => BLOCKS,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ share: String(state.share), step: String(state.step) }),
    fromAddress: (given, first) => ({
      share: numberFrom(given, 'share', SHARES, first.share),
      step: Math.round(numberFrom(given, 'step', [0, BLOCKS], first.step)),
    }),
    show,
  })
}
