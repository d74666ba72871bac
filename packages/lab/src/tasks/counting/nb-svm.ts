// Naive Bayes and a support vector machine in one: each word counts as much as its log-odds say, and the machine learns
// how far to trust them. Source: Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic
// classification", 2012, section 2.3.
import { add, type Tensor } from '@ddlf/tensor'
import { columnOf, exampleOf, type Dataset } from '@ddlf/data'
import { Embedding, init } from '@ddlf/nn'
import { classification, type ClassificationSettings } from '../classification/classification.ts'
import type { Task } from '../task.ts'
import { linearClassifier, type LinearLoss } from './linear-classifier.ts'
import { tableData, tokenVotes } from './naive-bayes.ts'
import { otherModel } from './other-model.ts'

/** Settings that the task reads. */
export interface NbSvmSettings extends ClassificationSettings {
  /** Added to the count of every token in every class. */
  readonly smoothing: number
  /** Default the squared hinge loss, of a support vector machine. */
  readonly loss?: LinearLoss
  /** Cost of a unit of the loss. */
  readonly cost: number
  /** Share of the machine's own weights; the rest is their mean size for every token alike. */
  readonly interpolation: number
  /** Whether tokens weigh as their log-odds say; false: a plain support vector machine. */
  readonly logOdds: boolean
  /**
   * Whether the plane may miss the origin; default true. The mixture leaves the bias as it was, beside weights of
   * another size.
   */
  readonly bias?: boolean
  /** Where the machine is done. */
  readonly tolerance: number
}

/** A linear model of the tokens that a text has: tokens from 1 on, 0 fills up and says nothing. */
export class NbSvm {
  /** [tokens + 1, classes]. */
  readonly weight: Embedding
  /** [1, classes]. */
  readonly bias: Embedding

  constructor(tokens: number, classes: number) {
    const zeros = { init: init.constant(0) }
    this.weight = new Embedding(tokens + 1, classes, zeros)
    this.bias = new Embedding(1, classes, zeros)
  }

  // #region forward
  /** @param x int32 [N, T], each token of a text once @returns logits [N, classes] */
  forward(x: Tensor): Tensor {
    return add(tokenVotes(this.weight, x), this.bias.weight)
  }
  // #endregion
}

const PASSES = 1000

/** The texts of a data set: the tokens that each has, and how often it has them where that is known beside. */
function textsOf(train: Dataset): { readonly tokens: Int32Array; readonly counts: ArrayLike<number> | undefined }[] {
  const [tokens, counts] = [columnOf(train, 'tokens'), train.columns['counts']]
  return Array.from({ length: train.length }, (_, i) => {
    const all = exampleOf(tokens, i) as Int32Array
    const often = counts && exampleOf(counts, i).filter((_count, k) => (all[k] as number) > 0)
    return { tokens: all.filter(token => token > 0), counts: often }
  })
}

/** The log-odds of each token from 1 on, between one class and all others: log of (p / |p|) / (q / |q|). */
function logOddsOf(texts: ReturnType<typeof textsOf>, isClass: readonly boolean[], size: number, smoothing: number) {
  const smoothed = () => new Float64Array(size + 1).fill(smoothing, 1)
  const [inside, outside] = [smoothed(), smoothed()]
  for (const [i, { tokens, counts: often }] of texts.entries()) {
    const counts = isClass[i] === true ? inside : outside
    for (let t = 0; t < tokens.length; t++) {
      const at = tokens[t] as number
      counts[at] = (counts[at] as number) + (often?.[t] ?? 1)
    }
  }
  const [p, q] = [inside, outside].map(counts => counts.reduce((sum, count) => sum + count, 0)) as [number, number]
  return inside.map((count, i) => (i === 0 ? 0 : Math.log(count / p / ((outside[i] as number) / q))))
}

/** Learns one plane for each class against all others; one is enough for two classes. */
function learn(model: NbSvm, train: Dataset, settings: NbSvmSettings): void {
  const { smoothing, cost, interpolation, logOdds, bias: hasBias = true, tolerance, seed = 1 } = settings
  const options = { loss: settings.loss ?? 'squaredHinge', cost, tolerance, bias: hasBias, passes: PASSES, seed }
  const labels = columnOf(train, 'labels').data
  const texts = textsOf(train)
  const [weight, bias] = [tableData(model.weight), tableData(model.bias)]
  const classes = bias.length
  const size = weight.length / classes - 1
  for (let k = classes === 2 ? 1 : 0; k < classes; k++) {
    const isClass = Array.from(labels, label => label === k)
    const scale = logOdds ? logOddsOf(texts, isClass, size, smoothing) : new Float64Array(size + 1).fill(1, 1)
    const features = (i: number) => texts[i]?.tokens as Int32Array
    const signs = isClass.map(is => (is ? 1 : -1))
    // #region weights
    const plane = linearClassifier({ length: texts.length, features, scale }, signs, options)
    const mean = plane.weights.reduce((sum, value) => sum + Math.abs(value), 0) / size
    // w' = (1 - beta) |w| / n + beta w; of two classes each gets half of it.
    const share = classes === 2 ? 0.5 : 1
    for (let i = 1; i <= size; i++) {
      const own = logOdds ? (1 - interpolation) * mean + interpolation * (plane.weights[i] as number) : plane.weights[i]
      const said = share * (own as number) * (scale[i] as number)
      weight[i * classes + k] = said
      if (classes === 2) weight[i * classes] = -said
    }
    // #endregion
    bias[k] = share * plane.bias
    if (classes === 2) bias[0] = -share * plane.bias
  }
}

/** Classification of texts with {@link NbSvm}, whose plane is found by coordinate descent, not by steps of a graph. */
export function nbSvm(): Task<NbSvmSettings> {
  return {
    ...classification({ input: 'tokens' }),
    name: 'classification by weighted log-odds',
    phases: () => [],
    fit: {
      learn: (model, train, settings) => {
        if (!(model instanceof NbSvm)) throw otherModel('nbSvm', 'an NbSvm')
        learn(model, train, settings)
      },
    },
  }
}
