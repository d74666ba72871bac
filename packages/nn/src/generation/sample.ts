// Draws tokens from logits inside a graph.
import {
  argmax, cumSum, formatType, greaterEqual, less, log, maximum, min, mul, neg, requireTensors, slice, softmax, sub,
  tensorKind, topK as topKOf, uniform, where, type Tensor,
} from '@ddlf/tensor'
import { checkOptions, kinds, UserError } from '@ddlf/tensor/errors'

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

/** What each of them may be. */
export const samplingKinds = { greedy: kinds.flag, topK: kinds.whole(1), nucleus: kinds.flag }

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
export function sampleTokens(logits: Tensor, options: SamplingOptions, inputs: SamplingInputs): Tensor {
  const { greedy = false, topK, nucleus = false } = checkOptions('sampleTokens', options, samplingKinds)
  const { randomKey, inverseTemperature, topP } = checkOptions('sampleTokens', inputs, {
    randomKey: kinds.needed(tensorKind),
    inverseTemperature: kinds.needed(tensorKind),
    topP: kinds.needed(tensorKind),
  })
  requireTensors('sampleTokens', logits)
  if (logits.rank !== 2 || logits.dtype !== 'float32' || inverseTemperature.size !== 1 || topP.size !== 1) {
    const received = [logits, inverseTemperature, topP].map(formatType).join(', ')
    throw new UserError({
      rule: 'sampleTokens: logits are float32 [B, V], and 1 / temperature and top-p scalars.',
      received,
    })
  }
  if (greedy) return argmax(logits, { axis: 1 })
  const scaled = mul(logits, inverseTemperature)
  const drawn =
    topK === undefined && !nucleus
      ? scaled
      : where(greaterEqual(scaled, threshold(scaled, options, topP)), scaled, -Infinity)
  return argmax(sub(drawn, log(neg(log(uniform(randomKey, logits.shape))))), { axis: 1 })
}
