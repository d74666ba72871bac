// The state of a study, rebuilt from the records of a journal.
import { UserError } from '@ddlf/tensor/errors'
import { OPERATION, type JournalRecord } from './journal-record.ts'
import { fromInternal, type Choice, type Distribution } from './space/distribution.ts'
import { distributionFromOptuna } from './space/optuna-distribution.ts'
import type { Direction, Trial, TrialState } from './trial.ts'

const STATES: readonly TrialState[] = ['running', 'complete', 'pruned', 'failed', 'waiting']

/** Optuna's number of a state. */
export const stateCode = (state: TrialState): number => STATES.indexOf(state)

/** Optuna's number of a direction: 1 minimise, 2 maximise. */
export const directionCode = (direction: Direction): number => (direction === 'minimize' ? 1 : 2)

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** A trial that records still change. */
export interface StoredTrial extends Omit<
  Mutable<Trial>,
  'params' | 'distributions' | 'intermediateValues' | 'userAttributes' | 'systemAttributes'
> {
  readonly id: number
  readonly params: Record<string, Choice>
  readonly distributions: Record<string, Distribution>
  readonly intermediateValues: Map<number, number>
  readonly userAttributes: Record<string, unknown>
  readonly systemAttributes: Record<string, unknown>
}

/** One study of a journal. */
export interface StoredStudy {
  readonly id: number
  readonly name: string
  readonly directions: readonly Direction[]
  readonly userAttributes: Record<string, unknown>
  readonly systemAttributes: Record<string, unknown>
  readonly trials: StoredTrial[]
}

/** The value of a parameter. @throws UserError naming the record, where it is a choice that there is not */
function valueOf(trial: string, name: string, distribution: Distribution, internal: number): Choice {
  const choices = distribution.kind === 'categorical' ? distribution.choices.length : Infinity
  const index = Math.trunc(internal)
  if (distribution.kind !== 'categorical' || (index >= 0 && index < choices))
    return fromInternal(distribution, internal)
  throw new UserError({
    rule: 'A record of the journal names a choice that its parameter does not have.',
    received: `${trial}, parameter ${name}: choice ${internal} of 0 to ${choices - 1}`,
    next: 'Was the journal changed by hand? Restore it from a copy.',
  })
}

/**
 * All studies of a journal. Records are applied in their order, by Optuna's rules: a record for a study or trial that
 * does not exist, or for a trial that is over, changes nothing.
 */
export class JournalReplay {
  readonly studies = new Map<number, StoredStudy>()
  private nextStudy = 0
  private readonly trials: StoredTrial[] = []
  /** Distributions repeat in every trial; each text is read once. */
  private readonly distributions = new Map<string, Distribution>()

  /** The id that the next trial will get, counted over all studies. */
  get nextTrialId(): number {
    return this.trials.length
  }

  /** The id that the next study will get. */
  get nextStudyId(): number {
    return this.nextStudy
  }

  /** The study of a name. */
  find(name: string): StoredStudy | undefined {
    return [...this.studies.values()].find(study => study.name === name)
  }

  apply(record: JournalRecord): void {
    switch (record.op_code) {
      case OPERATION.createStudy: {
        if (this.find(record.study_name)) return
        const directions = record.directions.map((code): Direction => (code === 2 ? 'maximize' : 'minimize'))
        const id = this.nextStudy++
        this.studies.set(id, {
          id,
          name: record.study_name,
          directions,
          userAttributes: {},
          systemAttributes: {},
          trials: [],
        })
        return
      }
      case OPERATION.deleteStudy:
        return void this.studies.delete(record.study_id)
      case OPERATION.setStudyUserAttribute:
        return void Object.assign(this.studies.get(record.study_id)?.userAttributes ?? {}, record.user_attr)
      case OPERATION.setStudySystemAttribute:
        return void Object.assign(this.studies.get(record.study_id)?.systemAttributes ?? {}, record.system_attr)
      case OPERATION.createTrial:
        this.createTrial(record)
        return
      case OPERATION.discardTrials:
        return
      default:
        this.changeTrial(record)
    }
  }

  private distribution(json: string): Distribution {
    const known = this.distributions.get(json) ?? distributionFromOptuna(json)
    this.distributions.set(json, known)
    return known
  }

  private createTrial(record: Extract<JournalRecord, { op_code: 4 }>): void {
    const study = this.studies.get(record.study_id)
    if (!study) return
    const distributions = Object.fromEntries(
      Object.entries(record.distributions ?? {}).map(([name, json]) => [name, this.distribution(json)]),
    )
    const values = record.values ?? (record.value === null || record.value === undefined ? undefined : [record.value])
    const trial: StoredTrial = {
      id: this.trials.length,
      number: study.trials.length,
      state: STATES[record.state ?? 0] ?? 'running',
      params: Object.fromEntries(
        Object.entries(record.params ?? {}).map(([name, value]) => [
          name,
          valueOf(`trial ${study.trials.length}`, name, distributions[name] as Distribution, value),
        ]),
      ),
      distributions,
      values,
      intermediateValues: new Map(
        Object.entries(record.intermediate_values ?? {}).map(([step, value]) => [Number(step), value]),
      ),
      userAttributes: { ...record.user_attrs },
      systemAttributes: { ...record.system_attrs },
      startedAt: record.datetime_start,
      completedAt: record.datetime_complete ?? null,
    }
    study.trials.push(trial)
    this.trials.push(trial)
  }

  private changeTrial(record: Extract<JournalRecord, { trial_id: number }>): void {
    const trial = this.trials[record.trial_id]
    if (!trial || trial.state === 'complete' || trial.state === 'pruned' || trial.state === 'failed') return
    switch (record.op_code) {
      case OPERATION.setTrialParam: {
        const distribution = this.distribution(record.distribution)
        trial.params[record.param_name] = valueOf(
          `trial ${trial.number}`, record.param_name, distribution, record.param_value_internal,
        )
        trial.distributions[record.param_name] = distribution
        return
      }
      case OPERATION.setTrialStateValues: {
        const state = STATES[record.state] ?? 'running'
        if (state === 'running') {
          if (trial.state === 'running') return
          trial.startedAt = record.datetime_start ?? trial.startedAt
        } else trial.completedAt = record.datetime_complete ?? null
        trial.state = state
        if (record.values !== null) trial.values = record.values
        return
      }
      case OPERATION.setTrialIntermediateValue:
        return void trial.intermediateValues.set(record.step, record.intermediate_value)
      case OPERATION.setTrialUserAttribute:
        return void Object.assign(trial.userAttributes, record.user_attr)
      case OPERATION.setTrialSystemAttribute:
        return void Object.assign(trial.systemAttributes, record.system_attr)
    }
  }
}
