// A linear classifier, by coordinate descent in the dual: of the largest margin, or of the largest likelihood.
// Sources: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM",
// 2008, algorithm 1 (L2 loss), with LIBLINEAR's stopping rule; Yu, Huang and Lin, "Dual coordinate descent methods for
// logistic regression and maximum entropy models", 2011, equation 14.
import { permutation, randomKey } from '@ddlf/tensor/random'

/** What is separated: each example is a list of features that it has, of the value `scale[feature]` each. */
export interface SparseExamples {
  readonly length: number
  /** The features of an example, from 0 on. */
  features(example: number): ArrayLike<number>
  /** The value of each feature in the examples that have it. */
  readonly scale: Float64Array
}

/** What an example costs whose score is m on its own side: max(0, 1 - m)^2, or log(1 + e^-m). */
export type LinearLoss = 'squaredHinge' | 'logistic'

/** How it is separated. */
export interface LinearClassifierOptions {
  readonly loss: LinearLoss
  /** What a unit of the loss costs beside half the squared length of the weights. */
  readonly cost: number
  /**
   * Largest less smallest projected gradient at which it is done; 0 counts among those of the logistic loss, whose
   * gradients end at 0.
   */
  readonly tolerance: number
  /** Whether the plane may miss the origin. */
  readonly bias: boolean
  /** Most passes over the examples. */
  readonly passes: number
  readonly seed: number
}

/** A separating plane. */
export interface Plane {
  /** By feature. */
  readonly weights: Float64Array
  /** As a feature that every example has, it is kept small too; 0 where there is none. */
  readonly bias: number
  /** Passes that were taken. */
  readonly passes: number
}

/** The multipliers of the examples, one of which is moved to where the others let it be best. */
interface Dual {
  /** The multiplier that all examples begin with. */
  readonly first: number
  /** @param margin score of the example on its own side @param norm its squared length */
  move(example: number, margin: number, norm: number): { readonly step: number; readonly gradient: number }
}

/** Multipliers from 0 on. */
function squaredHinge(length: number, cost: number): Dual {
  const alphas = new Float64Array(length)
  const diagonal = 1 / (2 * cost)
  return {
    first: 0,
    move(i, margin, norm) {
      const alpha = alphas[i] as number
      const gradient = margin - 1 + diagonal * alpha
      const projected = alpha === 0 ? Math.min(gradient, 0) : gradient
      if (Math.abs(projected) < 1e-12) return { step: 0, gradient: projected }
      const next = Math.max(alpha - gradient / (diagonal + norm), 0)
      alphas[i] = next
      return { step: next - alpha, gradient: projected }
    },
  }
}

/** The log-odds of the share of `cost` that all multipliers begin with: near 0, as the weights do. */
const FIRST = -7
const NEWTON_STEPS = 50

/**
 * Multipliers between 0 and cost, kept as the log-odds t of their share of it: so the gradient norm (a - a') + m + t
 * rises with t everywhere, where a is cost times the sigmoid of t.
 */
function logistic(length: number, cost: number): Dual {
  const odds = new Float64Array(length).fill(FIRST)
  const alphaOf = (t: number) => cost / (1 + Math.exp(-t))
  return {
    first: alphaOf(FIRST),
    move(i, margin, norm) {
      const before = odds[i] as number
      const alpha = alphaOf(before)
      const gradientAt = (t: number) => norm * (alphaOf(t) - alpha) + margin + t
      const gradient = gradientAt(before)
      // The root lies between where t is and where it would be without the first term.
      let [low, high] = gradient > 0 ? [-margin - norm * cost, before] : [before, -margin + norm * cost]
      let t = before
      for (let k = 0; k < NEWTON_STEPS; k++) {
        const value = gradientAt(t)
        if (Math.abs(value) < 1e-12) break
        if (value > 0) high = t
        else low = t
        const share = alphaOf(t) / cost
        const newton = t - value / (1 + norm * cost * share * (1 - share))
        t = newton > low && newton < high ? newton : (low + high) / 2
      }
      odds[i] = t
      return { step: alphaOf(t) - alpha, gradient }
    },
  }
}

/** Minimises |w|^2 / 2 + cost sum loss(y (w x + b)). @param signs 1 or -1 of each example */
export function linearClassifier(
  examples: SparseExamples,
  signs: ArrayLike<number>,
  { loss, cost, tolerance, passes, seed, bias: hasBias }: LinearClassifierOptions,
): Plane {
  // The value of the feature that every example has.
  const ever = hasBias ? 1 : 0
  const { length, scale } = examples
  const dual = (loss === 'logistic' ? logistic : squaredHinge)(length, cost)
  const weights = new Float64Array(scale.length)
  const norms = Float64Array.from({ length }, (_, i) => ever + squares(examples.features(i), scale))
  let bias = 0
  const push = (i: number, step: number) => {
    bias += step * ever
    const features = examples.features(i)
    for (let k = 0; k < features.length; k++) {
      const feature = features[k] as number
      weights[feature] = (weights[feature] as number) + step * (scale[feature] as number)
    }
  }
  for (let i = 0; dual.first > 0 && i < length; i++) push(i, dual.first * (signs[i] as number))
  let pass = 0
  for (; pass < passes; pass++) {
    let [most, least] = loss === 'logistic' ? [0, 0] : [-Infinity, Infinity]
    for (const i of permutation(randomKey(seed, 'svm', pass), length)) {
      const features = examples.features(i)
      const sign = signs[i] as number
      let score = bias
      for (let k = 0; k < features.length; k++) {
        const feature = features[k] as number
        score += (weights[feature] as number) * (scale[feature] as number)
      }
      const { step, gradient } = dual.move(i, sign * score, norms[i] as number)
      most = Math.max(most, gradient)
      least = Math.min(least, gradient)
      if (step !== 0) push(i, step * sign)
    }
    if (most - least <= tolerance) break
  }
  return { weights, bias, passes: Math.min(pass + 1, passes) }
}

function squares(features: ArrayLike<number>, scale: Float64Array): number {
  let sum = 0
  for (let k = 0; k < features.length; k++) sum += (scale[features[k] as number] as number) ** 2
  return sum
}
