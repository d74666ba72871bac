// The reader's own marks on the plan, where to go on, and pictures that come alive under a pointer, the keyboard or a
// finger.
import { progress } from './progress.ts'

const { read, solved, last } = progress()

for (const card of document.querySelectorAll<HTMLElement>('[data-marks]')) {
  const { parts, exercises } = JSON.parse(card.dataset['marks'] ?? '{}') as { parts: string[]; exercises: string[] }
  const [readParts, done] = [parts.filter(part => read.includes(part)), exercises.filter(name => solved.includes(name))]
  const words = [
    readParts.length > 0 &&
      (readParts.length === parts.length ? 'read' : `${readParts.length} of ${parts.length} parts read`),
    done.length > 0 && `${done.length} of ${exercises.length} exercises`,
  ].filter(Boolean)
  const place = card.querySelector('[data-done]')
  if (place) place.textContent = words.join(', ')
}

const onwards = document.querySelector('[data-continue]')
if (onwards && last) {
  const link = document.createElement('a')
  link.href = last.href
  link.textContent = `Continue: ${last.title}`
  onwards.replaceChildren(link)
}

const MILLISECONDS_A_FRAME = 400
/** Lines have to be read. */
const MILLISECONDS_A_TEXT = 1000
const still = matchMedia('(prefers-reduced-motion: reduce)')

/** The frames of a card: those of one file below one another, or texts. */
type Living = { readonly captions: readonly string[] } & ({ readonly frames: string } | { readonly texts: string[] })

/** Lays the frames of a file over the still picture. */
function filmOf(place: HTMLElement, frames: string, count: number) {
  const film = document.createElement('i')
  film.className = 'frames'
  film.style.setProperty('--frames', String(count))
  film.style.backgroundImage = `url("${frames}")`
  place.append(film)
  return {
    show: (frame: number) => film.style.setProperty('--frame', String(frame / (count - 1))),
    end: () => film.remove(),
  }
}

/** Writes the texts where the last one stands. */
function writingOf(place: HTMLElement, texts: readonly string[]) {
  const written = place.querySelector('.written')
  const write = (text = '') => {
    if (written) written.textContent = text
  }
  return { show: (frame: number) => write(texts[frame]), end: () => write(texts.at(-1)) }
}

/** Plays the frames once and rests at the last; another card's picture rests meanwhile. */
function enliven(card: HTMLElement, place: HTMLElement): void {
  const caption = card.querySelector('.caption')
  const living = JSON.parse(place.dataset['living'] ?? '{}') as Living
  const { captions } = living
  const words = caption?.textContent ?? ''
  let timer = 0
  let end: (() => void) | undefined
  const rest = () => {
    clearInterval(timer)
    timer = 0
    end?.()
    if (caption) caption.textContent = words
  }
  const play = () => {
    if (timer !== 0 || still.matches) return
    const reading = 'texts' in living
    const film = reading ? writingOf(place, living.texts) : filmOf(place, living.frames, captions.length)
    end = film.end
    let frame = 0
    const show = () => {
      film.show(frame)
      if (caption) caption.textContent = captions[frame] ?? ''
      if (++frame >= captions.length) clearInterval(timer)
    }
    timer = window.setInterval(show, reading ? MILLISECONDS_A_TEXT : MILLISECONDS_A_FRAME)
    show()
  }
  card.addEventListener('pointerenter', play)
  card.addEventListener('pointerleave', rest)
  card.addEventListener('focusin', play)
  card.addEventListener('focusout', rest)
}

for (const place of document.querySelectorAll<HTMLElement>('[data-living]')) {
  const card = place.closest<HTMLElement>('.card')
  if (card) enliven(card, place)
}
