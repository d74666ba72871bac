// Everything that can be said about one trained run, as plain results for the report: predictions, mistakes, weights, loss.
import { compile, type Runtime, type TypedArray } from '@ddlf/tensor'
import { columnOf, sizeOf, subset, take, type Dataset } from '@ddlf/data'
import { parameterCount, withSeed, type Module } from '@ddlf/nn'
import { classGradients } from '../analysis/attribution/class-gradients.ts'
import { randomisedWeightsCheck } from '../analysis/attribution/randomised-weights-check.ts'
import { saliency, type AttributionMaps } from '../analysis/attribution/saliency.ts'
import { calibration } from '../analysis/classification/calibration.ts'
import { confusionMatrix } from '../analysis/classification/confusion-matrix.ts'
import { argmax, softmaxRows } from '../analysis/classification/predictions.ts'
import { topLosses } from '../analysis/classification/top-losses.ts'
import { filterNormalisedDirection, lossSlice, lossSurface } from '../analysis/landscape/loss-slice.ts'
import { sharpness } from '../analysis/landscape/sharpness.ts'
import { modelObjective, type ModelObjective } from '../analysis/model/model-objective.ts'
import type { Evaluation, Experiment, TrainingSettings } from '../experiment.ts'
import type { AnalysisResults } from '../plots/analysis-report.ts'
import { heatImage, pixelImage, type PixelImage } from '../plots/image-data-uri.ts'
import type { Metric } from '../runs/metrics-log.ts'
import { classesOf, columnsOf, inputOf } from './experiment-data.ts'
import { evaluateModel } from './evaluator.ts'
import { filtersOf } from './filters-of.ts'

/** A run to analyse. */
export interface AnalysedRun {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  /** The model with the weights to analyse. */
  readonly model: Module
  /** What was measured in training. */
  readonly metrics: readonly Metric[]
  readonly test: Dataset
  /** Needed for sharpness and the loss landscape. */
  readonly train?: Dataset
  readonly runtime: Runtime
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
/** Items whose saliency is shown: one full row of pictures over one of maps. */
const EXPLAINED = 9

/** Analyses a run. The parts that do not fit its task (no classes, no pictures) are left out. */
export async function analyzeRun(run: AnalysedRun, options: AnalysisOptions = {}): Promise<Omit<AnalysisResults, 'title'>> {
  const { experiment, settings, model, test, runtime } = run
  const evaluation = await evaluateModel(experiment, settings, model, test, runtime)
  const filters = filtersOf(run.model, inputOf(run.experiment, run.settings))
  return {
    subtitle: experiment.question,
    metrics: [{ name: 'Parameters', value: parameterCount(model).toLocaleString('en-US'), note: 'trainable numbers' }],
    settings,
    curves: curvesOf(run.metrics),
    ...(isClassification(evaluation, test) && (await classificationResults(run, evaluation))),
    ...(filters && { filters }),
    ...(await landscapeResults(run, options)),
  }
}

const isClassification = ({ outputs }: Evaluation, dataset: Dataset) => outputs['logits']?.shape.length === 1 && dataset.columns['labels'] !== undefined

function curvesOf(metrics: readonly Metric[]): NonNullable<AnalysisResults['curves']> {
  const series = (name: string) => metrics.filter(metric => metric.name === name)
  const kinds = [...new Set(metrics.flatMap(({ name }) => /^train\/(.+)$/.exec(name)?.[1] ?? []))]
  const figures = kinds.map(kind => ({
    title: kind.charAt(0).toUpperCase() + kind.slice(1),
    series: ['train', 'validation', 'test'].flatMap((split, colour) => {
      const rows = series(`${split}/${kind}`)
      return rows.length < 2 ? [] : [{ name: split, runs: [{ x: rows.map(({ epoch }) => epoch), y: rows.map(({ value }) => value) }], colour }]
    }),
    options: { xLabel: 'epoch', yLabel: kind },
  }))
  const rates = series('learningRate')
  // A constant rate stands in the settings.
  const varies = rates.some(({ value }) => value !== rates[0]?.value)
  const rate = {
    title: 'Learning rate',
    series: !varies ? [] : [{ name: 'learning rate', runs: [{ x: rates.map(({ epoch }) => epoch), y: rates.map(({ value }) => value) }] }],
    options: { xLabel: 'epoch', yLabel: 'learning rate' },
  }
  return [...figures, rate].filter(figure => figure.series.length > 0)
}

/** Pictures of some examples; undefined where the inputs are no pictures. */
function picturesOf(dataset: Dataset, column: string, indices: readonly number[]): PixelImage[] | undefined {
  const { data, shape, dtype } = columnOf(dataset, column)
  const [channels, height, width] = shape
  if (dtype !== 'uint8' || shape.length !== 3 || (channels !== 1 && channels !== 3) || height === undefined || width === undefined) return undefined
  const size = sizeOf(shape)
  return indices.map(index => pixelImage(data.subarray(index * size, (index + 1) * size), [channels, height, width], [0, 255]))
}

async function classificationResults(run: AnalysedRun, evaluation: Evaluation): Promise<Partial<AnalysisResults>> {
  const { experiment, settings, test } = run
  const logits = evaluation.outputs['logits']?.data ?? new Float32Array()
  const labels = columnOf(test, 'labels').data
  const count = evaluation.outputs['logits']?.shape[0] ?? 0
  const known = classesOf(experiment, settings)
  const classes = known.length === count ? known : Array.from({ length: count }, (_, i) => String(i))
  const predicted = Int32Array.from(labels, (_, i) => argmax(logits, i * count, (i + 1) * count))
  const losses = topLosses(logits, labels, WORST, { from: 'logits' })
  const images = picturesOf(test, experiment.task.input, losses.map(({ index }) => index))
  const texts = test.text?.['text']
  const attribution = await attributionOf(run, logits, predicted, classes)
  return {
    confusion: confusionMatrix(labels, predicted, classes),
    calibration: calibration(logits, labels, { from: 'logits' }),
    topLosses: { losses, classes, ...(images && { images }), ...(texts && { texts: losses.map(({ index }) => texts[index] ?? '') }) },
    ...(attribution && { attribution }),
  }
}

/** Saliency of the predicted class for a few test pictures, and whether it depends on what was learned. */
async function attributionOf({ experiment, settings, model, test, runtime }: AnalysedRun, logits: Float32Array, predicted: Int32Array, classes: readonly string[]): Promise<AnalysisResults['attribution']> {
  const { task } = experiment
  const labels = columnOf(test, 'labels').data
  // The classes in turn, so that every one is seen where there are few.
  const byClass = classes.map((_, k) => Array.from(labels.keys()).filter(i => labels[i] === k))
  const items = Array.from({ length: Math.max(0, ...byClass.map(list => list.length)) }, (_, i) => byClass.flatMap(list => list[i] ?? [])).flat().slice(0, EXPLAINED)
  const pictures = picturesOf(test, task.input, items)
  const prepare = task.prepare
  if (!pictures || !prepare || items.length < EXPLAINED) return undefined
  const { shape, dtype } = inputOf(experiment, settings)
  const chosen = subset(test, items)
  const prepared = compile(prepare, [{ shape: [items.length, ...shape], dtype }], { runtime, name: 'preparation' })
  try {
    const inputs = (await prepared(columnOf(chosen, task.input).data)).data as Float32Array
    const targets = Int32Array.from(items, item => predicted[item] ?? 0)
    const mapsOf = async (explained: Module): Promise<AttributionMaps> => {
      const { gradients, shape: form } = await classGradients(x => x, x => explained.forward(x), inputs, shape, targets, { runtime })
      return saliency(gradients, form)
    }
    const maps = await mapsOf(model)
    const untrained = await mapsOf(withSeed(settings.seed + 1, () => experiment.model(settings)))
    const area = maps.height * maps.width
    const name = (k: number) => classes[k] ?? String(k)
    const sure = items.map((item, i) => softmaxRows(logits.subarray(item * classes.length, (item + 1) * classes.length), classes.length)[targets[i] ?? 0] ?? 0)
    const tiles = [
      ...pictures.map((image, i) => ({ image, caption: [name(labels[items[i] ?? 0] ?? 0)], correct: labels[items[i] ?? 0] === targets[i] })),
      ...items.map((_, i) => ({ image: heatImage(maps.maps.subarray(i * area, (i + 1) * area), maps.height, maps.width), caption: [`why ${name(targets[i] ?? 0)} (p ${(sure[i] ?? 0).toFixed(2)})`] })),
    ]
    return { tiles, check: randomisedWeightsCheck(maps, untrained) }
  } finally {
    await prepared.release()
  }
}

/** The mean loss over some training examples as a function of the flat parameters. */
export function trainingObjective({ experiment, settings, model, train, runtime }: Pick<AnalysedRun, 'experiment' | 'settings' | 'model' | 'runtime'> & { readonly train: Dataset }, examples: number): ModelObjective {
  const { task } = experiment
  const part = take(train, examples)
  const forms = columnsOf(experiment, settings)
  const size = 250
  const batches = Array.from({ length: Math.ceil(part.length / size) }, (_, b) => task.columns.map((name): TypedArray => {
    const { data, shape } = columnOf(part, name)
    return data.slice(b * size * sizeOf(shape), Math.min((b + 1) * size, part.length) * sizeOf(shape))
  }))
  const specs = task.columns.map(name => ({ shape: [null, ...(forms[name]?.shape ?? [])], dtype: forms[name]?.dtype ?? 'float32', name }))
  return modelObjective(model, (...inputs) => task.loss(model, Object.fromEntries(task.columns.map((name, i) => [name, inputs[i]])) as never, settings).loss, specs, batches, { runtime })
}

async function landscapeResults(run: AnalysedRun, { sharpness: wantsSharpness = false, landscape, examples = 2000 }: AnalysisOptions): Promise<Partial<AnalysisResults>> {
  const { train } = run
  if (!train || (!wantsSharpness && landscape === undefined)) return {}
  const objective = trainingObjective({ ...run, train }, examples)
  try {
    const { parameters, blocks } = objective
    const direction = (index: number) => filterNormalisedDirection(parameters, blocks, { index })
    const slices: NonNullable<AnalysisResults['lossSlices']>[number][] = []
    if (landscape !== undefined) slices.push({ title: 'Along a random direction', slice: await lossSlice(objective.loss, parameters, direction(0)) })
    if (landscape === '2d') slices.push({ title: 'On the plane of two directions', slice: await lossSurface(objective.loss, parameters, [direction(0), direction(1)], { points: 21 }) })
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
