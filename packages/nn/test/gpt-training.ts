// The first steps of a GPT, from weights and tokens that PyTorch's side draws too.
import { slice, type Runtime, type TypedArray } from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { adamW, crossEntropy, isBiasOrNorm, trainingStep } from '../src/index.ts'
import { Gpt, type GptSizes } from './gpt.ts'

/** Sizes of a model and its batch. */
export interface GptTraining extends GptSizes {
  readonly batch: number
}

export const gptSmall: GptTraining = { words: 65, time: 64, layers: 4, heads: 4, size: 128, batch: 12 }

/** The tokens of a step, int32 [batch, time + 1]; small ones are frequent, so that the loss falls. */
export const gptTokens = ({ batch, time, words }: GptTraining, step: number): Int32Array =>
  Int32Array.from(uniforms(randomKey(7, 'tokens', step), batch * (time + 1)), value => Math.floor(value ** 2 * words))

/** The losses of the first steps with AdamW at 0.001, gradients clipped at 1. */
export async function gptLosses(
  runtime: Runtime,
  steps: number,
  { perRun = steps, sizes = gptSmall }: { readonly perRun?: number; readonly sizes?: GptTraining } = {},
): Promise<number[]> {
  const { batch, time } = sizes
  const step = trainingStep({
    model: new Gpt(sizes),
    batch: { tokens: { shape: [batch, time + 1], dtype: 'int32' } },
    loss: (gpt, { tokens }) => ({
      loss: crossEntropy(gpt.forward(slice(tokens, { axis: 1, end: time })), slice(tokens, { axis: 1, start: 1 })),
    }),
    optimizer: adamW({ beta2: 0.99, weightDecay: 0.1 }),
    clipNorm: 1,
    exclude: isBiasOrNorm,
  })
  const executable = await runtime.compileSteps(step)
  let state: TypedArray[] = step.state.map(({ data }) => data.slice())
  const losses: number[] = []
  for (let start = 0; start < steps; start += perRun) {
    const numbers = Array.from({ length: perRun }, (_, i) => start + i)
    const next = state.map(data => data.slice())
    const reported = await executable.run(
      state,
      next,
      [
        Int32Array.from(numbers.flatMap(i => [...gptTokens(sizes, i)])),
        new Float32Array(perRun).fill(1e-3),
        Float32Array.from(numbers, i => i + 1),
        new Int32Array(2 * perRun),
      ],
      perRun,
    )
    losses.push(...(reported[0] as Float32Array))
    state = next
  }
  await executable.release()
  return losses
}
