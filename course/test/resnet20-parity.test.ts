// Eight training steps of ResNet-20 as in PyTorch, from the same first weights and batches, in both layouts.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { crossEntropy, namedParameters, sgd, trainingStep } from '@ddlf/nn'
import { CifarResNet } from '../topics/03-deeper-in-cnn/resnet-cifar.ts'

interface Golden {
  readonly batch: number
  readonly learningRate: number
  readonly loss: readonly number[]
  /** Mean and norm of every parameter and buffer after the last step. */
  readonly state: Readonly<Record<string, readonly [number, number]>>
}

const golden = JSON.parse(readFileSync(new URL('golden/resnet20.json', import.meta.url), 'utf8')) as Golden
const { batch, learningRate } = golden
const PIXELS = 3 * 32 * 32

/** ResNet-20 with the first weights of golden/resnet20.py. */
function resNet20(): CifarResNet {
  const model = new CifarResNet(10, { depth: 20 })
  ;[...namedParameters(model)].forEach(([name, parameter], i) => {
    const data = parameter.leaf?.data as Float32Array
    if (parameter.rank > 1) {
      const limit = Math.sqrt(6 / (parameter.size / parameter.shape[0]!))
      data.set(uniforms(randomKey(11, 'weight', i), data.length, -limit, limit))
    } else if (name.startsWith('linear')) data.fill(0)
  })
  return model
}

const templates = uniforms(randomKey(11, 'template'), 10 * PIXELS, -1, 1)

function batchOf(step: number): { images: Float32Array; labels: Int32Array } {
  const labels = Int32Array.from(uniforms(randomKey(11, 'label', step), batch), value => Math.floor(value * 10))
  const images = uniforms(randomKey(11, 'noise', step), batch * PIXELS, -1, 1)
  for (let i = 0; i < images.length; i++)
    images[i]! += 0.5 * templates[labels[Math.floor(i / PIXELS)]! * PIXELS + (i % PIXELS)]!
  return { images, labels }
}

describe.each([['blocked', true], ['standard', false]] as const)('ResNet-20 in the %s layout', (_, blockedLayout) => {
  it('loses as PyTorch over 8 steps', { timeout: 120_000 }, async () => {
    const model = resNet20()
    const program = trainingStep({
      model,
      batch: { images: { shape: [batch, 3, 32, 32] }, labels: { shape: [batch], dtype: 'int32' } },
      loss: (network, { images, labels }) => ({ loss: crossEntropy(network.forward(images), labels) }),
      optimizer: sgd({ momentum: 0.9, weightDecay: 1e-4 }),
    })
    const executable = await onnxNodeRuntime({ blockedLayout }).compileSteps(program)
    let state: TypedArray[] = program.state.map(({ data }) => data.slice())
    for (const [step, expected] of golden.loss.entries()) {
      const { images, labels } = batchOf(step)
      const next = state.map(data => data.slice())
      const [loss] = await executable.run(
        state,
        next,
        [images, labels, Float32Array.of(learningRate), Float32Array.of(step + 1), new Int32Array(2)],
        1,
      )
      expect(Math.abs(loss![0]! / expected - 1), `step ${step}: ${loss![0]} instead of ${expected}`).toBeLessThan(1e-3)
      state = next
    }
    await executable.release()
    program.state.forEach(({ name, kind }, i) => {
      if (kind === 'slot') return
      const values = Array.from(state[i]!)
      const [mean, norm] = golden.state[name]!
      // Offsets have hardly left 0 after 8 steps: theirs is an absolute difference.
      expect(Math.abs(Math.hypot(...values) - norm), `norm of ${name}`).toBeLessThan(5e-3 * Math.max(1, norm))
      expect(Math.abs(values.reduce((a, b) => a + b, 0) / values.length - mean), `mean of ${name}`).toBeLessThan(
        5e-3 * Math.max(1, norm / Math.sqrt(values.length)),
      )
    })
  })
})
