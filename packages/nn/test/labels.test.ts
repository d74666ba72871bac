// Labels of the cross-entropy: those outside the classes are named, those to leave out are left out, and what is off
// the label may be minus infinity. Values and gradients are those of torch.nn.functional.cross_entropy (PyTorch 2.9).
import { describe, expect, it } from 'vitest'
import {
  cast, compile, differentiate, full, mul, reshape, slice, sum, tensor, UserError, type Tensor,
} from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { referenceRuntime } from '@ddlf/tensor'
import { crossEntropy, Linear, sgd, trainingStep, withSeed, type CrossEntropyOptions } from '../src/index.ts'
import { expectClose } from './closeness.ts'

const runtimes = [referenceRuntime, onnxNodeRuntime({ threads: 1 })]
const labelsOf = (...values: number[]) => tensor(Int32Array.from(values))
const rows = (values: readonly (readonly number[])[]) => Float32Array.from(values.flat())

const masked = [[-Infinity, 1, 2], [0.5, -1, 2]]
const plain = [[1, 2, 3], [0.5, -1, 2]]
const weight = [0.5, 1, 2]

interface Case {
  name: string
  logits: number[][]
  target: number[]
  options?: CrossEntropyOptions
  loss: number[]
  gradient: number[]
}

/** What PyTorch gives for the loss, and for the gradient of its sum. */
const cases: Case[] = [
  {
    name: 'minus infinity off the label', logits: [[-Infinity, 1, 2]], target: [2], loss: [0.31326166],
    gradient: [0, 0.26894143, -0.26894143],
  },
  {
    name: 'minus infinity in one row of two', logits: masked, target: [2, 0], loss: [1.0272865],
    gradient: [0, 0.13447072, -0.1344707, -0.4123548, 0.019556286, 0.39279851],
  },
  {
    name: 'minus infinity on the label', logits: masked, target: [0, 0], loss: [Infinity],
    gradient: [-0.5, 0.13447072, 0.36552930, -0.4123548, 0.019556286, 0.39279851],
  },
  {
    name: 'minus infinity with smoothing', logits: masked, target: [2, 0], options: { labelSmoothing: 0.1 },
    loss: [Infinity],
    gradient: [-0.016666668, 0.11780405, -0.10113737, -0.37902147, 0.0028896182, 0.37613183],
  },
  {
    name: 'minus infinity with class weights', logits: masked, target: [2, 0], options: { weight }, loss: [0.59887159],
    gradient: [0, 0.21515314, -0.21515313, -0.16494192, 0.0078225145, 0.15711941],
  },
  {
    name: 'minus infinity with class weights and smoothing', logits: masked, target: [2, 0],
    options: { weight, labelSmoothing: 0.1 }, loss: [Infinity],
    gradient: [-0.0066666668, 0.19285508, -0.18618841, -0.14693417, -0.0044678178, 0.1514020],
  },
  {
    name: '-100 by default', logits: plain, target: [-100, 0], loss: [1.7413113],
    gradient: [0, 0, 0, -0.82470959, 0.039112573, 0.78559703],
  },
  {
    name: '-100 with smoothing and class weights', logits: plain, target: [-100, 0],
    options: { weight, labelSmoothing: 0.1 }, loss: [1.8734862],
    gradient: [0, 0, 0, -0.73467088, -0.022339089, 0.75700992],
  },
  {
    name: '-100 without a mean', logits: plain, target: [-100, 0], options: { reduction: 'none' }, loss: [0, 1.7413113],
    gradient: [0, 0, 0, -0.82470959, 0.039112573, 0.78559703],
  },
  {
    name: 'a class that is left out', logits: plain, target: [1, 0], options: { ignoreIndex: 1 }, loss: [1.7413113],
    gradient: [0, 0, 0, -0.82470959, 0.039112573, 0.78559703],
  },
  { name: 'every row left out', logits: [[1, 2, 3]], target: [-100], loss: [NaN], gradient: [0, 0, 0] },
]

function lossAndGradient(logits: Tensor, labels: Tensor, options?: CrossEntropyOptions) {
  const loss = crossEntropy(logits, labels, options)
  return { loss, gradient: differentiate(sum(loss), [logits])[0]! }
}

describe.each(runtimes)('cross-entropy as in PyTorch on $name', runtime => {
  it.each(cases)('$name', async ({ logits, target, options, loss, gradient }) => {
    const compiled = compile(
      (x, y) => lossAndGradient(x, y, options),
      [{ shape: [logits.length, 3] }, { shape: [logits.length], dtype: 'int32' }], { runtime }
    )
    const values = await compiled(rows(logits), Int32Array.from(target))
    await compiled.release()
    if (loss.some(value => !Number.isFinite(value))) expect([...values.loss.data]).toEqual(loss)
    else expectClose(values.loss.data, loss, 1e-6, 'loss')
    expectClose(values.gradient.data, gradient, 1e-6, 'gradient')
  })

  it('passes nothing on from a row that is left out, whatever it holds', async () => {
    const compiled = compile(
      (x, y) => lossAndGradient(x, y), [{ shape: [3, 3] }, { shape: [3], dtype: 'int32' }], { runtime }
    )
    const values = await compiled(
      rows([[-Infinity, -Infinity, -Infinity], [0.5, -1, 2], [NaN, 2, Infinity]]), Int32Array.of(-100, 0, -100)
    )
    await compiled.release()
    expectClose(values.loss.data, [1.7413113], 1e-6, 'loss')
    expectClose(values.gradient.data, [0, 0, 0, -0.82470959, 0.039112573, 0.78559703, 0, 0, 0], 1e-6, 'gradient')
  })

  it('adds nothing for a class of probability 0, where PyTorch gives NaN', async () => {
    const compiled = compile((x, y) => lossAndGradient(x, y), [{ shape: [2, 3] }, { shape: [2, 3] }], { runtime })
    const values = await compiled(rows(masked), rows([[0, 0, 1], [0.2, 0.3, 0.5]]))
    await compiled.release()
    // 0.31326166 of the first row and, by hand, 0.2 * 1.7413114 + 0.3 * 3.2413114 + 0.5 * 0.2413114 of the second
    expectClose(values.loss.data, [(0.31326166 + 1.4413113) / 2], 1e-6, 'loss')
    expectClose(
      values.gradient.data, [0, 0.13447072, -0.1344707, -0.012354806, -0.13044382, 0.14279851], 1e-6, 'gradient'
    )
  })

  it('names a label outside the classes and its row', async () => {
    const compiled = compile(
      (x, y) => crossEntropy(x, y), [{ shape: [3, 3] }, { shape: [3], dtype: 'int32' }], { runtime }
    )
    await expect(compiled(new Float32Array(9), Int32Array.of(0, 2, 3)))
      .rejects.toThrow(/whole numbers from 0 to 2[^]*label 3 in row 2[^]*Count classes from 0/)
    await expect(compiled(new Float32Array(9), Int32Array.of(0, -1, 2))).rejects.toThrow(/label -1 in row 1/)
    await expect(compiled(new Float32Array(9), Int32Array.of(0, -1, 2))).rejects.toBeInstanceOf(UserError)
    await compiled.release()
  })

  it('names one in labels that are cut and cast before the loss reads them', async () => {
    const compiled = compile(
      (x, y) => crossEntropy(x, cast(reshape(slice(y, { axis: 1, start: 1 }), [2, 2]), 'int32')),
      [{ shape: [2, 2, 3] }, { shape: [2, 3], dtype: 'uint8' }], { runtime },
    )
    await expect(compiled(new Float32Array(12), Uint8Array.of(9, 0, 1, 9, 2, 7)))
      .rejects.toThrow(/label 7 in row 1, position \[1\]/)
    expect((await compiled(new Float32Array(12), Uint8Array.of(9, 0, 1, 9, 2, 2))).data[0]).toBeCloseTo(Math.log(3), 6)
    await compiled.release()
  })

  it('stops a training step at a label outside', async () => {
    const model = withSeed(1, () => new Linear(2, 3))
    const program = trainingStep({
      model, optimizer: sgd(), batch: { x: { shape: [2, 2] }, y: { shape: [2], dtype: 'int32' } },
      loss: (net, { x, y }) => ({ loss: crossEntropy(net.forward(x), y) }),
    })
    const step = await runtime.compileSteps(program)
    const state = program.state.map(({ data }) => data.slice())
    const run = (labels: Int32Array) => step.run(state, state.map(values => values.slice()), [
      new Float32Array(8), labels, Float32Array.of(0.1, 0.1), Float32Array.of(1, 2), new Int32Array(4),
    ], 2)
    await expect(run(Int32Array.of(0, 1, 2, 5))).rejects.toThrow(/label 5 in row 1/)
    expect((await run(Int32Array.of(0, 1, 2, -100))).length).toBe(1)
    await step.release()
  })
})

describe('labels known at once', () => {
  const logits = full([2, 3], 0)
  it('are checked where the loss is written', () => {
    expect(() => crossEntropy(logits, labelsOf(1, 3))).toThrow(/whole numbers from 0 to 2, or -100[^]*label 3 in row 1/)
    expect(() => crossEntropy(logits, labelsOf(1, -100), { ignoreIndex: null })).toThrow(/label -100 in row 1/)
    expect(() => crossEntropy(logits, labelsOf(1, -100), { ignoreIndex: 7 }))
      .toThrow(/or 7 for rows to leave out[^]*label -100/)
    expect(crossEntropy(logits, labelsOf(1, -100)).item()).toBeCloseTo(Math.log(3), 6)
  })
  it('are checked where they are computed', () => {
    expect(() => crossEntropy(logits, mul(labelsOf(1, 2), 2)).item()).toThrow(/label 4 in row 1/)
  })
})

describe('labels that a graph computes from its parameters', () => {
  it('give a loss of NaN on compiled code, which stops a training', async () => {
    const layer = withSeed(1, () => new Linear(1, 1, { bias: false }))
    const compiled = compile(
      x => crossEntropy(full([1, 3], 0), reshape(cast(mul(layer.forward(x), 0).add(5), 'int32'), [1])),
      [{ shape: [1, 1] }], { runtime: onnxNodeRuntime({ threads: 1 }) }
    )
    expect((await compiled(Float32Array.of(1))).data[0]).toBeNaN()
    await compiled.release()
  })
})
