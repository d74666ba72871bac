// The trainer of feature maps: a LeNet learns while the page shows what it finds in one digit, which the reader draws.
import type { Sight } from '../workers/quick-lenet.ts'
import type { FromLeNetWorker, ToLeNetWorker } from '../workers/lenet-worker.ts'
import { partOf } from './explain/parts.ts'
import { inkOfPhoto } from './ink-of-photo.ts'
import { inkPad, type InkPad } from './ink-pad.ts'
import { likeMnist } from './like-mnist.ts'
import { photoSource } from './photo-source.ts'
import { drawInk, drawWeights, weightColours } from './weight-picture.ts'

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** Maps side by side in one picture; all on one scale where they are compared. */
function drawMaps(canvas: HTMLCanvasElement, maps: readonly ArrayLike<number>[], columns: number): void {
  const side = Math.round(Math.sqrt(maps[0]?.length ?? 1))
  const rows = Math.ceil(maps.length / columns)
  Object.assign(canvas, { width: columns * (side + 1) - 1, height: rows * (side + 1) - 1 })
  const context = canvas.getContext('2d')
  if (!context) return
  const colours = weightColours()
  const peak = Math.max(...maps.map(map => Array.from(map).reduce((most, value) => Math.max(most, Math.abs(value)), 0)))
  maps.forEach((map, i) => {
    const place = [(i % columns) * (side + 1), Math.floor(i / columns) * (side + 1)] as const
    drawWeights(context, map, side, place, colours, peak || 1)
  })
}

const SIDE = 28
/** The map of 8 x 8 lies within the digit: each of its places sees 14 pixels, every other pixel apart. */
const [HEAT_SIDE, HEAT_FROM, HEAT_STEP] = [8, 6, 2]

/** The digit, and over it in orange where the answer comes from. */
function drawHeat(canvas: HTMLCanvasElement, pixels: Uint8Array, heat: Float32Array): void {
  Object.assign(canvas, { width: SIDE, height: SIDE })
  const context = canvas.getContext('2d')
  if (!context) return
  const colours = weightColours()
  drawInk(context, pixels, SIDE, [0, 0], colours)
  const peak = heat.reduce((a, b) => Math.max(a, b), 0) || 1
  context.fillStyle = `rgb(${colours.more.join(',')})`
  heat.forEach((value, i) => {
    context.globalAlpha = (0.75 * value) / peak
    const [row, column] = [Math.floor(i / HEAT_SIDE), i % HEAT_SIDE]
    context.fillRect(HEAT_FROM + HEAT_STEP * column, HEAT_FROM + HEAT_STEP * row, HEAT_STEP, HEAT_STEP)
  })
  context.globalAlpha = 1
}

/** What the net says of the picture, in words. */
function saidOf({ probabilities, heat }: Sight, label: number | undefined): string {
  const best = probabilities.indexOf(Math.max(...probabilities))
  const most = heat.indexOf(Math.max(...heat))
  const [row, column] = [Math.floor(most / HEAT_SIDE), most % HEAT_SIDE]
  const name = (place: number, [low, high]: readonly [string, string]) =>
    place < HEAT_SIDE / 3 ? low : place > (2 * HEAT_SIDE) / 3 - 1 ? high : 'middle'
  const where = `${name(row, ['upper', 'lower'])} ${name(column, ['left', 'right'])}`.replace('middle middle', 'middle')
  const truth = label === undefined ? '' : label === best ? ', and is right' : `; it is a ${label}`
  return `It reads ${best}, ${percent(probabilities[best] ?? 0)} sure${truth}. Most of that comes from the ${where}.`
}

/** Lets the reader clear the pad, take a digit of the test, and show one of their own. */
function offerPictures(box: HTMLElement, pad: InkPad, send: (message: ToLeNetWorker) => void): void {
  // A line of its own: while the net learns, what it says of the last picture is written again and again.
  const trouble = partOf(box, 'trouble', HTMLElement)
  const tell = (words: string) => {
    trouble.textContent = words
    trouble.hidden = words === ''
  }
  const stopCamera = photoSource({
    file: partOf(box, 'photo', HTMLInputElement),
    camera: partOf(box, 'camera', HTMLButtonElement),
    video: partOf(box, 'video', HTMLVideoElement),
    onPicture(picture) {
      const ink = inkOfPhoto(picture)
      const pixels = ink && likeMnist(ink)
      tell(pixels ? '' : 'Nothing stands out from its paper. Write one digit, large and thick, and nothing else.')
      if (!pixels) return
      pad.show(pixels)
      send({ kind: 'look', pixels })
    },
    onTrouble: tell,
  })
  const putAway = () => {
    stopCamera()
    tell('')
  }
  let example = 1
  partOf(box, 'ink', HTMLCanvasElement).addEventListener('pointerdown', putAway)
  partOf(box, 'clear', HTMLButtonElement).onclick = () => {
    putAway()
    pad.clear()
    partOf(box, 'answer', HTMLElement).textContent = ''
  }
  partOf(box, 'take', HTMLButtonElement).onclick = () => {
    putAway()
    send({ kind: 'example', index: example++ })
  }
}

function start(box: HTMLElement, button: HTMLButtonElement): void {
  const said = partOf(box, 'said', HTMLElement)
  const sight = partOf(box, 'sight', HTMLElement)
  const answer = partOf(box, 'answer', HTMLElement)
  const canvas = (name: string) => partOf(box, name, HTMLCanvasElement)
  let worker: Worker | undefined
  let running = false
  /** Whether it has taken a step since it was last asked to train. */
  let learns = false
  let shown = 0
  const send = (message: ToLeNetWorker) => worker?.postMessage(message)
  const pad = inkPad(canvas('ink'), pixels => send({ kind: 'look', pixels }))

  const giveUp = (words: string, phase: 'failed' | 'stopped') => {
    if (worker) worker.onmessage = null
    worker?.terminate()
    worker = undefined
    running = false
    said.textContent = words
    box.dataset['phase'] = phase
    button.textContent = 'Try again'
  }
  const failed = (message: string) => giveUp(`It could not train: ${message}`, 'failed')
  const learned = (message: Extract<FromLeNetWorker, { kind: 'learned' }>) => {
    const { step, from, loss, error, judged, windows, done } = message
    learns = true
    drawMaps(canvas('windows'), windows, 2)
    const read = `reads ${percent(1 - error)} of ${judged.toLocaleString('en-US')} digits it never saw`
    const on = `on ${from.toLocaleString('en-US')} digits`
    said.textContent = `Step ${step} ${on}, loss ${loss.toFixed(2)}: ${read}.`
    Object.assign(box.dataset, { step: String(step), error: String(error) })
    if (!done) return
    running = false
    box.dataset['phase'] = 'done'
    button.textContent = 'Train it again'
  }
  const show = (message: Extract<FromLeNetWorker, { kind: 'seen' }>) => {
    // Not while the reader draws: each digit of the test is shown once.
    if (message.turn !== shown && message.label !== undefined) pad.show(message.pixels)
    shown = message.turn
    sight.hidden = false
    drawMaps(canvas('first'), message.sight.first, 2)
    drawMaps(canvas('second'), message.sight.second, 4)
    drawHeat(canvas('heat'), message.pixels, message.sight.heat)
    answer.textContent = saidOf(message.sight, message.label)
    answer.dataset['digit'] = String(message.sight.probabilities.indexOf(Math.max(...message.sight.probabilities)))
  }
  const hear = ({ data: message }: MessageEvent<FromLeNetWorker>) => {
    if (message.kind === 'loading') said.textContent = `Loading digits: ${(message.loaded / 1e3).toFixed(0)} KB`
    else if (message.kind === 'learned') learned(message)
    else if (message.kind === 'seen') show(message)
    else failed(message.message)
  }
  const train = () => {
    if (!worker) {
      worker = new Worker(new URL('../workers/lenet-worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = hear
      worker.onerror = event => failed(event.message || 'its program could not be loaded')
    }
    running = true
    learns = false
    box.dataset['phase'] = 'training'
    button.textContent = 'Stop'
    send({ kind: 'train', digits: new URL(box.dataset['lenet'] ?? '', location.href).href })
  }
  const stop = () => {
    if (learns) send({ kind: 'stop' })
    // Its digits may never come.
    else giveUp('Stopped before the first step.', 'stopped')
  }
  button.onclick = () => (running ? stop() : train())
  button.disabled = false
  offerPictures(box, pad, send)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && running) send({ kind: 'stop' })
  })
}

for (const box of document.querySelectorAll<HTMLElement>('[data-lenet]'))
  start(box, partOf(box, 'train', HTMLButtonElement))
