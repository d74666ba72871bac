// How a run went, in the words that a list shows: completed is not enough where nothing was learned.
import type { RunListing } from '../runs/run-folder.ts'
import { metricsOfRun } from '../runs/earlier-metrics.ts'
import { DIVERGED } from '../train/divergence.ts'

export type RunOutcome =
  'running' | 'finished' | 'at chance' | 'learned nothing' | 'diverged' | 'failed' | 'stopped' | 'interrupted'

/** How a run went. */
export function runOutcome({ status, record, summary }: Pick<RunListing, 'status' | 'record' | 'summary'>): RunOutcome {
  if (status === 'failed') {
    const reason = record.attempts.at(-1)?.reason ?? ''
    return DIVERGED.some(rule => reason.startsWith(rule)) ? 'diverged' : 'failed'
  }
  if (status !== 'completed') return status
  if (summary?.advice === undefined) return 'finished'
  // Advice is given where a run is no better than a guess: of shares at random, of numbers the mean.
  return metricsOfRun(record)[0]?.format === 'percent' ? 'at chance' : 'learned nothing'
}
