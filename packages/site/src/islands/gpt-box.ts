// The box that writes: the reader's beginning goes to a recorded GPT in a worker, which answers character by character.
import type { FromGptWorker, ToGptWorker } from '../workers/gpt-worker.ts'
import { partOf } from './explain/parts.ts'
import { knownPart } from './known-part.ts'

const LONGEST = 300

/** Says the values of the sliders beside them while they are moved. @returns says them anew */
function sayValues(box: HTMLElement, temperature: HTMLInputElement, topK: HTMLInputElement): () => void {
  const temperatureSaid = partOf(box, 'temperature-said', HTMLOutputElement)
  const topKSaid = partOf(box, 'top-k-said', HTMLOutputElement)
  const show = () => {
    const heat = Number(temperature.value)
    temperatureSaid.textContent = heat === 0 ? 'always the likeliest' : heat.toFixed(1)
    topKSaid.textContent = topK.value === topK.max ? `all ${topK.max}` : topK.value
    temperature.setAttribute('aria-valuetext', temperatureSaid.textContent)
    topK.setAttribute('aria-valuetext', topKSaid.textContent)
  }
  temperature.oninput = topK.oninput = show
  return show
}

function start(box: HTMLElement): void {
  const asked = partOf(box, 'asked', HTMLFormElement)
  const prompt = partOf(box, 'prompt', HTMLTextAreaElement)
  const temperature = partOf(box, 'temperature', HTMLInputElement)
  const topK = partOf(box, 'top-k', HTMLInputElement)
  const seed = partOf(box, 'seed', HTMLInputElement)
  const button = partOf(box, 'write', HTMLButtonElement)
  const stop = partOf(box, 'stop', HTMLButtonElement)
  const goOn = partOf(box, 'go-on', HTMLButtonElement)
  const said = partOf(box, 'said', HTMLElement)
  const given = partOf(box, 'given', HTMLElement)
  const written = partOf(box, 'written', HTMLElement)
  const alphabet = new Set(box.dataset['alphabet'])
  let worker: Worker | undefined
  let [count, began, leftOut] = [0, 0, '']
  const send = (message: ToGptWorker) => worker?.postMessage(message)

  const phase = (name: 'idle' | 'writing' | 'done' | 'failed') => {
    box.dataset['phase'] = name
    button.disabled = goOn.disabled = name === 'writing'
    stop.hidden = name !== 'writing'
    goOn.hidden = count === 0
  }
  const failed = (message: string) => {
    said.textContent = `It could not write: ${message}`
    phase('failed')
  }
  const hear = ({ data: message }: MessageEvent<FromGptWorker>) => {
    if (message.kind === 'loading')
      said.textContent = `Loading the weights: ${Math.round((100 * message.loaded) / message.total)} %`
    else if (message.kind === 'wrote') {
      if (count === 0) said.textContent = `It writes.${leftOut}`
      count += message.piece.length
      written.textContent += message.piece
    } else if (message.kind === 'done') {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      said.textContent = `${count} characters in ${seconds} s${message.stopped ? ', stopped' : ''}.${leftOut}`
      phase('done')
    } else failed(message.message)
  }
  const write = (typed: string) => {
    const [beginning, unknown] = knownPart(typed, one => alphabet.has(one))
    leftOut = unknown
    if (!worker) {
      worker = new Worker(new URL('../workers/gpt-worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = hear
      worker.onerror = event => {
        worker?.terminate()
        worker = undefined
        failed(event.message || 'its program could not be loaded')
      }
    }
    count = 0
    began = performance.now()
    given.textContent = beginning
    written.textContent = ''
    said.textContent = 'Starting'
    phase('writing')
    send({
      kind: 'write', prompt: beginning,
      temperature: Number(temperature.value),
      topK: Number(topK.value),
      seed: Math.max(0, Math.trunc(Number(seed.value)) || 0),
      tokens: LONGEST,
    })
  }
  const show = sayValues(box, temperature, topK)
  asked.onsubmit = event => {
    event.preventDefault()
    if (box.dataset['phase'] !== 'writing') write(prompt.value)
  }
  goOn.onclick = () => {
    // Another draw of luck, or a text that goes round in circles would do so for ever.
    seed.value = String((Number(seed.value) || 0) + 1)
    write(given.textContent + written.textContent)
  }
  stop.onclick = () => send({ kind: 'stop' })
  for (const control of [prompt, temperature, topK, seed, button]) control.disabled = false
  show()
}

for (const box of document.querySelectorAll<HTMLElement>('[data-gpt-box]')) start(box)
