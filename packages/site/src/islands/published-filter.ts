// The page of all published values shows those of a topic and of a verdict; the address keeps what was asked for.
const form = document.querySelector<HTMLFormElement>('[data-published-filter]')
const table = document.querySelector<HTMLTableElement>('table.values')

const chosen = (name: string) => form?.querySelector<HTMLSelectElement>(`[name=${name}]`)

/** Hides the rows that were not asked for, and says how many are left. */
function show(): void {
  if (!form || !table) return
  const [topic, verdict] = [chosen('topic')?.value ?? '', chosen('verdict')?.value ?? '']
  let [shown, all] = [0, 0]
  for (const body of table.tBodies) {
    let left = 0
    for (const row of body.querySelectorAll<HTMLTableRowElement>('tr[data-verdict]')) {
      const asked =
        (topic === '' || body.dataset['topic'] === topic) && (verdict === '' || row.dataset['verdict'] === verdict)
      row.hidden = !asked
      if (asked) left++
      all++
    }
    body.hidden = left === 0
    shown += left
  }
  const place = form.querySelector('[data-shown]')
  if (place) place.textContent = shown === all ? `All ${all} rows` : `${shown} of ${all} rows`
}

/** What the address asks for; an unknown word asks for all. */
function readAddress(): void {
  const asked = new URLSearchParams(location.search)
  for (const name of ['topic', 'verdict']) {
    const select = chosen(name)
    const value = asked.get(name) ?? ''
    if (select) select.value = [...select.options].some(option => option.value === value) ? value : ''
  }
  show()
}

function writeAddress(): void {
  const asked = new URLSearchParams()
  for (const name of ['topic', 'verdict']) {
    const value = chosen(name)?.value ?? ''
    if (value !== '') asked.set(name, value)
  }
  const words = asked.toString()
  history.replaceState(null, '', words === '' ? location.pathname : `?${words}`)
}

if (form) {
  form.hidden = false
  form.addEventListener('change', () => {
    writeAddress()
    show()
  })
  form.addEventListener('submit', event => {
    event.preventDefault()
  })
  form.addEventListener('reset', () => {
    // The fields are empty only after the event: a microtask would come before.
    setTimeout(() => {
      writeAddress()
      show()
    })
  })
  addEventListener('popstate', readAddress)
  readAddress()
}

export {}
