// The map of words: turned by the pointer, the arrow keys or the player, searched by a word.
import record from '../../explain/word-map.json' with { type: 'json' }
import { readWordMap } from '../../explain/word-map-data.ts'
import {
  drawWordMap, LONGEST_WORD, MOST_TIP, saidOfWordMap, TURNS, WORD_MAP_START, type WordMapState,
} from '../../explain/word-map.ts'
import { choice, controlsOf, draggable, partOf } from './parts.ts'
import { numberFrom, oneFrom, Player } from './player.ts'

const MAPS = ['pca', 'umap'] as const
const around = (turn: number) => ((Math.round(turn) % TURNS) + TURNS) % TURNS
const tipped = (tip: number) => Math.max(-MOST_TIP, Math.min(MOST_TIP, Math.round(tip)))

/** Brings a map of words to life. */
export function wordMap(figure: HTMLElement): void {
  const mapped = readWordMap(record)
  const surface = partOf(figure, 'surface', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const input = partOf(figure, 'text', HTMLInputElement)
  const width = () => Math.max(280, Math.min(640, surface.clientWidth))
  const change = (part: Partial<WordMapState>) => player.set({ ...player.state, ...part })
  const onMap = choice(figure, 'map', value => change({ map: value as WordMapState['map'] }))
  let spoken = ''
  const show = (state: WordMapState) => {
    surface.innerHTML = drawWordMap(mapped, state, width())
    const words = saidOfWordMap(mapped, state)
    // While it turns, only what changes is announced.
    if (words !== spoken) said.textContent = spoken = words
    if (input.value !== state.word) input.value = state.word
    onMap(state.map)
  }
  const player: Player<WordMapState> = new Player(figure, controlsOf(figure), {
    name: 'word-map',
    first: WORD_MAP_START,
    last: () => TURNS,
    step: state => state.turn,
    at: (state, turn) => ({ ...state, turn }),
    milliseconds: 120,
    toAddress: ({ map, word, turn, tip }) => ({ map, word, turn: String(turn), tip: String(tip) }),
    fromAddress: (given, first) => ({
      map: oneFrom(given, 'map', MAPS, first.map),
      word: (given.get('word') ?? first.word).slice(0, LONGEST_WORD),
      turn: Math.round(numberFrom(given, 'turn', [0, TURNS], first.turn)),
      tip: tipped(numberFrom(given, 'tip', [-MOST_TIP, MOST_TIP], first.tip)),
    }),
    show,
  })
  let from: { readonly x: number; readonly y: number; readonly turn: number; readonly tip: number } | undefined
  surface.addEventListener('pointerdown', () => (from = undefined))
  draggable(
    surface,
    (x, y) => {
      from ??= { x, y, turn: player.state.turn, tip: player.state.tip }
      change({ turn: around(from.turn + (x - from.x) * 36), tip: tipped(from.tip + (y - from.y) * 24) })
    },
    (right, up) => change({ turn: around(player.state.turn + right), tip: tipped(player.state.tip - up) }),
  )
  input.disabled = false
  input.addEventListener('input', () => change({ word: input.value }))
  new ResizeObserver(() => show(player.state)).observe(surface)
}
