// A study: asks a sampler for values, is told how they did, and writes every step to its journal.
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { OPERATION, type JournalRecord } from './journal-record.ts'
import { asJson } from './as-json.ts'
import { FrontTally } from './pareto.ts'
import type { Pruner } from './pruners/pruner.ts'
import { BEGAN, CONTINUES, firstNumber, standing } from './continuation.ts'
import type { StoredStudy, StoredTrial } from './replay.ts'
import { drawRandomly, randomSampler } from './samplers/random.ts'
import { SamplerExhausted, type Sampler, type SamplerQuestion, type Suggestion } from './samplers/sampler.ts'
import type { Choice } from './space/distribution.ts'
import { checkParams, type Params, type Space } from './space/space.ts'
import { lastStep, type Direction, type Trial } from './trial.ts'
import { TrialRecords } from './trial-records.ts'
import {
  checkGiven, completeParams, countBegun, FAILURE, FIXED_PARAMS, givenParams, trialOf, unfitWords,
} from './waiting.ts'

/** How a trial ended: the value of the objective (or of each), or that it was stopped early, or failed. */
export type Outcome = number | readonly number[] | 'pruned' | 'failed'

/** What an objective sees of its trial. */
export interface RunningTrial {
  readonly number: number
  readonly params: Params
  /** Notes a value at a step, for example the validation error of an epoch. */
  report(step: number, value: number): void
  /** Whether the pruner would stop the trial now; an objective that heeds it returns `'pruned'`. */
  shouldPrune(): boolean
}

const outcomeKind = kinds.either(
  kinds.number, kinds.listOf(kinds.number, 'numbers'), kinds.oneOf('pruned', 'failed'),
)

/** What is no outcome would stand in the journal as a record that nobody can read. */
const checkOutcome = (outcome: unknown): void => {
  checkArgument('tell', 'the outcome of a trial', outcome, outcomeKind, 'Return the value of the objective.')
}

/** What a study is made of. */
interface StudyParts {
  readonly stored: StoredStudy
  readonly write: (records: readonly JournalRecord[]) => void
  readonly worker: string
  readonly space: Space
  readonly sampler: Sampler
  readonly pruner: Pruner
  readonly seed: number
}

/** An open study; {@link createStudy} makes one. */
export class Study {
  private readonly parts: StudyParts
  private readonly tally: FrontTally
  private readonly records: TrialRecords

  constructor(parts: StudyParts) {
    this.parts = parts
    this.tally = new FrontTally(parts.stored.trials, parts.stored.directions)
    this.records = new TrialRecords(parts.worker)
  }

  get name(): string {
    return this.parts.stored.name
  }

  get space(): Space {
    return this.parts.space
  }

  get seed(): number {
    return this.parts.seed
  }

  get directions(): readonly Direction[] {
    return this.parts.stored.directions
  }

  /** All trials by number, as they stand now. */
  get trials(): readonly Trial[] {
    return this.parts.stored.trials
  }

  /** The best complete trial; undefined where there is none yet, or several objectives (see {@link front}). */
  get best(): Trial | undefined {
    return this.directions.length > 1 ? undefined : this.front[0]
  }

  /** The complete trials that no other one beats in every objective. */
  get front(): readonly Trial[] {
    return this.tally.front
  }

  /**
   * Begins a trial with the given values; without any the first trial that waits, or one with values of the sampler.
   * Trials asked for while others run have other values than those, as long as the space has any.
   * @throws SamplerExhausted where nothing is left to try; UserError where given values lie outside the space
   */
  ask(params?: Params): Trial {
    const { stored, write, space } = this.parts
    const waiting = params ? undefined : this.beginWaiting()
    if (waiting) return waiting
    const suggestion = params ? { params } : this.suggest()
    checkParams(space, suggestion.params)
    const { params: values, systemAttributes = {} } = suggestion
    const number = stored.trials.length
    write([this.records.begins(stored.id, { params: values, distributions: space, systemAttributes })])
    return stored.trials[number] as StoredTrial
  }

  /**
   * Adds a trial that waits: it is run before any that the sampler proposes, with these values; what is not given, the
   * sampler proposes.
   * @param options `skipIfExists`: adds none where one was given these values before, or has had them; default false
   * @returns the trial; undefined where there was one
   * @throws UserError where a value lies outside its range, or the space has no such parameter
   */
  enqueue(params: Params, options: { readonly skipIfExists?: boolean } = {}): Trial | undefined {
    const { skipIfExists = false } = checkOptions('enqueue', options, { skipIfExists: kinds.flag })
    const { stored, write, space } = this.parts
    checkArgument('enqueue', 'the values of a trial', params, kinds.dictionary())
    checkGiven(space, params)
    if (skipIfExists && trialOf(stored.trials, params)) return undefined
    const number = stored.trials.length
    write([this.records.waits(stored.id, { [FIXED_PARAMS]: params })])
    return stored.trials[number]
  }

  /**
   * Ends the waiting trials whose given values lie outside their ranges as failed, saying why.
   * @returns those
   */
  failUnfit(): readonly Trial[] {
    const { records } = this
    const { stored, write, space } = this.parts
    return stored.trials.filter(trial => {
      const failure = trial.state === 'waiting' ? unfitWords(space, givenParams(trial)) : undefined
      if (failure === undefined) return false
      const { id } = trial
      write([records.enters(id, 'running'), records.noted(id, FAILURE, failure), records.enters(id, 'failed')])
      return true
    })
  }

  /** Begins the first trial that waits; undefined where none does. */
  private beginWaiting(): Trial | undefined {
    const { stored, write, space, sampler } = this.parts
    this.failUnfit()
    const trial = stored.trials.find(({ state }) => state === 'waiting')
    if (!trial) return undefined
    const question = this.question(trial.number)
    const params = completeParams(
      space,
      givenParams(trial),
      () => sampler.suggest(question)?.params,
      name => drawRandomly(question, space, [name])[name] as Choice,
    )
    const missing = Object.entries(params).filter(([name]) => !Object.hasOwn(trial.params, name))
    // Runs only when it has all of its values, wherever a writer dies.
    write([
      ...this.records.parameters(trial.id, Object.fromEntries(missing), space),
      this.records.enters(trial.id, 'running'),
    ])
    return trial
  }

  /**
   * Goes on with a trial that was stopped early: a new trial of the same values, which keeps what that one reported and
   * what samplers and pruners noted of it, and stands in for it from now on.
   * @throws UserError where the trial was not stopped early, or goes on already
   */
  continueTrial(number: number): Trial {
    const { stored, write } = this.parts
    const before = stored.trials[number]
    if (before?.state !== 'pruned' || standing(stored.trials).every(trial => trial.number !== number)) {
      throw new UserError({
        rule: 'A trial that was stopped early can go on, once.',
        received: `trial ${number}: ${before?.state === 'pruned' ? 'it goes on already' : (before?.state ?? 'none')}`,
        next: 'Give the number of a pruned trial.',
      })
    }
    const next = stored.trials.length
    const systemAttributes = { ...before.systemAttributes, [CONTINUES]: number, [BEGAN]: firstNumber(before) }
    write([this.records.begins(stored.id, { ...before, systemAttributes })])
    return stored.trials[next] as StoredTrial
  }

  private question(number: number): SamplerQuestion {
    const { stored, space, seed } = this.parts
    const trials = standing(stored.trials).filter(({ state }) => state !== 'waiting')
    return { space, directions: stored.directions, trials, number, seed }
  }

  private suggest(): Suggestion {
    const { stored, sampler, seed } = this.parts
    const question = this.question(stored.trials.length)
    const suggestion = sampler.suggest(question)
    if (!suggestion) {
      throw new SamplerExhausted({
        rule: `The ${sampler.name} sampler has nothing left to try.`,
        received: `${stored.trials.length} trials`,
        next: 'The study is complete; take another sampler to go on.',
      })
    }
    const running = new Set(
      stored.trials.filter(trial => trial.state === 'running').map(trial => JSON.stringify(sorted(trial.params))),
    )
    const isTaken = (params: Params) => running.has(JSON.stringify(sorted(params)))
    for (let attempt = 1; isTaken(suggestion.params) && attempt <= 20; attempt++) {
      const drawn = randomSampler().suggest({ ...question, seed: seed + attempt * 1_000_003 })
      if (drawn && !isTaken(drawn.params)) return drawn
    }
    return suggestion
  }

  /**
   * Notes an intermediate value. A step that was reported before keeps its first value.
   * @throws UserError where the trial does not run, the step is no whole number, or the value is no number
   */
  report(number: number, step: number, value: number): void {
    const trial = this.running(number)
    checkArgument('report', 'a step', step, kinds.whole(), 'Report epochs or steps.')
    checkArgument('report', 'the value of a step', value, kinds.number)
    if (trial.intermediateValues.has(step)) return
    this.parts.write([this.records.step(trial.id, step, value)])
  }

  /** Whether the pruner would stop the trial now; never with several objectives. */
  shouldPrune(number: number): boolean {
    const { pruner, stored, write } = this.parts
    const trial = this.running(number)
    const [direction] = stored.directions
    if (stored.directions.length !== 1 || direction === undefined) return false
    const trials = standing(stored.trials)
    const { prune, systemAttributes } = pruner.decide({ trial, trials, direction, study: stored.name })
    const records = this.records.system(trial.id, systemAttributes)
    if (records.length > 0) write(records)
    return prune
  }

  /** The pruned trial that the pruner would let go on now; undefined where there is none. */
  promotable(): Trial | undefined {
    const { pruner, stored } = this.parts
    const [direction] = stored.directions
    if (stored.directions.length !== 1 || direction === undefined) return undefined
    const number = pruner.promote?.({ trials: standing(stored.trials), direction, study: stored.name })
    return number === undefined ? undefined : stored.trials[number]
  }

  /**
   * Ends a trial. A value that is not a number makes it a failed trial, not a failed study; a pruned trial keeps its
   * last intermediate value.
   * @throws UserError where the trial does not run, or the outcome is none, or has other than one number an objective
   */
  tell(number: number, outcome: Outcome): Trial {
    const { stored, write } = this.parts
    const trial = this.running(number)
    checkOutcome(outcome)
    const end = (state: 'complete' | 'pruned' | 'failed', values: readonly number[] | null) => {
      write([this.records.enters(trial.id, state, values)])
      return trial
    }
    if (outcome === 'failed') return end('failed', null)
    if (outcome === 'pruned') {
      const last = trial.intermediateValues.get(lastStep(trial) ?? NaN) ?? NaN
      return end('pruned', Number.isNaN(last) || stored.directions.length > 1 ? null : [last])
    }
    const values = typeof outcome === 'number' ? [outcome] : outcome
    if (values.length !== stored.directions.length) {
      throw new UserError({
        rule: 'A trial has one value for each objective.',
        received: `${values.length} values`,
        next: `Tell ${stored.directions.length}.`,
      })
    }
    return values.some(Number.isNaN) ? end('failed', null) : end('complete', values)
  }

  /** Notes something about a running trial: JSON under a name. */
  setUserAttribute(number: number, name: string, value: unknown): void {
    const trial = this.running(number)
    this.parts.write([this.records.noted(trial.id, name, value)])
  }

  /** Notes something about the study: JSON under a name. */
  setStudyAttribute(name: string, value: unknown): void {
    const { worker, stored, write } = this.parts
    const user_attr = { [name]: asJson(value) }
    write([{ op_code: OPERATION.setStudyUserAttribute, worker_id: worker, study_id: stored.id, user_attr }])
  }

  /** What was noted about the study. */
  get attributes(): Readonly<Record<string, unknown>> {
    return this.parts.stored.userAttributes
  }

  /**
   * Ends all running trials as failed: for a coordinator that starts again and knows that nobody works on them.
   * @returns their numbers
   */
  failRunning(): number[] {
    const numbers = this.trials.filter(trial => trial.state === 'running').map(trial => trial.number)
    for (const number of numbers) this.tell(number, 'failed')
    return numbers
  }

  /**
   * Runs trials one after another until so many were begun in all, those of before included. An error of the
   * objective, or an outcome that is none, ends its trial as failed and is thrown.
   */
  async optimize(
    objective: (trial: RunningTrial) => Outcome | Promise<Outcome>,
    options: { trials: number },
  ): Promise<void> {
    const { trials } = checkOptions('optimize', options, { trials: kinds.needed(kinds.whole(0)) })
    for (;;) {
      this.failUnfit()
      if (countBegun(this.trials) >= trials) return
      const { number, params } = this.ask()
      const trial: RunningTrial = {
        number,
        params,
        report: (step, value) => {
          this.report(number, step, value)
        },
        shouldPrune: () => this.shouldPrune(number),
      }
      let outcome: Outcome
      try {
        outcome = await objective(trial)
        checkOutcome(outcome)
      } catch (error) {
        this.tell(number, 'failed')
        throw error
      }
      this.tell(number, outcome)
    }
  }

  private running(number: number): StoredTrial {
    const trial = this.parts.stored.trials[number]
    if (trial?.state === 'running') return trial
    throw new UserError({
      rule: 'Only a running trial can be changed.',
      received: trial
        ? `trial ${number}, which is ${trial.state}`
        : `trial ${number}; the study has ${this.trials.length}`,
      next: 'Ask for a new trial.',
    })
  }
}

/** The entries by name, so that the order of drawing does not tell equal points apart. */
const sorted = (params: Params): [string, Choice][] => Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
