// How surprised a model of language is by each token of a text, and what follows from it.
import {
  argmax, compile, logSoftmax, max, neg, reshape, takeAlongAxis, unsqueeze, type Runtime, type Tensor,
} from '@ddlf/tensor'
import { withMode } from '@ddlf/nn'
import { UserError } from '@ddlf/tensor/errors'

/** What a model said of every token of some windows, row-major [windows, time]. */
export interface TokenLosses {
  readonly time: number
  /** -log of the probability that it gave to the token; NaN where none was asked for. */
  readonly nats: Float32Array
  /** The token that it thought likeliest, and its -log probability. */
  readonly likeliest: Int32Array
  readonly likeliestNats: Float32Array
}

/** Windows at once. */
const BATCH = 8

/**
 * Runs a model over windows.
 * @param logits int32 [B, T] to float32 [B, T, V]
 * @param tokens of all windows one after another
 * @param targets the tokens that follow, in the same order; below 0 where none is asked for
 * @throws UserError where the numbers do not fit
 */
export async function tokenLosses(
  logits: (tokens: Tensor) => Tensor,
  tokens: Int32Array,
  targets: Int32Array,
  time: number,
  runtime: Runtime,
): Promise<TokenLosses> {
  const windows = tokens.length / time
  if (!Number.isInteger(windows) || windows < 1 || targets.length !== tokens.length) {
    throw new UserError({
      rule: `tokenLosses: tokens and targets are whole windows of ${time}.`,
      received: `${tokens.length} tokens and ${targets.length} targets`,
    })
  }
  const batch = Math.min(BATCH, windows)
  const asked = targets.map(id => Math.max(0, id))
  const run = compile(
    (x, y) => {
      const { output } = withMode({ training: false }, () => logSoftmax(logits(x)))
      const nats = neg(reshape(takeAlongAxis(output, unsqueeze(y, 2), 2), y.shape))
      return [nats, argmax(output, { axis: 2 }), neg(max(output, { axes: 2 }))]
    },
    [{ shape: [batch, time], dtype: 'int32' }, { shape: [batch, time], dtype: 'int32' }],
    { runtime, name: 'token losses' },
  )
  const found = {
    time,
    nats: new Float32Array(tokens.length),
    likeliest: new Int32Array(tokens.length),
    likeliestNats: new Float32Array(tokens.length),
  }
  try {
    for (let from = 0; from < windows; from += batch) {
      // The last batch begins earlier, so that it is full.
      const at = Math.min(from, windows - batch) * time
      const end = at + batch * time
      const [nats, likeliest, likeliestNats] = await run(tokens.slice(at, end), asked.slice(at, end))
      found.nats.set(nats?.data as Float32Array, at)
      found.likeliest.set(likeliest?.data as Int32Array, at)
      found.likeliestNats.set(likeliestNats?.data as Float32Array, at)
    }
  } finally {
    await run.release()
  }
  targets.forEach((id, i) => { if (id < 0) found.nats[i] = NaN })
  return found
}

/**
 * The mean loss at each position of a window, in nats: what more context is worth; NaN where nothing was asked for in
 * any window.
 */
export function lossByPosition({ nats, time }: Pick<TokenLosses, 'nats' | 'time'>): number[] {
  return Array.from({ length: time }, (_, position) => {
    const there = nats.filter((value, i) => i % time === position && !Number.isNaN(value))
    return there.reduce((sum, value) => sum + value, 0) / there.length
  })
}

/** A token that a model did not expect. */
export interface SurprisingToken {
  /** Its place in the windows, one after another. */
  readonly index: number
  readonly nats: number
}

/** The tokens with the largest loss, the largest first, of those that have seen a quarter of a window at least. */
export function surprisingTokens({ nats, time }: Pick<TokenLosses, 'nats' | 'time'>, count: number): SurprisingToken[] {
  return Array.from(nats, (value, index) => ({ index, nats: value }))
    .filter(one => one.index % time >= Math.floor(time / 4) && !Number.isNaN(one.nats))
    .sort((a, b) => b.nats - a.nats || a.index - b.index)
    .slice(0, count)
}
