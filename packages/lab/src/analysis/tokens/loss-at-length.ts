// How well a model of language guesses when it reads more at once than it has learned to.
import {
  compile, logSoftmax, mean, neg, slice, takeAlongAxis, unsqueeze, type Runtime, type Tensor,
} from '@ddlf/tensor'
import { withMode } from '@ddlf/nn'

/**
 * Mean negative log-likelihood, in nats, of the later half of each window: tokens that have at least half a window
 * before them. It falls with longer windows where a model puts the further past to use, and rises where places that it
 * has never seen confuse it.
 * Source of the question: Press, Smith and Lewis, "Train short, test long: attention with linear biases enables input
 * length extrapolation", 2022, figure 1.
 * @param logits of tokens int32 [B, T]: [B, T, vocabulary]
 * @param windows how many windows of `time` tokens stand in `tokens` and `targets`, one after another
 * @param batch windows that are read at once; it divides `windows`
 */
export async function lossAtLength(
  logits: (tokens: Tensor) => Tensor,
  { tokens, targets, windows, time, batch }: {
    readonly tokens: Int32Array
    readonly targets: Int32Array
    readonly windows: number
    readonly time: number
    readonly batch: number
  },
  runtime: Runtime,
): Promise<number> {
  const half = Math.floor(time / 2)
  const type = { shape: [batch, time], dtype: 'int32' } as const
  const run = compile(
    (x, y) => {
      const scores = withMode({ training: false }, () => logits(x)).output
      const [later, wanted] = [scores, y].map(of => slice(of, { axis: 1, start: half })) as [Tensor, Tensor]
      return mean(neg(takeAlongAxis(logSoftmax(later), unsqueeze(wanted, 2), 2)))
    },
    [type, type],
    { runtime, name: 'loss at a length' },
  )
  try {
    let total = 0
    for (let first = 0; first < windows; first += batch) {
      const [from, to] = [first * time, (first + batch) * time]
      total += (await run(tokens.subarray(from, to), targets.subarray(from, to))).data[0] ?? NaN
    }
    return total / (windows / batch)
  } finally {
    await run.release()
  }
}
