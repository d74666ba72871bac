// How often a model is right at each position of a sequence: what more context is worth.
import { UserError } from '@ddlf/tensor/errors'

export interface PositionAccuracy {
  /** Share of right predictions at each position, NaN where none counts. */
  readonly accuracy: readonly number[]
  /** How many predictions count at each position. */
  readonly count: readonly number[]
}

/**
 * @param predictions the predicted tokens of all sequences one after another, each of `length` positions
 * @param labels the right ones; those equal to `ignoreIndex` do not count
 * @throws UserError where the numbers do not fit
 */
export function accuracyByPosition(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  length: number,
  ignoreIndex = -100,
): PositionAccuracy {
  if (!Number.isInteger(length) || length < 1 || predictions.length !== labels.length || labels.length % length !== 0) {
    throw new UserError({
      rule: 'accuracyByPosition: predictions and labels are whole sequences of one length.',
      received: `${predictions.length} predictions and ${labels.length} labels for a length of ${length}`,
    })
  }
  const right = new Array<number>(length).fill(0)
  const count = new Array<number>(length).fill(0)
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === ignoreIndex) continue
    const at = i % length
    count[at] = (count[at] as number) + 1
    if (predictions[i] === labels[i]) right[at] = (right[at] as number) + 1
  }
  return { accuracy: right.map((hits, i) => hits / (count[i] as number)), count }
}
