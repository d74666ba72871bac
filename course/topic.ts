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

/** What of ours stands beside something published, or what it would cost to run it. */
export interface PublishedRow {
  /** Of a published result of one of the topic's experiments, or of one of its claims. */
  readonly id: string
  /** Where our figure is recorded; nothing: it is not run. */
  readonly experiment?: string
  /** Default the experiment's first. */
  readonly arm?: string
  /** Of a claim: the arms that it orders, and by what; default what the experiment is judged by. */
  readonly worse?: string
  readonly better?: string
  /** Where the worse arm is recorded, if it is in another experiment; the two arms have other ids. */
  readonly worseIn?: string
  readonly metric?: string
  /** How far our run is from the protocol; default what the published result says, and of a claim the same. */
  readonly comparable?: PublishedReference['comparable']
  /** Floating-point operations of a run as published. */
  readonly flop?: number
  /** Where our protocol differs, or how the cost is counted. */
  readonly note?: string
  /** Why a figure is not reached, or where we looked for the reason. */
  readonly reason?: string
  /** Of a figure that follows from sizes or files alone: ours, which is counted and needs no run. */
  readonly computed?: number
  /** Data that a run needs and that cannot be had here. */
  readonly missing?: string
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
  /** What of ours stands beside what others published, in the order of the memo's tables. */
  readonly comparisons?: readonly PublishedRow[]
  readonly exercises?: readonly Exercise[]
}
