// Draws tokens from logits inside a graph.
import {
  argmax, cumSum, formatType, greaterEqual, input, less, log, logicalAnd, maximum, min, mul, neg, range, requireTensors,
  slice, softmax, sub, tensorKind, topK as topKOf, uniform, where, type Tensor,
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
  /** int32, a scalar of at least 1: how many of the most likely tokens count, where the options name no `topK`. */
  readonly topK?: Tensor | undefined
}

/** Leaves for what is fed at every token. */
export const samplingInputs = (): SamplingInputs => ({
  randomKey: input('randomKey', { shape: [2], dtype: 'int32' }),
  inverseTemperature: input('inverseTemperature', { shape: [], dtype: 'float32' }),
  topP: input('topP', { shape: [], dtype: 'float32' }),
})

/** The smallest logit that may be drawn, [B, 1]; of equal ones all may. */
function threshold(logits: Tensor, options: SamplingOptions, inputs: SamplingInputs): Tensor {
  const { topK, nucleus = false } = options
  const words = logits.shape[1] as number
  const { values } = topKOf(logits, Math.min(topK ?? words, words))
  const fed = topK === undefined ? inputs.topK : undefined
  if (!nucleus && !fed) return slice(values, { axis: 1, start: -1 })
  const within = fed && less(range(words), fed)
  if (!nucleus) return min(where(within as Tensor, values, Infinity), { axes: 1, keepDims: true })
  // A token counts where those before it have less than the share; the first always does.
  const before = cumSum(softmax(within ? where(within, values, -Infinity) : values), { axis: 1, exclusive: true })
  const likely = less(before, maximum(inputs.topP, 1e-30))
  return min(where(within ? logicalAnd(likely, within) : likely, values, Infinity), { axes: 1, keepDims: true })
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
  const given = checkOptions('sampleTokens', inputs, {
    randomKey: kinds.needed(tensorKind),
    inverseTemperature: kinds.needed(tensorKind),
    topP: kinds.needed(tensorKind),
    topK: tensorKind,
  })
  const { randomKey, inverseTemperature, topP } = given
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
    topK === undefined && !given.topK && !nucleus
      ? scaled
      : where(greaterEqual(scaled, threshold(scaled, options, given)), scaled, -Infinity)
  return argmax(sub(drawn, log(neg(log(uniform(randomKey, logits.shape))))), { axis: 1 })
}
