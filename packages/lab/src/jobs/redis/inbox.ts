// Messages in a stream of Redis: written by many, read in order by one, and none lost by a cut or a restart.
import type { Redis } from 'ioredis'
import { parseExact, stringifyExact } from '../../runs/exact-json.ts'
import { EXPIRY } from './queue-messages.ts'

/** How many messages a stream keeps that were read long ago. */
const KEPT = 10_000

/**
 * One command for a message, and so one write for Redis: the stream, and that it goes with time. What is posted stays
 * for one expiry at least and for two at most.
 */
const POST = `redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'm', ARGV[2])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('EXPIRE', KEYS[1], 2 * ARGV[3]) end`

/** Writes a message behind the others. */
export async function post(redis: Redis, inbox: string, message: object): Promise<void> {
  await redis.eval(POST, 1, inbox, KEPT, stringifyExact(message), EXPIRY.inbox)
}

/** Reads an inbox until it is closed. */
export interface Reader {
  close(): void
}

/**
 * Hands over the messages of an inbox in their order.
 * @param redis a connection of its own: reading blocks it
 * @param onTrouble hears what kept it from looking; it looks again
 * @param onRead called after every look, with or without messages: the server answers
 */
export function readInbox(
  redis: Redis,
  inbox: string,
  receive: (message: unknown) => void,
  onTrouble: (error: unknown) => void,
  onRead: () => void = () => undefined,
): Reader {
  const closing = new AbortController()
  const isOpen = () => !closing.signal.aborted
  const loop = async () => {
    let last = '0'
    while (isOpen()) {
      try {
        const found = await redis.xread('COUNT', 100, 'BLOCK', 1000, 'STREAMS', inbox, last)
        onRead()
        for (const [id, [, text]] of found?.[0]?.[1] ?? []) {
          last = id
          if (isOpen() && text !== undefined) receive(parseExact(text))
        }
      } catch (error) {
        // The connection is cut, or closes; ioredis brings it back. Or the server refuses to be read.
        if (!isOpen()) return
        onTrouble(error)
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
  }
  void loop()
  return {
    close: () => {
      closing.abort()
      redis.disconnect()
    },
  }
}
