// Who may talk to the lab: the pages it serves itself, on the loopback address, and nobody else.
import type { MiddlewareHandler } from 'hono'

/** Names under which a loopback server may be addressed. Any other Host is a foreign name that was made to point here. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

const hostName = (host: string) => host.replace(/:\d+$/, '').toLowerCase()

const CONTENT_POLICY = [
  "default-src 'none'",
  // Kernels are WebAssembly; nothing is evaluated as JavaScript text, and no script stands inside a page.
  "script-src 'self' 'wasm-unsafe-eval'",
  // Highlighted code and formulas carry style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_POLICY,
  // Isolated from other sites, a page may share memory between the threads that train in it.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** Refuses foreign hosts and origins, and requests that change something without being JSON of our own pages. */
export const guard: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host') ?? ''
  if (!LOOPBACK.has(hostName(host))) return context.json({ error: 'The lab answers on the loopback address only.', received: `Host: ${host}` }, 403)
  const origin = context.req.header('origin')
  if (origin !== undefined && origin !== `http://${host}`) return context.json({ error: 'The lab answers its own pages only.', received: `Origin: ${origin}` }, 403)
  const site = context.req.header('sec-fetch-site')
  const navigates = context.req.header('sec-fetch-mode') === 'navigate' && context.req.method === 'GET'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigates) return context.json({ error: 'The lab answers its own pages only.', received: `Sec-Fetch-Site: ${site}` }, 403)
  if (context.req.method !== 'GET' && context.req.method !== 'HEAD' && !context.req.header('content-type')?.startsWith('application/json')) {
    return context.json({ error: 'A request that changes something is JSON.', received: context.req.header('content-type') ?? 'no content type' }, 415)
  }
  await next()
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value)
}
