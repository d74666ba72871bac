// What fresh seeds say of the best of a study: how much of it was luck, and whether it beats what the study began with.
import { mean } from '../analysis/statistics/descriptive.ts'
import type { Interval } from '../analysis/statistics/interval.ts'
import { pairedSignFlipTest } from '../analysis/statistics/paired-sign-flip-test.ts'
import { studentInterval } from '../analysis/statistics/student-interval.ts'
import type { JudgedPart } from '../data-source/data-source.ts'
import type { Direction } from './trial.ts'

/** One training with a seed that the study has not used. */
export interface FreshRun {
  readonly seed: number
  /** On the examples that trials were compared by. */
  readonly validation: number
  /** Null: the data have no test part. */
  readonly test: number | null
}

/** The best of a study with fresh seeds, and the settings that the study began with, with the same seeds. */
export interface FreshRuns {
  /** The trial's value in the study. */
  readonly inStudy: number
  readonly runs: readonly FreshRun[]
  readonly reference: readonly FreshRun[]
}

/** Fresh seeds of one choice of settings. */
export interface FreshMeans {
  readonly validation: number
  /** On the part that has the last word, and Student's interval of it; none of a single seed. */
  readonly last: number
  readonly interval: Interval | undefined
}

/** What {@link judgeFresh} finds. */
export interface FreshVerdict {
  /** The part that has the last word: where the data have no test part, the one that trials were compared by. */
  readonly part: JudgedPart
  readonly tuned: FreshMeans
  readonly before: FreshMeans | undefined
  /** How much worse fresh seeds are than the trial was, on the same examples; below 0: they are better. */
  readonly luck: number
  /**
   * Whether tuned settings beat those before on the part that has the last word, by the sign-flip test over seeds, at
   * one in twenty; undefined where there is no second seed to compare.
   */
  readonly comparison:
    | { readonly word: 'better' | 'on average better' | 'not better'; readonly pValue: number; readonly floor: number }
    | undefined
}

/** A difference of a larger p may be chance. */
const SIGNIFICANT = 0.05

/** Judges the best of a study by what fresh seeds made of it. */
export function judgeFresh({ inStudy, runs, reference }: FreshRuns, direction: Direction): FreshVerdict {
  const part = [...runs, ...reference].every(({ test }) => test !== null) ? 'test' : 'validation'
  const last = (run: FreshRun) => run[part] ?? Number.NaN
  const meansOf = (fresh: readonly FreshRun[]): FreshMeans => {
    const values = fresh.map(last)
    return {
      validation: mean(fresh.map(({ validation }) => validation)),
      last: mean(values),
      interval: studentInterval(values),
    }
  }
  const tuned = meansOf(runs)
  const worse = direction === 'minimize' ? 1 : -1
  const differences = runs.map((run, i) => last(run) - (reference[i] ? last(reference[i]) : Number.NaN))
  const isPaired = differences.length > 1 && differences.every(Number.isFinite)
  const test = isPaired ? pairedSignFlipTest(differences) : undefined
  return {
    part,
    tuned,
    before: reference.length > 0 ? meansOf(reference) : undefined,
    luck: worse * (tuned.validation - inStudy),
    comparison: test && {
      word:
        worse * test.meanDifference >= 0 ? 'not better' : test.pValue > SIGNIFICANT ? 'on average better' : 'better',
      pValue: test.pValue,
      floor: test.floor,
    },
  }
}
