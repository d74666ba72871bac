// A digit that is moved by dragging, by the arrow keys or by the player, and the answers of three nets.
import { readLeNet, type PackedLeNet } from '../../explain/lenet-digits.ts'
import { readLinearDigits, SIDE, type PackedDigits } from '../../explain/linear-digits.ts'
import {
  drawShifted, MOST_MOVED, pictureShare, saidOfShifted, SHIFTED_START, type Readers, type ShiftedState,
} from '../../explain/shifted.ts'
import { choice, controlsOf, draggable, drawnByWidth, partOf } from './parts.ts'
import { numberFrom, Player } from './player.ts'

/** As it stands in the page. */
interface Packed {
  readonly linear: PackedDigits
  readonly plain: PackedLeNet
  readonly distorted: PackedLeNet
}

const bounded = (value: number) => Math.max(-MOST_MOVED, Math.min(MOST_MOVED, Math.round(value)))

/** Brings the figure to life. */
export function shifted(figure: HTMLElement): void {
  const packed = JSON.parse(figure.dataset['model'] ?? '{}') as Packed
  const readers: Readers = {
    linear: readLinearDigits(packed.linear), plain: readLeNet(packed.plain), distorted: readLeNet(packed.distorted),
  }
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const isNarrow = drawnByWidth(surface, () => player.draw())
  const change = (part: Partial<ShiftedState>) => player.set({ ...player.state, ...part })
  const digit = choice(figure, 'digit', value => change({ digit: Number(value) }))
  const player: Player<ShiftedState> = new Player(figure, controlsOf(figure), {
    name: 'shifted',
    first: SHIFTED_START,
    last: () => 2 * MOST_MOVED,
    step: state => state.right + MOST_MOVED,
    at: (state, step) => ({ ...state, right: bounded(step - MOST_MOVED) }),
    toAddress: state => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)])),
    fromAddress: (given, first) => ({
      digit: Math.round(numberFrom(given, 'digit', [0, 9], first.digit)),
      right: bounded(numberFrom(given, 'right', [-MOST_MOVED, MOST_MOVED], first.right)),
      down: bounded(numberFrom(given, 'down', [-MOST_MOVED, MOST_MOVED], first.down)),
    }),
    show(state) {
      surface.innerHTML = drawShifted(readers, state, isNarrow())
      said.textContent = saidOfShifted(readers, state)
      digit(String(state.digit))
    },
  })
  let from: { readonly x: number; readonly y: number; readonly state: ShiftedState } | undefined
  surface.addEventListener('pointerdown', event => {
    from = { x: event.clientX, y: event.clientY, state: player.state }
  }, { capture: true })
  draggable(
    surface,
    (x, y) => {
      const { left, top, width, height } = surface.getBoundingClientRect()
      if (!from) return
      const size = (pictureShare(isNarrow()) * width) / SIDE
      change({
        right: bounded(from.state.right + (left + x * width - from.x) / size),
        down: bounded(from.state.down + (top + y * height - from.y) / size),
      })
    },
    (right, up) => change({ right: bounded(player.state.right + right), down: bounded(player.state.down - up) }),
  )
}
