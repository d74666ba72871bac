// What the prefetching loader and its worker say to each other.
import type { UserErrorParts } from '@ddlf/tensor/errors'
import type { BatchOptions, ChunkMemory, ChunkPlan } from '../batches.ts'

/** The memory of one chunk. Its buffers travel between the threads; only one side holds them at a time. */
export interface Slot {
  readonly memory: ChunkMemory
  readonly indices: Int32Array<ArrayBuffer>
}

/** What a worker is started with. */
export interface WorkerSetup {
  readonly options: BatchOptions
  /** How many chunks may be prepared or in use at once. */
  readonly slots: number
}

/** To the worker: go on from a place in the order of batches (dropping what was prepared), or take back a slot. */
export type Request =
  | {
      readonly kind: 'start'
      readonly stream: number
      readonly epoch: number
      readonly step: number
      readonly slots: readonly Slot[]
    }
  | { readonly kind: 'return'; readonly stream: number; readonly slot: Slot }

/** From the worker: a chunk, or the end of preparing because of an error. */
export type Reply =
  | {
      readonly kind: 'chunk'
      readonly stream: number
      readonly epoch: number
      readonly plan: ChunkPlan
      readonly slot: Slot
    }
  | {
      readonly kind: 'error'
      readonly message: string
      readonly stack?: string | undefined
      readonly parts?: UserErrorParts
    }

/** The buffers of a slot, to be handed over with a message. */
export const buffersOf = ({ memory, indices }: Slot): ArrayBuffer[] => [
  ...Object.values(memory).map(data => data.buffer as ArrayBuffer),
  indices.buffer,
]
