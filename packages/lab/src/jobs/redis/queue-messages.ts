// What coordinators and workers say to each other through Redis, and the names of the keys.
import type { UserErrorParts } from '@ddlf/tensor/errors'
import type { FailedEvent } from '../../train/events.ts'
import type { Work } from '../workers.ts'

/** The queue, and the prefix of BullMQ's keys. */
export const QUEUE = { name: 'work', prefix: 'ddlf-queue' } as const

/** Keys beside BullMQ's. Streams hold messages until they are read, across cuts and restarts. */
export const KEYS = {
  /** Messages to a coordinator. */
  toCoordinator: (session: string) => `ddlf:coordinator:${session}:inbox`,
  /** Says that a coordinator lives. */
  coordinator: (session: string) => `ddlf:coordinator:${session}`,
  /** Messages to a worker. */
  toWorker: (worker: string) => `ddlf:worker:${worker}:inbox`,
  /** Says that a worker lives, and what it does. */
  worker: (worker: string) => `ddlf:worker:${worker}`,
  workers: 'ddlf:workers',
  /** What was last sent whole of the runs of a piece of work: the names, sizes and checksums of their files. */
  sent: (id: string) => `ddlf:sent:${id}`,
  /** Their files on their way, under a name of each sending's own. */
  files: (id: string, sending: string) => `ddlf:files:${id}:${sending}`,
} as const

/** Seconds after which what nobody fetched may be gone, and signs of life count no more. */
export const EXPIRY = { inbox: 86_400, files: 3600, life: 60 } as const
/** Seconds between two signs of life. */
export const LIFE_EVERY = 15

/** A piece of work in the queue. */
export interface QueuedWork {
  readonly id: string
  readonly session: string
  readonly work: Work
  /** What both ends must run: see `provenance`. */
  readonly version: string
  /** Where the coordinator's runs lie: a worker there sends no files. */
  readonly rootId: string
  /** Milliseconds of silence after which the worker counts as lost. */
  readonly lease: number
}

/** What a worker says of a piece of work. Its first word, whatever it is, says that it has begun. */
export type Said =
  /** Nothing else was to be said in the first moment. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'beat' }
  | { readonly kind: 'tell'; readonly question: number; readonly message: unknown }
  | { readonly kind: 'result'; readonly value: unknown; readonly runs: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: FailedEvent; readonly runs: readonly string[] }
  | { readonly kind: 'lost'; readonly parts: UserErrorParts; readonly runs: readonly string[] }
  | { readonly kind: 'refused'; readonly parts: UserErrorParts; readonly runs: readonly string[] }

/** To a coordinator. `count` numbers what a worker says of a piece, so that what is sent twice is read once. */
export interface ToCoordinator {
  readonly id: string
  readonly worker: string
  readonly count: number
  readonly said: Said
}

/** To a worker. */
export type ToWorker =
  | { readonly id: string; readonly kind: 'answer'; readonly question: number; readonly value: unknown }
  | { readonly id: string; readonly kind: 'stop' }
  /** Nobody waits for this piece any more. */
  | { readonly id: string; readonly kind: 'gone' }

/** A worker as `ddlf queue` lists it. */
export interface WorkerState {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly jobs: number
  readonly version: string
  readonly since: string
  /** What it does now: the names of the work and when each began. */
  readonly doing: readonly { readonly id: string; readonly name: string; readonly since: string }[]
}
