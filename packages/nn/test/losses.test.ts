// Every loss against PyTorch, value and gradient.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { differentiate, sum, tensor, type Tensor } from '@ddlf/tensor'
import {
  accuracy, binaryCrossEntropyWithLogits, correctCount, crossEntropy, errorRate, meanSquaredError,
} from '../src/index.ts'
import { expectClose } from './closeness.ts'

interface Packed { shape: number[]; dtype: 'float32' | 'int32'; data: number[] }
interface Case {
  name: string
  x: Packed
  target: Packed
  y: Packed
  xGradient: Packed
  options: Record<string, unknown>
}

const cases = JSON.parse(readFileSync(new URL('golden/losses.json', import.meta.url), 'utf8')) as Case[]
const unpack = ({ shape, dtype, data }: Packed) =>
  tensor(dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data), { shape })
const LOSSES: Record<string, (x: Tensor, target: Tensor, options: object) => Tensor> = {
  crossEntropy, meanSquaredError, binaryCrossEntropyWithLogits,
}

describe('losses against PyTorch', () => {
  it.each(cases.map((given, i) => [
    `${i} ${given.name} ${JSON.stringify(given.options)} on ${given.target.dtype}`, given,
  ] as const))('%s', (_name, given) => {
    const x = unpack(given.x)
    const loss = LOSSES[given.name]!(x, unpack(given.target), given.options)
    expect(loss.shape).toEqual(given.y.shape)
    expectClose(loss.toTypedArray(), given.y.data, 1e-6, 'loss')
    const [gradient] = differentiate(sum(loss), [x])
    expectClose(gradient!.toTypedArray(), given.xGradient.data, 2e-6, 'gradient')
  })
})

describe('metrics', () => {
  const logits = tensor([[0, 2, 1], [3, 0, 0], [0, 1, 5], [1, 0, 0]])
  const labels = tensor(Int32Array.of(1, 0, 1, 2))
  it('count what is right', () => {
    expect(correctCount(logits, labels).item()).toBe(2)
    expect(accuracy(logits, labels).item()).toBe(0.5)
    expect(errorRate(logits, labels).item()).toBe(0.5)
  })
})

describe('mistakes', () => {
  const logits = tensor([[0, 2, 1], [3, 0, 0]])
  it('name the shapes and the setting', () => {
    expect(() => crossEntropy(logits, tensor(Int32Array.of(1, 0, 1))))
      .toThrow(/\[2, 3\] need int32 labels of shape \[2\][^]*int32\[3\]/)
    expect(() => crossEntropy(logits, tensor(Uint8Array.of(1, 0)))).toThrow(/uint8\[2\]/)
    expect(() => crossEntropy(logits, tensor(Int32Array.of(1, 0)), { labelSmoothing: 1.2 }))
      .toThrow(/labelSmoothing must be a number from 0 to 1[^]*1.2/)
    expect(() => crossEntropy(logits, tensor(Int32Array.of(1, 0)), { weight: [1, 2] }))
      .toThrow(/each of the 3 classes[^]*\[2\]/)
    expect(() => meanSquaredError(logits, tensor([1, 2, 3]))).toThrow(/one shape[^]*\[2, 3\] and \[3\]/)
    expect(() => binaryCrossEntropyWithLogits(logits, tensor([1, 2, 3]))).toThrow(/one shape/)
  })
})

describe('a reduction that there is not', () => {
  it.each([
    [
      'crossEntropy',
      (reduction: never) => crossEntropy(tensor([[1, 2]]), tensor([0], { dtype: 'int32' }), { reduction }),
    ],
    ['meanSquaredError', (reduction: never) => meanSquaredError(tensor([1]), tensor([2]), { reduction })],
  ])('is refused by %s', (_, loss) => {
    expect(() => loss('avg' as never)).toThrow(/'mean', 'sum' or 'none'[^]*avg/)
  })
})
