// How a classifier sees the data: the features that its last layer reads, brought to two dimensions.
import { columnOf, sizeOf, subset } from '@ddlf/data'
import { compile, input, type Tensor } from '@ddlf/tensor'
import { inputOf } from '../../experiment/experiment-data.ts'
import type { AnalysedRun } from '../../trained/analysed-run.ts'
import { lastFeatures } from '../attribution/feature-tensors.ts'
import { pca } from '../embedding/pca.ts'
import { umap } from '../embedding/umap.ts'

/** Items in two dimensions. */
export interface FeatureMap {
  readonly title: string
  /** Row-major, shape [items, 2]. */
  readonly points: ArrayLike<number>
  readonly xLabel?: string
  readonly yLabel?: string
  /** The class of each. */
  readonly groups?: ArrayLike<number>
  readonly classes?: readonly string[]
}

/** Test items on the map of features, evenly spaced over the test set. */
const EMBEDDED = 1000

/** The features that the last layer reads, brought to two dimensions; undefined where the model ends otherwise. */
export async function featureMaps(
  { experiment, settings, model, test, runtime }: AnalysedRun,
  classes: readonly string[],
): Promise<FeatureMap[] | undefined> {
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
        groups: labels,
        classes,
        xLabel: axis('first', 0),
        yLabel: axis('second', 1),
      },
      { title: 'UMAP', points: await umap(features, items), groups: labels, classes },
    ]
  } finally {
    await run.release()
  }
}
