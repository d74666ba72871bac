// Draws tokens from logits inside a graph.
import {
  argmax, cast, cumSum, formatShape, formatType, greater, greaterEqual, input, less, logicalAnd, maximum, min, minimum,
  mul, range, requireTensors, slice, softmax, tensorKind, topK as topKOf, unsqueeze, where, type Tensor,
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
  /** float32 [B], from 0 to 1: a random number for each text. */
  readonly random: Tensor
  /** 1 / temperature, a scalar. */
  readonly inverseTemperature: Tensor
  /** From 0 to 1, a scalar; used with `nucleus`. */
  readonly topP: Tensor
  /** int32, a scalar of at least 1: how many of the most likely tokens count, where the options name no `topK`. */
  readonly topK?: Tensor | undefined
}

/**
 * 1 / temperature that is multiplied with logits at most: beyond it they would be infinite in float32, and their
 * probabilities not numbers. What differs by 1e-28 is told apart, as at a temperature of 0.
 */
const LARGEST_INVERSE = 1e30

/** Leaves for what is fed at every token of so many texts. */
export const samplingInputs = (batch: number): SamplingInputs => ({
  random: input('random', { shape: [batch], dtype: 'float32' }),
  inverseTemperature: input('inverseTemperature', { shape: [], dtype: 'float32' }),
  topP: input('topP', { shape: [], dtype: 'float32' }),
})

/** The smallest logit that may be drawn, [B, 1], of equal ones all may; undefined where all may. */
function threshold(
  logits: Tensor, { topK, nucleus = false }: SamplingOptions, inputs: SamplingInputs,
): Tensor | undefined {
  const words = logits.shape[1] as number
  const fed = topK === undefined ? inputs.topK : undefined
  if (topK === undefined && !fed && !nucleus) return undefined
  const { values } = topKOf(logits, Math.min(topK ?? words, words))
  if (!nucleus && !fed) return slice(values, { axis: 1, start: -1 })
  const within = fed && less(range(words), fed)
  const least = (allowed: Tensor) => min(where(allowed, values, Infinity), { axes: 1, keepDims: true })
  if (!nucleus) return least(within as Tensor)
  // A token counts where those before it have less than the share; the first always does.
  const before = cumSum(softmax(within ? where(within, values, -Infinity) : values), { axis: 1, exclusive: true })
  const likely = less(before, maximum(inputs.topP, 1e-30))
  return least(within ? logicalAnd(likely, within) : likely)
}

/** The greatest float32 below 1: a random number that is rounded to 1 would exceed every sum, and draw token 0. */
const BELOW_ONE = 1 - 2 ** -24

/**
 * One token of each row, with the probabilities softmax(logits / temperature) among those that may be drawn: the first
 * at which their sum exceeds a random share of the whole (inversion of the distribution function).
 * @param logits float32 [B, V]
 * @returns int32 [B]
 */
export function sampleTokens(logits: Tensor, options: SamplingOptions, inputs: SamplingInputs): Tensor {
  const given = checkOptions('sampleTokens', inputs, {
    random: kinds.needed(tensorKind),
    inverseTemperature: kinds.needed(tensorKind),
    topP: kinds.needed(tensorKind),
    topK: tensorKind,
  })
  const { greedy = false } = checkOptions('sampleTokens', options, samplingKinds)
  const { random, inverseTemperature, topP } = given
  requireTensors('sampleTokens', logits)
  const fits = logits.rank === 2 && formatShape(random.shape) === formatShape([logits.shape[0] as number])
  if (!fits || logits.dtype !== 'float32' || inverseTemperature.size !== 1 || topP.size !== 1) {
    const received = [logits, random, inverseTemperature, topP].map(formatType).join(', ')
    throw new UserError({
      rule: 'sampleTokens: logits are float32 [B, V], random numbers [B], 1 / temperature and top-p scalars.',
      received,
    })
  }
  if (greedy) return argmax(logits, { axis: 1 })
  const scaled = mul(logits, minimum(inverseTemperature, LARGEST_INVERSE))
  const least = threshold(scaled, options, given)
  const sums = cumSum(softmax(least ? where(greaterEqual(scaled, least), scaled, -Infinity) : scaled), { axis: 1 })
  const drawn = mul(unsqueeze(minimum(random, BELOW_ONE), 1), slice(sums, { axis: 1, start: -1 }))
  // The first place where it is true.
  return argmax(cast(greater(sums, drawn), 'float32'), { axis: 1 })
}
