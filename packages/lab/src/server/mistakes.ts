// What a finished run of a classifier gets wrong, from the outputs it keeps.
import { columnOf } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { argmax, confusionMatrix, softmaxRows, topLosses } from '../analysis/index.ts'
import type { Experiment } from '../experiment.ts'
import { readRunOutputs, type RunFolder } from '../runs/node.ts'

/** A run's confusion matrix and worst mistakes, pictures included. */
export interface RunMistakes {
  readonly classes: readonly string[]
  /** Rows are truths. */
  readonly confusion: readonly (readonly number[])[]
  readonly mistakes: readonly { readonly index: number; readonly truth: number; readonly prediction: number; readonly probability: number; readonly pixels: string }[]
  /** Shape of a picture: channels, height, width. */
  readonly shape: readonly number[]
}

/** Undefined where the run keeps no logits or its data set has no pictures with labels. */
export async function mistakesOf(run: RunFolder, experiment: Experiment, count = 24): Promise<RunMistakes | undefined> {
  const logits = readRunOutputs(run)?.['logits']
  if (!logits) return undefined
  const test = await loadDataset(experiment.dataset, { split: 'test' })
  const { classes } = test
  const images = test.columns['images']
  if (!classes || !images || !test.columns['labels']) return undefined
  const labels = columnOf(test, 'labels').data
  const size = images.shape.reduce((product, extent) => product * extent, 1)
  const scores = softmaxRows(logits.data, classes.length)
  const predicted = Int32Array.from(labels, (_, i) => argmax(scores, i * classes.length, (i + 1) * classes.length))
  const { counts } = confusionMatrix(labels, predicted, classes)
  const worst = topLosses(scores, labels, 2 * count).filter(({ label, prediction }) => label !== prediction).slice(0, count)
  return {
    classes,
    confusion: classes.map((_, row) => [...counts.subarray(row * classes.length, (row + 1) * classes.length)]),
    shape: images.shape,
    mistakes: worst.map(({ index, label, prediction, probability }) => ({
      index, truth: label, prediction, probability,
      pixels: Buffer.from(images.data.subarray(index * size, (index + 1) * size)).toString('base64'),
    })),
  }
}
