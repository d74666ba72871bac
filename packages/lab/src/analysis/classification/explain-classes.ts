// What the answers of a classifier of pictures depend on: by pixel, and by region where it has feature maps.
import { columnOf, subset } from '@ddlf/data'
import { withSeed, type Module } from '@ddlf/nn'
import { compile, input } from '@ddlf/tensor'
import { inputOf } from '../../experiment/experiment-data.ts'
import { heatImage } from '../../plots/image-data-uri.ts'
import type { ImageTile } from '../../plots/image-grid-figure.ts'
import { picturesOf } from '../../plots/pictures-of.ts'
import type { AnalysedRun } from '../../trained/analysed-run.ts'
import { classGradients } from '../attribution/class-gradients.ts'
import { classRegions } from '../attribution/class-regions.ts'
import { lastFeatureMaps } from '../attribution/feature-tensors.ts'
import {
  canCompareMaps, randomisedWeightsCheck, type RandomisedWeightsCheck,
} from '../attribution/randomised-weights-check.ts'
import { resizeMaps, saliency, type AttributionMaps } from '../attribution/saliency.ts'
import { softmaxRows } from './predictions.ts'

/**
 * Attribution maps by one method, pictures beside their inputs, and whether the method passed the randomised-weights
 * check.
 */
export interface Attribution {
  readonly method: 'saliency' | 'gradCam'
  readonly tiles: readonly ImageTile[]
  readonly check?: RandomisedWeightsCheck
}

/** Items whose attribution is shown: one full row of pictures over one of maps. */
const EXPLAINED = 9

/**
 * What the predicted class of a few test pictures depends on: by pixel, and by region where the model has feature maps.
 */
export async function explainClasses(
  { experiment, settings, model, test, runtime }: AnalysedRun,
  logits: Float32Array,
  predicted: Int32Array,
  classes: readonly string[],
): Promise<Attribution[] | undefined> {
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
    const pixels = async (explained: Module): Promise<AttributionMaps> => {
      const { gradients, shape: form } = await classGradients(
        x => explained.forward(x), inputs, shape, targets, { runtime },
      )
      return saliency(gradients, form)
    }
    const regions = async (explained: Module): Promise<AttributionMaps> =>
      resizeMaps(
        await classRegions(x => explained.forward(x), inputs, shape, targets, { runtime }), height, width,
      )
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
      // Where no unit is alive no pixel counts, nor does one where the first weights are zeros: nothing to compare.
      const others = await mapsOf(untrained)
      return { method, tiles, ...(canCompareMaps(maps, others) && { check: randomisedWeightsCheck(maps, others) }) }
    }
    const probe = input('probe', { shape: [1, ...shape], dtype: 'float32' })
    const hasMaps = lastFeatureMaps(model.forward(probe), probe) !== undefined
    return [await explanation('saliency', pixels), ...(hasMaps ? [await explanation('gradCam', regions)] : [])]
  } finally {
    await prepared.release()
  }
}
