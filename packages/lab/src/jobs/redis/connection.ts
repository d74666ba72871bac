// The way to Redis: an address with TLS and password, refused in words where nobody answers.
import { UserError } from '@ddlf/tensor/errors'
import { Redis, type RedisOptions } from 'ioredis'
import { shownAddress } from '../../command-text.ts'

/** Milliseconds that the first connection may take, and the last answers. */
const PATIENCE = 10_000
const MOST_BETWEEN = 2000

const refuse = (received: string, next: string) =>
  new UserError({ rule: 'The queue is a Redis server, given by its address.', received, next })

/** A connection and those made like it, here and by BullMQ: they end together. */
const alike = new WeakMap<Redis, Redis[]>()

/** The options that the address itself does not give: commands wait for a connection that comes back. */
const OPTIONS: RedisOptions = {
  maxRetriesPerRequest: null,
  enableReadyCheck: true,
  lazyConnect: true,
  retryStrategy: times => Math.min(MOST_BETWEEN, 50 * 2 ** Math.min(times, 6)),
}

/**
 * Connects to a Redis server: `redis://user:password@host:6379/0`, or `rediss://` with TLS. A connection that is cut
 * comes back by itself, and commands wait for it.
 * @throws UserError where the address is none, nobody answers within ten seconds, or the password is refused
 */
export async function connectRedis(address: string): Promise<Redis> {
  if (!/^rediss?:\/\/[^\s/]+/.test(address))
    throw refuse(
      shownAddress(address),
      'Write redis://host:6379, or rediss:// with TLS; a password goes before the host: redis://:password@host:6379.',
    )
  const redis = new Redis(address, OPTIONS)
  const family = [redis]
  alike.set(redis, family)
  redis.duplicate = override => {
    const made = Redis.prototype.duplicate.call(redis, override)
    family.push(made)
    return made
  }
  let last: Error | undefined
  redis.on('error', (error: Error) => {
    last = error
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(last ?? new Error('no answer'))
    }, PATIENCE)
  })
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late])
    return redis
  } catch (error) {
    redis.disconnect()
    const cause = last ?? (error instanceof Error ? error : new Error(String(error)))
    const next = /NOAUTH|WRONGPASS|invalid password/i.test(cause.message)
      ? 'Give the password in the address: redis://:password@host:6379.'
      : 'Is it running, and may this machine reach it? For one here: redis-server --appendonly yes'
    throw new UserError(
      { rule: 'The Redis server cannot be reached.', received: `${shownAddress(address)}: ${cause.message}`, next },
      { cause: error },
    )
  } finally {
    clearTimeout(timer)
  }
}

/** An error of a server that answers and refuses, in words; any other as it is. */
export function asRefusal(error: unknown, address: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return error
  // Of commands that are sent together the whole is refused for one of them.
  const [first = error] = (error as Error & { readonly previousErrors?: readonly Error[] }).previousErrors ?? []
  return new UserError(
    {
      rule: 'The Redis server refuses what the queue needs.',
      received: `${shownAddress(address)}: ${first.message}`,
      next: /^OOM/.test(first.message)
        ? 'Give the server more memory (maxmemory), or take away what else it keeps.'
        : 'The address must lead to a server that may be written to, as a user who may use all commands on all keys.',
    },
    { cause: error },
  )
}

/** What passes by itself: a server that reads its file, or that a script keeps busy. */
const PASSING = /^(LOADING|BUSY)\b/

/** Hears of errors while a queue is open. What is cut comes back by itself; what a server refuses has to be said. */
export interface Refusals {
  /** Takes any error; tells of a refusal, and of each only once. */
  readonly hear: (error: unknown) => void
  /** Begins to tell: what was refused before is thrown where the queue is opened. */
  open(): void
  /** Ends it: what is refused to a queue that leaves is no news. */
  close(): void
}

/** @param tell what a server refuses, in words */
export function refusals(address: string, tell: (refusal: UserError) => void): Refusals {
  const told = new Set<string>()
  let isOpen = false
  return {
    hear(error) {
      const refusal = asRefusal(error, address)
      // An error in words already is one of the work's own.
      if (!isOpen || refusal === error || !(refusal instanceof UserError)) return
      if (PASSING.test((error as Error).message)) return
      if (told.has(refusal.message)) return
      told.add(refusal.message)
      tell(refusal)
    },
    open: () => { isOpen = true },
    close: () => { isOpen = false },
  }
}

/**
 * Tries the commands of a queue once, so that a server says at the beginning what it refuses.
 * @param inbox that nobody has written to yet
 * @param workers the key of a set
 */
export async function tryCommands(redis: Redis, inbox: string, workers: string): Promise<void> {
  await redis.eval('return 1', 0)
  await redis.evalsha('0'.repeat(40), 0).catch((error: unknown) => {
    // Allowed, and there is no such script.
    if (!String(error).includes('NOSCRIPT')) throw error
  })
  await redis.xread('COUNT', 1, 'STREAMS', inbox, '0')
  await redis.smembers(workers)
  await redis.del(inbox)
}

/** A second connection like the first, for reading that blocks; both are given up where there is none. */
export async function secondConnection(redis: Redis): Promise<Redis> {
  const second = redis.duplicate()
  second.on('error', () => undefined)
  try {
    await second.connect()
  } catch (error) {
    giveUp(redis)
    throw new UserError(
      {
        rule: 'The Redis server takes no second connection.',
        received: error instanceof Error ? error.message : String(error),
        next: 'Let it take more clients (maxclients), or end others.',
      },
      { cause: error },
    )
  }
  return second
}

/** Ends a connection and those like it, also while the server is gone: what waits for them is refused. */
export function giveUp(redis: Redis): void {
  for (const one of alike.get(redis) ?? [redis]) {
    // Between two attempts ioredis would stop trying, and leave what waits to wait for ever; within one it ends.
    if (one.status === 'reconnecting') one.connect().catch(() => undefined)
    if (one.status !== 'end') one.disconnect()
  }
}

/** Waits for what needs the server. @returns false where the server has not answered for ten seconds */
export function unlessCut(redis: Pick<Redis, 'ping'>, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  // One timer, however long it takes; and none behind the end, for an answer may come after it.
  const then = (action: () => void, milliseconds: number) => {
    clearTimeout(timer)
    if (!isOver) timer = setTimeout(action, milliseconds)
  }
  const cut = new Promise<false>(resolve => {
    const giveUpWaiting = () => { resolve(false) }
    const look = () => {
      then(giveUpWaiting, PATIENCE)
      redis.ping().then(() => { then(look, PATIENCE / 10) }, giveUpWaiting)
    }
    look()
  })
  return Promise.race([done.then(() => true), cut]).finally(() => {
    isOver = true
    clearTimeout(timer)
  })
}
