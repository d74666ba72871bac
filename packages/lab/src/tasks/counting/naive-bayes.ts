// Naive Bayes: each token votes for the classes in whose texts it is frequent; learned by counting.
// Source: McCallum and Nigam, "A comparison of event models for naive Bayes text classification", 1998, multinomial.
import { cast, greater, mul, sum, add, unsqueeze, type Tensor } from '@ddlf/tensor'
import { columnOf, exampleOf, type Dataset } from '@ddlf/data'
import { Embedding, init } from '@ddlf/nn'
import { classification, type ClassificationSettings } from '../classification/classification.ts'
import type { Task } from '../task.ts'
import { logOfShare } from './ngram.ts'
import { otherModel } from './other-model.ts'

/** Settings that the task reads. */
export interface NaiveBayesSettings extends ClassificationSettings {
  /** Added to the count of every token in every class (Laplace: 1). */
  readonly smoothing: number
}

/**
 * The sum of what each token of a text says of each class; 0 fills up short texts and says nothing.
 * @param table [tokens + 1, classes] @param x int32 [N, T] @returns [N, classes]
 */
export function tokenVotes(table: Embedding, x: Tensor): Tensor {
  return sum(mul(table.forward(x), unsqueeze(cast(greater(x, 0), 'float32'), -1)), { axes: 1 })
}

/** The numbers of a table, to be set. */
export const tableData = ({ weight }: Embedding): Float32Array => weight.leaf?.data as Float32Array

/** A linear model of token counts: tokens from 1 on, 0 fills up short texts and says nothing. */
export class NaiveBayes {
  /** log P(token | class), row 0 for no token: [tokens + 1, classes]. */
  readonly likelihood: Embedding
  /** log P(class), finite also of a class without an example: [1, classes]. */
  readonly prior: Embedding

  constructor(tokens: number, classes: number) {
    const zeros = { init: init.constant(0) }
    this.likelihood = new Embedding(tokens + 1, classes, zeros)
    this.prior = new Embedding(1, classes, zeros)
  }

  // #region forward
  /** @param x int32 [N, T] @returns logits [N, classes] */
  forward(x: Tensor): Tensor {
    return add(tokenVotes(this.likelihood, x), this.prior.weight)
  }
  // #endregion
}

/** Counts tokens by class, and classes. */
function count(model: NaiveBayes, train: Dataset, smoothing: number): void {
  const tokens = columnOf(train, 'tokens')
  const labels = columnOf(train, 'labels').data
  const [likelihood, prior] = [tableData(model.likelihood), tableData(model.prior)]
  const classes = prior.length
  const counts = new Float64Array(likelihood.length)
  const totals = new Float64Array(classes)
  const examples = new Float64Array(classes)
  for (let i = 0; i < train.length; i++) {
    const label = labels[i] as number
    examples[label] = (examples[label] as number) + 1
    for (const token of exampleOf(tokens, i)) {
      if (token === 0) continue
      const at = token * classes + label
      counts[at] = (counts[at] as number) + 1
      totals[label] = (totals[label] as number) + 1
    }
  }
  const different = likelihood.length / classes - 1
  for (let k = 0; k < classes; k++) {
    prior[k] = logOfShare((examples[k] as number) / train.length)
    const all = (totals[k] as number) + smoothing * different
    for (let at = classes + k; at < counts.length; at += classes) {
      likelihood[at] = Math.log(((counts[at] as number) + smoothing) / all)
    }
  }
}

/** Classification of texts with {@link NaiveBayes}, which learns by counting: no steps are taken. */
export function naiveBayes(): Task<NaiveBayesSettings> {
  return {
    ...classification({ input: 'tokens' }),
    name: 'classification by counts',
    phases: () => [],
    fit: {
      learn: (model, train, { smoothing }) => {
        if (!(model instanceof NaiveBayes)) throw otherModel('naiveBayes', 'a NaiveBayes')
        count(model, train, smoothing)
      },
    },
  }
}
