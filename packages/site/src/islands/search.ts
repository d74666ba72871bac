// The search page: asks the index that Pagefind made when the site was built.
interface Found { readonly data: () => Promise<{ readonly url: string; readonly meta: { readonly title?: string }; readonly excerpt: string; readonly sub_results?: readonly { readonly url: string; readonly title: string; readonly excerpt: string }[] }> }
interface Pagefind { readonly debouncedSearch: (words: string) => Promise<{ readonly results: readonly Found[] } | null> }

const root = document.querySelector<HTMLElement>('[data-search]')
const input = root?.querySelector('input')
const list = root?.querySelector('[data-results]')
const state = root?.querySelector('[data-state]')

async function search(words: string): Promise<void> {
  if (!root || !list || !state) return
  const pagefind = (await import(/* @vite-ignore */ root.dataset['search'] ?? '')) as Pagefind
  const answer = await pagefind.debouncedSearch(words)
  if (!answer) return
  const pages = await Promise.all(answer.results.slice(0, 10).map(result => result.data()))
  const hits = pages.flatMap(page => (page.sub_results?.length ? page.sub_results : [{ url: page.url, title: page.meta.title ?? page.url, excerpt: page.excerpt }]))
  state.textContent = words === '' ? '' : hits.length === 0 ? 'Nothing found.' : `${hits.length} found`
  list.replaceChildren(...hits.map(({ url, title, excerpt }) => {
    const item = document.createElement('li')
    const link = document.createElement('a')
    link.href = url
    link.textContent = title
    const text = document.createElement('p')
    text.className = 'small'
    // The index holds text of our own pages only; its excerpts mark the words with <mark>.
    text.innerHTML = excerpt
    item.append(link, text)
    return item
  }))
}

/** The words stand in the address too, so that a search can be kept and shared. */
function keep(words: string): void {
  const address = new URL(location.href)
  if (words === '') address.searchParams.delete('q')
  else address.searchParams.set('q', words)
  history.replaceState(null, '', address)
}

input?.addEventListener('input', () => {
  const words = input.value.trim()
  keep(words)
  void search(words)
})
input?.form?.addEventListener('submit', event => event.preventDefault())
const asked = new URLSearchParams(location.search).get('q')?.trim() ?? ''
if (input && asked !== '') {
  input.value = asked
  void search(asked)
}

export {}
