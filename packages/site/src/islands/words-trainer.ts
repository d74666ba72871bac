// The trainer of words: vectors learn while the page shows who is near whom, and then answers the reader's words.
import type { FromVectorsWorker, NearWords, ToVectorsWorker } from '../workers/vectors-worker.ts'
import { partOf } from './explain/parts.ts'

const listed = ({ near }: NearWords): string =>
  near
    ? near.map(one => `${one.word} ${one.similarity.toFixed(2)}`).join(', ')
    : 'nobody, it stands in these speeches too seldom to be learned'

function start(box: HTMLElement, button: HTMLButtonElement): void {
  const said = partOf(box, 'said', HTMLElement)
  const lines = partOf(box, 'lines', HTMLElement)
  const asked = partOf(box, 'asked', HTMLFormElement)
  const word = partOf(box, 'word', HTMLInputElement)
  const answer = partOf(box, 'answer', HTMLElement)
  const address = (name: string) => new URL(box.dataset[name] ?? '', location.href).href
  const words = (box.dataset['shown'] ?? '').split(' ')
  let worker: Worker | undefined
  const send = (message: ToVectorsWorker) => worker?.postMessage(message)

  const learned = ({ read, loss, perSecond, near, done }: Extract<FromVectorsWorker, { kind: 'learned' }>) => {
    lines.replaceChildren(...near.map(one => {
      const line = document.createElement('li')
      line.append(Object.assign(document.createElement('strong'), { textContent: one.word }), `: ${listed(one)}`)
      return line
    }))
    box.dataset['read'] = String(read)
    const pace = Math.round(perSecond / 1000).toLocaleString('en-US')
    const count = read.toLocaleString('en-US')
    said.textContent = `${count} words read, ${pace} thousand a second` +
      (Number.isFinite(loss) ? `, ${loss.toFixed(2)} nats a pair.` : '.')
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
  const hear = ({ data: message }: MessageEvent<FromVectorsWorker>) => {
    if (message.kind === 'learned') learned(message)
    else if (message.kind === 'failed') failed(message.message)
    else answer.textContent = `Near “${message.word}”: ${listed(message)}.`
  }
  button.onclick = () => {
    if (!worker) {
      worker = new Worker(new URL('../workers/vectors-worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = hear
      worker.onerror = event => failed(event.message || 'its program could not be loaded')
    }
    asked.hidden = true
    answer.textContent = ''
    box.dataset['phase'] = 'training'
    button.disabled = true
    button.textContent = 'It learns for 5 seconds'
    said.textContent = 'Loading the speeches'
    send({ kind: 'train', words: address('words'), tokens: address('tokens'), asked: words })
  }
  asked.onsubmit = event => {
    event.preventDefault()
    if (word.value.trim() !== '') send({ kind: 'near', word: word.value.trim().toLowerCase() })
  }
  button.disabled = false
}

for (const box of document.querySelectorAll<HTMLElement>('[data-word-vectors]')) {
  start(box, partOf(box, 'train', HTMLButtonElement))
}
