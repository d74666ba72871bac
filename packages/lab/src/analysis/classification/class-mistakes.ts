// What a classifier gets wrong, from the logits that its run keeps.
import type { Dataset } from '@ddlf/data'
import type { DecodedTensor } from '../../runs/safetensors.ts'
import { assertFiniteOutputs } from '../../train/finite.ts'
import { answersOf } from './answers.ts'
import { softmaxRows } from './predictions.ts'
import { topLosses } from './top-losses.ts'

/** One wrong answer. */
export interface ClassMistake {
  readonly index: number
  readonly truth: number
  readonly prediction: number
  readonly probability: number
}

/** A confusion matrix and the mistakes of the highest loss. */
export interface FoundClassMistakes {
  readonly classes: readonly string[]
  /** Rows are truths. */
  readonly confusion: readonly (readonly number[])[]
  readonly mistakes: readonly ClassMistake[]
}

/**
 * The mistakes of a classifier; undefined where the outputs, or the data, are of none.
 * @param count how many of the worst
 * @param fit hears for how many examples there are outputs; it throws where that is wrong
 */
export function classMistakes(
  { logits }: Readonly<Record<string, DecodedTensor>>,
  { classes, columns }: Dataset,
  count: number,
  fit: (examples: number) => void,
): FoundClassMistakes | undefined {
  const labels = columns['labels']?.data
  if (!logits || !classes || !labels) return undefined
  fit(logits.data.length / classes.length)
  assertFiniteOutputs({ logits })
  const scores = softmaxRows(logits.data, classes.length)
  const surest = topLosses(scores, labels, 2 * count)
  const worst = surest.filter(({ label, prediction }) => label !== prediction).slice(0, count)
  return {
    classes,
    confusion: answersOf(scores, labels, classes).rows,
    mistakes: worst.map(({ index, label, prediction, probability }) => ({
      index, truth: label, prediction, probability,
    })),
  }
}
