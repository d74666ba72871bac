// Convolution beyond single ops: the blocked native kernels against the reference on chains of layers, gradients of
// gradients, and the functions that are composed of other ops, against PyTorch.
import { readFileSync } from 'node:fs'
import { fromBinary } from '@bufbuild/protobuf'
import { describe, expect, it } from 'vitest'
import {
  adaptiveAveragePool2d, add, averagePool2d, batchNorm, channelAffine, conv2d, convTranspose2d, differentiate, evaluate,
  globalAveragePool2d, graph, groupNorm, localResponseNorm, lowerGraph, maxPool2d, mul, padImages,
  pixelShuffle, pixelUnshuffle, relu, resizeBilinear2d, square, sum, tensor, upsampleBilinear2d, type Tensor,
} from '../src/index.ts'
import { onnxNodeRuntime } from '../src/node.ts'
import { ModelProtoSchema } from '../src/onnx/generated/onnx_pb.ts'
import { randomKey, uniforms } from '../src/random.ts'
import type { ReferenceArray } from '../src/ir/dtype.ts'
import { expectSameEverywhere, images } from './same-everywhere.ts'

describe('convolutions with whole blocks of channels', () => {
  it.each([
    ['3x3', { stride: 1, padding: 1 }, [3, 3]],
    ['stride 2', { stride: 2, padding: 1 }, [3, 3]],
    ['dilation 2', { dilation: 2, padding: 2 }, [3, 3]],
    ['uneven padding', { padding: { top: 1, right: 2 } }, [2, 3]],
    ['stride 3 that leaves columns over', { stride: 3 }, [2, 2]],
    ['1x1', {}, [1, 1]],
    ['groups', { groups: 2, padding: 1 }, [3, 3]],
  ] as const)('%s: value and both gradients', async (_, options, [height, width]) => {
    const x = images('x', [16, 32, 6, 7])
    const w = images('w', [16, 'groups' in options ? 16 : 32, height, width])
    const y = conv2d(x, w, undefined, options)
    await expectSameEverywhere([x, w], [y, ...differentiate(sum(square(y)), [x, w])])
  })

  it('blocks that are filled with zeros', async () => {
    const x = images('x', [16, 6, 8, 8])
    const [w, b, w2] = [images('w', [20, 6, 3, 3]), images('b', [20]), images('w2', [16, 20, 3, 3])]
    const y = conv2d(relu(conv2d(x, w, b, { padding: 1 })), w2, undefined, { stride: 2 })
    await expectSameEverywhere([x, w, b, w2], [y, ...differentiate(sum(square(y)), [x, w, b, w2])])
  })

  it('fewer channels than a block', async () => {
    const x = images('x', [16, 3, 6, 6])
    const [w, b] = [images('w', [32, 3, 3, 3]), images('b', [32])]
    const y = relu(conv2d(x, w, b, { padding: 1 }))
    await expectSameEverywhere([x, w, b], [y, ...differentiate(sum(square(y)), [w, b])])
  })

  it('a residual block with batch norm, whose gradient is differentiated again', async () => {
    const x = images('x', [16, 16, 4, 4])
    const parameters = [
      images('w1', [16, 16, 3, 3]), images('s', [16]), images('b', [16]), images('w2', [16, 16, 3, 3]),
    ] as const
    const [w1, scale, shift, w2] = parameters
    const hidden = relu(batchNorm(conv2d(x, w1, undefined, { padding: 1 }), scale, shift))
    const y = relu(add(batchNorm(conv2d(hidden, w2, undefined, { padding: 1 }), scale, shift), x))
    const loss = sum(mul(globalAveragePool2d(y), globalAveragePool2d(y)))
    const first = differentiate(loss, [x, ...parameters])
    const second = differentiate(sum(square(first[1]!)), [w2])
    await expectSameEverywhere([x, ...parameters], [loss, ...first, ...second], 2e-3)
  })

  it('a sum of an affine map with what is read again: added into the map, not copied, the same bits', async () => {
    const leaves = [
      images('x', [16, 16, 4, 4]), images('w', [16, 16, 3, 3]), images('scale', [16]), images('shift', [16]),
      images('other', [16, 16, 4, 4]),
    ] as const
    const [x, w, scale, shift, other] = leaves
    const skip = relu(conv2d(x, w, undefined, { padding: 1 }))
    const mapped = channelAffine(relu(conv2d(other, w, undefined, { padding: 1 })), scale, shift)
    const result = relu(add(mapped, skip))
    await expectSameEverywhere(leaves, [result, mul(skip, 2)])
    const data = leaves.map((leaf, i) => uniforms(randomKey(8, i), leaf.size, -1, 1))
    const compiled = async (outputs: readonly Tensor[]) => {
      const whole = graph('sum', leaves, outputs)
      const { node } = fromBinary(ModelProtoSchema, lowerGraph(whole, 'cpu', { channelBlock: 16 }).bytes).graph!
      const executable = await onnxNodeRuntime({ threads: 2 }).compile(whole)
      const [values] = await executable.run(data)
      await executable.release()
      return { values: [...values!], operands: node.filter(({ opType }) => opType === 'Conv').map(n => n.input.length) }
    }
    // Where the sum is the only reader, the kernel adds in place by itself.
    const once = await compiled([result])
    expect(once.operands.toSorted()).toEqual([2, 2, 4])
    // Else the value is mapped by ones, with the scaled one as the fourth operand.
    const again = await compiled([result, mul(skip, 2)])
    expect(again.operands.toSorted()).toEqual([2, 2, 2, 4])
    expect(again.values).toEqual(once.values)
  })

  it('a value that is read before and after its activation', async () => {
    const x = images('x', [16, 16, 4, 4])
    const w = images('w', [16, 16, 3, 3])
    const y = conv2d(x, w, undefined, { padding: 1 })
    await expectSameEverywhere(
      [x, w], [relu(y), add(relu(y), y), sum(y, { axes: [2, 3] }), sum(y, { axes: [0, 2, 3], keepDims: true })],
    )
  })
})

describe('second gradients', () => {
  it('of a convolution are finite differences of its first', () => {
    const x = images('x', [1, 2, 4, 4])
    const w = images('w', [2, 2, 3, 3])
    const direction = tensor(uniforms(randomKey(3), 36, -1, 1), { shape: [2, 2, 3, 3] })
    const y = maxPool2d(square(conv2d(x, w, undefined, { padding: 1 })), { kernel: 2 })
    const slope = sum(mul(differentiate(sum(averagePool2d(mul(y, y), { kernel: 2 })), [w])[0]!, direction))
    const [second] = differentiate(slope, [x])
    const values = Float64Array.from(uniforms(randomKey(4), 32, -1, 1))
    const fed = new Map<Tensor,
    ReferenceArray>([[x, values], [w, Float64Array.from(uniforms(randomKey(5), 36, -1, 1))]])
    const [computed] = evaluate([second!], fed, 'float64')
    for (const i of [0, 7, 13, 31]) {
      const at = (value: number) => {
        const before = values[i]!
        values[i] = value
        const result = evaluate([slope], fed, 'float64')[0]![0]!
        values[i] = before
        return result
      }
      const difference = (at(values[i]! + 1e-5) - at(values[i]! - 1e-5)) / 2e-5
      expect(Math.abs(computed![i]! - difference)).toBeLessThan(1e-5 * Math.max(1, Math.abs(difference)))
    }
  })
})

interface Golden {
  readonly name: string
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[]
  readonly shape: readonly number[]
  readonly output: readonly number[]
  readonly gradients: readonly (readonly number[])[]
}

const composed: Readonly<Record<string, (...inputs: Tensor[]) => Tensor>> = {
  convTranspose2d: (x, w, b) => convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
  convTranspose2dGroups: (x, w) => convTranspose2d(x, w, undefined, { stride: [2, 1], dilation: 2, groups: 2 }),
  groupNorm: x => groupNorm(x, 2),
  localResponseNorm: x => localResponseNorm(x, 5, { alpha: 0.5, beta: 0.75, k: 2 }),
  localResponseNormEven: x => localResponseNorm(x, 2, { alpha: 1, beta: 0.6 }),
  bilinear: x => resizeBilinear2d(x, [7, 3]),
  bilinearCorners: x => upsampleBilinear2d(x, 2, { alignCorners: true }),
  pixelShuffle: x => pixelShuffle(x, 2),
  pixelUnshuffle: x => pixelUnshuffle(x, 2),
  reflect: x => padImages(x, { top: 1, bottom: 2, left: 2, right: 0 }, 'reflect'),
  replicate: x => padImages(x, { top: 1, bottom: 2, left: 3, right: 0 }, 'replicate'),
  circular: x => padImages(x, { top: 1, bottom: 2, left: 2, right: 1 }, 'circular'),
  adaptiveAveragePool2d: x => adaptiveAveragePool2d(x, 2),
}

describe('composed functions as PyTorch', () => {
  const golden = JSON.parse(readFileSync(
    new URL('./golden/composed.json', import.meta.url), 'utf8',
  )) as { cases: Golden[] }

  it('has a case for each', () => {
    expect(golden.cases.map(({ name }) => name).sort()).toEqual(Object.keys(composed).sort())
  })

  it.each(golden.cases.map(entry => [entry.name, entry] as const))('%s',
    (name, { inputs, shape, output, gradients }) => {
    const leaves = inputs.map((leaf, i) => images(`x${i}`, leaf.shape))
    const y = composed[name]!(...leaves)
    expect([...y.shape]).toEqual(shape)
    const weights = tensor(Float32Array.from(output, (_, i) => Math.cos(1.7 * i + 0.3)), { shape })
    const fed = new Map(leaves.map((leaf, i) => [leaf, Float32Array.from(inputs[i]!.data)]))
    const results = evaluate([y, ...differentiate(sum(mul(y, weights)), leaves)], fed)
    for (const [k, want] of [output, ...gradients].entries()) {
      want.forEach((value, i) => expect(Math.abs(results[k]![i]! - value))
        .toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value))))
    }
  })
})

describe('mistakes', () => {
  const x = tensor(new Float32Array(2 * 3 * 4 * 4), { shape: [2, 3, 4, 4] })
  const w = tensor(new Float32Array(4 * 2 * 3 * 3), { shape: [4, 2, 3, 3] })

  it('name the shapes that do not fit', () => {
    expect(() => conv2d(x, w)).toThrow(/3 channels do not fit a weight of shape \[4, 2, 3, 3\]/)
    expect(() => maxPool2d(x, { kernel: 2, padding: 2 })).toThrow(/smaller than its window/)
    expect(() => maxPool2d(x, { kernel: 5 })).toThrow(/does not fit an axis of 4/)
    expect(() => conv2d(x, w, undefined, { stride: 0 })).toThrow(/at least 1/)
    expect(() => adaptiveAveragePool2d(x, 3)).toThrow(/equal windows/)
    expect(() => padImages(x, 4, 'reflect')).toThrow(/at most 3 pixels/)
  })
})

describe('convolutions of many channels by 3x3 kernels', () => {
  it.each([
    ['whole tiles', [2, 4, 4], {}],
    ['tiles that reach beyond the image', [1, 5, 6], {}],
    ['one small tile', [2, 2, 2], {}],
    ['one pixel', [2, 1, 1], {}],
    ['uneven padding', [1, 5, 4], { padding: { top: 0, left: 2, bottom: 1, right: 1 } }],
    ['no padding', [1, 6, 5], { padding: 0 }],
  ] as const)('%s: value and gradients', async (_, [batch, height, width], options) => {
    const x = images('x', [batch, 128, height, width])
    const [w, b] = [images('w', [144, 128, 3, 3]), images('b', [144])]
    const y = conv2d(x, w, b, { padding: 1, ...options })
    // 1152 products are added up for each element.
    await expectSameEverywhere([x, w, b], [y, ...differentiate(sum(square(y)), [x, w, b])], 1e-5)
  })

  it('give the same bits with one thread and with two', async () => {
    const x = images('x', [3, 128, 6, 6])
    const w = images('w', [128, 128, 3, 3])
    const y = conv2d(x, w, undefined, { padding: 1 })
    const program = graph('test', [x, w], [y, ...differentiate(sum(square(y)), [x, w])])
    const data = [x, w].map((leaf, i) => uniforms(randomKey(7, i), leaf.size, -1, 1))
    const [one, two] = await Promise.all([1, 2].map(async threads => {
      const executable = await onnxNodeRuntime({ threads }).compile(program)
      const results = await executable.run(data)
      await executable.release()
      return results.map(values => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'))
    }))
    expect(one).toEqual(two)
  })
})
