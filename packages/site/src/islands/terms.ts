// Lines of code, terms of formulas and nodes of figures that mean the same light each other.

function light(root: Element, term: string | undefined): void {
  for (const one of root.querySelectorAll('[data-term]'))
    one.classList.toggle('lit', one.getAttribute('data-term') === term)
}

const termOf = (target: EventTarget | null) =>
  target instanceof Element ? (target.closest('[data-term]')?.getAttribute('data-term') ?? undefined) : undefined

// A page that scrolls under a pointer at rest sends over and leave too: only a pointer that moves lights and puts out.
const place = (event: PointerEvent) => `${event.clientX} ${event.clientY}`
let lastPlace = ''
document.addEventListener('pointermove', event => (lastPlace = place(event)), { capture: true })
const isMoving = (event: PointerEvent) => place(event) !== lastPlace

for (const root of document.querySelectorAll<HTMLElement>('[data-terms]')) {
  root.addEventListener('pointerover', event => {
    if (isMoving(event)) light(root, termOf(event.target))
  })
  root.addEventListener('pointerleave', event => {
    if (isMoving(event)) light(root, undefined)
  })
  const listing = root.querySelector('pre')
  const said = root.querySelector('[data-line-said]')
  const lines = [...(listing?.querySelectorAll<HTMLElement>('.line') ?? [])]
  let at = -1
  listing?.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    lines[at]?.classList.remove('now')
    at = Math.max(0, Math.min(lines.length - 1, at + step))
    const line = lines[at]
    line?.classList.add('now')
    light(root, line?.dataset['term'])
    if (said && line) said.textContent = `line ${at + 1}: ${line.dataset['says'] ?? line.textContent}`
  })
  listing?.addEventListener('blur', () => {
    lines[at]?.classList.remove('now')
    at = -1
    light(root, undefined)
  })
}

export {}
