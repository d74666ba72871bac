// Cards of the glossary: what a word means, in a sentence, on hover, focus or tap. Escape closes one, and leaving it.

const GAP = 6
const LINGER = 200

let open: { readonly term: HTMLAnchorElement; readonly card: HTMLElement } | undefined
let leaving = 0

function close(): void {
  clearTimeout(leaving)
  open?.card.remove()
  open?.term.removeAttribute('aria-describedby')
  open = undefined
}

/** A pointer may go from the word to its card. */
function leave(): void {
  clearTimeout(leaving)
  leaving = window.setTimeout(close, LINGER)
}

function cardOf(term: HTMLAnchorElement): HTMLElement {
  const card = Object.assign(document.createElement('div'), { className: 'glossary-card', id: 'glossary-card' })
  card.setAttribute('role', 'tooltip')
  const meaning = document.createElement('span')
  meaning.textContent = term.dataset['meaning'] ?? ''
  const link = Object.assign(document.createElement('a'), { href: term.href, textContent: 'Where it is shown' })
  // By the keyboard the word itself leads there.
  link.tabIndex = -1
  card.append(meaning, link)
  card.addEventListener('pointerenter', () => clearTimeout(leaving))
  card.addEventListener('pointerleave', leave)
  return card
}

/** Below the word, or above it where there is no room, and within the page. */
function place(card: HTMLElement, term: HTMLElement): void {
  const [line] = term.getClientRects()
  if (!line) return
  const { width, height } = card.getBoundingClientRect()
  const below = line.bottom + GAP + height <= innerHeight || line.top < height + GAP
  const left = Math.max(8, Math.min(line.left, document.documentElement.clientWidth - width - 8))
  card.style.left = `${left + scrollX}px`
  card.style.top = `${(below ? line.bottom + GAP : line.top - GAP - height) + scrollY}px`
}

function show(term: HTMLAnchorElement): void {
  clearTimeout(leaving)
  if (open?.term === term) return
  close()
  const card = cardOf(term)
  document.body.append(card)
  place(card, term)
  term.setAttribute('aria-describedby', card.id)
  open = { term, card }
}

for (const term of document.querySelectorAll<HTMLAnchorElement>('a.term')) {
  let tapped = false
  term.addEventListener('pointerenter', ({ pointerType }) => pointerType === 'mouse' && show(term))
  term.addEventListener('pointerleave', ({ pointerType }) => pointerType === 'mouse' && leave())
  term.addEventListener('pointerdown', ({ pointerType }) => {
    tapped = pointerType !== 'mouse' && open?.term !== term
  })
  term.addEventListener('focus', () => show(term))
  term.addEventListener('blur', leave)
  term.addEventListener('click', event => {
    // The first tap says what it means, the second leads there.
    if (tapped) event.preventDefault()
    if (tapped) show(term)
    tapped = false
  })
}
addEventListener('keydown', ({ key }) => key === 'Escape' && close())
addEventListener('pointerdown', ({ target }) => {
  if (open && target instanceof Node && !open.card.contains(target) && !open.term.contains(target)) close()
})

export {}
