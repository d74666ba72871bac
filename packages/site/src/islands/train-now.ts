// The plan page's button: a net learns to read digits while you watch its weights, and then reads yours.
import type { FromQuickWorker, ToQuickWorker } from '../workers/quick-worker.ts'
import { inkPad, type InkPad } from './ink-pad.ts'
import { drawWeights, weightColours } from './weight-picture.ts'

const COLUMNS = 8
const SIDE = 28

const part = (root: ParentNode, name: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(`[data-${name}]`)
  if (!found) throw new Error(`The page has no part '${name}'.`)
  return found
}

function drawFilters(canvas: HTMLCanvasElement, filters: readonly Float32Array[]): void {
  const rows = Math.ceil(filters.length / COLUMNS)
  const [width, height] = [COLUMNS * (SIDE + 2), rows * (SIDE + 2)]
  if (canvas.width !== width) Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')
  const colours = weightColours()
  if (!context) return
  filters.forEach((weights, unit) => {
    drawWeights(
      context,
      weights,
      SIDE,
      [(unit % COLUMNS) * (SIDE + 2), Math.floor(unit / COLUMNS) * (SIDE + 2)],
      colours,
    )
  })
}

const count = (value: number) => value.toLocaleString('en-US')
const percent = (share: number) => `${(100 * share).toFixed(1)} %`

function start(box: HTMLElement, button: HTMLButtonElement): void {
  const said = part(box, 'said')
  const picture = part(box, 'picture')
  const canvas = document.createElement('canvas')
  canvas.setAttribute('role', 'img')
  let worker: Worker | undefined
  const send = (message: ToQuickWorker) => worker?.postMessage(message)
  const errors: number[] = []
  let [pad, running, example]: [InkPad | undefined, boolean, number] = [undefined, true, 0]
  const answer = part(box, 'answer')

  const showPad = () => {
    if (pad) return
    const place = part(box, 'pad')
    place.hidden = false
    pad = inkPad(part(place, 'ink') as HTMLCanvasElement, pixels => {
      truth = undefined
      send({ kind: 'read', pixels })
    })
    part(place, 'clear').addEventListener('click', () => {
      pad?.clear()
      answer.textContent = ''
    })
    part(place, 'take').addEventListener('click', () => send({ kind: 'example', index: example++ }))
  }
  let truth: number | undefined
  const read = (probabilities: Float32Array) => {
    const best = probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)))
    const sure = percent(probabilities[best] ?? 0)
    const verdict = truth === undefined ? '' : truth === best ? ', and is right' : `; it is a ${truth}`
    answer.textContent = `It reads ${best}, ${sure} sure${verdict}.`
    answer.dataset['digit'] = String(best)
  }
  const learned = (message: Extract<FromQuickWorker, { kind: 'learned' }>) => {
    if (errors.length === 0) picture.replaceChildren(canvas)
    errors.push(message.error)
    box.dataset['error'] = String(message.error)
    canvas.setAttribute('aria-label', `What 32 units look for after ${message.step} steps`)
    drawFilters(canvas, message.filters)
    const share = percent(1 - message.error)
    const read = `reads ${share} of ${count(message.seen)} it never saw`
    said.textContent = `Step ${message.step} on ${count(message.from)} digits: ${read}`
    part(box, 'curve').innerHTML = sparkline(errors)
    if (errors.length >= 3) showPad()
    if (!message.done) return
    running = false
    box.dataset['phase'] = 'done'
    button.textContent = 'Train it again'
  }
  const failed = (message: string) => {
    running = false
    said.textContent = `It could not train: ${message}`
    box.dataset['phase'] = 'failed'
    button.textContent = 'Try again'
  }
  const hear = ({ data: message }: MessageEvent<FromQuickWorker>) => {
    if (message.kind === 'loading') said.textContent = `Loading digits: ${(message.loaded / 1e3).toFixed(0)} KB`
    else if (message.kind === 'learned') learned(message)
    else if (message.kind === 'reading') read(message.probabilities)
    else if (message.kind === 'example') {
      truth = message.label
      pad?.show(message.pixels)
      send({ kind: 'read', pixels: message.pixels })
    } else failed(message.message)
  }
  const giveUp = () => {
    if (worker) worker.onmessage = null
    worker?.terminate()
    worker = undefined
  }
  const begin = () => {
    worker = new Worker(new URL('../workers/quick-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = hear
    worker.onerror = event => {
      // It may never have been loaded: the next try begins another.
      giveUp()
      failed(event.message || 'its program could not be loaded')
    }
  }
  const train = () => {
    if (!worker) begin()
    running = true
    errors.length = 0
    box.dataset['phase'] = 'training'
    button.textContent = 'Stop'
    send({ kind: 'train', digits: box.dataset['digits'] ?? '' })
  }
  const stop = () => {
    if (errors.length > 0) {
      send({ kind: 'stop' })
      return
    }
    // Its digits may never come.
    giveUp()
    running = false
    said.textContent = 'Stopped before the first step.'
    box.dataset['phase'] = 'stopped'
    button.textContent = 'Try again'
  }
  button.onclick = () => (running ? stop() : train())
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && running) send({ kind: 'stop' })
  })
  train()
}

/** The error so far, on a logarithmic axis from 100 % to 1 %. */
function sparkline(errors: readonly number[]): string {
  const [width, height] = [120, 28]
  const y = (error: number) => (height - 2) * (Math.log10(1 / Math.max(error, 0.01)) / 2) + 1
  const points = errors.map(
    (error, i) => `${((i / Math.max(1, errors.length - 1)) * (width - 4) + 2).toFixed(1)} ${y(error).toFixed(1)}`,
  )
  const label = `The error, from ${percent(errors[0] ?? 1)} to ${percent(errors.at(-1) ?? 1)}`
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">` +
    `<path d="M${points.join('L')}" fill="none" stroke="var(--series-1)" stroke-width="2"/></svg>`
  )
}

const box = document.querySelector<HTMLElement>('[data-train-now]')
const button = document.querySelector<HTMLButtonElement>('[data-train-button]')
if (box && button) {
  button.disabled = false
  button.onclick = () => start(box, button)
}
