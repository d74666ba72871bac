// A whole training against PyTorch: the same perceptron, first weights and batches, 100 steps.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { referenceRuntime, relu, type Runtime, type Tensor, type TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { adamW, crossEntropy, Linear, sgd, trainingStep, withSeed, type Optimizer } from '../src/index.ts'

interface Golden {
  batch: number
  steps: number
  every: number
  checksum: { image: number; label: number }
  runs: {
    optimizer: 'sgd' | 'adamW'
    firstSums: number[]
    loss: number[]
    final: { norm: number; moved: number; samples: number[] }[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL('golden/parity.json', import.meta.url), 'utf8')) as Golden
const { batch } = golden

class Mlp {
  readonly hidden1 = new Linear(784, 128)
  readonly hidden2 = new Linear(128, 32)
  readonly logits = new Linear(32, 10)
  forward(x: Tensor): Tensor {
    return this.logits.forward(relu(this.hidden2.forward(relu(this.hidden1.forward(x)))))
  }
}

const templates = uniforms(randomKey(7, 'template'), 10 * 784)

/** The batch that golden.py makes for a step: noisy templates of ten classes, one label in eight wrong. */
function batchOf(step: number): { image: Float32Array; label: Int32Array } {
  const classes = uniforms(randomKey(7, 'label', step), batch).map(value => Math.floor(value * 10))
  const noise = uniforms(randomKey(7, 'noise', step), batch * 784)
  const image =
    noise.map((value, i) => 0.75 * value + 0.25 * templates[classes[Math.floor(i / 784)]! * 784 + (i % 784)]!)
  return { image, label: Int32Array.from(classes, (value, i) => (i % 8 === 0 ? (value + 1) % 10 : value)) }
}

const OPTIMIZERS: Record<'sgd' | 'adamW', { make: () => Optimizer; rate: number }> = {
  sgd: { make: () => sgd({ momentum: 0.9 }), rate: 0.02 },
  adamW: { make: () => adamW(), rate: 1e-3 },
}

/** Trains for some steps, `perRun` of them in one call of the runtime. */
async function train(name: 'sgd' | 'adamW', runtime: Runtime, steps: number, { seed = 5, perRun = 1 } = {}) {
  const { make, rate } = OPTIMIZERS[name]
  const model = withSeed(seed, () => new Mlp())
  const program = trainingStep({
    model,
    batch: { image: { shape: [batch, 784] }, label: { shape: [batch], dtype: 'int32' } },
    loss: (mlp, { image, label }) => ({ loss: crossEntropy(mlp.forward(image), label) }),
    optimizer: make(),
  })
  const executable = await runtime.compileSteps(program)
  let state: TypedArray[] = program.state.map(entry => entry.data.slice())
  const loss: number[] = []
  for (let start = 0; start < steps; start += perRun) {
    const batches = Array.from({ length: perRun }, (_, i) => batchOf(start + i))
    const images = new Float32Array(perRun * batch * 784)
    const labels = new Int32Array(perRun * batch)
    batches.forEach((one, i) => {
      images.set(one.image, i * batch * 784)
      labels.set(one.label, i * batch)
    })
    const next = state.map(data => data.slice())
    const reported = await executable.run(
      state, next, [
        images, labels, new Float32Array(perRun).fill(rate),
        Float32Array.from({ length: perRun }, (_, i) => start + i + 1), new Int32Array(2 * perRun),
      ], perRun)
    loss.push(...reported[0]!)
    state = next
  }
  await executable.release()
  return {
    program, loss,
    weights: program.state.flatMap((entry, i) => (entry.kind === 'parameter' ? [state[i] as Float32Array] : [])),
  }
}

const sumOf = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0)
const norm = (values: ArrayLike<number>) => Math.sqrt(sumOf(Array.from(values, value => value * value)))
const relative = (actual: readonly number[], expected: readonly number[]) =>
  Math.max(...actual.map((value, i) => Math.abs(value / expected[i]! - 1)))

describe('a whole training against PyTorch', () => {
  it('begins with the same batches and weights', () => {
    const { image, label } = batchOf(3)
    expect(sumOf(image)).toBeCloseTo(golden.checksum.image, 4)
    expect(sumOf(label)).toBe(golden.checksum.label)
    const model = withSeed(5, () => new Mlp())
    const parameters = [model.hidden1, model.hidden2, model.logits].flatMap(layer => [layer.weight, layer.bias!])
    parameters.forEach((parameter, i) => expect(sumOf(parameter.toTypedArray())).toBeCloseTo(
      golden.runs[0]!.firstSums[i]!, 5,
    ))
  })

  it.each(golden.runs)('100 steps of $optimizer: loss within 1e-4 relative at every step, weights within 1e-3 relative',
    async run => {
    const { loss, weights } = await train(run.optimizer, onnxNodeRuntime({ threads: 2 }), golden.steps, { perRun: 10 })
    expect(relative(loss, run.loss)).toBeLessThan(1e-4)
    run.final.forEach(({ norm: expectedNorm, moved, samples }, i) => {
      const every = weights[i]!.length > 1000 ? golden.every : 1
      const found = samples.map((_, k) => weights[i]![k * every]!)
      const distance = norm(found.map((value, k) => value - samples[k]!)) / norm(samples)
      // Euclidean distance of the sampled elements over their norm; also far below the way that training went.
      expect(distance).toBeLessThan(1e-3)
      expect(distance).toBeLessThan((0.01 * moved) / expectedNorm)
      expect(Math.abs(norm(weights[i]!) / expectedNorm - 1)).toBeLessThan(1e-4)
    })
  })

  it.each(golden.runs)('the first steps of $optimizer on the reference runtime', async run => {
    const { loss } = await train(run.optimizer, referenceRuntime, 3)
    expect(relative(loss, run.loss.slice(0, 3))).toBeLessThan(1e-5)
  })
})

describe('a seed', () => {
  it('gives bit-identical weights in two trainings, also with another number of steps in a run, and other weights ' +
    'with another seed', async () => {
    const runtime = onnxNodeRuntime({ threads: 2 })
    const [first, again, other, single] = await Promise.all([
      train('adamW', runtime, 20, { perRun: 10 }), train('adamW', runtime, 20, { perRun: 10 }),
      train('adamW', runtime, 20, { perRun: 10, seed: 6 }), train('adamW', runtime, 20),
    ])
    expect(again.weights).toEqual(first.weights)
    expect(again.loss).toEqual(first.loss)
    expect(other.weights).not.toEqual(first.weights)
    expect(single.weights).toEqual(first.weights)
  })
})
