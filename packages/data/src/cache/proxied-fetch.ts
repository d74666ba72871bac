// Requests as the environment's proxies have them: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case of letters.
import { UserError } from '@ddlf/tensor/errors'
import type { Dispatcher, RequestInit, Response } from 'undici'
import type { Environment } from './folders.ts'

/**
 * The names that say how an address is reached, the first that is set counts (as in curl, the small letters go first).
 */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'http:': ['http_proxy', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'],
}

/**
 * The proxy for addresses of a protocol, and the variable that names it; NO_PROXY aside.
 * @throws UserError where the variable holds no address of an HTTP proxy
 */
function proxyOf(
  protocol: string,
  environment: Environment,
): { readonly name: string; readonly address: URL } | undefined {
  const name = NAMES[protocol]?.find(one => (environment[one] ?? '').trim() !== '')
  if (name === undefined) return undefined
  const value = environment[name]?.trim() ?? ''
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`
  const address = URL.canParse(whole) ? new URL(whole) : undefined
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return { name, address }
  throw new UserError({
    rule: `${name} must be the address of an HTTP proxy.`,
    received: value.replace(/\/\/[^/]*@/, '//***@'),
    next: `For example: ${name}=http://proxy.example:3128; or unset it.`,
  })
}

/** A client of one download. */
export interface ProxiedFetch {
  readonly fetch: (url: string, init: Omit<RequestInit, 'dispatcher'>) => Promise<Response>
  /**
   * `through the proxy http://proxy.example:3128 (HTTPS_PROXY)`, where the last connection for this address was made to
   * one.
   */
  readonly way: (url: string) => string | undefined
  readonly close: () => Promise<void>
}

/**
 * Opens a client that obeys the environment's proxies: a tunnel for https, the whole address in the request for http.
 * @throws UserError where a variable holds no address of an HTTP proxy
 */
export async function openProxiedFetch(environment: Environment = process.env): Promise<ProxiedFetch> {
  // Nothing but a download needs it.
  const { EnvHttpProxyAgent, buildConnector, fetch } = await import('undici')
  const http = proxyOf('http:', environment)
  const https = proxyOf('https:', environment)
  const connector = buildConnector({})
  let direct = false
  const dispatcher: Dispatcher = new EnvHttpProxyAgent({
    httpProxy: http?.address.href ?? '',
    httpsProxy: https?.address.href ?? '',
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    proxyTunnel: false,
    // Called for connections to the address itself only.
    connect: (options, done) => {
      direct = true
      connector(options, done)
    },
  })
  return {
    fetch: (url, init) => {
      direct = false
      return fetch(url, { ...init, dispatcher })
    },
    way: url => {
      const proxy = new URL(url).protocol === 'https:' ? https : http
      return direct || !proxy ? undefined : `through the proxy ${proxy.address.origin} (${proxy.name})`
    },
    close: () => dispatcher.destroy(),
  }
}
