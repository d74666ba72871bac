// A study in words: values of objectives, parameters, trials as rows of a table.
import {
  continuedBy, shownParams, spentBudget, standing, type Choice, type Direction, type Metric, type StudyBudget,
  type StudyEnd, type Trial,
} from '@ddlf/lab'
import { pc } from './colour.ts'
import { formatCount, formatDuration, formatMetric, formatNumber, formatTable } from './format.ts'

/** A study as far as texts need it: one that is open, or one that was read. */
export interface ShownStudy {
  readonly name: string
  readonly directions: readonly Direction[]
  readonly trials: readonly Trial[]
  readonly best: Trial | undefined
  readonly front: readonly Trial[]
}

/** The value of an objective as people read it. */
export function objectiveText(metric: Metric, value: number): string {
  if (metric.name === 'seconds') return formatDuration(value)
  if (metric.name === 'parameters' || metric.name === 'flop') return formatCount(value)
  return formatMetric(metric, value)
}

const choiceText = (value: Choice): string => (typeof value === 'number' ? formatNumber(value) : String(value))

/** `learningRate 0.05, batchSize 64` */
export const paramsText = ({ params }: Pick<Trial, 'params'>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${choiceText(value)}`)
    .join(', ')

/** `error 1.80 %, parameters 12,345` */
export const namedValuesText = ({ values }: Pick<Trial, 'values'>, objectives: readonly Metric[]): string =>
  values === undefined
    ? '-'
    : objectives.map((metric, i) => `${metric.name} ${objectiveText(metric, values[i] ?? NaN)}`).join(', ')

/** The values of a trial by objective; for one that was stopped early its last one. */
export const valuesText = ({ values }: Pick<Trial, 'values'>, objectives: readonly Metric[]): string =>
  values === undefined ? '-' : objectives.map((metric, i) => objectiveText(metric, values[i] ?? NaN)).join(' / ')

/**
 * How many trials stand how: `12 complete, 5 pruned, 1 failed, 2 running`.
 * @param isRunning whether somebody works on the study; where nobody does, what was begun can go on
 */
export function countsText(trials: readonly Trial[], isRunning = true): string {
  const current = standing(trials)
  const count = (state: Trial['state']) => current.filter(trial => trial.state === state).length
  const named = (['complete', 'pruned', 'failed', 'running', 'waiting'] as const).map(
    state => [state, count(state)] as const,
  )
  const words = { running: isRunning ? 'running' : 'saved, to go on' } as const
  const said = named
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${state === 'running' ? words.running : state}`)
  return said.length === 0 ? 'no trial yet' : said.join(', ')
}

const COLOURS: Readonly<Record<Trial['state'], (text: string) => string>> = {
  complete: pc.green,
  pruned: pc.yellow,
  failed: pc.red,
  running: pc.cyan,
  waiting: pc.dim,
}

/** Trials as a table. */
export function trialsTable(
  trials: readonly Trial[],
  objectives: readonly Metric[],
  best: readonly number[] = [],
): string {
  const names = [...new Set(trials.flatMap(trial => Object.keys(shownParams(trial))))]
  const rows = trials.map(trial => {
    const params = shownParams(trial)
    const continued = continuedBy(trial)
    const mark = best.includes(trial.number) ? '*' : ''
    return [
      `${trial.number}${mark}`,
      COLOURS[trial.state](continued === undefined ? trial.state : `${trial.state}, from ${continued}`),
      valuesText(trial, objectives),
      String(trial.intermediateValues.size),
      ...names.map(name => (Object.hasOwn(params, name) ? choiceText(params[name] as Choice) : '-')),
    ]
  })
  return formatTable(
    ['trial', 'state', objectives.map(({ name }) => name).join(' / '), 'steps', ...names],
    rows,
    [0, 2, 3, ...names.map((_, i) => 4 + i)],
    { drop: [3] },
  )
}

const WHY: Readonly<Record<string, string>> = {
  asked: 'Stopped. ',
  timeout: 'The time is over. ',
  exhausted: 'Every point of the grid was tried. ',
}

/** Why a study ended, where it did not come to its number of trials. */
export function whyText({ reason, paused }: StudyEnd, trials: readonly Trial[], budget: StudyBudget): string {
  const isShort = paused.length > 0 || spentBudget(trials).trials < budget.trials
  if (reason !== 'budget' || !isShort) return WHY[reason] ?? ''
  return budget.flop === undefined ? 'The epochs are spent. ' : 'The epochs or operations are spent. '
}
