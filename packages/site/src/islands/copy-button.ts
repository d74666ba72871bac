// A button that copies a text, and says for a moment whether it has.

/** Milliseconds for which it says so. */
const SAID = 1500

/** @param name what is read aloud, where a page has many; it begins with `Copy` */
export function copyButton(text: () => string, name?: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  const rest = () => {
    button.textContent = 'Copy'
    if (name !== undefined) button.setAttribute('aria-label', name)
  }
  rest()
  const say = (words: string) => {
    button.textContent = words
    button.removeAttribute('aria-label')
    setTimeout(rest, SAID)
  }
  const copy = async () => navigator.clipboard.writeText(text())
  button.addEventListener('click', () => {
    // A browser may refuse, and has no clipboard where a page comes over the network without TLS.
    copy().then(() => say('Copied'), () => say('Could not copy'))
  })
  return button
}
