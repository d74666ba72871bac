// The records that a study writes of its trials, as Optuna's journal has them.
import { asJson } from './as-json.ts'
import { OPERATION, type JournalRecord } from './journal-record.ts'
import { stateCode } from './replay.ts'
import { toInternal, type Choice, type Distribution } from './space/distribution.ts'
import { distributionToOptuna } from './space/optuna-distribution.ts'
import type { Params } from './space/space.ts'
import type { Trial, TrialState } from './trial.ts'

/** The time as Python's isoformat writes it in UTC. */
const now = () => new Date().toISOString().replace('Z', '000+00:00')

type Attributes = Readonly<Record<string, unknown>>

/** What is known of a trial when it begins. */
type Begun = Pick<Trial, 'params' | 'distributions' | 'systemAttributes'> &
  Partial<Pick<Trial, 'userAttributes' | 'intermediateValues'>>

/** Makes the records of one writer. */
export class TrialRecords {
  readonly #worker: string

  constructor(worker: string) {
    this.#worker = worker
  }

  /** A trial that begins with all that is known of it: one record, so that it is there as a whole or not at all. */
  begins(study_id: number, begun: Begun): JournalRecord {
    return { ...this.#created(study_id, 'running', begun), datetime_start: now() }
  }

  /** A trial that waits for somebody to run it. */
  waits(study_id: number, systemAttributes: Attributes): JournalRecord {
    return this.#created(study_id, 'waiting', { params: {}, distributions: {}, systemAttributes })
  }

  #created(
    study_id: number,
    state: TrialState,
    { params, distributions, systemAttributes, userAttributes = {}, intermediateValues = new Map() }: Begun,
  ) {
    const drawn = Object.entries(params).map(([name, value]) => [name, value, distributions[name]] as const)
    const known = drawn.filter((one): one is [string, Choice, Distribution] => one[2] !== undefined)
    return {
      op_code: OPERATION.createTrial,
      worker_id: this.#worker,
      study_id,
      datetime_start: null,
      state: stateCode(state),
      value: null,
      values: null,
      distributions: Object.fromEntries(known.map(([name, , of]) => [name, distributionToOptuna(of)])),
      params: Object.fromEntries(known.map(([name, value, of]) => [name, toInternal(of, value)])),
      user_attrs: { ...userAttributes },
      system_attrs: { ...systemAttributes },
      intermediate_values: Object.fromEntries(intermediateValues),
    }
  }

  parameters(
    trial_id: number,
    params: Params,
    distributions: Readonly<Record<string, Distribution>>,
  ): JournalRecord[] {
    return Object.entries(params).map(([param_name, value]) => {
      const distribution = distributions[param_name] as Distribution
      return {
        op_code: OPERATION.setTrialParam,
        worker_id: this.#worker,
        trial_id,
        param_name,
        param_value_internal: toInternal(distribution, value),
        distribution: distributionToOptuna(distribution),
      }
    })
  }

  step(trial_id: number, step: number, intermediate_value: number): JournalRecord {
    return {
      op_code: OPERATION.setTrialIntermediateValue,
      worker_id: this.#worker,
      trial_id,
      step,
      intermediate_value,
    }
  }

  /** What the caller notes: JSON under a name. */
  noted(trial_id: number, name: string, value: unknown): JournalRecord {
    const user_attr = { [name]: asJson(value) }
    return { op_code: OPERATION.setTrialUserAttribute, worker_id: this.#worker, trial_id, user_attr }
  }

  /** What samplers and pruners note. */
  system(trial_id: number, attributes: Attributes = {}): JournalRecord[] {
    return Object.entries(attributes).map(([name, value]) => ({
      op_code: OPERATION.setTrialSystemAttribute,
      worker_id: this.#worker,
      trial_id,
      system_attr: { [name]: value },
    }))
  }

  /** The new state of a trial, and its values where it has some in it. */
  enters(trial_id: number, state: TrialState, values: readonly number[] | null = null): JournalRecord {
    return {
      op_code: OPERATION.setTrialStateValues,
      worker_id: this.#worker,
      trial_id,
      state: stateCode(state),
      values: values && [...values],
      ...(state === 'running' ? { datetime_start: now() } : { datetime_complete: now() }),
    }
  }
}
