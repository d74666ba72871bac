// What a topic of the course is.
import type { Experiment, PublishedReference } from '@ddlf/lab'
import type { Exercise } from './exercise.ts'

/** One of the settings that an experiment compares. */
export interface Arm {
  readonly id: string
  /** As a memo prints it. */
  readonly label: string
  /** Settings that differ from the experiment's defaults. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Only this many of the recording's seeds, where a run is too long for all of them. */
  readonly seeds?: number
}

/** The runs that stand behind an experiment's figures in a memo. */
export interface Recording {
  readonly experiment: string
  readonly arms: readonly Arm[]
  readonly seeds: readonly number[]
  /** Also keep what the first run gets wrong: confusion matrix, mistakes, calibration. */
  readonly details?: boolean
  /** Also count dead and saturated units of every run on test examples: metrics `activations/dead`, `activations/saturated`, and of each layer. */
  readonly activations?: boolean
  /** Also look at the minima that the runs of two arms ended in: their sharpness, and the line between the first of each. */
  readonly minima?: { readonly from: string; readonly to: string }
}

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
