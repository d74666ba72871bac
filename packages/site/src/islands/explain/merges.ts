// Byte pairs that merge: the text by writing one, a merge a step.
import {
  drawMerges, lastMerge, LONGEST_TEXT, MERGES_START, saidOfMerges, type MergesState,
} from '../../explain/merges.ts'
import { controlsOf, partOf } from './parts.ts'
import { numberFrom, Player } from './player.ts'

/** Brings the figure to life. */
export function merges(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const input = partOf(figure, 'text', HTMLInputElement)
  const bounded = ({ text, step }: MergesState) => ({ text, step: Math.min(step, lastMerge(text)) })
  const player: Player<MergesState> = new Player(figure, controlsOf(figure), {
    name: 'merges',
    first: MERGES_START,
    last: state => lastMerge(state.text),
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: state => ({ text: state.text, step: String(state.step) }),
    fromAddress: (given, first) =>
      bounded({
        text: (given.get('text') ?? first.text).slice(0, LONGEST_TEXT),
        step: Math.round(numberFrom(given, 'step', [0, 100], first.step)),
      }),
    show: state => {
      surface.innerHTML = drawMerges(state)
      said.textContent = saidOfMerges(state)
      if (input.value !== state.text) input.value = state.text
    },
  })
  input.disabled = false
  input.addEventListener('input', () => player.set(bounded({ ...player.state, text: input.value })))
}
