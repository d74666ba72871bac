// The coordinator of a study: keeps workers busy with trials, hears what they report, and decides what goes on.
import { checkOptions, UserError, type UserErrorParts } from '@ddlf/tensor/errors'
import { WorkerLost, WorkRefused, type GivenWork, type Work, type Workers } from '../jobs/workers.ts'
import { DiskFull } from '../runs/disk-full.ts'
import { continuedBy, standing } from './continuation.ts'
import { SamplerExhausted } from './samplers/sampler.ts'
import type { Study } from './study.ts'
import { BudgetTally, type StudyBudget } from './budget.ts'
import { isFinished, type Trial } from './trial.ts'
import { FAILURE } from './waiting.ts'

/** What a trial's work says while it runs, and the answers. */
export type TrialMessage =
  /** Attributes to keep with the trial; among them what one step costs: `stepEpochs` (default 1) and `stepFlop`. */
  | { readonly kind: 'note'; readonly attributes: Readonly<Record<string, unknown>> }
  /** The value at a step, and attributes as they are by then. */
  | {
      readonly kind: 'report'
      readonly step: number
      readonly value: number
      readonly attributes?: Readonly<Record<string, unknown>>
      /** Whether no step follows it: the trial is whole then, and no pruner stops it. */
      readonly last?: boolean
    }

/**
 * `go`: take the next step; `prune`: stop, the trial is over; `pause`: save and stop, for the study may go on with it
 * later. Work that gets no answer (its coordinator has gone) pauses too.
 */
export type TrialAnswer = 'go' | 'prune' | 'pause'

/**
 * What the function of a trial returns: the value of each objective, that it stopped as it was asked to, or why it may
 * not go on with what an earlier attempt left, which the whole study is told of.
 */
export type TrialResult =
  | { readonly values: readonly number[] }
  | { readonly stopped: true }
  | { readonly refused: UserErrorParts }

/** What happens in a study, for those who show it. */
export type StudyEvent =
  | { readonly kind: 'begin'; readonly number: number; readonly attempt: number; readonly continues?: number }
  | { readonly kind: 'report'; readonly number: number; readonly step: number; readonly value: number }
  /** The worker of a trial is gone. */
  | {
      readonly kind: 'lost'
      readonly number: number
      readonly attempt: number
      readonly reason: string
      readonly again: boolean
    }
  | { readonly kind: 'end'; readonly number: number; readonly state: Trial['state']; readonly failure?: string }
  | { readonly kind: 'pause'; readonly number: number }

/** What {@link runStudy} needs. */
export interface RunStudyOptions {
  readonly study: Study
  readonly workers: Workers
  /** The work of a trial: the function's name, and data made of its parameters and of what was noted of it before. */
  readonly work: (trial: Trial) => Work
  readonly budget: StudyBudget
  /** How often a trial whose worker was lost is tried, the first time included; default 3. */
  readonly attempts?: number
  /** Aborted: no further trial begins, running ones save and pause. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: StudyEvent) => void
}

/** Why a study stopped. */
export interface StudyEnd {
  readonly reason: 'budget' | 'asked' | 'timeout' | 'exhausted'
  /** Trials that wait to be gone on with. */
  readonly paused: readonly number[]
}

/** So many failures and no success mean that the study itself is mistaken. */
const HOPELESS = 5

/** Milliseconds after which the number of workers is asked for again. */
const MOMENT = 1000

/** The attribute of a trial that says how often it was begun. */
const ATTEMPT = 'attempt'

/**
 * Runs trials until the budget of the study is spent, those of earlier calls included. What was running when an earlier
 * call ended is taken up first. The journal is written before anything else happens, so a stop at any instant loses
 * nothing and counts nothing twice.
 * @throws UserError where the first trials all fail, or the journal cannot be written; running trials are paused then
 */
export async function runStudy(options: RunStudyOptions): Promise<StudyEnd> {
  checkOptions('runStudy', options, ['study', 'workers', 'work', 'budget', 'attempts', 'signal', 'onEvent'])
  return new Coordinator(options).run()
}

class Coordinator {
  readonly #options: RunStudyOptions
  readonly #study: Study
  readonly #tally: BudgetTally
  readonly #underWay = new Map<number, GivenWork>()
  /** Steps that were allowed and not reported yet. */
  readonly #granted = new Set<number>()
  readonly #paused = new Set<number>()
  /** How often the worker of a trial was lost. */
  readonly #losses = new Map<number, number>()
  /** Set when the budget did not allow a step. */
  #spent = false
  #end: StudyEnd['reason'] | undefined
  #error: Error | undefined
  #wake: () => void = () => undefined
  #failures = 0

  constructor(options: RunStudyOptions) {
    this.#options = options
    this.#study = options.study
    this.#tally = new BudgetTally(options.study.trials)
  }

  async run(): Promise<StudyEnd> {
    const { signal, workers, budget } = this.#options
    const stop = () => {
      this.#stop('asked')
    }
    signal?.addEventListener('abort', stop)
    const until = performance.now() + 1000 * (budget.timeout ?? Infinity)
    // Those that an earlier call left, first.
    const left = this.#study.trials.filter(trial => trial.state === 'running').map(trial => trial.number)
    try {
      if (signal?.aborted) stop()
      // Workers elsewhere come and go.
      for (;;) {
        while (this.#end === undefined && this.#underWay.size < workers.size) {
          const next = left.shift() ?? this.#ask()
          if (next === undefined) break
          this.#begin(next)
        }
        if (this.#underWay.size === 0) break
        await this.#sleep(this.#end === undefined ? until : Infinity)
        if (performance.now() >= until) this.#stop('timeout')
      }
    } catch (error) {
      this.#fail(error)
      while (this.#underWay.size > 0) await this.#sleep()
    } finally {
      signal?.removeEventListener('abort', stop)
    }
    if (this.#error) throw this.#error
    return { reason: this.#end ?? 'budget', paused: [...this.#paused, ...left] }
  }

  /**
   * Until something happens, or a moment has passed in which the workers may have become more.
   * @param until no longer than to this time; a timer alone cannot wait for more than 24 days
   */
  async #sleep(until = Infinity): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    await new Promise<void>(resolve => {
      this.#wake = resolve
      timer = setTimeout(resolve, Math.max(0, Math.min(MOMENT, until - performance.now())))
    })
    clearTimeout(timer)
  }

  /**
   * The next trial: one that waits, one that goes on, or a new one; undefined where the budget or the sampler has no
   * more.
   */
  #ask(): number | undefined {
    const { budget } = this.#options
    if (this.#spent || !this.#affords(1)) return undefined
    for (const { number, userAttributes } of this.#study.failUnfit())
      this.#event({ kind: 'end', number, state: 'failed', failure: String(userAttributes[FAILURE]) })
    const isFull = this.#tally.spent.trials >= budget.trials
    const isWaiting = !isFull && this.#study.trials.some(({ state }) => state === 'waiting')
    const promoted = isWaiting ? undefined : this.#study.promotable()
    // Its worker may be saving still.
    if (promoted && !this.#underWay.has(promoted.number)) return this.#study.continueTrial(promoted.number).number
    if (isFull) return undefined
    try {
      return this.#study.ask().number
    } catch (error) {
      // A grid that is complete.
      if (!(error instanceof SamplerExhausted)) throw error
      this.#end = 'exhausted'
      return undefined
    }
  }

  /** Whether the budget allows one more step, after those that are allowed already. */
  #affords(more: number, trial?: Trial): boolean {
    const { budget } = this.#options
    const spent = this.#tally.spent
    const open = [...this.#granted].map(number => this.#study.trials[number]).filter(one => one !== undefined)
    const cost = (name: string, preset: number) => {
      const of = (one: Trial | undefined) => Number(one?.userAttributes[name] ?? preset)
      return open.reduce((sum, one) => sum + of(one), 0) + more * of(trial)
    }
    return (
      spent.epochs + cost('stepEpochs', 1) <= (budget.epochs ?? Infinity) &&
      spent.flop + cost('stepFlop', 0) <= (budget.flop ?? Infinity) &&
      spent.seconds < (budget.seconds ?? Infinity)
    )
  }

  #begin(number: number): void {
    const { workers, work } = this.#options
    const trial = this.#study.trials[number] as Trial
    const attempt = Number(trial.userAttributes[ATTEMPT] ?? 0) + 1
    this.#study.setUserAttribute(number, ATTEMPT, attempt)
    this.#granted.add(number)
    const continues = continuedBy(trial)
    this.#event({ kind: 'begin', number, attempt, ...(continues !== undefined && { continues }) })
    const given = workers.give(work(trial), message => this.#hear(number, message as TrialMessage))
    this.#underWay.set(number, given)
    void given.result
      .then(
        result => {
          this.#finish(number, result as TrialResult)
        },
        (error: unknown) => {
          this.#lose(number, attempt, error)
        },
      )
      .catch((error: unknown) => {
        this.#fail(error)
      })
      .finally(() => {
        if (this.#underWay.get(number) === given) {
          this.#underWay.delete(number)
          this.#granted.delete(number)
        }
        this.#wake()
      })
  }

  #hear(number: number, message: TrialMessage): TrialAnswer {
    if (this.#error !== undefined) return 'pause'
    try {
      return this.#answer(number, message)
    } catch (error) {
      // The journal takes no more: what is saved stays, and the study goes on when there is room.
      this.#fail(error)
      return 'pause'
    }
  }

  #answer(number: number, message: TrialMessage): TrialAnswer {
    const study = this.#study
    const trial = study.trials[number] as Trial
    if (isFinished(trial)) return 'prune'
    this.#granted.delete(number)
    for (const [name, value] of Object.entries(message.attributes ?? {})) study.setUserAttribute(number, name, value)
    if (message.kind === 'report') {
      study.report(number, message.step, message.value)
      this.#event({ kind: 'report', number, step: message.step, value: message.value })
      // Asked in any case, for pruners note what they see. A trial that took its last step is whole: it stays so.
      if (study.shouldPrune(number) && message.last !== true) {
        const { state } = study.tell(number, 'pruned')
        this.#count(undefined)
        this.#event({ kind: 'end', number, state })
        return 'prune'
      }
    }
    if (this.#end === 'asked' || this.#end === 'timeout') return 'pause'
    if (message.kind === 'report' && message.last) return 'go'
    if (!this.#affords(1, trial)) {
      this.#spent = true
      return 'pause'
    }
    this.#granted.add(number)
    return 'go'
  }

  #finish(number: number, result: TrialResult): void {
    if (isFinished(this.#study.trials[number] as Trial)) return
    if ('values' in result) {
      const { state } = this.#study.tell(number, result.values)
      this.#count(state === 'failed' ? 'values that are no numbers' : undefined)
      this.#event({ kind: 'end', number, state, ...(state === 'failed' && { failure: 'values that are no numbers' }) })
    } else if ('refused' in result) {
      // The trial keeps its state and its run: the study goes on with it when it may.
      this.#pause(number)
      throw new UserError(result.refused)
    } else this.#pause(number)
  }

  #pause(number: number): void {
    this.#paused.add(number)
    this.#event({ kind: 'pause', number })
  }

  #lose(number: number, attempt: number, error: unknown): void {
    const { attempts = 3 } = this.#options
    if (error instanceof WorkRefused) throw error
    const isOver = isFinished(this.#study.trials[number] as Trial)
    if (error instanceof DiskFull) {
      // No fault of the trial's: it goes on from its checkpoint when there is room, and so does the study.
      if (!isOver) this.#pause(number)
      throw error
    }
    if (this.#error !== undefined || isOver) return
    const message =
      error instanceof UserError
        ? (error.parts.received ?? error.parts.rule)
        : error instanceof Error
          ? error.message
          : String(error)
    if (error instanceof WorkerLost) {
      if (this.#end !== undefined) {
        this.#pause(number)
        return
      }
      const losses = (this.#losses.get(number) ?? 0) + 1
      this.#losses.set(number, losses)
      const again = losses < attempts
      this.#event({ kind: 'lost', number, attempt, reason: message, again })
      if (again) {
        // Taken up by whoever is free, with what is left of it.
        this.#begin(number)
        return
      }
    }
    const failure = error instanceof UserError ? `${error.parts.rule} ${error.parts.received ?? ''}`.trim() : message
    this.#study.setUserAttribute(number, FAILURE, failure)
    const { state } = this.#study.tell(number, 'failed')
    this.#event({ kind: 'end', number, state, failure })
    this.#count(failure, error)
  }

  /** Counts failures until something succeeds. @throws UserError where nothing ever did */
  #count(failure: string | undefined, error?: unknown): void {
    if (failure === undefined) this.#failures = -Infinity
    else if (standing(this.#study.trials).some(({ state }) => state === 'complete' || state === 'pruned'))
      this.#failures = -Infinity
    else if (++this.#failures >= HOPELESS) {
      throw new UserError(
        {
          rule: `The first ${HOPELESS} trials of the study all failed.`,
          received: failure,
          next:
            error instanceof UserError && error.parts.next
              ? error.parts.next
              : 'Mend the settings or the ranges, and run the command again.',
        },
        { cause: error },
      )
    }
  }

  #stop(reason: 'asked' | 'timeout'): void {
    if (this.#end !== undefined) return
    this.#end = reason
    for (const given of this.#underWay.values()) given.stop()
  }

  /** The study cannot go on: what runs is saved. */
  #fail(error: unknown): void {
    this.#error ??= error instanceof Error ? error : new Error(String(error))
    this.#end ??= 'asked'
    for (const given of this.#underWay.values()) given.stop()
  }

  #event(event: StudyEvent): void {
    this.#options.onEvent?.(event)
  }
}
