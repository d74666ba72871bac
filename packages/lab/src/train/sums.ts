// Sums over the steps of an epoch or of a part of it, of which the curves of a training are means.
import type { Metrics } from '../tasks/task.ts'

/** Kept in the checkpoint, so that a resumed run reports the same means. */
export interface StepSums {
  examples: number
  loss: number
  metrics: Record<string, number>
}

export const noSums = (): StepSums => ({ examples: 0, loss: 0, metrics: {} })

/** Adds a step: its loss is a mean over its examples, its metrics are sums over them. */
export function addTo(sums: StepSums, examples: number, loss: number, metrics: Readonly<Record<string, number>>): void {
  sums.examples += examples
  sums.loss += loss * examples
  for (const [name, value] of Object.entries(metrics)) sums.metrics[name] = (sums.metrics[name] ?? 0) + value
}

/** Means over the examples. */
export const means = ({ examples, loss, metrics }: StepSums): Metrics =>
  Object.fromEntries([
    ['loss', loss / examples],
    ...Object.entries(metrics).map(([name, sum]) => [name, sum / examples] as const),
  ])
