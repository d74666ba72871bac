// An estimate with the interval that a stated share of repetitions would cover.

export interface Interval {
  readonly estimate: number
  readonly low: number
  readonly high: number
  /** Confidence, for example 0.95. */
  readonly level: number
}
