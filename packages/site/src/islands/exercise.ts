// An exercise in the page: an editor, a run in a worker that is ended when it does not end, hints one by one, a tick.
import type { Outcome } from '../exercises/run-exercise.ts'
import type { Attempt } from '../workers/exercise-worker.ts'
import { markSolved, progress } from './progress.ts'

/** Milliseconds that a worker may take, above the patience that loops have in it. */
const LONGEST = 5000

const draftKey = (name: string) => `ddlf-draft-${name}`
const draftOf = (name: string): string | undefined => {
  try {
    return localStorage.getItem(draftKey(name)) ?? undefined
  } catch {
    return undefined
  }
}
const keepDraft = (name: string, source: string, hole: string) => {
  try {
    if (source === hole) localStorage.removeItem(draftKey(name))
    else localStorage.setItem(draftKey(name), source)
  } catch {
    // A browser that keeps nothing: the draft lives as long as the page.
  }
}

/** Runs an attempt; a worker that does not answer is ended. */
function attempt(given: Attempt): Promise<Outcome> {
  const worker = new Worker(new URL('../workers/exercise-worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Outcome>(resolve => {
    let timer = 0
    const end = (outcome: Outcome) => {
      clearTimeout(timer)
      worker.terminate()
      resolve(outcome)
    }
    worker.onmessage = ({ data }: MessageEvent<Outcome | 'ready'>) => {
      if (data !== 'ready') {
        end(data)
        return
      }
      const message = `It had not ended after ${LONGEST / 1000} seconds and was stopped.`
      timer = window.setTimeout(() => end({ kind: 'broken', message, line: undefined }), LONGEST)
    }
    worker.onerror = event => end({ kind: 'broken', message: `It could not run: ${event.message}`, line: undefined })
    worker.postMessage(given)
  })
}

const element = (tag: string, text: string, className = '') => {
  const made = document.createElement(tag)
  made.textContent = text
  if (className !== '') made.className = className
  return made
}

/** What came of a try, as paragraphs and a list. */
function wordsOf(outcome: Outcome): HTMLElement[] {
  if (outcome.kind === 'right') return [element('p', 'Right. It is ticked off, and stays so.', 'good')]
  if (outcome.kind === 'broken') {
    const where = outcome.line === undefined ? '' : `Line ${outcome.line}: `
    return [element('p', `${where}${outcome.message}`, 'bad')]
  }
  const list = document.createElement('dl')
  for (const name of ['call', 'expected', 'received'] as const) {
    const cell = document.createElement('dd')
    cell.append(element('code', outcome[name]))
    list.append(element('dt', name), cell)
  }
  return [element('p', outcome.because, 'bad'), list]
}

async function open(box: HTMLElement, button: HTMLButtonElement): Promise<void> {
  button.disabled = true
  const { makeEditor } = await import('./exercise-editor.ts')
  const { name = '', hole = '' } = box.dataset
  const place = box.querySelector<HTMLElement>('[data-editor]')
  const told = box.querySelector<HTMLElement>('[data-told]')
  if (!place || !told) return
  box.dataset['open'] = ''
  const editor = makeEditor(
    place,
    draftOf(name) ?? hole,
    source => keepDraft(name, source, hole),
    () => void run(),
  )
  const runButton = box.querySelector<HTMLButtonElement>('[data-run]')
  const run = async () => {
    if (runButton?.disabled) return
    runButton?.toggleAttribute('disabled', true)
    told.replaceChildren(element('p', 'Running ...', 'soft'))
    const outcome = await attempt({ name, source: editor.value() })
    box.dataset['outcome'] = outcome.kind
    told.replaceChildren(...wordsOf(outcome))
    if (outcome.kind === 'right') {
      markSolved(name)
      tick(box)
    }
    runButton?.toggleAttribute('disabled', false)
  }
  runButton?.addEventListener('click', () => void run())
  box.querySelector('[data-again]')?.addEventListener('click', () => editor.set(hole))
  editor.focus()
}

const tick = (box: HTMLElement) => {
  box.dataset['solved'] = ''
}

for (const box of document.querySelectorAll<HTMLElement>('[data-exercise]')) {
  const button = box.querySelector<HTMLButtonElement>('[data-solve]')
  if (progress().solved.includes(box.dataset['name'] ?? '')) tick(box)
  if (!button) continue
  button.disabled = false
  button.addEventListener('click', () => void open(box, button))
  const hint = box.querySelector<HTMLButtonElement>('[data-hint]')
  hint?.addEventListener('click', () => {
    const next = box.querySelector<HTMLElement>('[data-hints] li[hidden]')
    next?.removeAttribute('hidden')
    hint.hidden = box.querySelector('[data-hints] li[hidden]') === null
  })
}
