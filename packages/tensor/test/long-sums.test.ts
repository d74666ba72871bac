// Long sums stay within 1e-6 of double precision on every runtime, over any axes, forward and in gradients; short ones
// stay one kernel. Equal elements are the worst case: every addition of a run rounds the same way.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compile, differentiate, graph, input, linear, lowerGraph, mean, mul, referenceRuntime, sum, type Shape, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { onnxWebRuntime } from '../src/browser.ts'
import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from '../src/onnx/generated/onnx_pb.ts'

const native = onnxNodeRuntime({ threads: 1 })
const runtimes = [native, referenceRuntime, onnxWebRuntime()]

/** Sums over axes in double precision. */
function sumsOf(data: Float32Array, shape: Shape, axes: readonly number[]): Float64Array {
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const totals = new Float64Array(kept.reduce((a, b) => a * b, 1))
  for (let i = 0; i < data.length; i++) {
    let to = 0
    for (let axis = shape.length - 1, rest = i, stride = 1; axis >= 0; axis--) {
      const size = shape[axis]!
      if (kept[axis] !== 1) to += (rest % size) * stride
      stride *= kept[axis]!
      rest = Math.floor(rest / size)
    }
    totals[to]! += data[i]!
  }
  return totals
}

function expectWithin(
  actual: ArrayLike<number>, expected: ArrayLike<number>, scale: ArrayLike<number> = expected,
): void {
  expect(actual.length).toBe(expected.length)
  // One expectation for all elements: there may be 100 000 of them.
  const isWrong = (value: number, i: number) => !(Math.abs(value - expected[i]!) <= 1e-6 * Math.abs(scale[i]!))
  const i = Array.from(actual).findIndex(isWrong)
  expect(i, `element ${i}: ${actual[i]} instead of ${expected[i]}`).toBe(-1)
}

async function check(
  shape: Shape, axes: readonly number[], value: (i: number) => number, runtime = native,
): Promise<void> {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i))
  const compiled = compile(x => [sum(x, { axes }), mean(x, { axes })], [{ shape }], { runtime })
  const [total, average] = await compiled(data)
  await compiled.release()
  const [expected, scale] = [sumsOf(data, shape, axes), sumsOf(data.map(Math.abs), shape, axes)]
  const each = data.length / expected.length
  expectWithin(total!.data, expected, scale)
  expectWithin(average!.data, expected.map(x => x / each), scale.map(x => x / each))
}

const cases: [Shape, number[]][] = [
  [[100_003], [0]], [[65_536], [0]], [[4_095], [0]], [[513], [0]], [[257, 7], [0]], [[70_001, 3], [0]],
  [[3, 70_001], [1]],
  [[1000, 128], [0]], [[100, 3, 1000], [0, 2]], [[100, 3, 1000], [1]], [[2, 131, 5, 67], [1, 3]],
  [[128, 16, 32, 32], [0, 2, 3]],
  [[30_000, 3, 2], [0, 2]], [[50, 40, 30], [0, 1, 2]], [[1, 5000, 1, 2], [1]],
]

describe.each(runtimes)('long sums on $name', runtime => {
  it.each(cases)('%j over %j', async (shape, axes) => {
    await check(shape, axes, () => 0.1, runtime)
    await check(shape, axes, i => 1 / 3 + (i % 7 === 0 ? 0.25 : 0), runtime)
  })
})

describe('sums of any shape', () => {
  it('10 million numbers', async () => {
    await check([9_999_991], [0], () => 0.1)
    await check([10_000_000], [0], () => 0.1)
  }, 60_000)

  it('over any axes', async () => {
    const shapes = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 50, max: 300 })), { minLength: 1, maxLength: 4 },
    )
      .filter(shape => shape.reduce((a, b) => a * b, 1) <= 300_000)
    const settings = shapes.chain(shape => fc.tuple(
      fc.constant(shape), fc.subarray(shape.map((_, axis) => axis)), fc.constantFrom(0.1, 1 / 3, 0.7, 1.1, 123.456),
    ))
    await fc.assert(
      fc.asyncProperty(settings, ([shape, axes, value]) => check(shape, axes, () => value)), { numRuns: 60 },
    )
  }, 60_000)
})

describe('sums in gradients', () => {
  it.each(runtimes.slice(0, 2))('the bias of a large batch on $name', async runtime => {
    const rows = 20_011
    const compiled = compile((x, w, b) => {
      const y = linear(x, w, b)
      return differentiate(sum(mul(y, 0.1)), [b])
    }, [{ shape: [rows, 2] }, { shape: [3, 2] }, { shape: [3] }], { runtime })
    const [gradient] = await compiled(new Float32Array(rows * 2), new Float32Array(6), new Float32Array(3))
    await compiled.release()
    expectWithin(gradient!.data, new Float64Array(3).fill(rows * Math.fround(0.1)))
  })

  it('an operand that was broadcast', async () => {
    const compiled = compile(
      (x, y) => differentiate(sum(mul(x, y)), [y]), [{ shape: [70_001, 3] }, { shape: [3] }], { runtime: native },
    )
    const [gradient] = await compiled(new Float32Array(210_003).fill(0.1), new Float32Array(3))
    await compiled.release()
    expectWithin(gradient!.data, new Float64Array(3).fill(70_001 * Math.fround(0.1)))
  })
})

describe('short sums', () => {
  const nodesOf = (shape: Shape, build: (x: Tensor) => Tensor) => {
    const x = input('x', { shape, dtype: 'float32' })
    return fromBinary(
      ModelProtoSchema, lowerGraph(graph('sum', [x], [build(x)]), 'cpu').bytes,
    ).graph!.node.map(({ opType }) => opType)
  }
  it.each([[[64, 128], [0]], [[8, 8], [0, 1]], [[64, 512], [1]], [[32, 10], [1]]] as [
    Shape, number[],
  ][])('%j over %j is one kernel', (shape, axes) => {
    expect(nodesOf(shape, x => sum(x, { axes }))).toEqual(['ReduceSum'])
  })
  it('no sum is taken at once where its error could grow', () => {
    expect(nodesOf([1000, 128], x => sum(x, { axes: 0 })).filter(type => type === 'ReduceSum')).toHaveLength(2)
    expect(nodesOf([10_000], x => sum(x))).toContain('Cast')
  })
})
