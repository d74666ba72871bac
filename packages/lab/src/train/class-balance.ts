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

/** Classes that a note names. */
const NAMED = 5

/** Says which classes have no example that is learned from; nothing where each has one, or there are no classes. */
export function unseenClasses(
  { task }: Pick<Experiment, 'task'>,
  { columns, classes = [], length }: Dataset,
  indices: ArrayLike<number> = { length },
): string[] {
  const classNumbers = columns[task.classColumn ?? '']?.data
  if (!classNumbers || length === 0) return []
  const seen = new Set(Array.from(indices, (index: number | undefined, k) => classNumbers[index ?? k]))
  const unseen = classes.filter((_, label) => !seen.has(label))
  if (unseen.length === 0) return []
  const names = `${unseen.slice(0, NAMED).join(', ')}${unseen.length > NAMED ? ', ...' : ''}`
  return unseen.length === 1
    ? [`no training example of the class ${names}: nothing is learned of it`]
    : [`no training example of ${unseen.length} classes (${names}): nothing is learned of them`]
}
