// Everything that can be said about one trained run, as plain results for the report: predictions, mistakes, weights,
// loss.
import { checkOptions } from '@ddlf/tensor/errors'
import type { Dataset } from '@ddlf/data'
import { parameterCount } from '@ddlf/nn'
import { classifierResults } from '../analysis/classification/analyze-classifier.ts'
import { filterNormalisedDirection, lossSlice, lossSurface } from '../analysis/landscape/loss-slice.ts'
import { sharpness } from '../analysis/landscape/sharpness.ts'
import { activationHealth } from '../analysis/model/activation-health.ts'
import { itemsOf } from '../analysis/model/model-items.ts'
import { filtersOf } from '../analysis/attribution/filters-of.ts'
import { judgedPart, type JudgedPart } from '../data-source/data-source.ts'
import { columnReadBy } from '../experiment/experiment-data.ts'
import { metricOf } from '../experiment/metric.ts'
import type { AnalysisResults } from '../plots/analysis-report.ts'
import { regressionMetrics } from '../tasks/tabular.ts'
import type { Evaluation } from '../tasks/task.ts'
import { evaluateModel } from '../train/evaluator.ts'
import type { AnalysedRun } from './analysed-run.ts'
import { languageResults } from '../analysis/tokens/language-analysis.ts'
import { wordResults } from '../analysis/words/word-analysis.ts'
import { taskFigures } from './task-figures.ts'
import { trainingObjective } from './training-objective.ts'

export type { AnalysedRun } from './analysed-run.ts'

/** What to look at beyond the predictions. */
export interface AnalysisOptions {
  /** Keskar's sharpness on training examples. */
  readonly sharpness?: boolean
  /** The loss around the weights along a random direction (`1d`), also on the plane of two (`2d`). */
  readonly landscape?: '1d' | '2d'
  /** Training examples that sharpness and landscape are measured on; default 2000. */
  readonly examples?: number
  /** Of vectors of words: those whose neighbours are shown; default some from frequent to rare. */
  readonly words?: readonly string[]
}

/** Items on which dead and saturated units are counted. */
const LOOKED_AT = 1000

/** Analyses a run. The parts that do not fit its task (no classes, no pictures) are left out. */
export async function analyzeRun(
  run: AnalysedRun,
  options: AnalysisOptions = {},
): Promise<Omit<AnalysisResults, 'title'>> {
  checkOptions('analyzeRun', options, ['sharpness', 'landscape', 'examples', 'words'])
  const { experiment, settings, model, test, runtime } = run
  const evaluation = await evaluateModel(experiment, settings, model, test, runtime)
  const form = columnReadBy(run.experiment, run.settings)
  const filters = form && filtersOf(run.model, form)
  const activations =
    form &&
    (await activationHealth(model, itemsOf(test, form.name, form.shape, LOOKED_AT), form, {
      runtime,
      prepare: experiment.task.prepare,
    }))
  const part = judgedPart(experiment.data, settings)
  return {
    part,
    subtitle: experiment.question,
    metrics: [
      { name: 'Parameters', value: parameterCount(model).toLocaleString('en-US'), note: 'trainable numbers' },
      ...regressionTiles(evaluation, test, part),
    ],
    settings,
    curves: curvesOf(run),
    ...(await classifierResults(run, evaluation)),
    ...regressionResults(run, evaluation),
    ...(filters && { filters }),
    ...(activations && { activations }),
    ...(await languageResults(run)),
    ...wordResults(run, evaluation, options.words),
    ...(await landscapeResults(run, options)),
    taskFigures: await taskFigures(run, () => Promise.resolve(test), runtime, run.tokenizer),
  }
}

/** Predicted numbers beside the right ones. */
function regressionResults(
  { test, settings }: AnalysedRun,
  { outputs }: Evaluation,
): Pick<AnalysisResults, 'regression'> {
  const [predicted, targets] = [outputs['prediction']?.data, test.columns['targets']?.data]
  const { target = 'the number' } = settings as { readonly target?: string }
  return predicted && targets ? { regression: { predicted, targets, target } } : {}
}

/** How far predicted numbers are from the right ones. */
function regressionTiles(
  { outputs }: Evaluation, dataset: Dataset, part: JudgedPart,
): NonNullable<AnalysisResults['metrics']> {
  const [predicted, targets] = [outputs['prediction']?.data, dataset.columns['targets']?.data]
  if (!predicted || !targets) return []
  const { rmse, mae, r2 } = regressionMetrics(predicted, targets)
  const short = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '-')
  return [
    {
      name: 'R2', value: short(r2),
      note: `share of the variance explained, ${dataset.length} rows of the ${part} part`,
    },
    { name: 'Mean absolute error', value: short(mae), note: 'in the unit of the target' },
    { name: 'Root mean squared error', value: short(rmse), note: 'in the unit of the target' },
  ]
}

/** A curve for every metric that was measured on any part and is shown in lists. */
function curvesOf({
  metrics,
  experiment: { task },
  settings,
}: Pick<AnalysedRun, 'metrics' | 'experiment' | 'settings'>): NonNullable<AnalysisResults['curves']> {
  const series = (name: string) => metrics.filter(metric => metric.name === name)
  const measured = (parts: string) =>
    metrics.flatMap(({ name }) => new RegExp(`^(?:${parts})/(.+)$`).exec(name)?.[1] ?? [])
  const described = [...new Set([...measured('train'), ...measured('validation|test')])].map(name =>
    metricOf(task.metrics, name),
  )
  const xLabel = settings.steps > 0 ? 'evaluation' : 'epoch'
  const figures = described.filter(({ quiet }) => quiet !== true).map(({ name: kind, title }) => ({
    title: title.charAt(0).toUpperCase() + title.slice(1),
    series: ['train', 'validation', 'test'].flatMap((split, colour) => {
      const rows = series(`${split}/${kind}`)
      return rows.length < 2
        ? []
        : [{ name: split, runs: [{ x: rows.map(({ epoch }) => epoch), y: rows.map(({ value }) => value) }], colour }]
    }),
    options: { xLabel, yLabel: kind },
  }))
  const rates = series('learningRate')
  // A constant rate stands in the settings.
  const varies = rates.some(({ value }) => value !== rates[0]?.value)
  const rate = {
    title: 'Learning rate',
    series: !varies
      ? []
      : [{ name: 'learning rate', runs: [{ x: rates.map(({ epoch }) => epoch), y: rates.map(({ value }) => value) }] }],
    options: { xLabel, yLabel: 'learning rate' },
  }
  return [...figures, rate].filter(figure => figure.series.length > 0)
}

async function landscapeResults(
  run: AnalysedRun,
  { sharpness: wantsSharpness = false, landscape, examples = 2000 }: AnalysisOptions,
): Promise<Partial<AnalysisResults>> {
  const { train } = run
  if (!train || (!wantsSharpness && landscape === undefined)) return {}
  const objective = trainingObjective({ ...run, train }, { examples })
  try {
    const { parameters, blocks } = objective
    const direction = (index: number) => filterNormalisedDirection(parameters, blocks, { index })
    const slices: NonNullable<AnalysisResults['lossSlices']>[number][] = []
    if (landscape !== undefined)
      slices.push({
        title: 'Along a random direction',
        slice: await lossSlice(objective.loss, parameters, direction(0)),
      })
    if (landscape === '2d')
      slices.push({
        title: 'On the plane of two directions',
        slice: await lossSurface(objective.loss, parameters, [direction(0), direction(1)], { points: 21 }),
      })
    return {
      ...(wantsSharpness && {
        sharpness: [
          await sharpness(objective.lossAndGradient, parameters, { epsilon: 1e-3 }),
          await sharpness(objective.lossAndGradient, parameters, { epsilon: 5e-4 }),
        ],
      }),
      lossSlices: slices,
    }
  } finally {
    await objective.release()
  }
}
