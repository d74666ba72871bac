// The trainer of deep nets: two of them learn digits side by side, at a depth of the reader's choice.
import { lineChart } from '../charts/line-chart.ts'
import type { FromDepthWorker, ToDepthWorker } from '../workers/depth-worker.ts'
import { partOf, slider } from './explain/parts.ts'

const COLOURS = { plain: 1, shortcuts: 0 } as const
const NAMES = { plain: 'plain', shortcuts: 'with shortcuts' } as const
const PASSAGES = ['plain', 'shortcuts'] as const
/** The loss of a net that says 1 in 10 to every digit. */
const GUESSING = Math.log(10)

type Learned = Extract<FromDepthWorker, { kind: 'learned' }>
type Judged = Extract<FromDepthWorker, { kind: 'judged' }>

function start(box: HTMLElement): void {
  const button = partOf(box, 'train', HTMLButtonElement)
  const said = partOf(box, 'said', HTMLElement)
  const surface = partOf(box, 'curves', HTMLElement)
  let depth = 30
  /** Of the nets that learn, whatever the slider says by then. */
  let trained = depth
  let worker: Worker | undefined
  let lines: Learned[] = []
  const draw = () => {
    if (lines.length === 0) return
    const points = (name: (typeof PASSAGES)[number]) => lines.map(({ step, losses }) => [step, losses[name]] as const)
    surface.innerHTML = lineChart({
      series: PASSAGES.map(name => ({ name: NAMES[name], colour: COLOURS[name], points: points(name) })),
      yTitle: 'training loss', xTitle: 'step', scale: 'linear', highest: 3,
    }, Math.max(260, Math.min(640, surface.clientWidth)))
  }
  const setDepth = slider(box, 'depth', value => {
    depth = value
    setDepth(value, `${value} blocks`)
  })
  setDepth(depth, `${depth} blocks`)

  const rest = (words: string, phase: string) => {
    box.dataset['phase'] = phase
    button.disabled = false
    button.textContent = words
    worker?.terminate()
    worker = undefined
  }
  const learned = (message: Learned) => {
    lines.push(message)
    draw()
    box.dataset['step'] = String(message.step)
    if (message.done) said.textContent = `Step ${message.step}. Judging them on digits that they have not seen.`
  }
  const judged = ({ errors, seen }: Judged) => {
    const told = PASSAGES.map(name => `${NAMES[name]} ${(100 * errors[name]).toFixed(1)} %`)
    said.textContent =
      `${trained} blocks, after ${box.dataset['step'] ?? ''} steps, misread of ${seen.toLocaleString('en-US')} ` +
      `unseen digits: ${told.join(', ')}. One seed each; guessing misreads 90 %.`
    rest('Train them again', 'done')
  }
  const failed = (message: string) => {
    said.textContent = `They could not be trained: ${message}`
    rest('Try again', 'failed')
  }
  button.onclick = () => {
    worker = new Worker(new URL('../workers/depth-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromDepthWorker>) => {
      if (data.kind === 'learned') learned(data)
      else if (data.kind === 'judged') judged(data)
      else failed(data.message)
    }
    worker.onerror = event => failed(event.message || 'their program could not be loaded')
    lines = []
    trained = depth
    surface.replaceChildren()
    box.dataset['phase'] = 'training'
    button.disabled = true
    button.textContent = 'They learn for 12 seconds'
    said.textContent = `Loading the digits. A net that guesses has a loss of ${GUESSING.toFixed(2)}.`
    const digits = new URL(box.dataset['digits'] ?? '', location.href).href
    worker.postMessage({ digits, depth } satisfies ToDepthWorker)
  }
  button.disabled = false
  new ResizeObserver(draw).observe(surface)
}

for (const box of document.querySelectorAll<HTMLElement>('[data-depth-trainer]')) start(box)
