// The perceptrons of books and of 1998: what their losses and their preparation of digits compute, as PyTorch computes
// it.
import { describe, expect, it } from 'vitest'
import { evaluate, tensor, type Tensor } from '@ddlf/tensor'
import { parameterCount, withMode } from '@ddlf/nn'
import { parseSettings } from '@ddlf/lab'
import { nielsenPerceptrons, NielsenPerceptron } from '../topics/01-mlp-on-mnist/nielsen-perceptron.ts'
import { PerceptronOf1998, upright } from '../topics/01-mlp-on-mnist/perceptrons-of-1998.ts'

/** A bar three pixels wide that goes a pixel to the right for every two rows down. */
const slanted = Float32Array.from({ length: 784 }, (_, i) => {
  const [row, column] = [Math.floor(i / 28), i % 28]
  return row >= 4 && row <= 23 && Math.abs(column - (6 + 0.5 * row)) <= 1.5 ? 1 : 0
})

describe('digits set upright', () => {
  const images = new Float32Array(2 * 784)
  images.set(slanted)
  const [found] = evaluate([upright(tensor(images, { shape: [2, 1, 28, 28] }))]) as [Float32Array]
  const row = (at: number) => [...found.subarray(28 * at + 10, 28 * at + 17)]

  it('are read where grid_sample reads a sheared picture', () => {
    // torch.nn.functional.grid_sample, bilinear, zeros outside; the shear from the moments by hand is 0.5.
    const pytorch = new Map([
      [4, [0, 0.2142857, 1, 1, 0.7857137, 0, 0]],
      [14, [0, 0.2142859, 1, 1, 0.7857151, 0, 0]],
      [23, [0, 0.7142868, 1, 1, 1, 0.2857132, 0]],
    ])
    for (const [at, wanted] of pytorch) row(at).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 4))
    expect(found.subarray(0, 784).reduce((sum, value) => sum + value, 0)).toBeCloseTo(70, 3)
  })
  it('leave an empty picture empty', () => {
    expect(found.subarray(784).every(value => value === 0)).toBe(true)
  })
})

it.each([
  ['squaredError', 1.2856023],
  ['crossEntropy', 7.4945421],
] as const)("the book's %s is a sum over ten outputs, a mean over digits", (loss, pytorch) => {
  const sums = Float32Array.from({ length: 20 }, (_, i) => 0.5 * ((7 * Math.floor(i / 10) + 3 * (i % 10)) % 11) - 2.5)
  const model = { forward: () => tensor(sums, { shape: [2, 10] }) }
  const settings = parseSettings(nielsenPerceptrons, { loss })
  const [phase] = nielsenPerceptrons.task.phases(settings)
  const batch: Record<string, Tensor> = {
    images: tensor(new Uint8Array(2 * 784), { shape: [2, 1, 28, 28] }),
    labels: tensor(Int32Array.from([3, 8])),
  }
  const { output } = withMode({ training: true }, () => phase?.loss(model as never, batch, settings).loss as Tensor)
  expect((evaluate([output]) as [Float32Array])[0][0]).toBeCloseTo(pytorch, 5)
})

it('have as many parameters as their layers say', () => {
  expect(parameterCount(new NielsenPerceptron({ hidden: [30], start: 'wide' }))).toBe(784 * 30 + 30 + 300 + 10)
  expect(parameterCount(new PerceptronOf1998({ hidden: [300, 100], upright: false }))).toBe(266_610)
})
