// A study: asks a sampler for values, is told how they did, and writes every step to its journal.
import { checkArgument, checkOptions, kinds, UserError } from '@ddlf/tensor/errors'
import { OPERATION, type JournalRecord } from './journal-record.ts'
import { asJson } from './as-json.ts'
import { checkContinued, SPACE } from './check-continued.ts'
import { memoryJournal, type Journal } from './journal.ts'
import { paretoFront, smallestLoss } from './pareto.ts'
import { noPruner, type Pruner } from './pruners/pruner.ts'
import { BEGAN, CONTINUES, firstNumber, standing } from './continuation.ts'
import { directionCode, JournalReplay, stateCode, type StoredStudy, type StoredTrial } from './replay.ts'
import { randomSampler } from './samplers/random.ts'
import type { Sampler, Suggestion } from './samplers/sampler.ts'
import { tpeSampler } from './samplers/tpe.ts'
import { toInternal, type Choice, type Distribution } from './space/distribution.ts'
import { distributionToOptuna } from './space/optuna-distribution.ts'
import { checkParams, searchSpace, type Params, type Space } from './space/space.ts'
import { directionKind, type Direction, type Trial } from './trial.ts'

/** What {@link createStudy} needs. */
export interface StudyOptions {
  readonly name: string
  readonly space: Space
  /** Default `minimize`. */
  readonly direction?: Direction
  /** Several objectives; instead of `direction`. */
  readonly directions?: readonly Direction[]
  /** Default {@link tpeSampler}. */
  readonly sampler?: Sampler
  /** Default: no trial is stopped early. */
  readonly pruner?: Pruner
  /** Where the study is kept. Default: in memory. With records of this study already there, it goes on. */
  readonly journal?: Journal
  /** The same seed and the same outcomes give the same suggestions. Default: the study's, for a new one 0. */
  readonly seed?: number
}

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

const SEED = 'ddlf:seed'
const KINDS = {
  name: kinds.needed(kinds.text), space: kinds.needed(kinds.dictionary()), direction: directionKind,
  directions: kinds.listOf(directionKind, directionKind.is), seed: kinds.whole(),
  sampler: kinds.withMethods('a sampler, such as tpeSampler()', 'suggest'),
  pruner: kinds.withMethods('a pruner, such as medianPruner()', 'decide'),
  journal: kinds.withMethods('a journal, such as memoryJournal()', 'read', 'append'),
}
const outcomeKind = kinds.either(
  kinds.number, kinds.listOf(kinds.number, 'numbers'), kinds.oneOf('pruned', 'failed'),
)

/** What is no outcome would stand in the journal as a record that nobody can read. */
const checkOutcome = (outcome: unknown): void => {
  checkArgument('tell', 'the outcome of a trial', outcome, outcomeKind, 'Return the value of the objective.')
}

/** The time as Python's isoformat writes it in UTC. */
const now = () => new Date().toISOString().replace('Z', '000+00:00')

/**
 * Opens a study: a new one, or the one of this name in the journal, which goes on.
 * @throws UserError where the journal's study has another space or other directions
 */
export function createStudy(options: StudyOptions): Study {
  const {
    name,
    space,
    journal = memoryJournal(),
    seed,
    sampler = tpeSampler(),
    pruner = noPruner(),
  } = checkOptions('createStudy', options, KINDS)
  const directions = options.directions ?? [options.direction ?? 'minimize']
  if (directions.length === 0 || (options.directions && options.direction)) {
    throw new UserError({
      rule: 'A study has one direction, or a list of directions.',
      received: options.direction ? 'both' : 'an empty list',
      next: "Give direction: 'minimize', or directions for several objectives.",
    })
  }
  const checked = searchSpace(space)
  const replay = new JournalReplay()
  for (const record of journal.read()) replay.apply(record)
  const worker = `${crypto.randomUUID()}-ddlf`
  const write = (records: readonly JournalRecord[]) => {
    // Durable first: what fails to be written has not happened.
    journal.append(records)
    for (const record of records) replay.apply(record)
  }
  const existing = replay.find(name)
  if (existing) checkContinued(existing, checked, options, journal.place)
  else {
    const study_id = replay.nextStudyId
    write([
      {
        op_code: OPERATION.createStudy,
        worker_id: worker,
        study_name: name,
        directions: directions.map(directionCode),
      },
      { op_code: OPERATION.setStudySystemAttribute, worker_id: worker, study_id, system_attr: { [SPACE]: checked } },
      { op_code: OPERATION.setStudySystemAttribute, worker_id: worker, study_id, system_attr: { [SEED]: seed ?? 0 } },
    ])
  }
  const stored = replay.find(name) as StoredStudy
  const kept = stored.systemAttributes[SEED]
  return new Study({
    stored,
    replay,
    write,
    worker,
    space: checked,
    sampler,
    pruner,
    seed: seed ?? (typeof kept === 'number' ? kept : 0),
  })
}

interface StudyParts {
  readonly stored: StoredStudy
  readonly replay: JournalReplay
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

  constructor(parts: StudyParts) {
    this.parts = parts
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
    return this.directions.length > 1 ? undefined : smallestLoss(this.trials, this.directions)
  }

  /** The complete trials that no other one beats in every objective. */
  get front(): readonly Trial[] {
    return paretoFront(this.trials, this.directions)
  }

  /**
   * Begins a trial with values of the sampler, or with the given ones. Trials asked for while others run have other
   * values than those, as long as the space has any.
   * @throws UserError where nothing is left to try, or given values lie outside the space
   */
  ask(params?: Params): Trial {
    const { stored, replay, write, worker, space } = this.parts
    const suggestion = params ? { params } : this.suggest()
    checkParams(space, suggestion.params)
    const trial_id = replay.nextTrialId
    const number = stored.trials.length
    write([
      { op_code: OPERATION.createTrial, worker_id: worker, study_id: stored.id, datetime_start: now() },
      ...this.parameters(trial_id, suggestion.params, space),
      ...this.noted(trial_id, suggestion.systemAttributes),
    ])
    return stored.trials[number] as StoredTrial
  }

  /**
   * Goes on with a trial that was stopped early: a new trial of the same values, which keeps what that one reported and
   * what samplers and pruners noted of it, and stands in for it from now on.
   * @throws UserError where the trial was not stopped early, or goes on already
   */
  continueTrial(number: number): Trial {
    const { stored, replay, write, worker } = this.parts
    const before = stored.trials[number]
    if (before?.state !== 'pruned' || standing(stored.trials).every(trial => trial.number !== number)) {
      throw new UserError({
        rule: 'A trial that was stopped early can go on, once.',
        received: `trial ${number}: ${before?.state === 'pruned' ? 'it goes on already' : (before?.state ?? 'none')}`,
        next: 'Give the number of a pruned trial.',
      })
    }
    const trial_id = replay.nextTrialId
    const next = stored.trials.length
    write([
      { op_code: OPERATION.createTrial, worker_id: worker, study_id: stored.id, datetime_start: now() },
      ...this.parameters(trial_id, before.params, before.distributions),
      ...[...before.intermediateValues].map(([step, intermediate_value]): JournalRecord => ({
        op_code: OPERATION.setTrialIntermediateValue,
        worker_id: worker,
        trial_id,
        step,
        intermediate_value,
      })),
      ...Object.entries(before.userAttributes).map(([name, value]): JournalRecord => ({
        op_code: OPERATION.setTrialUserAttribute,
        worker_id: worker,
        trial_id,
        user_attr: { [name]: value },
      })),
      ...this.noted(trial_id, { ...before.systemAttributes, [CONTINUES]: number, [BEGAN]: firstNumber(before) }),
    ])
    return stored.trials[next] as StoredTrial
  }

  private parameters(
    trial_id: number,
    params: Params,
    distributions: Readonly<Record<string, Distribution>>,
  ): JournalRecord[] {
    return Object.entries(params).map(([param_name, value]) => {
      const distribution = distributions[param_name] as Distribution
      return {
        op_code: OPERATION.setTrialParam,
        worker_id: this.parts.worker,
        trial_id,
        param_name,
        param_value_internal: toInternal(distribution, value),
        distribution: distributionToOptuna(distribution),
      }
    })
  }

  private suggest(): Suggestion {
    const { stored, space, sampler, seed } = this.parts
    const trials = standing(stored.trials)
    const question = { space, directions: stored.directions, trials, number: stored.trials.length, seed }
    const suggestion = sampler.suggest(question)
    if (!suggestion) {
      throw new UserError({
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
    this.parts.write([
      {
        op_code: OPERATION.setTrialIntermediateValue,
        worker_id: this.parts.worker,
        trial_id: trial.id,
        step,
        intermediate_value: value,
      },
    ])
  }

  /** Whether the pruner would stop the trial now; never with several objectives. */
  shouldPrune(number: number): boolean {
    const { pruner, stored, write } = this.parts
    const trial = this.running(number)
    const [direction] = stored.directions
    if (stored.directions.length !== 1 || direction === undefined) return false
    const trials = standing(stored.trials)
    const { prune, systemAttributes } = pruner.decide({ trial, trials, direction, study: stored.name })
    const records = this.noted(trial.id, systemAttributes)
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
    const { stored, worker, write } = this.parts
    const trial = this.running(number)
    checkOutcome(outcome)
    const end = (state: 'complete' | 'pruned' | 'failed', values: readonly number[] | null) => {
      write([
        {
          op_code: OPERATION.setTrialStateValues,
          worker_id: worker,
          trial_id: trial.id,
          state: stateCode(state),
          values: values && [...values],
          datetime_complete: now(),
        },
      ])
      return trial
    }
    if (outcome === 'failed') return end('failed', null)
    if (outcome === 'pruned') {
      const steps = [...trial.intermediateValues.keys()]
      const last = steps.length === 0 ? NaN : (trial.intermediateValues.get(Math.max(...steps)) ?? NaN)
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
    this.parts.write([
      {
        op_code: OPERATION.setTrialUserAttribute,
        worker_id: this.parts.worker,
        trial_id: trial.id,
        user_attr: { [name]: asJson(value) },
      },
    ])
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
   * Runs trials one after another until the study has `trials` in all, those of before included. An error of the
   * objective, or an outcome that is none, ends its trial as failed and is thrown.
   */
  async optimize(
    objective: (trial: RunningTrial) => Outcome | Promise<Outcome>,
    options: { trials: number },
  ): Promise<void> {
    const { trials } = checkOptions('optimize', options, { trials: kinds.needed(kinds.whole(0)) })
    while (this.trials.length < trials) {
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

  private noted(trial_id: number, attributes: Readonly<Record<string, unknown>> | undefined): JournalRecord[] {
    return Object.entries(attributes ?? {}).map(([name, value]) => ({
      op_code: OPERATION.setTrialSystemAttribute,
      worker_id: this.parts.worker,
      trial_id,
      system_attr: { [name]: value },
    }))
  }
}

/** The entries by name, so that the order of drawing does not tell equal points apart. */
const sorted = (params: Params): [string, Choice][] => Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))
