// The speller of sounds: a word of the reader's goes to a small net, whose looks at the letters are drawn; letters are
// struck out by a click or by Enter.
import address from '../explain/sounds-net.bin?url'
import { drawSounds, saidOfSounds } from '../explain/sounds-figure.ts'
import type { FromSoundsWorker, ToSoundsWorker } from '../workers/sounds-worker.ts'
import { partOf } from './explain/parts.ts'
import { knownPart } from './known-part.ts'

/** Waited for more letters before a word is asked for. */
const PAUSE = 250

function start(box: HTMLElement): void {
  const surface = partOf(box, 'surface', HTMLElement)
  const said = partOf(box, 'said', HTMLElement)
  const input = partOf(box, 'word', HTMLInputElement)
  const net = JSON.parse(box.dataset['spells'] ?? '') as ToSoundsWorker['net']
  let worker: Worker | undefined
  let struck: number[] = []
  let waiting = 0
  let shown = ''
  let leftOut = ''
  const open = (): Worker => {
    const opened = new Worker(new URL('../workers/sounds-worker.ts', import.meta.url), { type: 'module' })
    opened.onmessage = ({ data: message }: MessageEvent<FromSoundsWorker>) => {
      if (message.kind === 'failed') {
        said.textContent = `It could not spell: ${message.message}`
        return
      }
      const { found, milliseconds } = message
      const focused = (document.activeElement as HTMLElement | null)?.dataset['letter']
      surface.innerHTML = drawSounds(shown, struck, found, true)
      if (focused !== undefined) surface.querySelector<HTMLElement>(`[data-letter="${focused}"]`)?.focus()
      said.textContent = saidOfSounds(found) + leftOut
      box.dataset['milliseconds'] = milliseconds.toFixed(0)
      box.dataset['spelled'] = found.word
    }
    opened.onerror = event => {
      said.textContent = `It could not spell: ${event.message || 'its program could not be loaded'}`
    }
    return opened
  }
  const ask = () => {
    const typed = input.value.trim().toLowerCase()
    const [known, unknown] = knownPart(typed, one => /[a-z']/.test(one))
    shown = known
    leftOut = unknown
    const word = Array.from(shown).filter((_, i) => !struck.includes(i)).join('')
    if (word === '') {
      said.textContent = 'A word has a letter at least.'
      return
    }
    worker ??= open()
    worker.postMessage({ word, address: new URL(address, location.href).href, net } satisfies ToSoundsWorker)
  }
  input.oninput = () => {
    struck = []
    clearTimeout(waiting)
    waiting = window.setTimeout(ask, PAUSE)
  }
  partOf(box, 'asked', HTMLFormElement).onsubmit = event => {
    event.preventDefault()
    ask()
  }
  surface.addEventListener('click', event => {
    const place = Number((event.target as HTMLElement).closest<HTMLElement>('[data-letter]')?.dataset['letter'] ?? NaN)
    if (!Number.isInteger(place)) return
    struck = struck.includes(place) ? struck.filter(one => one !== place) : [...struck, place]
    ask()
  })
  input.disabled = false
  partOf(box, 'spell', HTMLButtonElement).disabled = false
  box.dataset['ready'] = ''
  // The net is a quarter of a megabyte: it comes when somebody comes to the figure.
  const first = new AbortController()
  for (const sign of ['pointerenter', 'focusin'])
    box.addEventListener(sign, () => {
      first.abort()
      ask()
    }, { signal: first.signal })
}

const near = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue
    near.unobserve(target)
    start(target as HTMLElement)
  }
}, { rootMargin: '200px' })
for (const box of document.querySelectorAll<HTMLElement>('[data-spells]')) near.observe(box)
