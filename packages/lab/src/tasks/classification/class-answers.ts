// What the logits of a classifier say of each example.
import { UserError } from '@ddlf/tensor/errors'
import { softmaxRows } from '../../analysis/classification/predictions.ts'
import type { Answer, AskedOutputs, ClassProbability } from '../task.ts'

const bySureness = (a: ClassProbability, b: ClassProbability) => b.probability - a.probability

/**
 * The classes of each example, the most likely first.
 * @param names of the classes; their numbers where there are fewer
 * @throws UserError where the outputs have no logits of classes
 */
export function classAnswers({ logits }: AskedOutputs, names: readonly string[]): Answer[] {
  const [examples = 0, classes = 0] = logits?.shape ?? []
  if (!logits || logits.shape.length !== 2 || classes === 0) {
    throw new UserError({
      rule: 'The model does not tell classes apart.',
      received: logits ? `logits [${logits.shape.join(', ')}]` : 'no logits',
    })
  }
  const shares = softmaxRows(logits.data, classes)
  return Array.from({ length: examples }, (_, i) => {
    const row = Array.from(shares.subarray(i * classes, (i + 1) * classes))
    const named = row.map((probability, k) => ({ name: names[k] ?? String(k), probability }))
    return { kind: 'classes', classes: named.sort(bySureness) }
  })
}
