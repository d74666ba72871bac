// Finds words in spite of a typo, half of them, or by another name: before the full index, which forgives nothing.
import MiniSearch from 'minisearch'

/** One place that can be found. */
export interface SearchEntry {
  readonly id: number
  readonly kind: 'word' | 'heading' | 'experiment'
  readonly title: string
  /** Other names, and what else it may be found by. */
  readonly aliases: string
  readonly text: string
  readonly href: string
}

/** The most that is worth showing above the full index. */
const MOST = 6
/** Letters that are looked for: each word is compared with every one that there is, of a pasted page for seconds. */
const LONGEST = 200

export type ForgivingSearch = (words: string) => SearchEntry[]

/** Makes the search over some entries. */
export function forgivingSearch(entries: readonly SearchEntry[]): ForgivingSearch {
  const index = new MiniSearch<SearchEntry>({
    fields: ['title', 'aliases', 'text'],
    searchOptions: {
      boost: { title: 3, aliases: 2 },
      // Two letters may be wrong in a long word, none in a short one.
      fuzzy: word => (word.length > 3 ? 0.25 : false),
      prefix: word => word.length > 1,
      combineWith: 'AND',
    },
  })
  index.addAll(entries)
  return given => {
    const words = given.slice(0, LONGEST)
    const found = index.search(words)
    const all = found.length > 0 ? found : index.search(words, { combineWith: 'OR' })
    const ordered = all.flatMap(({ id }) => entries.find(entry => entry.id === id) ?? [])
    // What is called just that before what has it in its name.
    const name = given.trim().toLowerCase()
    return ordered
      .sort((a, b) => Number(b.title.toLowerCase() === name) - Number(a.title.toLowerCase() === name))
      .slice(0, MOST)
  }
}
