// What a topic of the course is.
import type { Experiment, PublishedReference, Recording } from '@ddlf/lab'
import type { Exercise } from './exercise.ts'

/** Something published that is no single test error: an order, a shape, a figure. */
export interface PublishedClaim {
  readonly id: string
  readonly source: PublishedReference['source']
  /** In one sentence, with the numbers as published. */
  readonly claim: string
}

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
  /** What is recorded for its memo. */
  readonly recordings?: readonly Recording[]
  /** What others claim, for the memo's table of published results. */
  readonly claims?: readonly PublishedClaim[]
  readonly exercises?: readonly Exercise[]
}
