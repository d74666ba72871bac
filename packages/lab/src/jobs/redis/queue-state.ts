// How a queue stands: its workers, and the work that waits, runs or failed.
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { asRefusal, connectRedis } from './connection.ts'
import { KEYS, QUEUE, type WorkerState } from './queue-messages.ts'

/** What {@link queueState} tells. */
export interface QueueState {
  readonly workers: readonly WorkerState[]
  readonly waiting: number
  readonly running: number
  /** Pieces that failed within the last hour. */
  readonly failed: number
  /** Whether Redis keeps an append-only file; undefined where it does not say. */
  readonly durable: boolean | undefined
}

/** The workers that live. */
export async function listWorkers(redis: Redis): Promise<WorkerState[]> {
  const ids = await redis.smembers(KEYS.workers)
  if (ids.length === 0) return []
  const states = await redis.mget(ids.map(KEYS.worker))
  const dead = ids.filter((_, i) => states[i] === null)
  if (dead.length > 0) await redis.srem(KEYS.workers, ...dead)
  return states.flatMap(text => (typeof text === 'string' ? [JSON.parse(text) as WorkerState] : []))
}

/** Asks a queue how it stands. @throws UserError where Redis cannot be reached, or refuses to say */
export async function queueState(address: string): Promise<QueueState> {
  const redis = await connectRedis(address)
  const queue = new Queue(QUEUE.name, { connection: redis, prefix: QUEUE.prefix })
  queue.on('error', () => undefined)
  try {
    const counts = await queue.getJobCounts('waiting', 'active', 'failed')
    const durable = await redis.config('GET', 'appendonly').then(
      found => (found as string[])[1] === 'yes',
      () => undefined,
    )
    return {
      workers: await listWorkers(redis),
      waiting: counts['waiting'] ?? 0,
      running: counts['active'] ?? 0,
      failed: counts['failed'] ?? 0,
      durable,
    }
  } catch (error) {
    throw asRefusal(error, address)
  } finally {
    await queue.close()
    redis.disconnect()
  }
}
