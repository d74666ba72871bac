// The table of own words: counts or trains in a worker, and shows what each word of a sentence says to the model.
import type { FromWordsWorker, ToWordsWorker } from '../workers/words-worker.ts'

const part = <T extends HTMLElement>(root: ParentNode, name: string, kind: new () => T): T => {
  const found = root.querySelector(`[data-${name}]`)
  if (!(found instanceof kind)) throw new Error(`The page has no part '${name}'.`)
  return found
}

const percent = (share: number) => `${Math.round(100 * share)} %`

type Heard<Kind extends FromWordsWorker['kind']> = Extract<FromWordsWorker, { kind: Kind }>

/** How far the votes of a word lie from the mean of the others: for one label of several. */
function leaning(votes: readonly number[], label: number): number {
  const others = votes.filter((_, k) => k !== label)
  return (votes[label] ?? 0) - others.reduce((sum, vote) => sum + vote, 0) / Math.max(1, others.length)
}

/** The words of a sentence with a bar each, and the labels with theirs. */
function drawAnswer(place: HTMLElement, { probabilities, words }: Heard<'answer'>, labels: readonly string[]): void {
  const best = probabilities.indexOf(Math.max(...probabilities))
  const leanings = words.map(({ votes }) => votes && leaning(votes, best))
  const most = Math.max(1e-9, ...leanings.map(value => Math.abs(value ?? 0)))
  const tokens = words.map(({ word }, i) => {
    const value = leanings[i]
    const token = document.createElement('span')
    const bar = document.createElement('i')
    token.className = value === undefined ? 'token unread' : `token ${value >= 0 ? 'for' : 'against'}`
    token.style.setProperty('--share', String(Math.abs(value ?? 0) / most))
    token.title = value === undefined ? 'never met' : `${value >= 0 ? 'for' : 'against'} ${labels[best] ?? ''}`
    token.append(bar, Object.assign(document.createElement('span'), { textContent: word }))
    return token
  })
  const line = Object.assign(document.createElement('p'), { className: 'tokens' })
  line.append(...tokens)
  const said = document.createElement('p')
  const others = probabilities.map((share, k) => `${labels[k] ?? ''} ${percent(share)}`).join(', ')
  const unknown = words.filter(({ votes }) => votes === undefined).length
  const never = unknown === 0 ? '' : ` Never met: ${unknown} of ${words.length} words.`
  said.textContent = `${others}. Orange speaks for ${labels[best] ?? ''}, blue against.${never}`
  place.replaceChildren(said, line)
}

function start(root: HTMLElement): void {
  const table = part(root, 'table', HTMLTextAreaElement)
  const sentence = part(root, 'sentence', HTMLInputElement)
  const told = part(root, 'told', HTMLElement)
  const votes = part(root, 'votes', HTMLElement)
  const buttons = [...root.querySelectorAll<HTMLButtonElement>('[data-way]')]
  let worker: Worker | undefined
  let labels: readonly string[] = []
  const send = (message: ToWordsWorker) => worker?.postMessage(message)
  const rest = (isBusy: boolean) => {
    root.dataset['phase'] = isBusy ? 'learning' : 'done'
    for (const button of buttons) button.disabled = isBusy
  }
  const hear = (message: FromWordsWorker) => {
    if (message.kind === 'progress') {
      told.textContent = `Step ${message.step} of ${message.steps}: the loss is ${message.loss.toFixed(3)}`
    } else if (message.kind === 'learned') {
      labels = message.labels
      const { lines, right } = message.held
      const judged =
        lines === 0 ? 'No line was held out: there are too few.' : `${right} of ${lines} unseen lines right.`
      told.textContent = `Learned in ${(message.milliseconds / 1000).toFixed(2)} s. ${judged}`
      rest(false)
      send({ kind: 'ask', text: sentence.value })
    } else if (message.kind === 'answer') drawAnswer(votes, message, labels)
    else {
      told.textContent = message.message
      rest(false)
    }
  }
  const begin = () => {
    worker = new Worker(new URL('../workers/words-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromWordsWorker>) => hear(data)
    worker.onerror = event => {
      // It may never have been loaded: the next try begins another.
      worker?.terminate()
      worker = undefined
      hear({ kind: 'failed', message: event.message || 'Its program could not be loaded.' })
    }
  }
  for (const button of buttons) {
    button.addEventListener('click', () => {
      if (!worker) begin()
      rest(true)
      told.textContent = 'Learning'
      send({ kind: 'learn', table: table.value, way: button.dataset['way'] === 'train' ? 'train' : 'count' })
    })
  }
  sentence.addEventListener('input', () => {
    if (labels.length > 0) send({ kind: 'ask', text: sentence.value })
  })
  for (const field of [table, sentence, ...buttons]) field.disabled = false
}

for (const root of document.querySelectorAll<HTMLElement>('[data-try-words]')) start(root)
