// Our side of cnn-step.ts: bursts of training steps, or of inference, of a convolution network.
import { createInterface } from 'node:readline'
import { crossEntropy, evaluationStep, sgd, trainingStep, withSeed, type Module } from '@ddlf/nn'
import type { Tensor, TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { AlexNetLike } from '../../course/topics/02-intro-level-cnn/alexnet-like.ts'
import { ModernLeNet5 } from '../../course/topics/02-intro-level-cnn/modern-lenet5.ts'
import { Vgg16 } from '../../course/topics/02-intro-level-cnn/vgg.ts'
import { CifarResNet } from '../../course/topics/03-deeper-in-cnn/resnet-cifar.ts'

/** Most memory so far, what its files map included. */
const peakMegabytes = () => process.resourceUsage().maxRSS / 1024
const loadedMegabytes = peakMegabytes()
const [network = 'resnet20', batchText = '128', mode = 'training', layout = 'blocked', threadsText = '2'] =
  process.argv.slice(2)
const batch = Number(batchText)
const threads = Number(threadsText)
const networks: Readonly<Record<string, { readonly build: () => Module; readonly image: readonly number[] }>> = {
  lenet5: { build: () => new ModernLeNet5(), image: [1, 28, 28] },
  alexnet: { build: () => new AlexNetLike(), image: [3, 32, 32] },
  vgg16: { build: () => new Vgg16(), image: [3, 32, 32] },
  resnet20: { build: () => new CifarResNet(10, { depth: 20 }), image: [3, 32, 32] },
}
const { build, image } = networks[network] as (typeof networks)[string]
const model = withSeed(1, build)
const shape = [batch, ...image]
const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 0.7919))
const labels = Int32Array.from({ length: batch }, (_, i) => (i * 31) % 10)
const runtime = onnxNodeRuntime({ threads, blockedLayout: layout === 'blocked' })

async function training(): Promise<(steps: number) => Promise<void>> {
  const step = trainingStep({
    model,
    loss: (_, { images, labels }) => ({ loss: crossEntropy(model.forward(images), labels, { ignoreIndex: null }) }),
    batch: { images: { shape }, labels: { shape: [batch], dtype: 'int32' } },
    optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
  })
  const executable = await runtime.compileSteps(step)
  let current: TypedArray[] = step.state.map(({ data }) => data.slice())
  let next: TypedArray[] = step.state.map(({ data }) => data.slice())
  let done = 0
  return async steps => {
    for (let i = 0; i < steps; i++) {
      const fresh = [pixels, labels, Float32Array.of(0.01), Float32Array.of(++done), new Int32Array(2)]
      await executable.run(current, next, fresh, 1)
      ;[current, next] = [next, current]
    }
  }
}

async function inference(): Promise<(steps: number) => Promise<void>> {
  const compute = (_: unknown, { images }: { readonly images: Tensor }) => model.forward(images)
  const run = evaluationStep({ model, compute, batch: { images: { shape } }, runtime })
  await run(pixels)
  return async steps => {
    for (let i = 0; i < steps; i++) await run(pixels)
  }
}

const started = performance.now()
const run = await (mode === 'training' ? training() : inference())
const compile = (performance.now() - started) / 1000
await run(1)
console.log(`30ddlf, onnxruntime-node, ${threads} threads, ${layout} layout, compiled in ${compile.toFixed(1)} s`)
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { steps: number }
  const begun = performance.now()
  const cpu = process.cpuUsage()
  await run(steps)
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    JSON.stringify({
      seconds: (performance.now() - begun) / 1000,
      processorSeconds: (user + system) / 1e6,
      loadedMegabytes,
      peakMegabytes: peakMegabytes(),
    }),
  )
}
