// How often a classifier answers with each class, where nobody knows what is right: of pictures that a model has made.
import { UserError } from '@ddlf/tensor/errors'
import { argmax, softmaxRows } from './predictions.ts'

/** One class among the answers. */
export interface ClassShare {
  readonly name: string
  readonly count: number
  /** Of all examples. */
  readonly share: number
}

/** The answers of a classifier to examples without labels. */
export interface ClassShares {
  readonly examples: number
  readonly classes: readonly ClassShare[]
  /** Classes that occur. */
  readonly found: number
  /** The largest of the shares. */
  readonly largest: ClassShare
  /** How sure the classifier is of its answers: the mean probability of the likeliest class. */
  readonly confidence: number
}

/**
 * Counts the answers.
 * @param logits row by row, [examples, classes]
 * @param names of the classes
 * @throws UserError where there is no example, or not a score for every class
 */
export function classShares(logits: Float32Array, names: readonly string[]): ClassShares {
  const count = names.length
  const examples = logits.length / count
  if (!Number.isInteger(examples) || examples < 1) {
    throw new UserError({
      rule: 'There must be an example, and a score for every class of it.',
      received: `${logits.length} scores for ${count} classes`,
    })
  }
  const shares = softmaxRows(logits, count)
  const counts = new Array<number>(count).fill(0)
  let sure = 0
  for (let i = 0; i < examples; i++) {
    const answer = argmax(shares, i * count, (i + 1) * count)
    counts[answer] = (counts[answer] ?? 0) + 1
    sure += shares[i * count + answer] ?? 0
  }
  const classes = names.map((name, k): ClassShare => {
    const times = counts[k] ?? 0
    return { name, count: times, share: times / examples }
  })
  return {
    examples,
    classes,
    found: classes.filter(one => one.count > 0).length,
    largest: classes.reduce((most, one) => (one.count > most.count ? one : most)),
    confidence: sure / examples,
  }
}
