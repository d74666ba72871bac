// The page of all published values shows those of a topic, of a verdict and with some words; the address keeps what was
// asked for.
const form = document.querySelector<HTMLFormElement>('[data-published-filter]')
const table = document.querySelector<HTMLTableElement>('table.values')

const chosen = (name: string) => form?.querySelector<HTMLSelectElement>(`select[name=${name}]`)
const search = form?.querySelector<HTMLInputElement>('input[name=text]')

/** What a row says, its sources as they are cited, and no button that stands in each. */
function textOf(row: Element): string {
  const said = row.cloneNode(true) as Element
  for (const button of said.querySelectorAll('button')) button.remove()
  const cited = [...said.querySelectorAll<HTMLElement>('a[title]')].map(({ title }) => title)
  return [said.textContent, ...cited].join(' ').toLowerCase()
}
/** What each row says, its topic included, read when it is first asked for. */
const texts = new Map<Element, string>()
function textOfRow(row: Element, body: Element): string {
  const text = texts.get(row) ?? `${textOf(row)} ${textOf(body.querySelector('tr.topic') ?? row)}`
  texts.set(row, text)
  return text
}

/** Hides the rows that were not asked for, and says how many are left. */
function show(): void {
  if (!form || !table) return
  const [topic, verdict] = [chosen('topic')?.value ?? '', chosen('verdict')?.value ?? '']
  const words = (search?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  let [shown, all] = [0, 0]
  for (const body of table.tBodies) {
    let left = 0
    for (const row of body.querySelectorAll<HTMLTableRowElement>('tr[data-verdict]')) {
      const asked =
        (topic === '' || body.dataset['topic'] === topic) &&
        (verdict === '' || row.dataset['verdict'] === verdict) &&
        words.every(word => textOfRow(row, body).includes(word))
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
  if (search) search.value = asked.get('text') ?? ''
  show()
}

function writeAddress(): void {
  const asked = new URLSearchParams()
  for (const name of ['topic', 'verdict']) {
    const value = chosen(name)?.value ?? ''
    if (value !== '') asked.set(name, value)
  }
  const said = search?.value.trim() ?? ''
  if (said !== '') asked.set('text', said)
  const words = asked.toString()
  history.replaceState(null, '', words === '' ? location.pathname : `?${words}`)
}

if (form) {
  form.hidden = false
  form.addEventListener('input', show)
  // Not at every letter: some browsers refuse very many changes of the address.
  form.addEventListener('change', writeAddress)
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
