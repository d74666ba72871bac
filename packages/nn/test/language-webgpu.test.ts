// 20 training steps of models of language on WebGPU, loops written out, where an adapter exists: an LSTM, a
// bidirectional GRU with lengths and an encoder-decoder with attention against PyTorch, a small GPT against the CPU.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resultOnWebGpu } from '../../../test/on-webgpu.ts'
import type { TrainingName } from './recurrent-trainings.ts'

const { trainings } = JSON.parse(readFileSync(new URL('golden/recurrent.json', import.meta.url), 'utf8')) as {
  trainings: Record<TrainingName, number[]>
}

it('trains models of language on WebGPU as PyTorch', { timeout: 300_000 }, context => {
  const program = new URL('language-steps.ts', import.meta.url)
  const { gptOnCpu, ...found } = resultOnWebGpu(program, reason => context.skip(reason)) as Record<
    TrainingName | 'gpt' | 'gptOnCpu',
    number[]
  >
  const expected = { ...trainings, gpt: gptOnCpu }
  for (const [name, losses] of Object.entries(expected)) {
    const own = found[name as keyof typeof found]
    expect(own).toHaveLength(losses.length)
    own.forEach((loss, step) => {
      expect(Math.abs(loss / losses[step]! - 1), `${name}, step ${step}: ${loss}`).toBeLessThan(1e-5)
    })
  }
})
