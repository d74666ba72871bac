// The runs as a list shows them: filtered, sorted, page by page.
import { z } from 'zod'
import { byBest, metricOf } from '../experiment/metric.ts'
import { flatMetrics, metricsOfRun, type RunListing, type RunSummary } from '../runs/node.ts'
import type { RunIndex } from './run-index.ts'

const querySchema = z.object({
  experiment: z.string().max(200).optional(),
  status: z.string().max(20).optional(),
  text: z.string().max(200).optional(),
  sort: z.string().max(60).default('newest'),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** Numbers by `<split>/<name>`, null for one that is not finite, as runs of earlier versions keep it. */
const finiteMetrics = (metrics: RunSummary['metrics'] = {}): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(flatMetrics(metrics)).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  )

/** A run as the list shows it. */
export const runLine = ({ experiment, id, status, record, summary }: RunListing) => ({
  name: `${experiment}/${id}`,
  experiment,
  id,
  status,
  createdAt: record.createdAt,
  seed: record.seed,
  config: record.config,
  /** What the metrics mean, the one to show first. */
  described: metricsOfRun(record),
  metrics: finiteMetrics(summary?.metrics),
  seconds: summary?.seconds ?? null,
  /** What to try, where the run learned nothing. */
  advice: summary?.advice ?? null,
})

/** A line of the list. */
export type RunLine = ReturnType<typeof runLine>

/** One page of the list. @throws ZodError for a query out of range */
export function listInLab(
  index: RunIndex,
  query: Readonly<Record<string, string>>,
): { readonly total: number; readonly runs: readonly RunLine[] } {
  const { experiment, status, text, sort, offset, limit } = querySchema.parse(query)
  const places = index.places(experiment)
  // The common case reads the records of one page only.
  if (status === undefined && !text && sort === 'newest')
    return { total: places.length, runs: index.list(places.slice(offset, offset + limit)).map(runLine) }
  let runs = index
    .list(places)
    .filter(
      run =>
        (status === undefined || run.status === status) &&
        (!text || `${run.experiment}/${run.id} ${JSON.stringify(run.record.config)}`.includes(text)),
    )
  if (sort !== 'newest') {
    const compare = byBest(
      metricOf(
        runs.flatMap(({ record }) => metricsOfRun(record)),
        sort,
      ),
    )
    const value = (run: RunListing) => finiteMetrics(run.summary?.metrics)[sort]
    runs = runs
      .map(run => ({ run, key: value(run) }))
      .sort((a, b) => compare(a.key, b.key))
      .map(({ run }) => run)
  }
  return { total: runs.length, runs: runs.slice(offset, offset + limit).map(runLine) }
}
