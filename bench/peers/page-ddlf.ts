// Our side of page-step.ts, in a worker of the page: the runtime and the loop of many steps in one run that the trainer
// in the page uses.
import { adam, crossEntropy, Linear, sgd, trainingStep, withSeed } from '@ddlf/nn'
import { graph, relu, tensor, type StepExecutable, type Tensor, type TypedArray } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { answerPage } from './answer-page.ts'
import { batchesOf, weightsOf } from './page-messages.ts'

answerPage(async ({
  sizes,
  batch,
  optimizer,
  learningRate,
  threads,
  perRun,
  assets,
}) => {
  const from = performance.now()
  const weights = weightsOf(sizes)
  const layers = withSeed(1, () => sizes.slice(1).map((units, i) => new Linear(sizes[i] as number, units)))
  layers.forEach((layer, i) => {
    layer.weight.leaf?.data?.set(weights[i]?.weight as Float32Array)
    layer.bias?.leaf?.data?.fill(0)
  })
  const forward = (images: Tensor) =>
    layers.reduce(
      (x, layer, i) => (i < layers.length - 1 ? relu(layer.forward(x)) : layer.forward(x)),
      images.cast('float32').mul(1 / 255),
    )
  const step = trainingStep({
    model: layers,
    loss: (_, { images, labels }) => ({ loss: crossEntropy(forward(images), labels, { ignoreIndex: null }) }),
    batch: {
      images: { shape: [batch, sizes[0] as number], dtype: 'uint8' },
      labels: { shape: [batch], dtype: 'int32' },
    },
    optimizer: optimizer === 'sgd' ? sgd({ momentum: 0.9 }) : adam(),
  })
  const traced = performance.now()
  const runtime = onnxWebRuntime({
    threads,
    assets: { mjs: `${assets}ort-wasm-simd-threaded.mjs`, wasm: `${assets}ort-wasm-simd-threaded.wasm` },
  })
  // The first graph of all waits for the runtime's WebAssembly.
  await (await runtime.compile(graph('nothing', [], [tensor([0])]))).release()
  const loaded = performance.now()
  const executable: StepExecutable = await runtime.compileSteps(step)
  const parts = {
    'the step traced': traced - from,
    'WebAssembly loaded': loaded - traced,
    'the graph compiled': performance.now() - loaded,
  }
  let current: TypedArray[] = step.state.map(({ data }) => data.slice())
  let next: TypedArray[] = step.state.map(({ data }) => data.slice())
  let done = 0
  const { images, labels } = batchesOf(sizes, batch, perRun)
  const burst = async (steps: number) => {
    const losses: number[] = []
    for (let left = steps; left > 0; left -= perRun) {
      const count = Math.min(perRun, left)
      const numbers = Array.from({ length: count }, (_, i) => done + i)
      const [loss] = await executable.run(
        current,
        next,
        [
          images.subarray(0, count * batch * (sizes[0] as number)),
          labels.subarray(0, count * batch),
          Float32Array.from(numbers, () => learningRate),
          Float32Array.from(numbers, i => i + 1),
          new Int32Array(2 * count),
        ],
        count,
      )
      ;[current, next] = [next, current]
      done += count
      losses.push(...(loss as Float32Array))
    }
    return losses
  }
  const several = `${threads} thread${threads === 1 ? '' : 's'}`
  return { description: `ONNX Runtime's WASM kernels, SIMD, ${several}, ${perRun} steps a run`, parts, burst }
})
