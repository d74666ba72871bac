// The forgiving search's entries, as a file that the search page fetches.
import { searchEntries } from '../build/search-entries.ts'

export const GET = () =>
  new Response(JSON.stringify(searchEntries()), { headers: { 'content-type': 'application/json' } })
