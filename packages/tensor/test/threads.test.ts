// The same bits with one thread and with two: kernels divide their work among threads, and what an element is must not
// depend on where its share begins and ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add, differentiate, graph, input, labelCrossEntropy, linear, log, log1p, matmul, mul, normal, pow, softplus, square,
  sum, tensor,
  type Tensor, type TypedArray,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { randomKey, uniforms } from '../src/random.ts'

const runtimes = [1, 2].map(threads => onnxNodeRuntime({ threads }))

const leafOf = (name: string, shape: readonly number[]) => input(name, { shape, dtype: 'float32' })

const bits = ({ buffer, byteOffset, byteLength }: TypedArray) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1')

/** How many of the outputs differ in a bit. */
async function differing(leaves: readonly Tensor[], outputs: readonly Tensor[]): Promise<number> {
  const data = leaves.map((leaf, i) =>
    leaf.dtype === 'int32' ? Int32Array.of(7, 9) : uniforms(randomKey(7, i), leaf.size, -1, 1))
  const [one = [], two = []] = await Promise.all(runtimes.map(async runtime => {
    const executable = await runtime.compile(graph('test', leaves, outputs))
    const results = await executable.run(data)
    await executable.release()
    return results.map(bits)
  }))
  return one.filter((values, i) => values !== two[i]).length
}

describe('one thread and two', () => {
  it.each([
    ['log', (x: Tensor) => log(add(square(x), 0.01))], ['log1p', (x: Tensor) => log1p(square(x))],
    ['softplus', (x: Tensor) => softplus(mul(x, 9))], ['pow', (x: Tensor) => pow(add(square(x), 0.01), x)],
  ] as const)('%s of any number of elements, and its gradient', async (_, f) => {
    for (const shape of [[16384], [3, 6667], [7, 50, 99], [2, 16, 25, 25]]) {
      const x = leafOf('x', shape)
      const y = f(x)
      expect(await differing([x], [y, ...differentiate(sum(square(y)), [x])]), shape.join()).toBe(0)
    }
  })

  it('normal noise', async () => {
    const key = input('key', { shape: [2], dtype: 'int32' })
    for (const shape of [[128, 100], [64, 333], [40001]]) {
      expect(await differing([key], [normal(key, shape)]), shape.join()).toBe(0)
    }
  })

  it('label cross-entropy whose target is spread', async () => {
    const logits = leafOf('logits', [180, 503])
    const labels = tensor(Int32Array.from({ length: 180 }, (_, i) => (i * 7) % 503), { shape: [180] })
    const loss = labelCrossEntropy(logits, labels, { labelSmoothing: 0.1 })
    expect(await differing([logits], [loss, ...differentiate(sum(loss), [logits])])).toBe(0)
  })

  it.each([
    ['few rows and many inner elements', 64, 784, 128], ['shares of two lengths', 40, 200, 129],
    ['short shares', 4, 700, 60], ['more of them', 33, 297, 39], ['a column', 180, 503, 1], ['a row', 1, 800, 300],
    ['as in a wide net', 128, 784, 512],
  ])('a product of %s', async (_, rows, inner, columns) => {
    const [a, b, bias] = [leafOf('a', [rows, inner]), leafOf('b', [columns, inner]), leafOf('bias', [columns])]
    const y = linear(a, b, bias)
    const gradients = differentiate(sum(square(y)), [a, b, bias])
    expect(await differing([a, b, bias], [matmul(a, b, { transposeB: true }), y, ...gradients])).toBe(0)
  })

  it('any product', { timeout: 60_000 }, async () => {
    const size = (most: number) => fc.integer({ min: 1, max: most })
    const cases = fc.record({
      rows: size(200), inner: fc.integer({ min: 65, max: 700 }), columns: fc.oneof(size(200), fc.constant(1)),
      transposeA: fc.boolean(), transposeB: fc.boolean(), leading: fc.constantFrom([], [1], [1, 1]),
    })
    await fc.assert(fc.asyncProperty(cases, async ({ rows, inner, columns, leading, ...options }) => {
      const of = (name: string, shape: readonly number[], turned: boolean) =>
        leafOf(name, [...leading, ...(turned ? shape.toReversed() : shape)])
      const [a, b] = [of('a', [rows, inner], options.transposeA), of('b', [inner, columns], options.transposeB)]
      expect(await differing([a, b], [matmul(a, b, options)])).toBe(0)
    }), { numRuns: 100, seed: 17 })
  })
})
