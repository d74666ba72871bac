// Workers on other machines: work goes through a queue in Redis, and what they say comes back through it.
import { randomUUID } from 'node:crypto'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { errorOf } from '../../train/events.ts'
import { WorkerLost, WorkRefused, type GivenWork, type Work, type Workers } from '../workers.ts'
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
} from './queue-messages.ts'
import { listWorkers } from './queue-state.ts'
import { fetchRuns, forgetRuns, rootIdOf, sendRuns } from './run-transfer.ts'

/** Settings of {@link openRedisWorkers}. */
export interface RedisWorkersOptions {
  /** `redis://host:6379`, or `rediss://` with TLS. */
  readonly address: string
  /** The folder that holds all runs: what workers train comes back here. */
  readonly root: string
  /** What both ends must run. */
  readonly version: string
  /** Milliseconds of silence after which a worker counts as lost; default a minute. */
  readonly lease?: number
  /** Milliseconds that work gets to save when this closes; default a minute. */
  readonly patience?: number
  /** Hears once of each thing that the server refuses while the queue is open; what waits goes on waiting. */
  readonly onRefusal?: (refusal: UserError) => void
}

/** Looks within a lease. */
const LOOKS = 4

/** Milliseconds of work that wait in the queue for every place. */
const AHEAD = 100

const NEXT = 'What it did up to the last runs that came back is kept.'

interface Piece {
  readonly id: string
  readonly listen: (message: unknown) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Known once it has begun. */
  worker: string | undefined
  begun?: number
  runs: readonly string[]
  /** The number of the last message that was read. */
  count: number
  missed: number
  stopped: boolean
  /** Its end is known, and its runs are on their way. */
  over: boolean
}

/**
 * Opens the queue for giving work. What workers find returns to `root`; Redis keeps nothing that is not also there.
 * @throws UserError where Redis cannot be reached, or refuses what the queue needs
 */
export async function openRedisWorkers(options: RedisWorkersOptions): Promise<Workers> {
  checkOptions('openRedisWorkers', options, ['address', 'root', 'version', 'lease', 'patience', 'onRefusal'])
  const redis = await connectRedis(options.address)
  const workers = new RedisWorkers(options, redis, await secondConnection(redis))
  try {
    await workers.begin()
    return workers
  } catch (error) {
    await workers.close()
    throw asRefusal(error, options.address)
  }
}

class RedisWorkers implements Workers {
  readonly #options: RedisWorkersOptions
  readonly #session = randomUUID()
  readonly #redis: Redis
  readonly #queue: Queue
  readonly #reader: Reader
  readonly #refusals: Refusals
  readonly #pieces = new Map<string, Piece>()
  readonly #lease: number
  readonly #timers: NodeJS.Timeout[] = []
  /** Pieces that the workers of this version do at once, as far as is known. */
  #slots = 0
  /** Milliseconds that a piece took lately, from its beginning to its end. */
  #duration = Infinity
  #count = 0
  /** Whether the server has answered since the last look: silence counts only while it does. */
  #answered = false
  #closed = false

  constructor(options: RedisWorkersOptions, redis: Redis, reading: Redis) {
    this.#options = options
    this.#redis = redis
    this.#lease = options.lease ?? 60_000
    this.#queue = new Queue(QUEUE.name, { connection: redis, prefix: QUEUE.prefix })
    this.#refusals = refusals(options.address, options.onRefusal ?? (() => undefined))
    this.#queue.on('error', this.#refusals.hear)
    this.#reader = readInbox(
      reading,
      KEYS.toCoordinator(this.#session),
      message => {
        this.#hear(message as ToCoordinator)
      },
      this.#refusals.hear,
      () => {
        this.#answered = true
      },
    )
  }

  /** Says that this coordinator lives, and sees who works. */
  async begin(): Promise<void> {
    await this.#live()
    await tryCommands(this.#redis, KEYS.toCoordinator(this.#session), KEYS.workers)
    const every = (milliseconds: number, action: () => Promise<void>) => {
      const timer = setInterval(() => {
        action().catch(this.#refusals.hear)
      }, milliseconds)
      timer.unref()
      this.#timers.push(timer)
    }
    every(1000 * LIFE_EVERY, () => this.#live())
    every(1000, () => this.#survey())
    every(this.#lease / LOOKS, () => this.#look())
    this.#refusals.open()
  }

  /**
   * More than work at once: those that wait are begun while the next is asked for. As many as a tenth of a second takes
   * up, at least a quarter of the places and at most all of them once more.
   */
  get size(): number {
    const waiting = Math.max(this.#slots / 4, Math.min(this.#slots, (this.#slots * AHEAD) / this.#duration))
    return Math.max(1, this.#slots + Math.ceil(waiting))
  }

  get running(): number {
    return this.#pieces.size
  }

  give(work: Work, listen: (message: unknown) => unknown): GivenWork {
    if (this.#closed) throw new UserError({ rule: 'The queue is closed.', received: work.name, next: 'Open it again.' })
    const id = `${this.#session}-${this.#count++}`
    const result = new Promise<unknown>((resolve, reject) => {
      this.#pieces.set(id, {
        id,
        listen,
        resolve,
        reject,
        worker: undefined,
        runs: work.runs ?? [],
        count: -1,
        missed: 0,
        stopped: false,
        over: false,
      })
    })
    this.#send(id, work).catch((error: unknown) => {
      this.#end(id, piece => {
        piece.reject(asRefusal(error, this.#options.address))
      })
    })
    return {
      result,
      stop: () => {
        void this.#stop(id)
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#refusals.close()
    const { patience = 60_000 } = this.#options
    const answers = await unlessCut(this.#redis, this.#haveSaved(patience))
    const why = answers ? `saved nothing within ${patience / 1000} seconds` : 'Redis does not answer'
    for (const id of [...this.#pieces.keys()]) {
      this.#tellGone(id)
      this.#end(id, piece => {
        piece.reject(lost('The queue was closed.', why))
      })
    }
    this.#timers.forEach(timer => {
      clearInterval(timer)
    })
    this.#reader.close()
    if (answers) await unlessCut(this.#redis, this.#leave().catch(() => undefined))
    giveUp(this.#redis)
  }

  /** Takes this coordinator's keys away. */
  async #leave(): Promise<void> {
    await this.#redis.del(KEYS.coordinator(this.#session), KEYS.toCoordinator(this.#session))
    await this.#queue.close()
  }

  /** Has the pieces at work saved and ended, as far as they do within some milliseconds. */
  async #haveSaved(patience: number): Promise<void> {
    for (const id of [...this.#pieces.keys()]) await this.#stop(id)
    const until = performance.now() + patience
    while (this.#pieces.size > 0 && performance.now() < until) await new Promise(resolve => setTimeout(resolve, 50))
  }

  async #send(id: string, work: Work): Promise<void> {
    const { root, version } = this.#options
    if (work.runs && work.runs.length > 0) await sendRuns(this.#redis, id, root, work.runs)
    const data: QueuedWork = { id, session: this.#session, work, version, rootId: rootIdOf(root), lease: this.#lease }
    await this.#queue.add(work.name, data, {
      jobId: id,
      removeOnComplete: { age: EXPIRY.files },
      removeOnFail: { age: EXPIRY.files },
    })
    if (this.#pieces.get(id)?.stopped) await this.#stop(id)
  }

  async #stop(id: string): Promise<void> {
    const piece = this.#pieces.get(id)
    if (!piece) return
    piece.stopped = true
    if (piece.worker !== undefined) {
      await post(this.#redis, KEYS.toWorker(piece.worker), { id, kind: 'stop' } satisfies ToWorker).catch(
        () => undefined,
      )
      return
    }
    // Nobody has it yet; where somebody takes it in this moment, its first message is answered by a stop.
    const removed = await this.#queue.remove(id).catch(() => 0)
    if (removed === 1)
      this.#end(id, one => {
        one.reject(lost('The work was not begun.', 'asked to stop while it waited'))
      })
  }

  #end(id: string, settle: (piece: Piece) => void): void {
    const piece = this.#pieces.get(id)
    if (!piece) return
    this.#pieces.delete(id)
    settle(piece)
  }

  #tellGone(id: string, worker = this.#pieces.get(id)?.worker): void {
    if (worker !== undefined)
      void post(this.#redis, KEYS.toWorker(worker), { id, kind: 'gone' } satisfies ToWorker).catch(() => undefined)
  }

  #hear(message: ToCoordinator): void {
    const { id, worker, count, said } = message
    const piece = this.#pieces.get(id)
    if (!piece || piece.over || (piece.worker !== undefined && piece.worker !== worker)) {
      // A late word of a worker that was given up, or a piece that was delivered twice.
      if (said.kind !== 'beat') this.#tellGone(id, worker)
      return
    }
    piece.missed = 0
    if (count <= piece.count) return
    piece.count = count
    if (piece.worker === undefined) {
      piece.worker = worker
      piece.begun = performance.now()
      if (piece.stopped) void this.#stop(id)
    }
    if (said.kind === 'tell') void this.#answer(piece, worker, said)
    else if (said.kind !== 'beat' && said.kind !== 'begin') void this.#finish(piece, said)
  }

  async #answer(piece: Piece, worker: string, { question, message }: Extract<Said, { kind: 'tell' }>): Promise<void> {
    const { id } = piece
    const { attributes } = (message ?? {}) as { readonly attributes?: { readonly runs?: readonly string[] } }
    if (attributes?.runs) piece.runs = attributes.runs
    try {
      const value = await piece.listen(message)
      await post(this.#redis, KEYS.toWorker(worker), { id, kind: 'answer', question, value } satisfies ToWorker)
    } catch (error) {
      this.#tellGone(id)
      this.#end(id, one => {
        one.reject(error)
      })
    }
  }

  async #finish(piece: Piece, message: Extract<Said, { runs: readonly string[] }>): Promise<void> {
    piece.over = true
    const took = performance.now() - (piece.begun ?? 0)
    if (piece.begun !== undefined)
      this.#duration = this.#duration === Infinity ? took : this.#duration + (took - this.#duration) / 8
    try {
      await this.#fetch(piece, message.runs)
    } catch (error) {
      this.#end(piece.id, one => {
        one.reject(error)
      })
      return
    }
    this.#end(piece.id, ({ resolve, reject }) => {
      if (message.kind === 'result') resolve(message.value)
      else if (message.kind === 'lost') reject(new WorkerLost(message.parts))
      else if (message.kind === 'refused') reject(new WorkRefused(message.parts))
      else reject(errorOf(message.failure))
    })
  }

  /** Puts the runs that came back in their places. */
  async #fetch({ id }: Piece, runs: readonly string[]): Promise<void> {
    if (runs.length === 0) return
    await fetchRuns(this.#redis, id, this.#options.root, runs)
    await forgetRuns(this.#redis, id)
  }

  async #lose(piece: Piece, reason: string): Promise<void> {
    piece.over = true
    this.#tellGone(piece.id)
    // What the worker sent on its way is not lost with it.
    await this.#fetch(piece, piece.runs).catch(() => undefined)
    this.#end(piece.id, one => {
      one.reject(lost('The worker is lost.', reason))
    })
  }

  async #live(): Promise<void> {
    await this.#redis.set(KEYS.coordinator(this.#session), this.#options.version, 'EX', EXPIRY.life)
  }

  async #survey(): Promise<void> {
    this.#slots = (await listWorkers(this.#redis))
      .filter(({ version }) => version === this.#options.version)
      .reduce((sum, { jobs }) => sum + jobs, 0)
  }

  async #look(): Promise<void> {
    if (!this.#answered || this.#redis.status !== 'ready') return
    this.#answered = false
    for (const piece of [...this.#pieces.values()].filter(({ over }) => !over)) {
      if (piece.worker === undefined) {
        const state = await this.#queue.getJobState(piece.id)
        if (state === 'waiting' || state === 'prioritized' || state === 'delayed') piece.missed = 0
        else if (++piece.missed > LOOKS)
          await this.#lose(
            piece,
            state === 'unknown'
              ? 'Redis has forgotten the work; does it keep an append-only file?'
              : 'took the work and was not heard of again',
          )
      } else if (++piece.missed > LOOKS)
        await this.#lose(piece, `gave no sign of life for ${this.#lease / 1000} seconds`)
    }
  }
}

const lost = (rule: string, received: string) => new WorkerLost({ rule, received, next: NEXT })
