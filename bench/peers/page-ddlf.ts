// Our side of page-step.ts, in a worker of the page: the runtime and the loop of many steps in one run that the trainer
// in the page uses.
import { adam, crossEntropy, Linear, sgd, trainingStep, withSeed } from '@ddlf/nn'
import { relu, type StepExecutable, type Tensor, type TypedArray } from '@ddlf/tensor'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import { batchesOf, weightsOf, type FromPeer, type ToPeer } from './page-messages.ts'

let burst: (steps: number) => Promise<number[]> = () => Promise.reject(new Error('Not prepared.'))

async function prepare({
  sizes,
  batch,
  optimizer,
  learningRate,
  threads,
  perRun,
  assets,
}: Extract<ToPeer, { kind: 'prepare' }>): Promise<string> {
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
  const executable: StepExecutable = await onnxWebRuntime({
    threads,
    assets: { mjs: `${assets}ort-wasm-simd-threaded.mjs`, wasm: `${assets}ort-wasm-simd-threaded.wasm` },
  }).compileSteps(step)
  let current: TypedArray[] = step.state.map(({ data }) => data.slice())
  let next: TypedArray[] = step.state.map(({ data }) => data.slice())
  let done = 0
  const { images, labels } = batchesOf(sizes, batch, perRun)
  burst = async steps => {
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
  return `ONNX Runtime's WASM kernels, SIMD, ${threads} thread${threads === 1 ? '' : 's'}, ${perRun} steps a run`
}

const post = (message: FromPeer) => globalThis.postMessage(message)

globalThis.addEventListener('message', ({ data }: MessageEvent<ToPeer>) => {
  const answer = async (): Promise<FromPeer> => {
    if (data.kind === 'prepare') return { kind: 'ready', description: await prepare(data) }
    const started = performance.now()
    const losses = await burst(data.steps)
    return { kind: 'burst', seconds: (performance.now() - started) / 1000, losses }
  }
  answer().then(post, (error: unknown) => post({ kind: 'failed', message: String(error) }))
})
