// On the page of all published values, a button beside the command of each row that copies it.
import { copyButton } from './copy-button.ts'

for (const code of document.querySelectorAll<HTMLElement>('table.values .again code')) {
  // Its parts stand in elements of their own, so that a line breaks between them.
  const command = code.textContent.trim().replace(/\s+/g, ' ')
  code.after(copyButton(() => command, `Copy ${command}`))
}
