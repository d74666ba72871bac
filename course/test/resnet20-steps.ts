// Prints the losses of two training steps of ResNet-20 on the CPU and on WebGPU. A process of its own: without an
// adapter the native runtime may end it.
import type { TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { crossEntropy, sgd, trainingStep, withSeed } from '@ddlf/nn'
import { CifarResNet } from '../topics/03-deeper-in-cnn/resnet-cifar.ts'

const BATCH = 4
/** The loss before and after one update; further steps of so small a batch drift apart with every rounding. */
const STEPS = 2

async function losses(provider: 'cpu' | 'webgpu'): Promise<number[]> {
  const program = trainingStep({
    model: withSeed(1, () => new CifarResNet(10, { depth: 20 })),
    batch: { images: { shape: [BATCH, 3, 32, 32] }, labels: { shape: [BATCH], dtype: 'int32' } },
    loss: (network, { images, labels }) => ({ loss: crossEntropy(network.forward(images), labels) }),
    optimizer: sgd({ momentum: 0.9 }),
  })
  const executable = await onnxNodeRuntime({ provider }).compileSteps(program)
  let state: TypedArray[] = program.state.map(({ data }) => data.slice())
  const results: number[] = []
  for (let step = 0; step < STEPS; step++) {
    const next = state.map(data => data.slice())
    const images = uniforms(randomKey(2, 'images', step), BATCH * 3 * 32 * 32, -1, 1)
    const [loss] = await executable.run(
      state,
      next,
      [images, Int32Array.of(1, 2, 3, 4), Float32Array.of(0.01), Float32Array.of(step + 1), new Int32Array(2)],
      1,
    )
    results.push(loss?.[0] ?? NaN)
    state = next
  }
  return results
}

console.log(JSON.stringify({ cpu: await losses('cpu'), webgpu: await losses('webgpu') }))
// Releasing the adapter may hang on software drivers.
process.exit(0)
