// The heads of the recorded GPT: layer and head by sliders, the letter that asks by the player or by a click.
import recorded from '../../explain/gpt-heads.json'
import { gptHeadsSchema } from '../../explain/gpt-heads.ts'
import { drawHeads, headsStart, saidOfHeads, type HeadsState } from '../../explain/head-weights.ts'
import { controlsOf, partOf, slider } from './parts.ts'
import { numberFrom, Player } from './player.ts'

/** Brings the figure to life. */
export function heads(figure: HTMLElement): void {
  const record = gptHeadsSchema.parse(recorded)
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const last = record.text.length - 1
  const setLayer = slider(figure, 'layer', layer => player.set({ ...player.state, layer }))
  const setHead = slider(figure, 'head', head => player.set({ ...player.state, head }))
  const player: Player<HeadsState> = new Player(figure, controlsOf(figure), {
    name: 'heads',
    first: headsStart(record),
    last: () => last,
    step: state => state.step,
    at: (state, step) => ({ ...state, step }),
    toAddress: ({ layer, head, step }) => ({ layer: String(layer), head: String(head), letter: String(step) }),
    fromAddress: (given, first) => ({
      layer: Math.round(numberFrom(given, 'layer', [1, record.layers], first.layer)),
      head: Math.round(numberFrom(given, 'head', [1, record.heads], first.head)),
      step: Math.round(numberFrom(given, 'letter', [0, last], first.step)),
    }),
    show: state => {
      surface.innerHTML = drawHeads(record, state)
      said.textContent = saidOfHeads(record, state)
      setLayer(state.layer, String(state.layer))
      setHead(state.head, String(state.head))
    },
  })
  surface.addEventListener('click', event => {
    const piece = (event.target as HTMLElement).closest('.piece')
    const step = piece ? [...surface.querySelectorAll('.piece')].indexOf(piece) : -1
    if (step >= 0) player.set({ ...player.state, step })
  })
}
