// Several runs over one another for a page: the settings in which they differ, and their curves thinned for a screen.
import { UserError } from '@ddlf/tensor/errors'
import { isFoundSetting, type Experiment } from '../experiment/experiment.ts'
import { differingSettings, type DifferingSetting } from '../runs/compare-runs.ts'
import { judgedNames, metricOf } from '../experiment/metric.ts'
import { flatMetrics, measuredAs, metricsOfRun, runPaths, type RunListing } from '../runs/node.ts'
import type { CurveStore } from './curves/curve-store.ts'
import { halfOf } from '../analysis/statistics/student-interval.ts'
import { codesApart } from '../trained/changed-code.ts'
import { incomparable } from '../trained/comparable.ts'
import { ASIDE, comparisonSentence, runGroups, settingsApart } from '../trained/run-groups.ts'
import { valuesBySeed } from '../analysis/statistics/by-seed.ts'
import type { IndexedRun, RunIndex } from './run-index.ts'
import { runLine, type RunLine } from './run-list.ts'
import { SharedAnswers } from './shared-answers.ts'

/** More curves than these cannot be told apart. */
const MOST_RUNS = 12

/** One metric of one run; null where a value is no finite number. */
export interface ComparedSeries {
  readonly step: readonly number[]
  readonly epoch: readonly number[]
  readonly value: readonly (number | null)[]
}

/** What the page of a comparison shows. */
export interface LabComparison {
  readonly runs: readonly RunLine[]
  readonly metric: string
  /** All that some run has measured. */
  readonly metrics: readonly string[]
  readonly settings: readonly DifferingSetting[]
  /** One a run. */
  readonly series: readonly ComparedSeries[]
  /** Runs that differ in nothing but the seed, by their place among the runs, judged by the metric as runs ended. */
  readonly groups: readonly ComparedGroup[]
  /** What the comparison shows, in a sentence with its test. */
  readonly sentence: string
}

/** Runs of one setting. */
export interface ComparedGroup {
  readonly label: string
  readonly runs: readonly number[]
  readonly mean: number | null
  /** Half of the 95 % interval of the mean; null of one seed. */
  readonly half: number | null
}

/** How far the logs of a comparison have been read. */
export interface ComparisonProgress {
  readonly reading: { readonly bytes: number; readonly size: number }
}

/** A comparison under way. */
export interface AskedComparison {
  /** The {@link LabComparison} as JSON: one text for all who ask the same. @throws UserError for an unreadable log */
  readonly text: Promise<string>
  readonly progress: () => ComparisonProgress
}

type Curves = Pick<CurveStore, 'series' | 'progress'>
const listOf = (numbers: Float64Array) => Array.from(numbers)

/** Compares runs by their names. */
export class Comparisons {
  readonly #index: RunIndex
  readonly #curves: Curves
  readonly #experiments: readonly Experiment[]
  readonly #answers = new SharedAnswers()

  constructor(index: RunIndex, curves: Curves, experiments: readonly Experiment[] = []) {
    this.#index = index
    this.#curves = curves
    this.#experiments = experiments
  }

  /**
   * A name given twice counts once. Without a metric it is the first that the runs' tasks judge by.
   * @throws UserError for none, too many, or a run that cannot be read
   */
  ask(given: readonly string[], metric?: string): AskedComparison {
    const names = [...new Set(given)]
    if (names.length === 0) {
      throw new UserError({
        rule: 'The comparison names no run.',
        received: 'none',
        next: '?run=<experiment>/<id>&run=...',
      })
    }
    if (names.length > MOST_RUNS) {
      const rule = `More than ${MOST_RUNS} runs are more than one comparison shows.`
      throw new UserError({ rule, received: String(names.length), next: 'Choose fewer.' })
    }
    const runs = names.map(name => {
      const [experiment = '', id = ''] = name.split('/')
      return this.#index.read(this.#index.find(experiment, id))
    })
    const text = this.#answers.ask(JSON.stringify([names, metric ?? null]), async () =>
      JSON.stringify(await this.#compare(runs, metric)),
    )
    return { text, progress: () => this.#progress(runs) }
  }

  async #compare(runs: readonly IndexedRun[], asked?: string): Promise<LabComparison> {
    const described = runs.flatMap(({ record }) => metricsOfRun(record))
    const ended = new Set(runs.flatMap(({ summary }) => Object.keys(flatMetrics(summary?.metrics ?? {}))))
    const first = judgedNames(described, name => ended.has(name))[0] ?? `test/${described[0]?.name ?? 'loss'}`
    const metric = asked ?? first
    const logs = await Promise.all(runs.map(run => this.#curves.series(runPaths(run).metrics, metric)))
    const codes = codesApart(runs.map(({ record }) => record), ASIDE)
    const settings = differingSettings(
      runs.map((run, at) => settingsApart({ config: this.#settingsOf(run), code: codes[at] })),
    )
    return {
      runs: runs.map(runLine),
      ...groupsOf(runs, codes, settings, metric),
      metric,
      metrics: [...new Set(logs.flatMap(({ names }) => names))].sort(),
      settings,
      series: logs.map(({ step, epoch, value }) => ({
        step: listOf(step),
        epoch: listOf(epoch),
        value: listOf(value).map(one => (Number.isFinite(one) ? one : null)),
      })),
    }
  }

  /** What was found in own data is no setting that somebody chose. */
  #settingsOf({ experiment: name, record: { config } }: RunListing): RunListing['record']['config'] {
    const experiment = this.#experiments.find(one => one.name === name)
    const isChosen = (setting: string) => experiment === undefined || !isFoundSetting(experiment, setting)
    return Object.fromEntries(Object.entries(config).filter(([setting]) => isChosen(setting)))
  }

  #progress(runs: readonly RunListing[]): ComparisonProgress {
    const under = runs.flatMap(run => this.#curves.progress(runPaths(run).metrics) ?? [])
    const sum = (part: 'bytes' | 'size') => under.reduce((total, one) => total + one[part], 0)
    return { reading: { bytes: sum('bytes'), size: sum('size') } }
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Runs by setting, and what they show; a run that has not ended yet counts with nothing. */
function groupsOf(
  runs: readonly IndexedRun[],
  codes: readonly (string | undefined)[],
  settings: readonly DifferingSetting[],
  metric: string,
): Pick<LabComparison, 'groups' | 'sentence'> {
  const members = runs.map((run, place) => ({
    place,
    experiment: run.experiment,
    seed: run.record.seed,
    config: run.record.config,
    code: codes[place],
    status: run.status,
    value: measuredAs(run.summary?.metrics, metric) ?? Number.NaN,
  }))
  const valueOf = ({ value }: (typeof members)[number]) => value
  const apart = settings.filter(({ setting }) => !ASIDE.includes(setting))
  const groups = runGroups(members, apart, valueOf)
  const described = metricOf(runs.flatMap(({ record }) => metricsOfRun(record)), metric)
  return {
    groups: groups.map(({ label, runs: own, finished, mean }) => ({
      label,
      runs: own.map(({ place }) => place),
      mean: finite(mean),
      half: finite(halfOf([...valuesBySeed(finished, valueOf).values()])),
    })),
    sentence: incomparable(runs.map(({ record }) => record), metric) ?? comparisonSentence(groups, described, valueOf),
  }
}
