// Who does work elsewhere: one interface, whether in a pool of processes here or on many machines behind a queue.
import { UserError } from '@ddlf/tensor/errors'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'

/** A piece of work: the name of a function that the workers know, and plain data for it. */
export interface Work {
  readonly name: string
  readonly data: unknown
  /** Runs that it goes on with, `<experiment>/<id>`: workers elsewhere get a copy of them first. */
  readonly runs?: readonly string[]
}

/** Where a worker finds what belongs to its own machine: addresses and paths never travel with the work. */
export interface WorkPlace {
  /** Address of the module, or of several, that export the experiments. */
  readonly experimentsModule: ExperimentModules
  /** The folder that holds all runs. */
  readonly root: string
  /** Threads of the native runtime. */
  readonly threads?: number
}

/** What a function gets beside the data of its work. */
export interface WorkContext {
  /** Says something to whoever gave the work and waits for the answer; both are plain data. */
  readonly tell: (message: unknown) => Promise<unknown>
  /** Aborted: save what there is and return. */
  readonly signal: AbortSignal
  readonly place: WorkPlace
}

/** Does a piece of work. What it throws reaches whoever gave it. */
export type WorkFunction = (data: never, context: WorkContext) => Promise<unknown>

/** A piece of work that was given away. */
export interface GivenWork {
  /**
   * What the function returned. Rejects with what it threw, or with {@link WorkerLost} where the worker died or fell
   * silent: then nothing more of this piece arrives, and it may be given again.
   */
  readonly result: Promise<unknown>
  /** Asks the function to save what there is and return. */
  stop(): void
}

/**
 * Takes work and has it done. A piece is given to one worker once: what happens after a worker was lost is decided by
 * whoever gave the work, who knows what is done already.
 */
export interface Workers {
  /** Pieces that are done at once; more wait in their order. */
  readonly size: number
  /** Pieces under way or waiting. */
  readonly running: number
  /** @param listen hears what the function tells; what it returns is the answer */
  give(work: Work, listen: (message: unknown) => unknown): GivenWork
  /** Asks all work to save and stop, waits for it, and ends what takes longer than the patience. */
  close(): Promise<void>
}

/** The worker of a piece of work is gone. */
export class WorkerLost extends UserError {}

/** The worker does not take work of this giver: they run different versions. It will not take the next piece either. */
export class WorkRefused extends UserError {}

/** The functions of a module of work, by name. */
export type WorkModule = { readonly work: Readonly<Record<string, WorkFunction>> }

/** The function of a name. @throws UserError where the workers have none of that name */
export function workFunction({ work }: WorkModule, name: string): WorkFunction {
  if (Object.hasOwn(work, name)) return work[name] as WorkFunction
  throw new UserError({
    rule: 'The worker does not know this kind of work.',
    received: name,
    next: `It knows ${Object.keys(work).join(', ')}. Do both ends run the same version?`,
  })
}
