// How far back a model of language learns from: the gradient of the loss at the last token by the vector of each token.
import {
  abs, compile, differentiate, div, input, logSoftmax, max, maximum, mul, neg, reshape, slice, sqrt, square, sum,
  takeAlongAxis, unsqueeze, type Runtime, type Tensor,
} from '@ddlf/tensor'
import { withMode } from '@ddlf/nn'
import { embeddedTokens } from './model-tensors.ts'

/** Smaller numbers than that lose digits. */
const LEAST = 1e-37

/** Norms along the last axis. Gradients of 1e-30 are of interest, and their squares would be 0. */
function normOf(gradient: Tensor): Tensor {
  const largest = max(abs(gradient), { axes: 2, keepDims: true })
  const shares = div(gradient, maximum(largest, LEAST))
  return mul(sum(largest, { axes: 2 }), sqrt(sum(square(shares), { axes: 2 })))
}

/**
 * The mean norm of the gradient by the vector of the token that stands so many places before the last one: element 0 is
 * the last token itself. Where it falls to nothing, what stands there cannot be learned from.
 * Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013, section 2.
 * @param tokens int32, windows of `time` tokens one after another
 * @param targets the token that follows each window
 * @returns undefined where the model has no table of tokens
 */
export async function gradientReach(
  logits: (tokens: Tensor) => Tensor,
  tokens: Int32Array,
  targets: Int32Array,
  time: number,
  runtime: Runtime,
): Promise<number[] | undefined> {
  const batch = targets.length
  const scoresOf = (x: Tensor) => withMode({ training: false }, () => logits(x)).output
  const probe = input('probe', { shape: [batch, time], dtype: 'int32' })
  if (!embeddedTokens(scoresOf(probe), probe)) return undefined
  const run = compile(
    (x, y) => {
      const scores = scoresOf(x)
      const { vectors } = embeddedTokens(scores, x) as { readonly vectors: Tensor }
      const last = reshape(slice(scores, { axis: 1, start: -1 }), [batch, scores.shape[2] as number])
      const loss = sum(neg(takeAlongAxis(logSoftmax(last), unsqueeze(y, 1), 1)))
      const [gradient] = differentiate(loss, [vectors])
      return normOf(gradient as Tensor)
    },
    [{ shape: [batch, time], dtype: 'int32' }, { shape: [batch], dtype: 'int32' }],
    { runtime, name: 'gradient reach' },
  )
  try {
    const { data } = await run(tokens, targets)
    return Array.from({ length: time }, (_, back) => {
      const norms = Array.from({ length: batch }, (_row, b) => data[b * time + time - 1 - back] as number)
      return norms.reduce((a, b) => a + b, 0) / batch
    })
  } finally {
    await run.release()
  }
}
