// What memos read of a study: its trials, what confirmed its best, and where it was made; and of a search for a rate.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { standing } from '../studies/continuation.ts'
import type { Metric } from '../experiment/metric.ts'
import type { Distribution } from '../studies/space/distribution.ts'
import type { Space } from '../studies/space/space.ts'
import type { Trial } from '../studies/trial.ts'

const choice = z.union([z.null(), z.boolean(), z.number(), z.string()])
const value = z.number().nullable()
/** `test` is null where the data have no test part. */
const confirmedRun = z.object({ seed: z.number(), validation: z.number(), test: z.number().nullable() })

/** The compact result of a study. */
export const studyResultSchema = z.object({
  format: z.literal(1),
  kind: z.literal('study'),
  name: z.string(),
  experiment: z.string(),
  recordedAt: z.string(),
  machine: z.string(),
  sampler: z.string(),
  pruner: z.string(),
  objectives: z.array(z.string()).min(1),
  metrics: z.array(z.custom<Metric>(one => typeof one === 'object' && one !== null && 'name' in one)),
  directions: z.array(z.enum(['minimize', 'maximize'])).min(1),
  space: z.custom<Space>(one => typeof one === 'object' && one !== null),
  trials: z.array(
    z.object({
      number: z.number(),
      state: z.enum(['complete', 'pruned', 'failed']),
      params: z.record(z.string(), choice),
      values: z.array(value).nullable(),
      steps: z.array(z.tuple([z.number(), value])),
    }),
  ),
  /** The best trial with fresh seeds on the test set, and the settings that the study began with. */
  confirmed: z
    .object({
      trial: z.number(),
      metric: z.string(),
      inStudy: z.number(),
      runs: z.array(confirmedRun),
      reference: z.array(confirmedRun),
    })
    .nullable(),
})

export type StudyResult = z.infer<typeof studyResultSchema>

/** What the learning-rate finder found for an experiment. */
export const rateResultSchema = z.object({
  format: z.literal(1),
  kind: z.literal('learning-rates'),
  experiment: z.string(),
  recordedAt: z.string(),
  machine: z.string(),
  rates: z.array(z.number()),
  /** Null: not a finite number. */
  losses: z.array(value),
  smoothed: z.array(value),
  suggestion: z.number().nullable(),
})

export type RateResult = z.infer<typeof rateResultSchema>

/** Six significant digits; null: not a finite number. */
const rounded = (number: number): number | null => (Number.isFinite(number) ? Number(number.toPrecision(6)) : null)

/**
 * The trials of a study as a result keeps them: those that stand and are over.
 * @throws UserError where none is
 */
export function compactTrials(trials: readonly Trial[], name: string): StudyResult['trials'] {
  const over = standing(trials).flatMap((trial): StudyResult['trials'] => {
    const { number, state, params, values, intermediateValues } = trial
    if (state !== 'complete' && state !== 'pruned' && state !== 'failed') return []
    const steps = [...intermediateValues].map(([step, one]): [number, number | null] => [step, rounded(one)])
    return [{ number, state, params: { ...params }, values: values?.map(rounded) ?? null, steps }]
  })
  if (over.some(({ state }) => state === 'complete')) return over
  throw new UserError({
    rule: 'A study is recorded when a trial of it is complete.',
    received: `${name} with ${String(over.length)} that are over, none complete`,
    next: 'Let the study go on.',
  })
}

/** What the learning-rate finder found as a result keeps it. */
export const compactRates = (search: {
  readonly rates: ArrayLike<number>
  readonly losses: ArrayLike<number>
  readonly smoothed: ArrayLike<number>
  readonly suggestion: number | undefined
}): Pick<RateResult, 'rates' | 'losses' | 'smoothed' | 'suggestion'> => ({
  rates: Array.from(search.rates, rate => Number(rate.toPrecision(6))),
  losses: Array.from(search.losses, rounded),
  smoothed: Array.from(search.smoothed, rounded),
  suggestion: search.suggestion === undefined ? null : rounded(search.suggestion),
})

/** The trials of a result as figures and importance want them. */
export const trialsOfResult = ({ trials, space }: Pick<StudyResult, 'trials' | 'space'>): Trial[] =>
  trials.map(({ number, state, params, values, steps }) => ({
    number,
    state,
    params,
    distributions: Object.fromEntries(
      Object.keys(params).flatMap((key): [string, Distribution][] => (space[key] ? [[key, space[key]]] : [])),
    ),
    values: values?.map(one => one ?? Number.NaN),
    intermediateValues: new Map(steps.map(([step, one]) => [step, one ?? Number.NaN])),
    userAttributes: {},
    systemAttributes: {},
    startedAt: null,
    completedAt: null,
  }))
