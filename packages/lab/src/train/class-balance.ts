// What rare classes are given to count as much as frequent ones: weights of the loss, or an order that repeats them.
import { UserError } from '@ddlf/tensor'
import { columnOf, type Dataset } from '@ddlf/data'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

/**
 * Balanced weights of classes: examples / (classes that occur x examples of the class), 0 for a class without examples.
 * Source: King and Zeng, "Logistic regression in rare events data", 2001, section 4.2; as scikit-learn's
 * `class_weight="balanced"`.
 * @param indices the examples that count; default all
 */
export function balancedClassWeights(
  labels: ArrayLike<number>,
  indices: ArrayLike<number> = Array.from({ length: labels.length }, (_, i) => i),
): number[] {
  const counts: number[] = []
  for (const index of Array.from(indices)) {
    const label = labels[index] as number
    while (counts.length <= label) counts.push(0)
    counts[label] = (counts[label] as number) + 1
  }
  const present = counts.filter(count => count > 0).length
  return counts.map(count => (count === 0 ? 0 : indices.length / (present * count)))
}

/**
 * What the settings `classWeights` and `sampling` ask for, of the examples that are learned from.
 * @throws UserError where the experiment has no classes
 */
export function classBalance(
  { task, name }: Pick<Experiment, 'task' | 'name'>,
  { classWeights, sampling }: TrainingSettings,
  dataset: Dataset,
  indices?: Int32Array,
): { readonly classWeights?: readonly number[]; readonly balanceBy?: string } {
  if (classWeights === 'none' && sampling !== 'balanced') return {}
  const column = task.classColumn
  if (column === undefined) {
    throw new UserError({
      rule: 'Weights of classes and balanced sampling need classes.',
      received: `${name}, whose task is ${task.name}, ` +
        `with ${classWeights === 'none' ? `sampling=${sampling}` : `classWeights=${classWeights}`}`,
      next: 'Leave the setting out.',
    })
  }
  return {
    ...(classWeights === 'balanced' && { classWeights: balancedClassWeights(columnOf(dataset, column).data, indices) }),
    ...(sampling === 'balanced' && { balanceBy: column }),
  }
}
