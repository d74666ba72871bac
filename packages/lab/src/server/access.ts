// The lab's token: whoever holds the address that was printed may come in, and no other user of the machine.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { html } from 'hono/html'

/** A token that cannot be guessed: 256 random bits. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** Name of the token in the printed address. */
export const TOKEN_PARAMETER = 'token'

/** The header that the lab's own pages send with what changes something; a foreign page cannot add one. */
export const PAGE_HEADER = 'x-lab-page'

/** Browsers share cookies between the ports of a host, so the name says whose it is and two labs do not clash. */
export const cookieName = (host: string): string => `ddlf-lab-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Compares in a time that tells nothing about where two texts differ, or how long they are. */
export const isSameSecret = (given: string, secret: string): boolean => timingSafeEqual(digest(given), digest(secret))

const REFUSED = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The lab is locked</title>
<h1>The lab is locked</h1>
<p>This address belongs to a lab that somebody started on this machine. Open it with the whole address that
<code>npm run ddlf -- lab</code>
printed in the terminal where it runs: it ends in <code>?${TOKEN_PARAMETER}=</code> and a long key.</p>
<p>Was the lab started again? Each start has a key of its own: take the newest address.</p>
</html>
`

function refuse(context: Context): Response | Promise<Response> {
  context.header('WWW-Authenticate', 'Bearer realm="ddlf lab"')
  if (!context.req.path.startsWith('/api/')) return context.html(REFUSED, 401)
  return context.json({
    error: 'The lab answers those who hold its token.',
    received: 'none that is right',
    next: 'Open the whole address that `npm run ddlf -- lab` printed in the terminal where it runs.',
  }, 401)
}

/** Whether the browser is on its way to a page: only then the token in an address is exchanged for a cookie. */
const asksForPage = ({ req }: Context) => req.method === 'GET' && !req.path.startsWith('/api/')

/**
 * Lets in who brings the token: in the address (exchanged for a cookie at once, and taken out of the address), as that
 * cookie, or as `Authorization: Bearer <token>` for programs. Everybody else gets 401.
 */
export const requireToken = (token: string): MiddlewareHandler => async (context, next) => {
  const given = context.req.query(TOKEN_PARAMETER)
  const name = cookieName(context.req.header('host') ?? '')
  if (given !== undefined && asksForPage(context)) {
    if (!isSameSecret(given, token)) return refuse(context)
    setCookie(context, name, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
    const address = new URL(context.req.url)
    address.searchParams.delete(TOKEN_PARAMETER)
    // A path that begins with two slashes would lead to another host.
    const clean = `${address.pathname.replace(/^\/+/, '/')}${address.search}`
    // On a way that began at another site a browser keeps a strict cookie back: then our own page goes on.
    const strange = context.req.header('sec-fetch-site') === 'cross-site'
    return strange
      ? context.html(html`<!doctype html><meta http-equiv="refresh" content="0; url=${clean}">`)
      : context.redirect(clean, 303)
  }
  const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1]
  const brought = bearer ?? getCookie(context, name)
  if (brought === undefined || !isSameSecret(brought, token)) return refuse(context)
  await next()
}

/**
 * What changes something comes from a page of the lab: it says so in a header that other origins cannot set, and its
 * browser names the origin. A link, a form or a script of another page can do neither.
 */
export const requirePage: MiddlewareHandler = async (context, next) => {
  const { method } = context.req
  if (method !== 'GET' && method !== 'HEAD') {
    const origin = context.req.header('origin')
    if (context.req.header(PAGE_HEADER) === undefined || origin !== `http://${context.req.header('host') ?? ''}`) {
      return context.json({
        error: 'Trainings are started, stopped and resumed from the pages of the lab.',
        received: origin === undefined
          ? 'a request that names no page'
          : `a request from ${origin} that is no page's of the lab`,
        next: 'Open the lab in a browser, or use the commands train and resume in a terminal.',
      }, 403)
    }
  }
  await next()
}
