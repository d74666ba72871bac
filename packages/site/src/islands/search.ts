// The search page: first what forgives a typo, then the full index that Pagefind made when the site was built.
import { forgivingSearch, type ForgivingSearch, type SearchEntry } from './forgiving-search.ts'

interface Found {
  readonly data: () => Promise<{
    readonly url: string
    readonly meta: { readonly title?: string }
    readonly excerpt: string
    readonly sub_results?: readonly { readonly url: string; readonly title: string; readonly excerpt: string }[]
  }>
}
interface Pagefind {
  readonly debouncedSearch: (words: string) => Promise<{ readonly results: readonly Found[] } | null>
}

const root = document.querySelector<HTMLElement>('[data-search]')
const input = root?.querySelector('input')
const list = root?.querySelector('[data-results]')
const state = root?.querySelector('[data-state]')

let forgiving: Promise<ForgivingSearch> | undefined
const near = () =>
  (forgiving ??= fetch(root?.dataset['entries'] ?? '').then(async response =>
    forgivingSearch((await response.json()) as SearchEntry[]),
  ))

/** An entry as a line of the list. */
function lineOf({ href, title, text }: SearchEntry): HTMLElement {
  const item = document.createElement('li')
  const link = document.createElement('a')
  link.href = href
  link.textContent = title
  const words = document.createElement('p')
  words.className = 'small soft'
  words.textContent = text
  item.append(link, words)
  return item
}

/** Of the full index so many pages are looked at. */
const LOOKED_AT = 20

/** The course's pages before those of the reference, but for the one of just that name. */
const isBehind = ({ url }: { readonly url: string }, words: string): boolean => {
  const name = /\/reference\/(?:[^/]+\/)*([^/]+)\/(?:#.*)?$/.exec(url)?.[1]
  return name !== undefined && name.toLowerCase() !== words.toLowerCase()
}

let latest = ''

async function search(words: string): Promise<void> {
  if (!root || !list || !state) return
  latest = words
  const found = words === '' ? [] : (await near())(words)
  // Somebody who types goes on typing: an answer to what was asked before is no answer.
  if (latest !== words) return
  const [named, places] = [true, false].map(isNamed => found.filter(({ kind }) => (kind === 'experiment') === isNamed))
  list.replaceChildren(...(places ?? []).map(lineOf))
  const pagefind = (await import(/* @vite-ignore */ root.dataset['search'] ?? '')) as Pagefind
  const answer = await pagefind.debouncedSearch(words)
  if (!answer || latest !== words) return
  const pages = await Promise.all(answer.results.slice(0, LOOKED_AT).map(result => result.data()))
  pages.sort((a, b) => Number(isBehind(a, words)) - Number(isBehind(b, words)))
  const hits = pages.flatMap(page =>
    page.sub_results?.length
      ? page.sub_results
      : [{ url: page.url, title: page.meta.title ?? page.url, excerpt: page.excerpt }],
  )
  state.textContent =
    words === '' ? '' : hits.length + found.length === 0 ? 'Nothing found.' : `${hits.length + found.length} found`
  list.append(
    ...hits.map(({ url, title, excerpt }) => {
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
    }),
    ...(named ?? []).map(lineOf),
  )
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
