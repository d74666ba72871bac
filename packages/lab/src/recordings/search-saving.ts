// What memos read of two searches through the same settings, seed by seed: one of trials that are all trained to their
// end, and one in which successive halving stops what falls behind.
import { z } from 'zod'
import type { Metric } from '../experiment/metric.ts'
import type { Space } from '../studies/space/space.ts'

/** The best of a study, and the epochs that all its trials took. */
const searched = z.object({ best: z.number(), epochs: z.number().positive() })
const freshRun = z.object({ seed: z.number(), validation: z.number(), test: z.number().nullable() })

/** The compact result; it may hold fewer seeds than it is to have. */
export const searchSavingSchema = z.object({
  format: z.literal(1),
  kind: z.literal('search-saving'),
  experiment: z.string(),
  recordedAt: z.string(),
  machine: z.string(),
  metric: z.custom<Metric>(one => typeof one === 'object' && one !== null && 'name' in one),
  space: z.custom<Space>(one => typeof one === 'object' && one !== null),
  /** Of each search, and the epochs of each trial. */
  trials: z.number(),
  epochs: z.number(),
  /** Seeds that there are to be. */
  of: z.number(),
  seeds: z.array(z.object({ seed: z.number(), full: searched, halving: searched })).min(1),
  /** The best of the first halving with fresh seeds, beside the experiment as it comes. */
  confirmed: z
    .object({ inStudy: z.number(), runs: z.array(freshRun), reference: z.array(freshRun) })
    .nullable(),
})

export type SearchSaving = z.infer<typeof searchSavingSchema>

/** What the two may differ by, and the share of the epochs that halving may take, to count as a saving. */
export const SAVING = { close: 0.001, epochs: 0.3 } as const

/** A seed's two searches: the share of the epochs that halving took, and whether it found what counts as the same. */
export function savingOf({ full, halving }: SearchSaving['seeds'][number]): {
  readonly share: number
  readonly worse: number
  readonly holds: boolean
} {
  const share = halving.epochs / full.epochs
  const worse = halving.best - full.best
  return { share, worse, holds: worse <= SAVING.close && share <= SAVING.epochs }
}
