// A button on every block of code that copies it.
for (const block of document.querySelectorAll<HTMLPreElement>('main pre')) {
  block.tabIndex = 0
  const frame = document.createElement('div')
  frame.className = 'code-block'
  block.replaceWith(frame)
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(block.textContent.trimEnd()).then(() => {
      button.textContent = 'Copied'
      setTimeout(() => (button.textContent = 'Copy'), 1500)
    })
  })
  frame.append(block, button)
}

export {}
