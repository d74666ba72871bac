// Charts of recorded runs: one line an arm, the mean over its seeds with a band, test solid and training dashed.
import { experiments } from '@ddlf/course'
import {
  armOf, drawnAs, findExperiment, isLogarithmic, parseSettings, valuesBySeed, type RecordedArm,
} from '@ddlf/lab'
import type { Chart, ChartSeries } from '../charts/chart.ts'
import { unitText } from './format.ts'
import { metricFor, resultOf } from './results.ts'

export interface RecordedChart {
  readonly experiment: string
  /** Ids of arms, default all. */
  readonly arms?: readonly string[] | undefined
  readonly metrics: readonly string[]
  readonly scale?: 'linear' | 'log' | undefined
  readonly highest?: number | undefined
}

/** The mean over seeds at each epoch, plus and minus a standard deviation. */
function meanOf(
  arm: RecordedArm,
  metric: string,
  factor: (value: number) => number,
): Pick<ChartSeries, 'points' | 'band' | 'seeds'> {
  const epochs = [...new Set(arm.runs.flatMap(run => run.curve.epoch))].sort((a, b) => a - b)
  const at = epochs.map(epoch => {
    const values = arm.runs.map(run => {
      const value = run.curve.values[metric]?.[run.curve.epoch.indexOf(epoch)]
      return { seed: run.seed, y: value === null || value === undefined ? NaN : factor(value) }
    })
    const ys = [...valuesBySeed(values, ({ y }) => y).values()]
    const mean = ys.reduce((sum, y) => sum + y, 0) / ys.length
    const deviation = Math.sqrt(ys.reduce((sum, y) => sum + (y - mean) ** 2, 0) / Math.max(1, ys.length - 1))
    return {
      epoch,
      mean,
      low: Math.max(mean - deviation, Math.min(...ys)),
      high: Math.min(mean + deviation, Math.max(...ys)),
    }
  })
  const seeds = new Set(arm.runs.map(({ seed }) => seed)).size
  return {
    points: at.map(({ epoch, mean }) => [epoch, mean]),
    seeds,
    ...(seeds > 1 && { band: at.map(({ low, high }) => [low, high] as const) }),
  }
}

/** A chart of recorded runs. */
export function recordedChart({ experiment, arms: ids, metrics, scale, highest }: RecordedChart): Chart {
  const result = resultOf(experiment)
  const arms = (ids ?? result.arms.map(arm => arm.id)).map(id => armOf(result, id))
  const titleOf = (metric: string) => drawnAs(metricFor(experiment, metric)).title
  const isShare = metrics.every(metric => metricFor(experiment, metric).format === 'percent')
  const value = (metric: string) => {
    const { drawn } = drawnAs(metricFor(experiment, metric))
    return (y: number) => (isShare ? 100 : 1) * drawn(y)
  }
  const common =
    metrics.length > 1
      ? titleOf(metrics[0] ?? '')
          .split(' ')
          .at(-1)
      : titleOf(metrics[0] ?? '')
  const series = arms.flatMap((arm, colour) =>
    metrics.map(metric => ({
      name: [arms.length > 1 || metrics.length === 1 ? arm.label : '', metrics.length > 1 ? splitOf(metric) : '']
        .filter(Boolean)
        .join(', '),
      colour,
      dashed: isTraining(metric),
      ...meanOf(arm, metric, value(metric)),
    })),
  )
  const units = [...new Set(metrics.map(metric => unitText(metricFor(experiment, metric))))]
  const [unit = ''] = units.length === 1 ? units : []
  return {
    series,
    yTitle: common ?? '',
    xTitle: arms.every(arm => isCountedInSteps(experiment, arm)) ? 'evaluation' : 'epoch',
    ...(unit !== '' && { yUnit: unit }),
    ...(scale !== undefined && { scale }),
    ...(highest !== undefined && { highest }),
  }
}

/** Whether an arm is trained for so many steps and judged after every so many: passes over its examples say nothing. */
const isCountedInSteps = (experiment: string, { settings }: RecordedArm) =>
  parseSettings(findExperiment(experiments, experiment), settings).steps > 0

const isTraining = (metric: string) => /^(train|epoch)\//.test(metric)
const splitOf = (metric: string) => (isTraining(metric) ? 'training' : (metric.split('/')[0] ?? ''))

/** Whether a metric of an experiment is drawn on a logarithmic axis where nothing else is asked for. */
export const isDrawnLogarithmic = (experiment: string, metric: string): boolean =>
  isLogarithmic(metricFor(experiment, metric))
