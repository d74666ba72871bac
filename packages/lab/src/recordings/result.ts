// What results/<experiment>.json of a topic holds: compact records of runs, from which every measured figure of a memo
// is read.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { valuesBySeed } from '../analysis/statistics/by-seed.ts'
import { mean, median, standardDeviation } from '../analysis/statistics/descriptive.ts'
import type { Metric } from '../experiment/metric.ts'
import { shownFigureSchema } from '../trained/shown-figure.ts'

const metrics = z.record(z.string(), z.number())

const runSchema = z.strictObject({
  /** Id of the run the record was made of. */
  id: z.string(),
  seed: z.number(),
  /** Commit, and whether the working tree differed from it. */
  commit: z.string().nullable(),
  dirty: z.boolean(),
  /** Passes over the training examples; absent where the budget is in steps: `curve.epoch` counts evaluations then. */
  epochs: z.number().optional(),
  steps: z.number(),
  parameters: z.number(),
  /** Wall time of training and evaluation in seconds, and floating-point operations of the training steps. */
  seconds: z.number(),
  flop: z.number(),
  /** At the end of the last epoch, `split/metric` by name. */
  metrics,
  /** At the end of each epoch; null where the run has no value. */
  curve: z.strictObject({ epoch: z.array(z.number()), values: z.record(z.string(), z.array(z.number().nullable())) }),
})

const detailsSchema = z.strictObject({
  run: z.string(),
  /** Of a classifier. Rows: what it is; columns: what the model says. */
  confusion: z.array(z.array(z.number())).optional(),
  /** The mistakes with the largest loss: index in the test set, truth, prediction, the prediction's probability. */
  mistakes: z
    .array(z.strictObject({ index: z.number(), truth: z.number(), prediction: z.number(), probability: z.number() }))
    .optional(),
  calibration: z.strictObject({ expectedCalibrationError: z.number(), brier: z.number() }).optional(),
  /** What its task has to show: pictures that it makes, texts that it writes. */
  figures: z.array(shownFigureSchema).optional(),
  /** The training loss within the first epochs. */
  start: z.strictObject({ step: z.array(z.number()), loss: z.array(z.number()) }),
})

const sharpnessSchema = z.array(
  z.strictObject({ run: z.string(), epsilon: z.number(), sharpness: z.number(), loss: z.number() }),
)

const minimaSchema = z.strictObject({
  /** How many training and test examples the losses are means over. */
  examples: z.strictObject({ train: z.number(), test: z.number() }),
  /** Keskar's sharpness of every run of the two arms. */
  sharpness: z.strictObject({ from: sharpnessSchema, to: sharpnessSchema }),
  /** The same over a random subspace. */
  subspace: z.strictObject({ dimensions: z.number(), from: sharpnessSchema, to: sharpnessSchema }).optional(),
  /** Losses at (1 - alpha) times the first minimum plus alpha times the second. */
  line: z.strictObject({
    alpha: z.array(z.number()),
    trainLoss: z.array(z.number()),
    testLoss: z.array(z.number()),
    testError: z.array(z.number()),
  }),
})

export const resultSchema = z.strictObject({
  format: z.literal(1),
  experiment: z.string(),
  /** When the newest of the runs was made. */
  recordedAt: z.string(),
  machine: z.string(),
  versions: z.record(z.string(), z.string()),
  arms: z
    .array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        settings: z.record(z.string(), z.unknown()),
        runs: z.array(runSchema).min(1),
      }),
    )
    .min(1),
  details: detailsSchema.optional(),
  minima: minimaSchema.optional(),
})

/** The recorded runs of one experiment. */
export type RecordedResult = z.infer<typeof resultSchema>
/** The recorded runs of one setting. */
export type RecordedArm = RecordedResult['arms'][number]
export type RecordedRun = RecordedArm['runs'][number]

/** Mean and sample standard deviation over seeds: several runs of one seed are one value. */
export interface Spread {
  readonly mean: number
  /** 0 for one seed. */
  readonly deviation: number
  /** How many seeds. */
  readonly count: number
  /** One a seed. */
  readonly values: readonly number[]
}

/** The arm with this id, the first one without. @throws UserError naming the arms there are */
export function armOf(result: RecordedResult, id?: string): RecordedArm {
  const arm = id === undefined ? result.arms[0] : result.arms.find(one => one.id === id)
  if (arm) return arm
  throw new UserError({
    rule: `${result.experiment} has no recorded arm of this id.`,
    received: id ?? '',
    next: `It has ${result.arms.map(one => one.id).join(', ')}.`,
  })
}

/** Which epoch of a run is meant: the best by some metric of its curve, the first of equal ones. */
export interface BestEpoch {
  /** `validation/loss` */
  readonly by: string
  readonly better: Metric['better']
}

/** The value of a metric at the best of a run's epochs; undefined where its curve lacks either. */
function atBest({ curve }: RecordedRun, metric: string, { by, better }: BestEpoch): number | undefined {
  const measured = (curve.values[by] ?? []).filter(value => value !== null)
  const best = better === 'higher' ? Math.max(...measured) : Math.min(...measured)
  return curve.values[metric]?.[curve.values[by]?.indexOf(best) ?? -1] ?? undefined
}

/** What a figure of several runs is. */
export interface SpreadOptions {
  /** Where each run's best epoch is wanted, or one of its evaluations, counted from 1. Default: what it ended with. */
  readonly epoch?: BestEpoch | number
  /** What stands as the `mean` of the spread; default the mean. */
  readonly over?: 'median'
}

/** A metric of a run at its end or at an epoch; undefined where it lacks it. */
function measuredAt(run: RecordedRun, metric: string, epoch: SpreadOptions['epoch']): number | undefined {
  if (typeof epoch === 'number') return run.curve.values[metric]?.[epoch - 1] ?? undefined
  if (epoch !== undefined) return atBest(run, metric, epoch)
  if (Object.hasOwn(run, metric)) return run[metric as 'seconds']
  return Object.hasOwn(run.metrics, metric) ? run.metrics[metric] : undefined
}

/**
 * A metric of an arm over its seeds.
 * @throws UserError where a run lacks it
 */
export function spreadOf(arm: RecordedArm, metric: string, options: SpreadOptions = {}): Spread {
  const { epoch, over } = checkOptions('spreadOf', options, ['epoch', 'over'])
  const values = [...valuesBySeed(arm.runs, run => {
    const value = measuredAt(run, metric, epoch)
    if (value !== undefined) return value
    throw new UserError({
      rule: `The recorded runs of '${arm.id}' do not have this metric.`,
      received: metric,
      next: `They have ${Object.keys(run.metrics).join(', ')}.`,
    })
  }).values()]
  return {
    mean: over === 'median' ? median(values) : mean(values),
    deviation: values.length > 1 ? standardDeviation(values) : 0,
    count: values.length,
    values,
  }
}
