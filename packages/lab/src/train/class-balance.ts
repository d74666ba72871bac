// What rare classes are given to count as much as frequent ones: weights of the loss, or an order that repeats them.
import { UserError } from '@ddlf/tensor'
import { columnOf, type Dataset } from '@ddlf/data'
import { balancedClassWeights } from '../tasks/classification/class-weights.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'

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
