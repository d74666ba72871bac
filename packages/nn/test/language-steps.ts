// Prints the losses of the first steps of models of language on WebGPU, and of a small GPT on the CPU. A process of its
// own: without an adapter the native runtime may end it.
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { gptLosses, type GptTraining } from './gpt-training.ts'
import { recurrentLosses } from './recurrent-trainings.ts'

const sizes: GptTraining = { words: 17, time: 12, layers: 2, heads: 2, size: 16, batch: 3 }
const webgpu = onnxNodeRuntime({ provider: 'webgpu' })
const cpu = onnxNodeRuntime({ threads: 1 })
const STEPS = 20

const losses = {
  gptOnCpu: await gptLosses(cpu, STEPS, { sizes }),
  gpt: await gptLosses(webgpu, STEPS, { sizes }),
  lstm: await recurrentLosses('lstm', webgpu, STEPS),
  gru: await recurrentLosses('gru', webgpu, STEPS),
  translator: await recurrentLosses('translator', webgpu, STEPS),
}
console.log(JSON.stringify(losses))
// Releasing the adapter may hang on software drivers.
process.exit(0)
