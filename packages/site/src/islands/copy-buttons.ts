// A button on every block of code that copies it.
import { copyButton } from './copy-button.ts'

for (const block of document.querySelectorAll<HTMLPreElement>('main pre')) {
  block.tabIndex = 0
  const frame = document.createElement('div')
  frame.className = 'code-block'
  block.replaceWith(frame)
  const button = copyButton(() => block.textContent.trimEnd())
  button.className = 'copy'
  frame.append(block, button)
}
