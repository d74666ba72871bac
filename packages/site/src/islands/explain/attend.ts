// Attention by hand: the word that asks by the player, its query by dragging or by the arrow keys, the mask by choice.
import {
  asking, ATTEND_RANGE, ATTEND_START, ATTEND_WORDS, attendPlane, drawAttend, saidOfAttend, type AttendState,
} from '../../explain/attend.ts'
import { placesOf } from '../../explain/plane.ts'
import { choice, controlsOf, draggable, partOf } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const MASKS = ['on', 'off'] as const
const STEP = 0.2
const within = (value: number) => Math.max(-3, Math.min(3, Math.round(10 * value) / 10))

/** Brings the figure to life. */
export function attend(figure: HTMLElement): void {
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const width = () => Math.max(280, Math.min(640, surface.clientWidth))
  const change = (part: Partial<AttendState>) => player.set({ ...player.state, ...part })
  const mask = choice(figure, 'mask', value => change({ mask: value === 'off' ? 'off' : 'on' }))
  const show = (state: AttendState) => {
    surface.innerHTML = drawAttend(state, width())
    said.textContent = saidOfAttend(state)
    mask(state.mask)
  }
  const player: Player<AttendState> = new Player(figure, controlsOf(figure), {
    name: 'attend',
    first: ATTEND_START,
    last: () => ATTEND_WORDS - 1,
    step: state => state.step,
    at: (state, step) => asking(step, state.mask),
    toAddress: state => ({ word: String(state.step), x: String(state.x), y: String(state.y), mask: state.mask }),
    fromAddress: (given, first) => {
      const word = Math.round(numberFrom(given, 'word', [0, ATTEND_WORDS - 1], first.step))
      const own = asking(word, oneFrom(given, 'mask', MASKS, first.mask))
      return {
        ...own, x: numberFrom(given, 'x', ATTEND_RANGE, own.x), y: numberFrom(given, 'y', ATTEND_RANGE, own.y),
      }
    },
    show,
    milliseconds: 1200,
  })
  draggable(
    surface,
    (right, down) => {
      const drawing = surface.querySelector('svg')?.getBoundingClientRect()
      const whole = surface.getBoundingClientRect()
      if (!drawing) return
      const plane = attendPlane(width())
      const scale = plane.width / drawing.width
      const [left, top] = [right * whole.width * scale, down * whole.height * scale]
      // Below the plane stand the words.
      if (top > plane.height) return
      const [x, y] = placesOf(plane).fromPixels(left, top)
      change({ x: within(x), y: within(y) })
    },
    (right, up) => change({ x: within(player.state.x + STEP * right), y: within(player.state.y + STEP * up) }),
  )
  new ResizeObserver(() => show(player.state)).observe(surface)
}
