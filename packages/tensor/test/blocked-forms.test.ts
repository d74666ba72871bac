// Forms that stay in the blocked layout of the native kernels: gradients of strided convolutions by phases, slices and
// borders as gathers of rows, sums of products that are not written, max pooling by passes over whole tensors. Each
// is chosen where it should be, and means what the reference does.
import { fromBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add, conv2d, convTranspose2d, differentiate, evaluate, exp, flip, graph, lowerGraph, maxPool2d, mul, pad, relu,
  simplify, slice, square, sum, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { ModelProtoSchema } from '../src/onnx/generated/onnx_pb.ts'
import { randomKey, uniforms } from '../src/random.ts'
import { expectSameEverywhere, images } from './same-everywhere.ts'

/** The kinds of nodes of a lowered graph with blocks of 16 channels, each with how many there are. */
function nodesOf(leaves: readonly Tensor[], outputs: readonly Tensor[]): Record<string, number> {
  const whole = simplify(graph('test', leaves, outputs))
  const { node } = fromBinary(ModelProtoSchema, lowerGraph(whole, 'cpu', { channelBlock: 16 }).bytes).graph!
  const counts: Record<string, number> = {}
  for (const { opType } of node) counts[opType] = (counts[opType] ?? 0) + 1
  return counts
}

/** The gradient of the images of a convolution whose gradient flows in blocked. */
function inputGradient(
  size: readonly [number, number], kernel: readonly [number, number], options: Parameters<typeof conv2d>[3],
): { leaves: Tensor[]; gradient: Tensor } {
  const leaves = [images('x', [2, 16, ...size]), images('w', [32, 16, ...kernel]), images('v', [16, 32, 1, 1])]
  const [x, w, v] = leaves as [Tensor, Tensor, Tensor]
  const y = conv2d(conv2d(x, w, undefined, options), v)
  return { leaves, gradient: differentiate(sum(square(y)), [x])[0]! }
}

describe('the gradient of the images of a convolution with strides', () => {
  it.each([
    ['3x3', [8, 8], [3, 3], { stride: 2, padding: 1 }],
    ['3x3 on odd sizes', [7, 9], [3, 3], { stride: 2, padding: 1 }],
    ['3x3 without padding, which leaves a row over', [8, 7], [3, 3], { stride: 2 }],
    ['1x1, which leaves three phases of zeros', [6, 8], [1, 1], { stride: 2 }],
    ['4x4, as generators have it', [8, 8], [4, 4], { stride: 2, padding: 1 }],
    ['2x2', [6, 6], [2, 2], { stride: 2 }],
    ['5x5 by 3', [11, 9], [5, 5], { stride: 3, padding: 2 }],
    ['strides and kernels that differ', [7, 9], [3, 1], { stride: [1, 2], padding: { top: 1, left: 0 } }],
    ['1x3 by 4', [8, 9], [1, 3], { stride: 4, padding: { left: 1, right: 1 } }],
  ] as const)('%s: by phases, as the reference', async (_, size, kernel, options) => {
    const { leaves, gradient } = inputGradient(size, kernel, options)
    expect(nodesOf(leaves, [gradient])).not.toHaveProperty('ConvTranspose')
    await expectSameEverywhere(leaves, [gradient], 1e-5)
  })

  it('any kernel, stride and padding', async () => {
    const pair = (least: number, most: number) => fc.tuple(
      fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }),
    )
    const cases = fc.record({
      size: pair(5, 9), kernel: pair(1, 5), stride: pair(1, 4), padding: fc.array(fc.nat(2), {
        minLength: 4, maxLength: 4,
      }),
    })
    await fc.assert(fc.asyncProperty(cases, async ({ size, kernel, stride, padding }) => {
      const [top, right, bottom, left] = padding as [number, number, number, number]
      const { leaves, gradient } = inputGradient(size, kernel, { stride, padding: { top, right, bottom, left } })
      await expectSameEverywhere(leaves, [gradient], 1e-5)
    }), { numRuns: 25, seed: 17 })
  })

  it('as the way forward of a transposed convolution, and its own gradients', async () => {
    const leaves = [images('x', [16, 32, 4, 4]), images('w', [32, 16, 4, 4]), images('v', [32, 16, 1, 1])]
    const [x, w, v] = leaves as [Tensor, Tensor, Tensor]
    const y = convTranspose2d(conv2d(convTranspose2d(x, w, undefined, { stride: 2, padding: 1 }), v), w, undefined, {
      stride: 2, padding: 1,
    })
    await expectSameEverywhere(leaves, [y, ...differentiate(sum(square(y)), leaves)], 1e-5)
  })

  it('gives the same bits with one thread and with two', async () => {
    const { leaves, gradient } = inputGradient([12, 12], [3, 3], { stride: 2, padding: 1 })
    const program = graph('test', leaves, [gradient])
    const data = leaves.map((leaf, i) => uniforms(randomKey(7, i), leaf.size, -1, 1))
    const [one, two] = await Promise.all([1, 2].map(async threads => {
      const executable = await onnxNodeRuntime({ threads }).compile(program)
      const [values] = await executable.run(data)
      await executable.release()
      return [...values!]
    }))
    expect(one).toEqual(two)
  })
})

describe('slices of blocked images, and images among zeros', () => {
  /** A convolution whose result is moved, and read by another one, so that both ends are blocked. */
  const moved = (move: (x: Tensor) => Tensor, width = 32) => {
    const leaves = [images('x', [2, 16, 6, 7]), images('w', [width, 16, 3, 3])]
    const y = move(conv2d(leaves[0]!, leaves[1]!, undefined, { padding: 1 }))
    const v = images('v', [16, y.shape[1]!, 1, 1])
    return { leaves: [...leaves, v], y, z: conv2d(y, v) }
  }
  const every = (x: Tensor) => slice(slice(x, { axis: 2, step: 2 }), { axis: 3, step: 2 })

  it.each([
    ['every second pixel', every],
    ['every second pixel with zeros for half a block of channels, as a shortcut has it',
      (x: Tensor) => pad(every(x), [[0, 0], [8, 8], [0, 0], [0, 0]])],
    ['channels of a half block on', (x: Tensor) => slice(x, { axis: 1, start: 8, end: 24 })],
    ['a border', (x: Tensor) => pad(x, [[0, 0], [0, 16], [1, 0], [2, 3]])],
    ['backwards', (x: Tensor) => flip(flip(x, 2), 3)],
  ] as const)('%s: gathered, as the reference, and its gradient', async (_, move) => {
    const { leaves, z } = moved(move)
    const outputs = [z, ...differentiate(sum(square(z)), leaves)]
    const kinds = Object.keys(nodesOf(leaves, outputs))
    expect(kinds).toContain('Gather')
    expect(kinds).not.toContain('Pad')
    expect(kinds).not.toContain('Slice')
    await expectSameEverywhere(leaves, outputs, 1e-5)
  })

  it.each([
    ['parts of fewer channels than half a block', (x: Tensor) => slice(x, { axis: 1, start: 4, end: 20 })],
    ['samples', (x: Tensor) => slice(x, { axis: 0, end: 1 })],
    ['a border of ones', (x: Tensor) => pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]], 1)],
  ] as const)('%s: in the plain layout', async (_, move) => {
    const { leaves, y, z } = moved(move)
    expect(Object.keys(nodesOf(leaves, [z])).filter(kind => kind === 'Pad' || kind === 'Slice')).toHaveLength(1)
    await expectSameEverywhere(leaves, [y, z], 1e-5)
  })

  it('moves infinities alone: other channels and zeros stay what they are', async () => {
    const leaves = [images('x', [2, 16, 4, 4]), images('w', [16, 16, 1, 1])]
    const [x, w] = leaves as [Tensor, Tensor]
    // e to the power of 1600 in one channel, of 0 in the others.
    const y = pad(every(exp(conv2d(x, w))), [[0, 0], [8, 8], [0, 0], [0, 0]])
    const data = [new Float32Array(x.size).fill(1), new Float32Array(w.size).fill(100, 5 * 16, 6 * 16)]
    const executable = await onnxNodeRuntime({ threads: 2 }).compile(graph('test', leaves, [relu(conv2d(x, w)), y]))
    const [, values] = await executable.run(data)
    await executable.release()
    const expected = evaluate([y], new Map(leaves.map((leaf, i) => [leaf, data[i]!])))[0]!
    expect(expected.filter(value => value === Infinity)).toHaveLength(2 * 4)
    expect([...values!]).toEqual([...expected])
  })
})

describe('two slices, and two spreads, in one', () => {
  it('one node each, with the same values', async () => {
    const x = images('x', [2, 3, 9, 8])
    const y = slice(slice(slice(x, { axis: 2, start: 1, step: 2 }), { axis: 3, step: -3 }), { axis: 2, start: 1 })
    const [gradient] = differentiate(sum(square(y)), [x])
    expect(nodesOf([x], [y])['Slice']).toBe(1)
    await expectSameEverywhere([x], [y, gradient!], 1e-6)
  })
})

describe('sums of products of blocked images', () => {
  const product = (area: readonly [number, number]) => {
    const leaves = [images('x', [3, 16, ...area]), images('w', [16, 16, 1, 3]), images('v', [32, 16, 1, 3])]
    const [x, w, v] = leaves as [Tensor, Tensor, Tensor]
    const padding = { left: 1, right: 1 }
    const a = conv2d(x, w, undefined, { padding })
    return { leaves, a: conv2d(a, v, undefined, { padding }), b: conv2d(mul(a, 0.5), v, undefined, { padding }) }
  }

  it.each([
    ['in runs of 64', [16, 12]], ['in one run', [5, 7]], ['in runs of 49', [7, 14]],
  ] as const)('of each channel, %s: the product is not written', async (_, area) => {
    const { leaves, a, b } = product(area)
    const sums = [sum(mul(a, b), { axes: [0, 2, 3] }), sum(square(a), { axes: [2, 3], keepDims: true })]
    expect(nodesOf(leaves, sums)['Mul']).toBe(1)
    await expectSameEverywhere(leaves, sums, 1e-5)
  })

  it('written where something else reads it, and where runs would be short', async () => {
    const { leaves, a, b } = product([7, 14])
    const both = mul(a, b)
    const outputs = [sum(both, { axes: [0, 2, 3] }), add(both, 1)]
    expect(nodesOf(leaves, outputs)['Mul']).toBe(2)
    await expectSameEverywhere(leaves, outputs, 1e-5)
    const prime = product([1, 67])
    const total = [sum(mul(prime.a, prime.b), { axes: [0, 2, 3] })]
    expect(nodesOf(prime.leaves, total)['Mul']).toBe(2)
    await expectSameEverywhere(prime.leaves, total, 1e-5)
  })
})

describe('max pooling of blocked images', () => {
  type Options = Parameters<typeof maxPool2d>[1]
  /** Whole numbers, so that windows hold equals, and the pooling of a convolution of theirs by an identity. */
  const pooled = async (size: readonly [number, number], options: Options, spoil: (x: Float32Array) => void = noop) => {
    const leaves = [images('x', [2, 16, ...size]), images('w', [16, 16, 1, 3]), images('v', [16, 16, 1, 1])]
    const [x, w, v] = leaves as [Tensor, Tensor, Tensor]
    const y = maxPool2d(relu(conv2d(x, w, undefined, { padding: { left: 1, right: 1 } })), options)
    const loss = sum(mul(conv2d(y, v), conv2d(y, v)))
    const outputs = [y, ...differentiate(loss, [x])]
    const data = [
      uniforms(randomKey(3, ...size), x.size, -3, 3).map(Math.round), new Float32Array(w.size),
      uniforms(randomKey(4), v.size, -1, 1),
    ]
    for (let c = 0; c < 16; c++) data[1]![(c * 16 + c) * 3 + 1] = 1
    spoil(data[0]!)
    const expected = evaluate(outputs, new Map(leaves.map((leaf, i) => [leaf, data[i]!])))
    const executable = await onnxNodeRuntime({ threads: 2 }).compile(graph('test', leaves, outputs))
    const actual = await executable.run(data)
    await executable.release()
    return { expected, actual, kinds: nodesOf(leaves, outputs) }
  }

  it.each([
    ['2x2', [6, 8], { kernel: 2 }],
    ['2x2 with a border around', [6, 8], { kernel: 2, padding: 1 }],
    ['3x4 with a border before', [9, 8], { kernel: [3, 4], padding: { top: 2, left: 1 } }],
    ['rows alone', [6, 5], { kernel: [2, 1] }],
  ] as const)('%s: by passes, the gradient to the first of equals', async (_, size, options) => {
    const { expected, actual, kinds } = await pooled(size, options)
    // The gradient of the reference is compared with PyTorch's, see ops.test.ts.
    expect(kinds).not.toHaveProperty('ScatterElements')
    expected.forEach((values, i) => expectClose(actual[i]!, values))
  })

  it.each([
    ['windows that leave a row over', [7, 6], { kernel: 2 }], ['long windows', [6, 12], { kernel: 6 }],
    ['windows that overlap', [8, 6], { kernel: 3, stride: 2, padding: { bottom: 1, right: 1 } }],
    ['windows apart', [9, 9], { kernel: 2, stride: 3 }],
  ] as const)('%s: by indices', async (_, size, options) => {
    const { expected, actual, kinds } = await pooled(size, options)
    expect(kinds['ScatterElements']).toBe(1)
    expected.forEach((values, i) => expectClose(actual[i]!, values))
  })

  it.each([NaN, Infinity])('with %s in the images: as the reference', async spoilt => {
    const { expected, actual } = await pooled([6, 6], { kernel: 2 }, x => {
      x.fill(spoilt, 7, 8)
    })
    expect(expected[0]!.some(value => !Number.isFinite(value))).toBe(true)
    expected.forEach((values, i) => expectClose(actual[i]!, values))
  })
})

const noop = (): void => undefined

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const scale = Math.max(1, ...Array.from(expected, Math.abs).filter(Number.isFinite))
  const wrong = Array.from(expected).findIndex((value, i) =>
    !Object.is(actual[i], value) && !(Math.abs(actual[i]! - value) <= 1e-5 * scale))
  expect(wrong, `element ${wrong}: ${actual[wrong]} instead of ${expected[wrong]}`).toBe(-1)
}
