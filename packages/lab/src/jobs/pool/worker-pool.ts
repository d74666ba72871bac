// A pool of processes on this machine that do one piece of work after another. One that dies or hangs is replaced.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { errorOf } from '../../train/events.ts'
import { describeDeath, startChild, type Child } from '../process/child.ts'
import { WorkerLost, type GivenWork, type Work, type WorkPlace, type Workers } from '../workers.ts'
import type { FromPoolChild, ToPoolChild } from './pool-messages.ts'

/** Settings of {@link workerPool}. */
export interface WorkerPoolOptions {
  /** Processes at once. */
  readonly size: number
  /** Address of the module whose `work` export holds the functions. */
  readonly module: string
  readonly place: WorkPlace
  /** Milliseconds of silence after which a process counts as hung, and is killed; default a minute. */
  readonly lease?: number
  /** Milliseconds that work gets to save when the pool closes; default a minute. */
  readonly patience?: number
  /** Megabytes of JavaScript objects that a process may hold; default Node's own limit. */
  readonly heap?: number
}

/** Looks within a lease: a process that has missed all of them is hung. */
const LOOKS = 4
/** Milliseconds that a process gets to load its module. */
const STARTING = 300_000
const NEXT = 'What it did up to its last checkpoint is kept. Where memory ran out, run fewer at once, or smaller ones.'

/** A piece of work with what waits for it. */
interface Piece {
  readonly id: number
  readonly work: Work
  readonly listen: (message: unknown) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  stopped: boolean
  process?: PoolProcess
}

/** One process, and what it is doing. */
class PoolProcess {
  readonly child: Child
  piece: Piece | undefined
  ready = false
  /** Looks in which nothing was heard. Counting looks, not time: a machine that slept has not been silent. */
  missed = 0
  /** Set when the pool had to kill it: why. */
  killed: string | undefined

  constructor(options: WorkerPoolOptions, heard: (message: FromPoolChild, from: PoolProcess) => void, beat: number) {
    const { module, place, heap } = options
    const receive = (message: unknown) => {
      this.missed = 0
      heard(message as FromPoolChild, this)
    }
    this.child = startChild(new URL('./pool-child.ts', import.meta.url), receive, heap === undefined ? {} : { heap })
    this.send({ kind: 'open', module, place, beat })
  }

  send(message: ToPoolChild): void {
    this.child.send(message)
  }

  kill(reason: string): void {
    this.killed ??= reason
    this.child.kill()
  }
}

/** Opens a pool; its processes start with the first work. */
export function workerPool(options: WorkerPoolOptions): Workers {
  checkOptions('workerPool', options, ['size', 'module', 'place', 'lease', 'patience', 'heap'])
  const { size } = options
  if (!(Number.isSafeInteger(size) && size >= 1)) {
    throw new UserError({
      rule: 'A pool has at least one process.',
      received: String(size),
      next: 'Give size: 1 or more.',
    })
  }
  return new WorkerPool(options)
}

class WorkerPool implements Workers {
  readonly size: number
  readonly #options: WorkerPoolOptions
  readonly #lease: number
  readonly #patience: number
  readonly #processes = new Set<PoolProcess>()
  readonly #waiting: Piece[] = []
  readonly #timer: NodeJS.Timeout
  #count = 0
  #closed = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.size = options.size
    this.#lease = options.lease ?? 60_000
    this.#patience = options.patience ?? 60_000
    this.#timer = setInterval(() => {
      this.#look()
    }, this.#lease / LOOKS)
    this.#timer.unref()
  }

  get running(): number {
    return this.#waiting.length + this.#busy().length
  }

  give(work: Work, listen: (message: unknown) => unknown): GivenWork {
    if (this.#closed)
      throw new UserError({ rule: 'The pool is closed.', received: work.name, next: 'Open another one.' })
    let piece: Piece | undefined
    const result = new Promise<unknown>((resolve, reject) => {
      piece = { id: this.#count++, work, listen, resolve, reject, stopped: false }
      this.#waiting.push(piece)
    })
    this.#fill()
    return {
      result,
      stop: () => {
        if (piece) this.#stop(piece)
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const piece of this.#waiting.splice(0))
      piece.reject(lost('The work was not begun: the pool closed.', 'waiting'))
    const busy = this.#busy()
    busy.forEach(({ piece }) => {
      if (piece) this.#stop(piece)
    })
    this.#processes.forEach(one => {
      if (!one.piece) one.kill('closed')
    })
    const reason = `saved nothing within ${this.#patience / 1000} seconds of being asked to stop, and was killed`
    const timer = setTimeout(() => {
      busy.forEach(one => {
        one.kill(reason)
      })
    }, this.#patience)
    await Promise.all([...this.#processes].map(({ child }) => child.ended))
    clearTimeout(timer)
    clearInterval(this.#timer)
  }

  #busy(): PoolProcess[] {
    return [...this.#processes].filter(({ piece }) => piece)
  }

  #stop(piece: Piece): void {
    if (piece.stopped) return
    piece.stopped = true
    piece.process?.send({ kind: 'stop', id: piece.id })
  }

  /** Gives waiting work to idle processes, and starts those that are lacking. */
  #fill(): void {
    for (const one of this.#processes) if (!one.piece && !one.killed) this.#next(one)
    while (this.#waiting.length > 0 && this.#processes.size < this.size) this.#next(this.#start())
  }

  #next(one: PoolProcess): void {
    const piece = this.#waiting.shift()
    if (!piece) return
    one.piece = piece
    piece.process = one
    one.send({ kind: 'work', id: piece.id, work: piece.work })
    if (piece.stopped) one.send({ kind: 'stop', id: piece.id })
  }

  #start(): PoolProcess {
    const one = new PoolProcess(
      this.#options,
      (message, from) => {
        this.#hear(message, from)
      },
      this.#lease / LOOKS,
    )
    this.#processes.add(one)
    const starting = setTimeout(() => {
      if (!one.ready) one.kill(`was not ready within ${STARTING / 1000} seconds`)
    }, STARTING)
    void one.child.ended.then(death => {
      clearTimeout(starting)
      this.#processes.delete(one)
      const { piece } = one
      one.piece = undefined
      const { parts } = describeDeath(death, { what: 'work', next: NEXT })
      piece?.reject(lost(parts.rule, one.killed ?? parts.received ?? 'no reason'))
      if (!this.#closed) this.#fill()
    })
    return one
  }

  #hear(message: FromPoolChild, from: PoolProcess): void {
    if (message.kind === 'ready') from.ready = true
    if (message.kind === 'ready' || message.kind === 'beat') return
    const { piece } = from
    // Of a piece that is over, or of a process that was given up.
    if (piece?.id !== message.id || from.killed) return
    if (message.kind === 'tell') {
      void this.#answer(piece, from, message)
      return
    }
    from.piece = undefined
    if (message.kind === 'result') piece.resolve(message.value)
    else piece.reject(errorOf(message.failure))
    if (this.#closed) from.kill('closed')
    else this.#fill()
  }

  async #answer(
    piece: Piece,
    from: PoolProcess,
    { id, question, message }: Extract<FromPoolChild, { kind: 'tell' }>,
  ): Promise<void> {
    try {
      from.send({ kind: 'answer', id, question, value: await piece.listen(message) })
    } catch (error) {
      // Whoever listens cannot go on: the work ends with that error.
      if (from.piece === piece) from.piece = undefined
      piece.reject(error)
      from.kill('nobody listens')
    }
  }

  #look(): void {
    for (const one of this.#processes) {
      if (!one.ready || one.killed || ++one.missed <= LOOKS) continue
      one.kill(`gave no sign of life for ${this.#lease / 1000} seconds, and was killed`)
    }
  }
}

const lost = (rule: string, received: string) => new WorkerLost({ rule, received, next: NEXT })
