// Who may talk to the lab: the pages it serves itself, on the loopback address, and nobody else.
import type { Context, MiddlewareHandler } from 'hono'

/**
 * Names under which a loopback server may be addressed. Any other Host is a foreign name that was made to point here.
 */
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

/**
 * For the one worker that runs what a learner has typed: it may evaluate text, and in return it has no network, so
 * that code copied from elsewhere cannot ask the lab for anything. What a browser keeps for the site (IndexedDB,
 * caches, channels to other pages) no policy closes: the worker takes that from itself before it evaluates anything.
 */
const EXERCISE_WORKER = /^\/_astro\/exercise-worker[\w-]*\.js$/
const EXERCISE_POLICY = "default-src 'none'; script-src 'self' 'unsafe-eval'"

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_POLICY,
  // Isolated from other sites, a page may share memory between the threads that train in it.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

const refuse = (context: Context, status: 403 | 415, error: string, received: string) =>
  context.json({ error, received }, status)

function refusalOf(context: Context): Response | undefined {
  const { req } = context
  const host = req.header('host') ?? ''
  if (!LOOPBACK.has(hostName(host)))
    return refuse(context, 403, 'The lab answers on the loopback address only.', `Host: ${host}`)
  const origin = req.header('origin')
  if (origin !== undefined && origin !== `http://${host}`)
    return refuse(context, 403, 'The lab answers its own pages only.', `Origin: ${origin}`)
  const site = req.header('sec-fetch-site')
  const navigates = req.header('sec-fetch-mode') === 'navigate' && req.method === 'GET'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigates) {
    return refuse(context, 403, 'The lab answers its own pages only.', `Sec-Fetch-Site: ${site}`)
  }
  const changes = req.method !== 'GET' && req.method !== 'HEAD'
  if (changes && req.header('content-type')?.startsWith('application/json') !== true) {
    return refuse(
      context,
      415,
      'A request that changes something is JSON.',
      req.header('content-type') ?? 'no content type',
    )
  }
  return undefined
}

/** Refuses foreign hosts and origins, and requests that change something without being JSON of our own pages. */
export const guard: MiddlewareHandler = async (context, next) => {
  const refused = refusalOf(context)
  if (refused) context.res = refused
  else await next()
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value)
  if (EXERCISE_WORKER.test(context.req.path)) context.res.headers.set('Content-Security-Policy', EXERCISE_POLICY)
}
