// The files of MNIST that a page fetches: kept by the browser, but nothing wrong, and not at the price of a training.
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keptFiles } from '../packages/site/src/workers/kept-files.ts'

const FOLDER = 'https://a.site/data/mnist/'
const NAME = 'train-2.packed'
const DIGITS = Uint8Array.from({ length: 5000 }, (_, i) => i % 7)
const PACKED = Uint8Array.from(gzipSync(DIGITS))

/** A browser's kept responses, by address. */
function madeCache(put?: () => Promise<void>) {
  const held = new Map<string, Uint8Array<ArrayBuffer>>()
  const cache = {
    match: (address: string) => Promise.resolve(held.has(address) ? new Response(held.get(address)) : undefined),
    put: async (address: string, response: Response) => {
      await put?.()
      held.set(address, new Uint8Array(await response.arrayBuffer()))
    },
    delete: (address: string) => Promise.resolve(held.delete(address)),
  }
  return { held, cache }
}

/** What the site answers, one after another, and where it was asked. */
function answering(...bodies: readonly Uint8Array<ArrayBuffer>[]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address)
    const body = bodies[Math.min(asked.length, bodies.length) - 1]
    return Promise.resolve(new Response(body, { headers: { 'content-length': String(body?.length) } }))
  })
  return asked
}

const browser = (cache: unknown) => {
  const removed: string[] = []
  const remove = (name: string) => Promise.resolve(removed.push(name) > 0)
  vi.stubGlobal('caches', { open: () => Promise.resolve(cache), delete: remove })
  return removed
}

afterEach(() => { vi.unstubAllGlobals() })

describe('the kept files of a page', () => {
  it('are fetched once, with progress, and what earlier versions kept is thrown away', async () => {
    const { cache } = madeCache()
    const removed = browser(cache)
    const asked = answering(PACKED)
    const progress: number[][] = []
    const files = await keptFiles(FOLDER)
    expect(await files.read(NAME, DIGITS.length, (...heard) => progress.push(heard))).toEqual(DIGITS)
    expect(progress.at(-1)).toEqual([PACKED.length, PACKED.length])
    expect(await (await keptFiles(FOLDER)).read(NAME, DIGITS.length)).toEqual(DIGITS)
    expect(asked).toEqual([`${FOLDER}${NAME}`])
    expect(removed).toEqual(['mnist-1', 'mnist-1'])
  })

  it.each([
    ['a page of words instead', Uint8Array.from(Buffer.from('<html>Log in to this network</html>'))],
    ['half of the file', PACKED.slice(0, PACKED.length / 2)],
  ])('do not stay wrong: %s', async (_, wrong) => {
    const { cache, held } = madeCache()
    browser(cache)
    const asked = answering(wrong, PACKED)
    const files = await keptFiles(FOLDER)
    await expect(files.read(NAME, DIGITS.length)).rejects.toThrow()
    expect(held.size).toBe(0)
    expect(await files.read(NAME, DIGITS.length)).toEqual(DIGITS)
    // What was kept wrong, by a version before or on a broken disk, is fetched again.
    held.set(`${FOLDER}${NAME}`, wrong)
    expect(await files.read(NAME, DIGITS.length)).toEqual(DIGITS)
    expect(asked.length).toBe(3)
    expect(held.get(`${FOLDER}${NAME}`)).toEqual(PACKED)
  })

  it.each([
    ['has no room', () => {
      browser(madeCache(() => Promise.reject(new DOMException('', 'QuotaExceededError'))).cache)
    }],
    ['refuses storage', () => {
      const refuse = () => Promise.reject(new DOMException('', 'SecurityError'))
      vi.stubGlobal('caches', { open: refuse, delete: refuse })
    }],
    ['knows no cache', () => undefined],
  ])('are read, too, where the browser %s', async (_, open) => {
    open()
    answering(PACKED)
    expect(await (await keptFiles(FOLDER)).read(NAME, DIGITS.length)).toEqual(DIGITS)
  })
})
