// Marks the place in the contents, names it in the phone's bar, finds an anchor that moved to another part, and
// remembers
// which parts were read.
import { decoded } from './decoded.ts'
import { markOpened, markRead } from './progress.ts'

const memo = document.querySelector<HTMLElement>('.memo')
const bar = document.querySelector<HTMLDetailsElement>('.phone-bar details')
const headings = [...document.querySelectorAll<HTMLElement>('article h2[id], article h3[id]')]
const linksTo = (id: string) =>
  document.querySelectorAll(`.contents a[href="#${CSS.escape(id)}"], .phone-bar a[href="#${CSS.escape(id)}"]`)

/** The last heading above the upper third of the window. */
const present = () => headings.findLast(heading => heading.getBoundingClientRect().top < innerHeight / 3)

let marked: HTMLElement | undefined
function mark(): void {
  const now = present()
  if (now === marked) return
  if (marked) for (const link of linksTo(marked.id)) link.removeAttribute('aria-current')
  marked = now
  const place = bar?.querySelector('[data-place]')
  if (place) place.textContent = now?.textContent ?? document.querySelector('h1')?.textContent ?? ''
  if (now) for (const link of linksTo(now.id)) link.setAttribute('aria-current', 'location')
}

/** Addresses of other parts by the headings in them: a memo of one page became one of several. */
function findElsewhere(): void {
  const id = decoded(location.hash.slice(1))
  if (id === '' || id.includes(':') || document.getElementById(id)) return
  const found = (JSON.parse(memo?.dataset['elsewhere'] ?? '[]') as [string, string][]).find(([slug]) => slug === id)
  if (found) location.replace(`${found[1]}#${id}`)
}

addEventListener('scroll', mark, { passive: true })
addEventListener('hashchange', findElsewhere)
bar?.addEventListener('click', event => {
  if (event.target instanceof HTMLAnchorElement) bar.open = false
})
mark()
findElsewhere()

const end = document.querySelector('.onwards')
if (end && memo)
  new IntersectionObserver(([entry]) => {
    if (entry?.isIntersecting) markRead(memo.dataset['read'] ?? '')
  }).observe(end)
markOpened(location.pathname, document.querySelector('h1')?.textContent ?? document.title)
