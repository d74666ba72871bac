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
const still = matchMedia('(prefers-reduced-motion: reduce)')

/** Plays the frames once and rests at the last; another card's picture rests meanwhile. */
function enliven(card: HTMLElement, place: HTMLElement): void {
  const caption = card.querySelector('.caption')
  const { frames, captions } = JSON.parse(place.dataset['living'] ?? '{}') as { frames: string; captions: string[] }
  const words = caption?.textContent ?? ''
  let timer = 0
  const rest = () => {
    clearInterval(timer)
    timer = 0
    place.querySelector('.frames')?.remove()
    if (caption) caption.textContent = words
  }
  const play = () => {
    if (timer !== 0 || still.matches) return
    let frame = 0
    const film = document.createElement('i')
    film.className = 'frames'
    film.style.setProperty('--frames', String(captions.length))
    film.style.backgroundImage = `url("${frames}")`
    const show = () => {
      film.style.setProperty('--frame', String(frame / (captions.length - 1)))
      if (caption) caption.textContent = captions[frame] ?? ''
      if (++frame >= captions.length) clearInterval(timer)
    }
    place.append(film)
    timer = window.setInterval(show, MILLISECONDS_A_FRAME)
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
