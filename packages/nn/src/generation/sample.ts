// Draws tokens from logits inside a graph.
import {
  argmax, cumSum, greaterEqual, less, log, maximum, min, mul, neg, slice, softmax, sub, topK as topKOf, uniform,
  UserError, where, type Tensor,
} from '@ddlf/tensor'

/** Which tokens may be drawn: fixed when the graph is built. */
export interface SamplingOptions {
  /** Always the most likely token; default no. */
  readonly greedy?: boolean
  /** Only the k most likely tokens; default all. Source: Fan, Lewis and Dauphin 2018. */
  readonly topK?: number | undefined
  /**
   * Only the most likely tokens that have a given share of the probability together (`topP` of the inputs). Source:
   * Holtzman et al. 2020.
   */
  readonly nucleus?: boolean
}

/** What is fed at every token. */
export interface SamplingInputs {
  /** int32 [2], another one for each token. */
  readonly randomKey: Tensor
  /** 1 / temperature, a scalar. */
  readonly inverseTemperature: Tensor
  /** From 0 to 1, a scalar; used with `nucleus`. */
  readonly topP: Tensor
}

/** The smallest logit that may be drawn, [B, 1]; of equal ones all may. */
function threshold(logits: Tensor, { topK, nucleus = false }: SamplingOptions, topP: Tensor): Tensor {
  const words = logits.shape[1] as number
  const { values } = topKOf(logits, Math.min(topK ?? words, words))
  if (!nucleus) return slice(values, { axis: 1, start: -1 })
  // A token counts where those before it have less than the share; the first always does.
  const before = cumSum(softmax(values), { axis: 1, exclusive: true })
  return min(where(less(before, maximum(topP, 1e-30)), values, Infinity), { axes: 1, keepDims: true })
}

/**
 * One token of each row, with the probabilities softmax(logits / temperature) among those that may be drawn: the
 * largest of the logits plus Gumbel noise is a sample of their softmax. Source: Gumbel 1954; Maddison, Tarlow and
 * Minka 2014.
 * @param logits float32 [B, V]
 * @returns int32 [B]
 */
export function sampleTokens(
  logits: Tensor,
  options: SamplingOptions,
  { randomKey, inverseTemperature, topP }: SamplingInputs,
): Tensor {
  const { greedy = false, topK, nucleus = false } = options
  if (topK !== undefined && (!Number.isInteger(topK) || topK < 1)) {
    throw new UserError({ rule: 'topK must be a whole number of at least 1.', received: String(topK) })
  }
  if (greedy) return argmax(logits, { axis: 1 })
  const scaled = mul(logits, inverseTemperature)
  const drawn =
    topK === undefined && !nucleus
      ? scaled
      : where(greaterEqual(scaled, threshold(scaled, options, topP)), scaled, -Infinity)
  return argmax(sub(drawn, log(neg(log(uniform(randomKey, logits.shape))))), { axis: 1 })
}
