// Listens for the lab on the loopback address.
import { serve } from '@hono/node-server'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../command-text.ts'
import { TOKEN_PARAMETER } from './access.ts'
import type { Lab } from './create-lab.ts'

/** A lab that listens. */
export interface ServedLab {
  /** `http://127.0.0.1:<port>/` */
  readonly address: string
  /** The address of one of its pages with the token: for the eyes of the user who started the lab. */
  entrance(page?: string): string
  /** Stops listening, and waits until the trainings it started have saved a checkpoint and stopped. */
  close(): Promise<void>
}

/** Milliseconds that a client may take to send its headers, and its whole request. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 }
/** A connection on which nothing moves for so long is closed; event streams say more often that they live. */
const SILENCE = 120_000
const MOST_CONNECTIONS = 512

/**
 * Serves a lab on 127.0.0.1.
 * @param port 0: any free one
 * @throws UserError when the port is taken
 */
export function serveLab(lab: Lab, options: { readonly port?: number } = {}): Promise<ServedLab> {
  checkOptions('serveLab', options, ['port'])
  const { port = 4173 } = options
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: lab.app.fetch, hostname: '127.0.0.1', port, serverOptions: LIMITS },
      ({ port: actual }) => {
        const address = `http://127.0.0.1:${actual}/`
        resolve({
          address,
          entrance: (page = '') => `${address}${page}?${TOKEN_PARAMETER}=${lab.token}`,
          close: async () => {
            const stopped = lab.close()
            await new Promise<void>(closed => {
              server.close(() => closed())
              if ('closeAllConnections' in server) server.closeAllConnections()
            })
            await stopped
          },
        })
      },
    )
    if ('maxConnections' in server) server.maxConnections = MOST_CONNECTIONS
    if ('timeout' in server) server.timeout = SILENCE
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new UserError({
              rule: 'The port is in use by another program (or another lab).',
              received: String(port),
              next: `Choose any free one: ${ddlfCommand('lab', '--port', '0')}`,
            })
          : error,
      )
    })
  })
}
