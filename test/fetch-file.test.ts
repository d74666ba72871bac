// A file of the site that stalls on its way: it is said, after a patience that only silence takes up.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fetchFile } from '../packages/site/src/workers/fetch-file.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a file that stalls', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['before the first word', () => undefined],
    ['half-way', response => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('x'.repeat(500))
    }],
  ])('%s is said, and can be fetched again', async (_, answer) => {
    let stalls = true
    const server = createServer((_request, response) => {
      if (stalls) answer(response)
      else response.end('x'.repeat(1000))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/digits.packed`
    try {
      await expect(fetchFile(address, undefined, 200)).rejects.toThrow(`${address}: nothing came for 0.2 seconds`)
      stalls = false
      const heard: number[][] = []
      const whole = await fetchFile(address, (...progress) => heard.push(progress))
      expect(whole).toHaveLength(1000)
      expect(heard.at(-1)).toEqual([1000, 1000])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('counts as such while nothing comes, however long it takes in all', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let bytes: ReadableStreamDefaultController<Uint8Array> | undefined
    vi.stubGlobal('fetch', (_: string, { signal }: { readonly signal: AbortSignal }) => {
      const body = new ReadableStream<Uint8Array>({ start: controller => { bytes = controller } })
      signal.addEventListener('abort', () => bytes?.error(signal.reason))
      return Promise.resolve(new Response(body))
    })
    let loaded = 0
    const file = fetchFile('a.packed', count => { loaded = count }, 1000)
    const end = expect(file).rejects.toThrow('a.packed: nothing came for 1 seconds')
    for (let i = 1; i <= 5; i++) {
      bytes?.enqueue(new Uint8Array(1))
      // A wait of Vitest's would let the time go on.
      while (loaded < i) await new Promise(resolve => setImmediate(resolve))
      vi.advanceTimersByTime(750)
    }
    // Not yet a second after the last byte.
    vi.advanceTimersByTime(249)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(251)
    await end
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is told apart from one that the site refuses', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 404, statusText: 'Not Found' })))
    await expect(fetchFile('a.packed')).rejects.toThrow('a.packed: 404 Not Found')
  })
})
