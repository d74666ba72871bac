// Downloads through the environment's proxies: a small proxy on the loopback address counts what comes through it.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request as ask } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { download } from '../src/cache/download.ts'
import { startLoopback } from './loopback.ts'
import type { Behaviour, Loopback } from './loopback.ts'

const PATIENCE = 60_000
const content = Uint8Array.from({ length: 50_000 }, (_, i) => (i * i) % 251)
const sha256 = createHash('sha256').update(content).digest('hex')
let server: Loopback
let folder: string

/** What came to the proxy: `GET http://...` or `CONNECT host:port`, and the credentials. */
const seen: { readonly line: string; readonly credentials: string | undefined }[] = []
/** Bytes sent down the tunnels. */
let tunnelled = Buffer.alloc(0)
let refusal = 0
const proxy = createServer((request, response) => {
  seen.push({ line: `${request.method} ${request.url}`, credentials: request.headers['proxy-authorization'] })
  if (refusal > 0) {
    response.writeHead(refusal).end()
    return
  }
  request.pipe(ask(request.url ?? '', { method: request.method ?? 'GET', headers: request.headers }, answer => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  }))
})
proxy.on('connect', (request, socket) => {
  seen.push({ line: `CONNECT ${request.url}`, credentials: request.headers['proxy-authorization'] })
  socket.on('error', () => undefined)
  if (refusal > 0) {
    socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`)
    return
  }
  // Every tunnel ends at the loopback server, which speaks no TLS: what arrives is the beginning of a handshake.
  const upstream = connect(Number(new URL(server.url([])).port), '127.0.0.1', () =>
    socket.write('HTTP/1.1 200 OK\r\n\r\n'),
  )
  upstream.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    tunnelled = Buffer.concat([tunnelled, bytes])
    upstream.write(bytes)
  })
  upstream.on('data', bytes => socket.write(bytes))
  upstream.on('close', () => socket.destroy())
})
let port = 0

beforeAll(async () => {
  server = await startLoopback(content)
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  port = (proxy.address() as AddressInfo).port
})
afterAll(async () => {
  proxy.closeAllConnections()
  await new Promise(resolve => proxy.close(resolve))
  await server.close()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ddlf-proxy-'))
  seen.length = 0
  tunnelled = Buffer.alloc(0)
  refusal = 0
  server.requests.length = 0
})
afterEach(() => rm(folder, { recursive: true }))

const fetchFrom = async (url: string, environment: Record<string, string>) => {
  const path = join(folder, 'file.bin')
  await download({ name: 'file.bin', sha256, bytes: content.length, urls: [url] }, path, {
    environment,
    attempts: 2,
    backoff: 1,
    stallTimeout: 20_000,
  })
  expect(Buffer.compare(await readFile(path), content)).toBe(0)
}
const address = (credentials = '') => `http://${credentials}127.0.0.1:${port}`

describe('a download', () => {
  it.each(['HTTP_PROXY', 'http_proxy'])(
    'of an http address goes through %s, with credentials, and is resumed through it',
    async name => {
      const script: Behaviour[] = ['truncated', 'range']
      const url = server.url(script)
      await fetchFrom(url, { [name]: address('ada:l%40dy@') })
      const line = { line: `GET ${url}`, credentials: `Basic ${Buffer.from('ada:l@dy').toString('base64')}` }
      expect(seen).toEqual([line, line])
      expect(server.requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)])
    },
    PATIENCE,
  )

  it('takes an address without http:// too', async () => {
    await fetchFrom(server.url(['whole']), { HTTP_PROXY: `127.0.0.1:${port}` })
    expect(seen.length).toBe(1)
  }, PATIENCE)

  it.each([{ NO_PROXY: '127.0.0.1' }, { no_proxy: 'example.org, .0.0.1' }, { NO_PROXY: '*' }])(
    'goes past it with %o',
    async except => {
      await fetchFrom(server.url(['whole']), { HTTP_PROXY: address(), HTTPS_PROXY: address(), ...except })
      expect(seen).toEqual([])
      expect(server.requests.length).toBe(1)
    },
    PATIENCE,
  )

  it('keeps to it where NO_PROXY names others', async () => {
    await fetchFrom(server.url(['whole']), { HTTP_PROXY: address(), NO_PROXY: 'example.org,127.0.0.1:1' })
    expect(seen.length).toBe(1)
  }, PATIENCE)

  it.each([{ name: 'HTTPS_PROXY' }, { name: 'HTTP_PROXY' }])(
    'of an https address asks for a tunnel of $name',
    async ({ name }) => {
      await expect(fetchFrom('https://data.example/file.bin', { [name]: address() })).rejects.toThrow(
        new RegExp(`through the proxy http://127\\.0\\.0\\.1:${port} \\(${name}\\)`),
      )
      expect(seen.every(({ line }) => line === 'CONNECT data.example:443')).toBe(true)
      expect(seen.length).toBe(2)
      // A TLS record of type handshake, for this host.
      expect(tunnelled[0]).toBe(0x16)
      expect(tunnelled.includes('data.example')).toBe(true)
    },
    PATIENCE,
  )
})

describe('a mistake', () => {
  it.each(['http', 'https'])('names a proxy that is not there (%s), without its password', async protocol => {
    const error = await fetchFrom(`${protocol}://data.example/file.bin`, {
      HTTP_PROXY: 'http://ada:secret@127.0.0.1:1',
    }).catch((thrown: unknown) => String(thrown))
    expect(error).toMatch(/ECONNREFUSED.*through the proxy http:\/\/127\.0\.0\.1:1 \(HTTP_PROXY\)/)
    expect(error).not.toContain('secret')
  }, PATIENCE)

  it.each(['http', 'https'])('names one that refuses (%s)', async protocol => {
    refusal = 407
    await expect(
      fetchFrom(`${protocol}://data.example/file.bin`, { HTTPS_PROXY: address(), HTTP_PROXY: address() }),
    ).rejects.toThrow(/407.* through the proxy .*_PROXY\)/)
    expect(server.requests).toEqual([])
  }, PATIENCE)

  it('names no proxy where none was used', async () => {
    const error = await fetchFrom(server.url([404]), { HTTP_PROXY: address(), NO_PROXY: '127.0.0.1' }).catch(
      (thrown: unknown) => String(thrown),
    )
    expect(error).toContain('the server answered 404')
    expect(error).not.toContain('proxy')
  }, PATIENCE)

  it.each(['socks5://127.0.0.1:1080', 'http://ada:secret@:::', '%'])('refuses %s as a proxy', async value => {
    const error = await fetchFrom(server.url(['whole']), { HTTPS_PROXY: value }).catch((thrown: unknown) =>
      String(thrown),
    )
    expect(error).toContain('HTTPS_PROXY must be the address of an HTTP proxy')
    expect(error).not.toContain('secret')
  }, PATIENCE)
})
