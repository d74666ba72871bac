// Our side of mlp-step.ts: bursts of training steps of a dense network, many steps in one run as training does it.
import { createInterface } from 'node:readline'
import { adam, crossEntropy, Linear, sgd, trainingStep, withSeed } from '@ddlf/nn'
import { relu, type Tensor, type TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'

const [sizesText = '[]', batchText, optimizerName, runText = '20'] = process.argv.slice(2)
const sizes = JSON.parse(sizesText) as number[]
const batch = Number(batchText)
/** Steps in one run of the graph. */
const perRun = Number(runText)

const layers = withSeed(1, () => sizes.slice(1).map((units, i) => new Linear(sizes[i] as number, units)))
const forward = (images: Tensor) =>
  layers.reduce(
    (x, layer, i) => (i < layers.length - 1 ? relu(layer.forward(x)) : layer.forward(x)),
    images.cast('float32').mul(1 / 255),
  )
const step = trainingStep({
  model: layers,
  loss: (_, { images, labels }) => ({ loss: crossEntropy(forward(images), labels, { ignoreIndex: null }) }),
  batch: { images: { shape: [batch, sizes[0] as number], dtype: 'uint8' }, labels: { shape: [batch], dtype: 'int32' } },
  optimizer: optimizerName === 'sgd' ? sgd({ momentum: 0.9 }) : adam(),
})
const executable = await onnxNodeRuntime({ threads: 2 }).compileSteps(step)
let current: TypedArray[] = step.state.map(({ data }) => data.slice())
let next: TypedArray[] = step.state.map(({ data }) => data.slice())
let done = 0

async function run(steps: number): Promise<void> {
  const numbers = Array.from({ length: steps }, (_, i) => done + i)
  await executable.run(current, next, [
    images.subarray(0, steps * batch * (sizes[0] as number)), labels.subarray(0, steps * batch),
    Float32Array.from(numbers, () => (optimizerName === 'sgd' ? 0.01 : 1e-3)),
    Float32Array.from(numbers, i => i + 1),
    new Int32Array(2 * steps),
  ], steps)
  ;[current, next] = [next, current]
  done += steps
}

const images = Uint8Array.from({ length: perRun * batch * (sizes[0] as number) }, (_, i) => (i * 7919) % 256)
const labels = Int32Array.from({ length: perRun * batch }, (_, i) => (i * 31) % (sizes.at(-1) as number))
console.log(`30ddlf, onnxruntime-node, 2 threads, ${perRun} steps a run`)
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { steps: number }
  const started = performance.now()
  for (let left = steps; left > 0; left -= perRun) await run(Math.min(perRun, left))
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }))
}
