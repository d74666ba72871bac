// A file of the site, fetched to its end: what is refused is said, and so is what stalls on its way.
import { readAll } from './bytes.ts'

/** Milliseconds without a byte, at least, after which a file counts as stalled; a look later at most. */
const PATIENCE = 20_000
/** Looks within them: a thread that computes for long, or sleeps, catches up with one of them. */
const LOOKS = 4

/**
 * Fetches a file.
 * @param onProgress hears of bytes that came, and how many there are, 0 where that is not known
 * @param patience milliseconds without a byte
 * @throws where the site refuses it, and where nothing came for so long
 */
export async function fetchFile(
  address: string,
  onProgress: (loaded: number, total: number) => void = () => undefined,
  patience = PATIENCE,
): Promise<Uint8Array<ArrayBuffer>> {
  const stalled = new AbortController()
  let silent = 0
  const looking = setInterval(() => {
    // The first comes sooner after the last byte than the others after one another.
    if (++silent > LOOKS) stalled.abort()
  }, patience / LOOKS)
  try {
    const response = await fetch(address, { signal: stalled.signal })
    if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`)
    const total = Number(response.headers.get('content-length') ?? 0)
    let loaded = 0
    return await readAll(response, count => {
      silent = 0
      onProgress((loaded += count), total)
    })
  } catch (error) {
    if (!stalled.signal.aborted) throw error
    throw new Error(`${address}: nothing came for ${patience / 1000} seconds`, { cause: error })
  } finally {
    clearInterval(looking)
  }
}
