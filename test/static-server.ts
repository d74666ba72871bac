// A plain static host below a base path, as any web server would be: text is packed on the way, no header says more
// than that, and 404.html stands for what is not there.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

const PACKED = new Set(['.html', '.js', '.mjs', '.css', '.svg', '.json'])

export interface StaticServer {
  /** Address of the base path, with a slash at its end. */
  readonly address: string
  /** Bytes of the files sent so far, packed as they went: to pages and to their workers alike. */
  readonly sent: () => number
  close(): Promise<void>
}

/** Serves a folder below `base` on the loopback address. */
export async function serveFolder(folder: string, base: string): Promise<StaticServer> {
  let sent = 0
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    let file = path.startsWith(base) ? join(folder, normalize(path.slice(base.length))) : ''
    if (file !== '' && existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
    if (file === '' || !file.startsWith(folder) || !existsSync(file)) {
      const page = join(folder, '404.html')
      response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
      response.end(existsSync(page) ? readFileSync(page) : '')
      return
    }
    if (PACKED.has(extname(file)) && request.headers['accept-encoding']?.includes('gzip')) {
      const packed = gzipSync(readFileSync(file))
      sent += packed.length
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? '', 'content-encoding': 'gzip' }).end(packed)
      return
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-length': statSync(file).size,
    })
    sent += statSync(file).size
    createReadStream(file).pipe(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    sent: () => sent,
    close: () => new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}
