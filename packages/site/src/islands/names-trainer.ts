// The trainer of names: a net learns while the page shows what it would write, and then goes on with the reader's own.
import type { FromNamesWorker, ToNamesWorker } from '../workers/names-worker.ts'
import { partOf } from './explain/parts.ts'
import { knownPart } from './known-part.ts'

function start(box: HTMLElement, button: HTMLButtonElement): void {
  const said = partOf(box, 'said', HTMLElement)
  const lines = partOf(box, 'lines', HTMLElement)
  const asked = partOf(box, 'asked', HTMLFormElement)
  const beginning = partOf(box, 'beginning', HTMLInputElement)
  const temperature = partOf(box, 'temperature', HTMLInputElement)
  const heat = partOf(box, 'temperature-said', HTMLOutputElement)
  const answer = partOf(box, 'answer', HTMLElement)
  let worker: Worker | undefined
  let draws = 0
  let leftOut = ''
  const send = (message: ToNamesWorker) => worker?.postMessage(message)

  const learned = ({ step, loss, names, done }: Extract<FromNamesWorker, { kind: 'learned' }>) => {
    const line = document.createElement('li')
    const when = Object.assign(document.createElement('span'), { className: 'soft', textContent: `step ${step}` })
    line.append(when, ` ${names.filter(Boolean).join(', ')}`)
    lines.append(line)
    const bits = (loss / Math.LN2).toFixed(2)
    const guessing = Math.log(27).toFixed(2)
    said.textContent = `Step ${step}: ${loss.toFixed(2)} nats a letter, ${bits} bits. Guessing costs ${guessing}.`
    box.dataset['step'] = String(step)
    if (!done) return
    box.dataset['phase'] = 'done'
    button.textContent = 'Train it again'
    button.disabled = false
    asked.hidden = false
  }
  const failed = (message: string) => {
    worker?.terminate()
    worker = undefined
    said.textContent = `It could not train: ${message}`
    box.dataset['phase'] = 'failed'
    button.textContent = 'Try again'
    button.disabled = false
  }
  const hear = ({ data: message }: MessageEvent<FromNamesWorker>) => {
    if (message.kind === 'learned') learned(message)
    else if (message.kind === 'failed') failed(message.message)
    else {
      const invented = message.names.filter(({ isListed }) => !isListed).length
      const written = message.names.map(({ name }) => name).join(', ')
      answer.textContent = `${written}. ${invented} of ${message.names.length} stand in no list.${leftOut}`
    }
  }
  const train = () => {
    if (!worker) {
      worker = new Worker(new URL('../workers/names-worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = hear
      worker.onerror = event => failed(event.message || 'its program could not be loaded')
    }
    lines.replaceChildren()
    asked.hidden = true
    answer.textContent = ''
    box.dataset['phase'] = 'training'
    button.disabled = true
    button.textContent = 'It learns for 5 seconds'
    said.textContent = 'Loading the names'
    send({ kind: 'train', address: new URL(box.dataset['names'] ?? '', location.href).href })
  }
  temperature.oninput = () => {
    heat.textContent = Number(temperature.value).toFixed(1)
  }
  asked.onsubmit = event => {
    event.preventDefault()
    const [letters, unknown] = knownPart(beginning.value.toLowerCase(), one => /[a-z]/.test(one))
    leftOut = unknown
    beginning.value = letters
    send({ kind: 'finish', beginning: letters, temperature: Number(temperature.value), seed: ++draws })
  }
  button.onclick = train
  button.disabled = false
}

for (const box of document.querySelectorAll<HTMLElement>('[data-names]')) {
  start(box, partOf(box, 'train', HTMLButtonElement))
}
