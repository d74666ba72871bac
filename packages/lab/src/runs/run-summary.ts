// Reads the summary that the training loop leaves in a run's folder.
import { z } from 'zod'
import type { RunSummary } from './run-record.ts'

/** Any double: a run of an earlier version may have kept one that is not finite. */
const double = z.custom<number>(value => typeof value === 'number')
const metricsSchema = z.record(z.string(), z.record(z.string(), double))
const schema = z.looseObject({
  metrics: metricsSchema,
  best: z.looseObject({ epoch: z.number(), value: double, metrics: metricsSchema }).nullable(),
  chosenBy: z.string(),
  seconds: z.number(),
  flop: z.number(),
  advice: z.string().optional(),
})

/** The figures of a finished run, `split/metric` by name; empty where the run has none. */
export function readSummary(summary: RunSummary | null): {
  readonly metrics: Readonly<Record<string, number>>
  readonly best?: { readonly epoch: number; readonly metrics: Readonly<Record<string, number>>; readonly chosenBy: string }
  readonly seconds?: number
  readonly flop?: number
  /** What to try, where the run learned nothing. */
  readonly advice?: string
} {
  const parsed = schema.safeParse(summary)
  if (!parsed.success) return { metrics: {} }
  const { metrics, best, chosenBy, seconds, flop, advice } = parsed.data
  return { metrics: flat(metrics), ...(best && { best: { epoch: best.epoch, metrics: flat(best.metrics), chosenBy } }), seconds, flop, ...(advice !== undefined && { advice }) }
}

const flat = (metrics: z.infer<typeof metricsSchema>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).flatMap(([split, values]) => Object.entries(values).map(([name, value]) => [`${split}/${name}`, value] as const)))
