// The packed files of MNIST, fetched once and kept by the browser where it lets us. A file that is not what it should
// be is never kept, for it would be found again for ever.
import { readAll, unpack } from './bytes.ts'
import { fetchFile } from './fetch-file.ts'

const CACHE = 'mnist-2'
const CACHES_BEFORE = ['mnist-1']

/** Hears of bytes that came, and how many there are, 0 where that is not known. */
type OnProgress = (loaded: number, total: number) => void

/** Reads files of a folder. */
export interface KeptFiles {
  /**
   * The content of a file, unpacked.
   * @param bytes that it must hold
   */
  read(name: string, bytes: number, onProgress?: OnProgress): Promise<Uint8Array>
}

/**
 * What the browser keeps; undefined where it does not: neither on the loopback address nor over TLS, or in a private
 * window, or because storage is refused.
 */
async function openCache(): Promise<Cache | undefined> {
  if (!('caches' in globalThis)) return undefined
  try {
    await Promise.all(CACHES_BEFORE.map(name => caches.delete(name)))
    return await caches.open(CACHE)
  } catch {
    return undefined
  }
}

async function packedOf(response: Response, onProgress: OnProgress): Promise<Uint8Array<ArrayBuffer>> {
  const total = Number(response.headers.get('content-length') ?? 0)
  let loaded = 0
  return readAll(response, count => onProgress((loaded += count), total))
}

/** Opens a folder of packed files. @param folder its address, with a slash at its end */
export async function keptFiles(folder: string): Promise<KeptFiles> {
  const cache = await openCache()
  const unpacked = async (packed: Uint8Array<ArrayBuffer>, bytes: number, address: string) => {
    const whole = await unpack(packed)
    if (whole.length !== bytes) throw new Error(`${address} holds ${whole.length} bytes, not ${bytes}`)
    return whole
  }
  return {
    async read(name, bytes, onProgress = () => undefined) {
      const address = `${folder}${name}`
      const kept = await cache?.match(address).catch(() => undefined)
      if (kept) {
        try {
          return await unpacked(await packedOf(kept, onProgress), bytes, address)
        } catch {
          await cache?.delete(address).catch(() => undefined)
        }
      }
      const packed = await fetchFile(address, onProgress)
      const whole = await unpacked(packed, bytes, address)
      // Where there is no room it is fetched again the next time.
      await cache?.put(address, new Response(packed, { headers: { 'content-length': String(packed.length) } }))
        .catch(() => undefined)
      return whole
    },
  }
}
