// A web server on the loopback address that misbehaves as told, for the tests of downloads.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server does with one request for a file. */
export type Behaviour =
  | 'whole' // sends everything and ignores Range
  | 'range' // honours Range, as most servers do
  | 'truncated' // announces everything, sends a part, closes
  | 'truncated chunked' // announces no length, sends a part, ends as if that were all
  | 'stall' // sends a part, then nothing more
  | 'silent' // accepts the connection and never answers
  | 'reset' // closes the connection without an answer
  | 'wrong bytes' // right length, wrong content
  | 'too long' // more than the file has
  | 'wrong range' // answers 206 with another range than asked for
  | 'redirect' // to the same file under /range/
  | 403
  | 404
  | 416
  | 429
  | 500
  | 503

export interface Loopback {
  /** Address of the file under a script: request `n` is treated as `script[n]`, the last one for all that follow. */
  url(script: readonly Behaviour[]): string
  /** The requests so far: path and Range header. */
  readonly requests: { path: string; range: string | undefined }[]
  close(): Promise<void>
}

/**
 * Sends some bytes and cuts the connection once the client has had time to take them: on a broken connection, `fetch`
 * drops what was not read yet.
 */
const cutAfter = (bytes: Uint8Array, response: ServerResponse) =>
  response.write(bytes, () => setTimeout(() => response.destroy(), 150))

/** Serves `content`. */
export async function startLoopback(content: Uint8Array): Promise<Loopback> {
  const scripts: (readonly Behaviour[])[] = [['range']]
  const counts = new Map<string, number>()
  const requests: Loopback['requests'] = []
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/'
    requests.push({ path, range: request.headers.range })
    const script = scripts[Number(path.slice(1))] ?? ['range']
    const count = counts.get(path) ?? 0
    counts.set(path, count + 1)
    const behaviour = script[Math.min(count, script.length - 1)] as Behaviour
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const part = content.subarray(0, Math.ceil(content.length / 3))
    if (typeof behaviour === 'number') {
      response.writeHead(behaviour, behaviour === 429 ? { 'retry-after': '0' } : {}).end('no')
      return
    }
    switch (behaviour) {
      case 'whole':
        response.writeHead(200, { 'content-length': content.length }).end(content)
        return
      case 'range':
        if (from === 0) response.writeHead(200, { 'content-length': content.length }).end(content)
        else if (from >= content.length) response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
        else {
          response.writeHead(206, {
            'content-length': content.length - from,
            'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
          })
          response.end(content.subarray(from))
        }
        return
      case 'truncated':
        if (from > 0) {
          response.writeHead(206, {
            'content-length': content.length - from,
            'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
          })
          cutAfter(content.subarray(from, from + part.length), response)
        } else {
          response.writeHead(200, { 'content-length': content.length })
          cutAfter(part, response)
        }
        return
      case 'truncated chunked':
        response.writeHead(200).end(part)
        return
      case 'stall':
        response.writeHead(200, { 'content-length': content.length }).write(part)
        return
      case 'silent':
        return
      case 'reset':
        request.socket.destroy()
        return
      case 'wrong bytes':
        response.writeHead(200, { 'content-length': content.length }).end(content.map(byte => byte ^ 1))
        return
      case 'too long':
        response.writeHead(200).end(Buffer.concat([content, content]))
        return
      case 'wrong range':
        response.writeHead(206, { 'content-range': `bytes 0-${content.length - 1}/${content.length}` }).end(content)
        return
      case 'redirect':
        response.writeHead(302, { location: '/0' }).end()
    }
  }
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: script => `http://127.0.0.1:${port}/${scripts.push(script) - 1}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
