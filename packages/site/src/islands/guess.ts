// Opens an answer once the reader has guessed, and remembers the guess.

const KEY = 'ddlf-guesses'
const kept = (): Record<string, number> => {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, number>
  } catch {
    return {}
  }
}

for (const form of document.querySelectorAll<HTMLFormElement>('[data-guess]')) {
  const name = form.dataset['guess'] ?? ''
  const right = Number(form.dataset['answer'])
  const verdict = form.querySelector('.verdict')
  const tell = (guess: number) => {
    const box = form.querySelector('details')
    if (box) box.open = true
    form.dataset['guessed'] = guess === right ? 'right' : 'wrong'
    const option = form.querySelectorAll('label')[right]?.textContent.trim() ?? ''
    if (verdict) verdict.textContent = guess === right ? 'So it is.' : `Not quite: ${option}.`
  }
  form.addEventListener('change', event => {
    const guess = Number((event.target as HTMLInputElement).value)
    tell(guess)
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...kept(), [name]: guess }))
    } catch {
      // A browser that keeps nothing: the guess lives as long as the page.
    }
  })
  form.addEventListener('submit', event => event.preventDefault())
  const before = kept()[name]
  const input = before === undefined ? undefined : form.querySelectorAll('input')[before]
  if (input && before !== undefined) {
    input.checked = true
    tell(before)
  }
}

export {}
