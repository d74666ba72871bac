// Our side of cnn-step.ts: bursts of training steps, or of inference, of a convolution network.
import { createInterface } from 'node:readline'
import { evaluationStep } from '@ddlf/nn'
import type { Tensor, TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { cnnModel, cnnStep } from './cnn-models.ts'

/** Most memory so far, what its files map included. */
const peakMegabytes = () => process.resourceUsage().maxRSS / 1024
const loadedMegabytes = peakMegabytes()
const [network = 'resnet20', batchText = '128', mode = 'training', layout = 'blocked', threadsText = '2'] =
  process.argv.slice(2)
const batch = Number(batchText)
const threads = Number(threadsText)
const { model, shape } = cnnModel(network, batch)
const pixels = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 0.7919))
const labels = Int32Array.from({ length: batch }, (_, i) => (i * 31) % 10)
const runtime = onnxNodeRuntime({ threads, blockedLayout: layout === 'blocked' })

async function training(): Promise<(steps: number) => Promise<void>> {
  const step = cnnStep({ model, shape })
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
