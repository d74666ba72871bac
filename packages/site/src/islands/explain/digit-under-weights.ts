// A digit under the weights of a linear classifier: pixel times weight, summed to a score; moved, it is another sum.
import {
  moved,
  products,
  readLinearDigits,
  scoresOf,
  SIDE,
  softmax,
  type PackedDigits,
} from '../../explain/linear-digits.ts'
import { drawInk, drawWeights, weightColours } from '../weight-picture.ts'
import { controlsOf, draggable, partOf } from './parts.ts'
import { numberFrom, Player } from './player.ts'

interface State {
  /** The digit that is shown, and the class whose weights it lies under. */
  readonly digit: number
  readonly unit: number
  readonly right: number
  readonly down: number
}

const MOST = 8
const START: State = { digit: 7, unit: 7, right: 0, down: 0 }

const bounded = (value: number) => Math.max(-MOST, Math.min(MOST, Math.round(value)))
/** With one digit; nothing is not less than nothing. */
const tenths = (value: number) => (Math.round(10 * value) / 10 || 0).toFixed(1)
const percent = (share: number) => `${(100 * share).toFixed(0)} %`

/** One of ten, by radio buttons that look like digits. */
function choices(place: HTMLElement, label: string, onChoice: (digit: number) => void): (digit: number) => void {
  const name = `${label}-${Math.random().toString(36).slice(2)}`
  const inputs = Array.from({ length: 10 }, (_, digit) => {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name, value: String(digit) })
    const tile = document.createElement('label')
    tile.append(input, document.createTextNode(String(digit)))
    input.addEventListener('change', () => onChoice(digit))
    place.append(tile)
    return input
  })
  return digit => {
    const input = inputs[digit]
    if (input) input.checked = true
  }
}

/** The arithmetic of one pixel, under the pointer. */
function pixelSaid(digit: ArrayLike<number>, weights: ArrayLike<number>, at: number): string {
  const [ink, weight] = [(digit[at] ?? 0) / 255, weights[at] ?? 0]
  const place = `row ${Math.floor(at / SIDE) + 1}, column ${(at % SIDE) + 1}`
  return `${place}: ink ${ink.toFixed(2)} × weight ${weight.toFixed(2)} = ${(ink * weight).toFixed(2)}`
}

/** Brings the figure to life. */
export function digitUnderWeights(figure: HTMLElement): void {
  const model = readLinearDigits(JSON.parse(figure.dataset['model'] ?? '{}') as PackedDigits)
  const peak = Math.max(...model.weights.flatMap(row => Array.from(row, Math.abs)))
  const surface = partOf(figure, 'surface', HTMLElement)
  const view = (name: string) => partOf(figure, name, HTMLCanvasElement).getContext('2d')
  const [ink, weights, product] = [view('ink'), view('weights'), view('product')]
  const bars = partOf(figure, 'scores', HTMLElement)
  const said = partOf(figure, 'said', HTMLElement)
  const change = (part: Partial<State>) => player.set({ ...player.state, ...part })
  const chooseDigit = choices(partOf(figure, 'digits', HTMLElement), 'digit', digit => change({ digit }))
  const chooseUnit = choices(partOf(figure, 'units', HTMLElement), 'unit', unit => change({ unit }))
  const shown = ({ digit, right, down }: State) =>
    moved(model.digits[digit] ?? new Uint8Array(SIDE * SIDE), right, down)

  const show = (state: State) => {
    const seen = shown(state)
    const row = model.weights[state.unit] ?? new Float32Array(SIDE * SIDE)
    const colours = weightColours()
    if (ink) drawInk(ink, seen, SIDE, [0, 0], colours)
    if (weights) drawWeights(weights, row, SIDE, [0, 0], colours, peak)
    const summands = products(row, seen)
    if (product) drawWeights(product, summands, SIDE, [0, 0], colours, peak)
    const scores = scoresOf(model, seen)
    const probabilities = softmax(scores)
    bars.replaceChildren(...probabilities.map((share, k) => bar(k, scores[k] ?? 0, share, k === state.unit)))
    const best = scores.indexOf(Math.max(...scores))
    const sum = summands.reduce((a, b) => a + b, 0)
    const where =
      state.right === 0 && state.down === 0 ? 'where it was written' : `moved by ${state.right} and ${state.down}`
    const answer = `The classifier says ${best}, ${percent(probabilities[best] ?? 0)} sure.`
    const added = `the products sum to ${tenths(sum)}`
    said.textContent = `A ${state.digit}, ${where}, under the weights of ${state.unit}: ${added}. ${answer}`
    chooseDigit(state.digit)
    chooseUnit(state.unit)
  }
  const player: Player<State> = new Player(figure, controlsOf(figure), {
    name: 'digit-under-weights',
    first: START,
    last: () => 2 * MOST,
    step: state => state.right + MOST,
    at: (state, step) => ({ ...state, right: bounded(step - MOST) }),
    toAddress: state => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, String(value)])),
    fromAddress: (given, first) => ({
      digit: Math.round(numberFrom(given, 'digit', [0, 9], first.digit)),
      unit: Math.round(numberFrom(given, 'unit', [0, 9], first.unit)),
      right: bounded(numberFrom(given, 'right', [-MOST, MOST], first.right)),
      down: bounded(numberFrom(given, 'down', [-MOST, MOST], first.down)),
    }),
    show,
  })
  let from: { readonly x: number; readonly y: number; readonly state: State } | undefined
  surface.addEventListener(
    'pointerdown',
    event => {
      from = { x: event.clientX, y: event.clientY, state: player.state }
    },
    { capture: true },
  )
  draggable(
    surface,
    (x, y) => {
      const { left, top, width } = surface.getBoundingClientRect()
      if (!from) return
      const size = width / SIDE
      const [dx, dy] = [(left + x * width - from.x) / size, (top + y * width - from.y) / size]
      change({ right: bounded(from.state.right + dx), down: bounded(from.state.down + dy) })
    },
    (right, up) => change({ right: bounded(player.state.right + right), down: bounded(player.state.down - up) }),
  )
  readPixels(figure, at => pixelSaid(shown(player.state), model.weights[player.state.unit] ?? [], at))
  // The weights are drawn in the page's colours: again where its theme changes.
  new MutationObserver(() => show(player.state)).observe(document.documentElement, { attributeFilter: ['data-theme'] })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => show(player.state))
}

/** Says of the pixel under the pointer what it adds to the sum. */
function readPixels(figure: HTMLElement, say: (at: number) => string): void {
  const pixel = partOf(figure, 'pixel', HTMLElement)
  const within = (place: number) => Math.min(SIDE - 1, Math.max(0, Math.floor(place * SIDE)))
  for (const name of ['ink', 'weights', 'product']) {
    const canvas = partOf(figure, name, HTMLCanvasElement)
    canvas.addEventListener('pointermove', event => {
      const { left, top, width } = canvas.getBoundingClientRect()
      pixel.textContent = say(within((event.clientY - top) / width) * SIDE + within((event.clientX - left) / width))
    })
    canvas.addEventListener('pointerleave', () => (pixel.textContent = ''))
  }
}

/** One class: its score, and the probability as a bar. */
function bar(digit: number, score: number, share: number, isChosen: boolean): HTMLElement {
  const item = document.createElement('li')
  item.classList.toggle('chosen', isChosen)
  item.style.setProperty('--share', String(share))
  const [name, length, value] = ['b', 'i', 'span'].map(tag => document.createElement(tag))
  if (name) name.textContent = String(digit)
  if (value) value.textContent = tenths(score)
  item.append(...[name, length, value].filter(part => part !== undefined))
  return item
}
