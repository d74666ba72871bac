// A trial of a study: the values it was given, what it reported, and how it ended.
import { kinds } from '@ddlf/tensor/errors'
import { extremes } from '../analysis/statistics/descriptive.ts'
import type { Distribution } from './space/distribution.ts'
import type { Params } from './space/space.ts'

/** How a trial stands. A pruned trial was stopped early because it looked worse than others. */
export type TrialState = 'waiting' | 'running' | 'complete' | 'pruned' | 'failed'

/** Whether an objective is better when it is less or when it is greater. */
export type Direction = 'minimize' | 'maximize'

/** What an option of that name may be. */
export const directionKind = kinds.oneOf(...(['minimize', 'maximize'] satisfies readonly Direction[]))

/** One trial as a study knows it. */
export interface Trial {
  /** 0 for the first trial of the study. */
  readonly number: number
  readonly state: TrialState
  readonly params: Params
  /** The distribution that each value was drawn from. */
  readonly distributions: Readonly<Record<string, Distribution>>
  /** The value of each objective; undefined while running, after a failure, and for some pruned trials. */
  readonly values: readonly number[] | undefined
  /** Reported values by step, in the order of reporting; NaN is allowed. */
  readonly intermediateValues: ReadonlyMap<number, number>
  /** What the caller noted. */
  readonly userAttributes: Readonly<Record<string, unknown>>
  /** What samplers and pruners noted. */
  readonly systemAttributes: Readonly<Record<string, unknown>>
  /** ISO 8601, null where unknown. */
  readonly startedAt: string | null
  readonly completedAt: string | null
}

/** The last step that a trial reported, undefined where it reported none. */
export const lastStep = (trial: Trial): number | undefined =>
  trial.intermediateValues.size === 0 ? undefined : extremes(trial.intermediateValues.keys())[1]

/** Whether a trial is over. */
export const isFinished = ({ state }: Trial): boolean =>
  state === 'complete' || state === 'pruned' || state === 'failed'

/** The value as a loss: what is to be minimised, NaN last. */
export const asLoss = (value: number, direction: Direction): number => {
  const loss = direction === 'minimize' ? value : -value
  return Number.isNaN(loss) ? Infinity : loss
}
