// A worker of a queue: takes work from Redis and has it done by processes of its own, so that no kernel ever blocks it.
import { randomUUID } from 'node:crypto'
import os from 'node:os'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { Worker, type Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { failedEvent } from '../../train/events.ts'
import { workerPool } from '../pool/worker-pool.ts'
import { WorkerLost, type GivenWork, type WorkPlace, type Workers } from '../workers.ts'
import {
  asRefusal, connectRedis, giveUp, refusals, secondConnection, tryCommands, unlessCut, type Refusals,
} from './connection.ts'
import { post, readInbox, type Reader } from './inbox.ts'
import {
  EXPIRY,
  KEYS,
  LIFE_EVERY,
  QUEUE,
  type QueuedWork,
  type Said,
  type ToCoordinator,
  type ToWorker,
  type WorkerState,
} from './queue-messages.ts'
import { fetchRuns, rootIdOf, sendRuns } from './run-transfer.ts'

/** Settings of {@link openQueueWorker}. */
export interface QueueWorkerOptions {
  readonly address: string
  /** Pieces of work at once. */
  readonly jobs: number
  /** Address of the module whose `work` export holds the functions. */
  readonly module: string
  readonly place: WorkPlace
  readonly version: string
  /** Milliseconds of silence after which a process of the worker counts as hung; default a minute. */
  readonly lease?: number
  readonly patience?: number
  readonly onEvent?: (event: QueueWorkerEvent) => void
  /** Hears once of each thing that the server refuses while the worker is open; it tries again. */
  readonly onRefusal?: (refusal: UserError) => void
}

/** What a worker does, for those who show it. */
export type QueueWorkerEvent = {
  readonly kind: 'begin' | 'done' | 'failed' | 'lost' | 'refused' | 'abandoned'
  readonly id: string
  readonly name: string
  readonly said?: string
}

/** A worker at work. */
export interface QueueWorker {
  readonly id: string
  /** Takes nothing more, has what runs saved, tells so where Redis answers, and leaves. */
  close(): Promise<void>
}

const SIGNS = 4

const short = (version: string) => version.slice(0, 12)

/** Milliseconds between two copies of the runs that are sent on the way. */
const SNAPSHOT = 60_000

/** Milliseconds in which the first word of a piece also says that it has begun. */
const SOON = 20

/** @throws UserError where Redis cannot be reached, or refuses what the queue needs */
export async function openQueueWorker(options: QueueWorkerOptions): Promise<QueueWorker> {
  checkOptions('openQueueWorker', options, [
    'address',
    'jobs',
    'module',
    'place',
    'version',
    'lease',
    'patience',
    'onEvent',
    'onRefusal',
  ])
  const redis = await connectRedis(options.address)
  const worker = new RunningQueueWorker(options, redis, await secondConnection(redis))
  try {
    await worker.begin()
    return worker
  } catch (error) {
    await worker.close()
    throw asRefusal(error, options.address)
  }
}

/** One piece of work at this worker. */
interface Current {
  readonly queued: QueuedWork
  readonly since: string
  readonly answers: Map<number, (value: unknown) => void>
  given?: GivenWork
  /** Nobody waits for it any more. */
  gone: boolean
  stopped: boolean
  runs: readonly string[]
  /** Says that the piece has begun, where nothing else did soon. */
  begins?: NodeJS.Timeout
  count: number
  questions: number
  sent: number
}

class RunningQueueWorker implements QueueWorker {
  readonly id = `${os.hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
  readonly #options: QueueWorkerOptions
  readonly #redis: Redis
  readonly #reader: Reader
  readonly #pool: Workers
  readonly #refusals: Refusals
  readonly #current = new Map<string, Current>()
  readonly #since = new Date().toISOString()
  #worker: Worker | undefined
  /** The coordinator that answered last, and when: it lives. */
  #alive: { readonly session: string; readonly at: number } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: QueueWorkerOptions, redis: Redis, reading: Redis) {
    const { jobs, module, place, lease, patience } = options
    this.#options = options
    this.#redis = redis
    this.#pool = workerPool({
      size: jobs,
      module,
      place,
      ...(lease !== undefined && { lease }),
      ...(patience !== undefined && { patience }),
    })
    this.#refusals = refusals(options.address, options.onRefusal ?? (() => undefined))
    const receive = (message: unknown) => { this.#hear(message as ToWorker) }
    this.#reader = readInbox(reading, KEYS.toWorker(this.id), receive, this.#refusals.hear)
  }

  async begin(): Promise<void> {
    await this.#live()
    await tryCommands(this.#redis, KEYS.toWorker(this.id), KEYS.workers)
    this.#timer = setInterval(() => {
      this.#live().catch(this.#refusals.hear)
    }, 1000 * LIFE_EVERY)
    const lease = this.#options.lease ?? 60_000
    this.#worker = new Worker(QUEUE.name, job => this.#work(job as Job<QueuedWork>), {
      // The lock is kept by this process, which trains nothing itself. A piece that stalls is not given again by the
      // queue: whoever gave it knows what is done of it.
      connection: this.#redis,
      prefix: QUEUE.prefix,
      concurrency: this.#options.jobs,
      lockDuration: Math.max(30_000, lease),
      stalledInterval: 30_000,
      maxStalledCount: 0,
    })
    // Of cuts and lost locks the piece's giver has heard, or will.
    this.#worker.on('error', this.#refusals.hear)
    await this.#worker.waitUntilReady()
    this.#refusals.open()
  }

  async close(): Promise<void> {
    this.#refusals.close()
    const closing = this.#worker?.close()
    for (const current of this.#current.values()) this.#stop(current)
    const isTold = await unlessCut(this.#redis, this.#leave(closing).catch(() => undefined))
    if (!isTold) for (const current of this.#current.values()) this.#abandon(current)
    clearInterval(this.#timer)
    await this.#pool.close()
    this.#reader.close()
    giveUp(this.#redis)
  }

  /** Waits for what was at work, and takes this worker off the list. */
  async #leave(closing: Promise<void> | undefined): Promise<void> {
    await closing
    await this.#redis
      .multi()
      .del(KEYS.worker(this.id), KEYS.toWorker(this.id))
      .srem(KEYS.workers, this.id)
      .exec()
  }

  async #live(): Promise<void> {
    const { jobs, version } = this.#options
    const doing = [...this.#current.values()].map(({ queued: { id, work }, since }) => ({ id, name: work.name, since }))
    const state: WorkerState = {
      id: this.id,
      host: os.hostname(),
      pid: process.pid,
      jobs,
      version,
      since: this.#since,
      doing,
    }
    await this.#redis
      .multi()
      .set(KEYS.worker(this.id), JSON.stringify(state), 'EX', EXPIRY.life)
      .sadd(KEYS.workers, this.id)
      .exec()
    for (const current of this.#current.values()) {
      // Whoever gave it has gone without a word: what is done is saved here, and nobody waits.
      if ((await this.#redis.exists(KEYS.coordinator(current.queued.session))) === 0) this.#abandon(current)
    }
  }

  #event(kind: QueueWorkerEvent['kind'], { queued: { id, work } }: Current, said?: string): void {
    this.#options.onEvent?.({ kind, id, name: work.name, ...(said !== undefined && { said }) })
  }

  #hear(message: ToWorker): void {
    const current = this.#current.get(message.id)
    if (!current) return
    this.#alive = { session: current.queued.session, at: performance.now() }
    if (message.kind === 'stop') this.#stop(current)
    else if (message.kind === 'gone') this.#abandon(current)
    else {
      current.answers.get(message.question)?.(message.value)
      current.answers.delete(message.question)
    }
  }

  #stop(current: Current): void {
    current.stopped = true
    current.given?.stop()
  }

  #abandon(current: Current): void {
    if (current.gone) return
    current.gone = true
    this.#event('abandoned', current)
    this.#stop(current)
    // No answer will come: the function goes on, and sees that it is to stop.
    current.answers.forEach(answer => {
      answer(undefined)
    })
    current.answers.clear()
  }

  async #say(current: Current, said: Said): Promise<void> {
    const { id, session } = current.queued
    clearTimeout(current.begins)
    if (current.gone) return
    await post(this.#redis, KEYS.toCoordinator(session), {
      id,
      worker: this.id,
      count: current.count++,
      said,
    } satisfies ToCoordinator)
  }

  async #work(job: Job<QueuedWork>): Promise<void> {
    const queued = job.data
    const { id, session, work, version, lease } = queued
    // Delivered a second time.
    if (this.#current.has(id)) return
    const current: Current = {
      queued,
      since: new Date().toISOString(),
      answers: new Map(),
      gone: false,
      stopped: false,
      runs: work.runs ?? [],
      count: 0,
      questions: 0,
      sent: performance.now(),
    }
    this.#current.set(id, current)
    current.begins = setTimeout(() => {
      this.#say(current, { kind: 'begin' }).catch(this.#refusals.hear)
    }, SOON)
    const beat = setInterval(() => {
      this.#say(current, { kind: 'beat' }).catch(this.#refusals.hear)
    }, lease / SIGNS)
    try {
      if (!(await this.#isAwaited(session))) return
      if (version !== this.#options.version) {
        await this.#refuse(current)
        return
      }
      this.#event('begin', current)
      await this.#do(current)
    } catch (error) {
      this.#refusals.hear(error)
      throw error
    } finally {
      clearTimeout(current.begins)
      clearInterval(beat)
      this.#current.delete(id)
    }
  }

  /** Whether the giver of a piece lives. One that has just answered does: its sign of life would say so for longer. */
  async #isAwaited(session: string): Promise<boolean> {
    const alive = this.#alive
    if (alive?.session === session && performance.now() - alive.at < 1000 * LIFE_EVERY) return true
    return (await this.#redis.exists(KEYS.coordinator(session))) > 0
  }

  async #do(current: Current): Promise<void> {
    const { id, work } = current.queued
    try {
      if (!this.#isShared(current)) await fetchRuns(this.#redis, id, this.#options.place.root, current.runs)
      const given = this.#pool.give(work, message => this.#ask(current, message))
      current.given = given
      if (current.stopped) given.stop()
      const value = await given.result
      const said = this.#say(current, { kind: 'result', value, runs: await this.#send(current) })
      // Not waited for: the queue hears on the same connection, behind it, that the piece is done, and gives the next.
      // A result that Redis cannot take is missed by its giver, as that of a worker which died.
      said.catch((error: unknown) => {
        this.#refusals.hear(error)
        this.#event('failed', current, String(error))
      })
      this.#event('done', current)
    } catch (error) {
      const runs = await this.#send(current)
      if (error instanceof WorkerLost) await this.#say(current, { kind: 'lost', parts: error.parts, runs })
      else await this.#say(current, { kind: 'failed', failure: failedEvent(error), runs })
      this.#event(
        error instanceof WorkerLost ? 'lost' : 'failed',
        current,
        error instanceof UserError ? error.parts.received : String(error),
      )
    }
  }

  async #refuse(current: Current): Promise<void> {
    const parts = {
      rule: 'A worker runs the same version as whoever gives it work.',
      received: `${short(current.queued.version)} given, ${short(this.#options.version)} at ${os.hostname()}`,
      next: 'Bring both to the same commit, and start the worker again.',
    }
    await this.#say(current, { kind: 'refused', parts, runs: [] })
    this.#event('refused', current, parts.received)
  }

  #isShared({ queued }: Current): boolean {
    return queued.rootId === rootIdOf(this.#options.place.root)
  }

  /** Sends the runs of a piece back. @returns those that were sent */
  async #send(current: Current): Promise<readonly string[]> {
    if (current.gone || current.runs.length === 0 || this.#isShared(current)) return []
    await sendRuns(this.#redis, current.queued.id, this.#options.place.root, current.runs)
    current.sent = performance.now()
    return current.runs
  }

  async #ask(current: Current, message: unknown): Promise<unknown> {
    if (current.gone) return undefined
    const { attributes } = (message ?? {}) as { readonly attributes?: { readonly runs?: readonly string[] } }
    if (attributes?.runs) current.runs = attributes.runs
    const question = current.questions++
    const answer = new Promise<unknown>(resolve => current.answers.set(question, resolve))
    // Where Redis is gone it is never told: whoever gives the piece up answers.
    return Promise.race([answer, this.#tell(current, question, message).then(() => answer)])
  }

  async #tell(current: Current, question: number, message: unknown): Promise<void> {
    // The work waits for its answer, so that its runs stand still.
    if (performance.now() - current.sent > SNAPSHOT) await this.#send(current)
    await this.#say(current, { kind: 'tell', question, message })
  }
}
