// What a topic of the course is.
import type { Experiment } from '@ddlf/lab'

/** One topic of the 30 days. */
export interface Topic {
  readonly slug: string
  readonly title: string
  /** First and last day. */
  readonly days: readonly [number, number]
  readonly permalink: string
  readonly datasets: readonly string[]
  /** The models, simple to state of the art, in a few words. */
  readonly models: string
  /** What can be run today; empty: planned. */
  readonly experiments: readonly Experiment[]
}
