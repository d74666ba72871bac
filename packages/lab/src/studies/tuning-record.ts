// What a study's journal says beside its trials: how it trains, what its values mean, its space. A journal may be
// anybody's, so each is checked before it is believed.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { ddlfCommand } from '../command-text.ts'
import { metricOf, type Metric } from '../experiment/metric.ts'
import { groundsSchema } from '../runs/run-origin.ts'
import { metricSchema } from '../runs/run-record.ts'
import { SPACE } from './check-continued.ts'
import type { StoredStudy } from './replay.ts'
import type { Space } from './space/space.ts'
import type { Direction, Trial } from './trial.ts'

/** What decides the numbers of the trials from a number on, and what had changed since those before. */
export const trialGroundsSchema = groundsSchema.extend({
  from: z.number().int().min(0),
  changed: z.array(z.string()).optional(),
})
export type TrialGrounds = z.infer<typeof trialGroundsSchema>

/** What a study's journal keeps of how it trains, as the attribute {@link TUNING}. */
const tuningSchema = z
  .object({
    experiment: z.string(),
    /** Every setting of the study, before a trial's parameters. */
    settings: z.record(z.string(), z.unknown()),
    objectives: z.array(z.string()).min(1),
    /** What the objectives mean, in their order. */
    metrics: z.array(metricSchema),
    repeats: z.number().int().min(1),
    sampler: z.string(),
    pruner: z.string(),
    /** What its trials were trained on and by; absent in studies of older versions until they go on. */
    grounds: z.array(trialGroundsSchema).optional(),
    /** Where it lay when it last went on; absent in studies of older versions. */
    folder: z.string().optional(),
    /** The first trials, so many, are those of the study that it is a copy of: their runs belong to that one. */
    inherited: z.number().int().min(0).optional(),
  })
  .refine(({ objectives, metrics }) => objectives.length === metrics.length)

/** How a study trains. */
export type TuningRecord = z.infer<typeof tuningSchema>

/** The study's attribute that holds it. */
export const TUNING = 'tuning'

type Attributes = Readonly<Record<string, unknown>>

/** How a study of trainings trains; undefined for one that another program began. */
export const tuningOf = (attributes: Attributes): TuningRecord | undefined =>
  tuningSchema.safeParse(attributes[TUNING]).data

/** How a study of trainings trains. @throws UserError where the study is no such one */
export function tuningRecord(name: string, attributes: Attributes): TuningRecord {
  const found = tuningOf(attributes)
  if (found) return found
  throw new UserError({
    rule: 'This study does not say what it trains.',
    received: `${name}, which another program began`,
    next: `One that says it is begun by: ${ddlfCommand('tune', '<experiment>')}`,
  })
}

/** Where the runs of a study's trials lie; undefined where it does not say. */
export const runsPlace = ({ runs }: Attributes): string | undefined => (typeof runs === 'string' ? runs : undefined)

/** The runs of a trial. */
export function runsOfTrial({ userAttributes: { runs } }: Pick<Trial, 'userAttributes'>): readonly string[] {
  return Array.isArray(runs) ? runs.filter(run => typeof run === 'string') : []
}

const namedObjectives = z.object({ objectives: z.array(z.string()) })

/** What the values of a study's trials mean, one for each direction; of a study of another program only their place. */
export function objectiveMetrics(attributes: Attributes, directions: readonly Direction[]): readonly Metric[] {
  const tuning = tuningOf(attributes)
  if (tuning?.metrics.length === directions.length) return tuning.metrics
  // Older versions kept the names alone.
  const names = namedObjectives.safeParse(attributes[TUNING]).data?.objectives
  const placeOf = (i: number) => (directions.length === 1 ? 'value' : `value ${i}`)
  return directions.map((_, i) => metricOf([], (names?.length === directions.length && names[i]) || placeOf(i)))
}

const choice = z.union([z.null(), z.boolean(), z.number(), z.string()])
const when = z.object({ parameter: z.string(), isOneOf: z.array(choice) }).optional()
const range = { low: z.number(), high: z.number(), log: z.boolean(), when }

const spaceSchema = z.record(
  z.string(),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('float'), ...range, step: z.number().nullable() }),
    z.object({ kind: z.literal('int'), ...range, step: z.number() }),
    z.object({ kind: z.literal('categorical'), choices: z.array(choice).min(1), when }),
  ]),
)

/** The space that a study was opened with; undefined where it keeps none that can be read. */
export const keptSpace = ({ systemAttributes }: Pick<StoredStudy, 'systemAttributes'>): Space | undefined =>
  spaceSchema.safeParse(systemAttributes[SPACE]).data as Space | undefined

/** The space of a study: as it was opened with; of one that Optuna wrote, as its trials have it. */
export const spaceOf = (study: Pick<StoredStudy, 'systemAttributes' | 'trials'>): Space =>
  keptSpace(study) ??
  Object.fromEntries(study.trials.flatMap(({ distributions }) => Object.entries(distributions)))
