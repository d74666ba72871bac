// What a pool and its processes say to each other.
import type { FailedEvent } from '../../train/events.ts'
import type { Work, WorkPlace } from '../workers.ts'

export type ToPoolChild =
  | { readonly kind: 'open'; readonly module: string; readonly place: WorkPlace; readonly beat: number }
  | { readonly kind: 'work'; readonly id: number; readonly work: Work }
  | { readonly kind: 'answer'; readonly id: number; readonly question: number; readonly value: unknown }
  | { readonly kind: 'stop'; readonly id: number }

export type FromPoolChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'beat' }
  | { readonly kind: 'tell'; readonly id: number; readonly question: number; readonly message: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: FailedEvent }
