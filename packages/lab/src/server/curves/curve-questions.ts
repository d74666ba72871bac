// What the lab and its thread of curves say to each other.

/** One metric of one log, and what else it measures. */
export interface SeriesQuestion {
  readonly kind: 'series'
  readonly log: string
  readonly metric: string
}

/** A curve as a screen can show it; a value may be no finite number. */
export interface SeriesAnswer {
  readonly names: readonly string[]
  readonly step: Float64Array
  readonly epoch: Float64Array
  readonly value: Float64Array
}

/** What came to a log since some cursors; undefined: the asker knows nothing yet. */
export interface NewsQuestion {
  readonly kind: 'news'
  readonly log: string
  readonly cursors: readonly (string | undefined)[]
}

/** The news as the data of events: `{"restarted":false,"metrics":[[step, epoch, name, value], ...]}`. */
export interface NewsAnswer {
  /** Where the log ends now. */
  readonly cursor: string
  /** For each cursor what came since; null where nobody can tell, and the whole is needed. */
  readonly since: readonly (string | null)[]
  /** All curves, thinned; left out where nobody needs them. */
  readonly whole?: string
}

export type CurveQuestion = SeriesQuestion | NewsQuestion

/** How far a long log has been read. */
export interface ReadingProgress {
  readonly log: string
  readonly bytes: number
  readonly size: number
}
