// What summary.json holds: what a finished run found. The training loop writes it, and everybody reads it here.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { parseJson } from './run-record.ts'

/** Any double: a run of an earlier version may have kept one that is not finite. */
const double = z.custom<number>(value => typeof value === 'number')
/** Numbers by split and name. What is no number is left out. */
const bySplit = z
  .record(
    z.string(),
    z
      .record(z.string(), z.unknown())
      .catch({})
      .transform(values =>
        Object.fromEntries(
          Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
        ),
      ),
  )
  .catch({})

const schema = z.looseObject({
  /** At the end, by split: `train` (means over the last epoch), `validation`, `test`. */
  metrics: bySplit.default({}),
  /** The best evaluation by the metric that the task is monitored by. */
  best: z.looseObject({ epoch: z.number(), value: double, metrics: bySplit }).nullable().catch(null).default(null),
  /** The split that the best one was chosen by. */
  chosenBy: z.string().catch('test').default('test'),
  steps: double.optional().catch(undefined),
  /** Wall time of training and evaluation. */
  seconds: double.optional().catch(undefined),
  /** Floating-point operations of the training steps. */
  flop: double.optional().catch(undefined),
  parameters: double.optional().catch(undefined),
  /** What is wrong and what to try, where the run learned nothing. */
  advice: z.string().optional().catch(undefined),
})

/** The contents of summary.json as they are read. Fields that a newer version adds are kept. */
export type RunSummary = z.output<typeof schema>
/** What is written as summary.json. */
export type WrittenSummary = z.input<typeof schema>

/**
 * Reads the text of a summary.json, of this version or an earlier one.
 * @throws UserError where it is not an object
 */
export function parseRunSummary(text: string, file = 'summary.json'): RunSummary {
  const parsed = schema.safeParse(parseJson(text, file))
  if (parsed.success) return parsed.data
  throw new UserError({ rule: `${file} must hold an object.`, received: text.slice(0, 80) })
}

/** Numbers by `<split>/<name>`. */
export const flatMetrics = (metrics: RunSummary['metrics']): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([split, values]) =>
      Object.entries(values).map(([name, value]) => [`${split}/${name}`, value] as const),
    ),
  )

/** What a run measured under a name that somebody gave; undefined where it measured no such thing. */
export function measuredAs(metrics: RunSummary['metrics'] | undefined, name: string): number | undefined {
  const flat = flatMetrics(metrics ?? {})
  return Object.hasOwn(flat, name) ? flat[name] : undefined
}
