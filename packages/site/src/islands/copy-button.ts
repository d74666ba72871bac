// A button that copies a text, and says so for a moment.

/** Milliseconds for which it says that it has copied. */
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
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(text()).then(() => {
      button.textContent = 'Copied'
      button.removeAttribute('aria-label')
      setTimeout(rest, SAID)
    })
  })
  return button
}
