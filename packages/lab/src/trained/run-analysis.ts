// Everything that can be said about one trained run, as plain results for the report: predictions, mistakes, weights,
// loss.
import { checkOptions } from '@ddlf/tensor/errors'
import { compile, input, type Runtime, type Tensor } from '@ddlf/tensor'
import { columnOf, sizeOf, subset, take, type Dataset } from '@ddlf/data'
import type { Tokenizer } from '@ddlf/data/tokenizers'
import { parameterCount, withSeed, type Module } from '@ddlf/nn'
import { classGradients } from '../analysis/attribution/class-gradients.ts'
import { lastFeatureMaps, lastFeatures } from '../analysis/attribution/feature-tensors.ts'
import { randomisedWeightsCheck } from '../analysis/attribution/randomised-weights-check.ts'
import { gradCam, resizeMaps, saliency, type AttributionMaps } from '../analysis/attribution/saliency.ts'
import { calibration } from '../analysis/classification/calibration.ts'
import { answersOf } from '../analysis/classification/answers.ts'
import { softmaxRows } from '../analysis/classification/predictions.ts'
import { topLosses } from '../analysis/classification/top-losses.ts'
import { pca } from '../analysis/embedding/pca.ts'
import { umap } from '../analysis/embedding/umap.ts'
import { filterNormalisedDirection, lossSlice, lossSurface } from '../analysis/landscape/loss-slice.ts'
import { sharpness } from '../analysis/landscape/sharpness.ts'
import { activationHealth } from '../analysis/model/activation-health.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { metricOf } from '../experiment/metric.ts'
import type { Evaluation } from '../tasks/task.ts'
import type { AnalysisResults, Attribution } from '../plots/analysis-report.ts'
import { heatImage, pixelImage, type PixelImage } from '../plots/image-data-uri.ts'
import type { Measurement } from '../runs/metrics-log.ts'
import { regressionMetrics } from '../tasks/tabular.ts'
import { classesOf, columnReadBy, inputOf } from '../experiment/experiment-data.ts'
import { evaluateModel } from '../train/evaluator.ts'
import { filtersOf } from '../analysis/attribution/filters-of.ts'
import { analyzeLanguageModel } from './language-analysis.ts'
import { taskFigures } from './task-figures.ts'
import { trainingObjective } from './training-objective.ts'

/** A run to analyse. */
export interface AnalysedRun {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  /** The model with the weights to analyse. */
  readonly model: Module
  /** What was measured in training. */
  readonly metrics: readonly Measurement[]
  readonly test: Dataset
  /** Needed for sharpness and the loss landscape. */
  readonly train?: Dataset
  readonly runtime: Runtime
  /** Of a model of language: its run's, without which nothing is said of its tokens. */
  readonly tokenizer?: Tokenizer | undefined
}

/** What to look at beyond the predictions. */
export interface AnalysisOptions {
  /** Keskar's sharpness on training examples. */
  readonly sharpness?: boolean
  /** The loss around the weights along a random direction (`1d`), also on the plane of two (`2d`). */
  readonly landscape?: '1d' | '2d'
  /** Training examples that sharpness and landscape are measured on; default 2000. */
  readonly examples?: number
}

/** Pictures in the gallery of top losses: three full rows. */
const WORST = 21
/** Test items on which dead and saturated units are counted. */
const LOOKED_AT = 1000
/** Items whose attribution is shown: one full row of pictures over one of maps. */
const EXPLAINED = 9

/** Analyses a run. The parts that do not fit its task (no classes, no pictures) are left out. */
export async function analyzeRun(
  run: AnalysedRun,
  options: AnalysisOptions = {},
): Promise<Omit<AnalysisResults, 'title'>> {
  checkOptions('analyzeRun', options, ['sharpness', 'landscape', 'examples'])
  const { experiment, settings, model, test, runtime } = run
  const evaluation = await evaluateModel(experiment, settings, model, test, runtime)
  const form = columnReadBy(run.experiment, run.settings)
  const filters = form && filtersOf(run.model, form)
  const activations =
    form &&
    (await activationHealth(model, columnOf(take(test, Math.min(test.length, LOOKED_AT)), form.name).data, form, {
      runtime,
      prepare: experiment.task.prepare,
    }))
  return {
    subtitle: experiment.question,
    metrics: [
      { name: 'Parameters', value: parameterCount(model).toLocaleString('en-US'), note: 'trainable numbers' },
      ...regressionTiles(evaluation, test),
    ],
    settings,
    curves: curvesOf(run),
    ...(isClassification(evaluation, test) && (await classificationResults(run, evaluation))),
    ...regressionResults(run, evaluation),
    ...(filters && { filters }),
    ...(activations && { activations }),
    ...(await languageResults(run)),
    ...(await landscapeResults(run, options)),
    taskFigures: await taskFigures(run, test, runtime),
  }
}

/** What is said of a model of language. */
async function languageResults(run: AnalysedRun): Promise<Pick<AnalysisResults, 'language'>> {
  const view = run.experiment.task.views?.text
  const { tokenizer } = run
  if (!view || !tokenizer || !run.test.columns['tokens'] || !run.test.columns['targets']) return {}
  const { model, test, runtime } = run
  const logits = (one: Module, tokens: Tensor) => view.logits(one, tokens)
  return { language: await analyzeLanguageModel({ model, logits, tokenizer, test, runtime }) }
}

const isClassification = ({ outputs }: Evaluation, dataset: Dataset) =>
  outputs['logits']?.shape.length === 1 && dataset.columns['labels'] !== undefined

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
function regressionTiles({ outputs }: Evaluation, dataset: Dataset): NonNullable<AnalysisResults['metrics']> {
  const [predicted, targets] = [outputs['prediction']?.data, dataset.columns['targets']?.data]
  if (!predicted || !targets) return []
  const { rmse, mae, r2 } = regressionMetrics(predicted, targets)
  const short = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '-')
  return [
    { name: 'R2', value: short(r2), note: `share of the variance explained, ${dataset.length} rows of the test part` },
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

/** Pictures of some examples; undefined where the inputs are no pictures. */
function picturesOf(dataset: Dataset, column: string, indices: readonly number[]): PixelImage[] | undefined {
  const { data, shape, dtype } = columnOf(dataset, column)
  const [channels, height, width] = shape
  if (
    dtype !== 'uint8' ||
    shape.length !== 3 ||
    (channels !== 1 && channels !== 3) ||
    height === undefined ||
    width === undefined
  )
    return undefined
  const size = sizeOf(shape)
  return indices.map(index =>
    pixelImage(data.subarray(index * size, (index + 1) * size), [channels, height, width], [0, 255]),
  )
}

async function classificationResults(run: AnalysedRun, evaluation: Evaluation): Promise<Partial<AnalysisResults>> {
  const { experiment, settings, test } = run
  const logits = evaluation.outputs['logits']?.data ?? new Float32Array()
  const labels = columnOf(test, 'labels').data
  const count = evaluation.outputs['logits']?.shape[0] ?? 0
  const known = classesOf(experiment, settings)
  const classes = known.length === count ? known : Array.from({ length: count }, (_, i) => String(i))
  const { predicted, confusion } = answersOf(logits, labels, classes)
  const losses = topLosses(logits, labels, WORST, { from: 'logits' })
  const images = picturesOf(test, inputOf(experiment, settings).name, losses.map(({ index }) => index))
  const texts = test.text?.['text']
  const attribution = await attributionOf(run, logits, predicted, classes)
  const embeddings = await embeddingsOf(run, classes)
  return {
    confusion,
    calibration: calibration(logits, labels, { from: 'logits' }),
    topLosses: {
      losses,
      classes,
      ...(images && { images }),
      ...(texts && { texts: losses.map(({ index }) => texts[index] ?? '') }),
    },
    ...(attribution && { attribution }),
    ...(embeddings && { embeddings }),
  }
}

/**
 * What the predicted class of a few test pictures depends on: by pixel, and by region where the model has feature maps.
 */
async function attributionOf(
  { experiment, settings, model, test, runtime }: AnalysedRun,
  logits: Float32Array,
  predicted: Int32Array,
  classes: readonly string[],
): Promise<AnalysisResults['attribution']> {
  const { task } = experiment
  const labels = columnOf(test, 'labels').data
  // The classes in turn, so that every one is seen where there are few.
  const byClass = classes.map((_, k) => Array.from(labels.keys()).filter(i => labels[i] === k))
  const items = Array.from({ length: Math.max(0, ...byClass.map(list => list.length)) }, (_, i) =>
    byClass.flatMap(list => list[i] ?? []),
  )
    .flat()
    .slice(0, EXPLAINED)
  const { name: column, shape, dtype } = inputOf(experiment, settings)
  const pictures = picturesOf(test, column, items)
  const prepare = task.prepare
  if (!pictures || !prepare || items.length < EXPLAINED) return undefined
  const [, height = 1, width = 1] = shape
  const chosen = subset(test, items)
  const prepared = compile(prepare, [{ shape: [items.length, ...shape], dtype }], { runtime, name: 'preparation' })
  try {
    const inputs = (await prepared(columnOf(chosen, column).data)).data as Float32Array
    const targets = Int32Array.from(items, item => predicted[item] ?? 0)
    const gradientsOf = (explained: Module, maps: (logits: Tensor, x: Tensor) => Tensor) =>
      classGradients(x => explained.forward(x), inputs, shape, targets, { runtime, maps })
    const pixels = async (explained: Module): Promise<AttributionMaps> => {
      const { gradients, shape: form } = await gradientsOf(explained, (_, x) => x)
      return saliency(gradients, form)
    }
    const regions = async (explained: Module): Promise<AttributionMaps> => {
      const {
        activations,
        gradients,
        shape: form,
      } = await gradientsOf(explained, (logits, x) => lastFeatureMaps(logits, x) ?? x)
      return resizeMaps(gradCam(activations, gradients, form), height, width)
    }
    const untrained = withSeed(settings.seed + 1, () => experiment.model(settings))
    const name = (k: number) => classes[k] ?? String(k)
    const sure = items.map(
      (item, i) =>
        softmaxRows(logits.subarray(item * classes.length, (item + 1) * classes.length), classes.length)[
          targets[i] ?? 0
        ] ?? 0,
    )
    const explanation = async (
      method: Attribution['method'],
      mapsOf: (explained: Module) => Promise<AttributionMaps>,
    ): Promise<Attribution> => {
      const maps = await mapsOf(model)
      const area = maps.height * maps.width
      const tiles = [
        ...pictures.map((image, i) => ({
          image,
          caption: [name(labels[items[i] ?? 0] ?? 0)],
          correct: labels[items[i] ?? 0] === targets[i],
        })),
        ...items.map((_, i) => ({
          image: heatImage(maps.maps.subarray(i * area, (i + 1) * area), maps.height, maps.width),
          caption: [`why ${name(targets[i] ?? 0)} (p ${(sure[i] ?? 0).toFixed(2)})`],
        })),
      ]
      // Where no unit is alive no pixel counts, and there is nothing to compare.
      const says = items.some((_, i) =>
        maps.maps.subarray(i * area, (i + 1) * area).some(value => value !== maps.maps[i * area]),
      )
      return { method, tiles, ...(says && { check: randomisedWeightsCheck(maps, await mapsOf(untrained)) }) }
    }
    const probe = input('probe', { shape: [1, ...shape], dtype: 'float32' })
    const hasMaps = lastFeatureMaps(model.forward(probe), probe) !== undefined
    return [await explanation('saliency', pixels), ...(hasMaps ? [await explanation('gradCam', regions)] : [])]
  } finally {
    await prepared.release()
  }
}

/** Test items on the map of features, evenly spaced over the test set. */
const EMBEDDED = 1000

/** The features that the last layer reads, brought to two dimensions; undefined where the model ends otherwise. */
async function embeddingsOf(
  { experiment, settings, model, test, runtime }: AnalysedRun,
  classes: readonly string[],
): Promise<AnalysisResults['embeddings']> {
  const { task } = experiment
  const { name: column, shape, dtype } = inputOf(experiment, settings)
  const prepare = task.prepare ?? (x => x)
  const featuresOf = (x: Tensor) => lastFeatures(model.forward(prepare(x)), x)
  const width = featuresOf(input('probe', { shape: [1, ...shape], dtype }))?.shape[1]
  const items = Math.min(test.length, EMBEDDED)
  if (width === undefined || width < 2 || items < 3) return undefined
  const chosen = subset(
    test,
    Array.from({ length: items }, (_, i) => Math.floor((i * test.length) / items)),
  )
  const { data } = columnOf(chosen, column)
  const run = compile(x => featuresOf(x) ?? x, [{ shape: [null, ...shape], dtype }], { runtime, name: 'features' })
  try {
    const features = new Float32Array(items * width)
    const size = sizeOf(shape)
    const batch = 100
    for (let from = 0; from < items; from += batch) {
      const part = await run(data.slice(from * size, Math.min(from + batch, items) * size))
      features.set(part.data, from * width)
    }
    const labels = columnOf(chosen, 'labels').data
    const { projected, varianceRatio } = pca(features, items)
    const axis = (order: string, component: number) =>
      `${order} component, ${Math.round(100 * (varianceRatio[component] ?? 0))} % of the variance`
    return [
      {
        title: 'Principal components',
        points: projected,
        labels,
        classes,
        xLabel: axis('first', 0),
        yLabel: axis('second', 1),
      },
      { title: 'UMAP', points: await umap(features, items), labels, classes },
    ]
  } finally {
    await run.release()
  }
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
