// Saliency, Grad-CAM and the randomised-weights check on hand-sized arrays; rank correlation against scipy.
import {
  conv2d, linear, maxPool2d, referenceRuntime, relu, reshape, tensor, topologicalOrder, type Tensor,
} from '@ddlf/tensor'
import { UserError } from '@ddlf/tensor/errors'
import { normals, randomKey } from '@ddlf/tensor/random'
import { describe, expect, it } from 'vitest'
import {
  classRegions,
  firstLayerFilters,
  gradCam,
  randomisedWeightsCheck,
  rankCorrelation,
  resizeMaps,
  saliency,
} from '../../src/analysis/index.ts'
import golden from './golden/ranks.json' with { type: 'json' }

it('rank correlation equals scipy, ties included', () => {
  expect(rankCorrelation(golden.a, golden.b)).toBeCloseTo(golden.ab, 12)
  expect(rankCorrelation(golden.a, golden.c)).toBeCloseTo(golden.ac, 12)
  expect(rankCorrelation([1, 2, 3], [30, 20, 10])).toBe(-1)
  expect(rankCorrelation([1, 1], [1, 2])).toBeNaN()
  expect(() => rankCorrelation([1], [1])).toThrow(UserError)
})

it('saliency is the largest magnitude over channels', () => {
  const { maps } = saliency([1, -4, 2, 0, -3, 3, -1, 0], [1, 2, 2, 2])
  expect([...maps]).toEqual([3, 4, 2, 0])
  expect(() => saliency([1], [1, 1, 2, 2])).toThrow(UserError)
})

it('Grad-CAM weighs maps by their mean gradient and keeps what is positive', () => {
  const activations = [1, 0, 0, 2, /* second map */ 4, 1, 0, 0]
  const gradients = [1, 1, 1, 1, /* second map, mean -0.5 */ -2, 0, 0, 0]
  expect([...gradCam(activations, gradients, [1, 2, 2, 2]).maps]).toEqual([0, 0, 0, 2])
})

it('Grad-CAM of a net equals what PyTorch finds by hooks on its maps', async () => {
  const values = (count: number, a: number, b: number) =>
    Float32Array.from({ length: count }, (_, i) => (((i * a + b) % 13) - 6) / 10)
  const constant = (shape: readonly number[], a: number, b: number) =>
    tensor(values(shape.reduce((x, y) => x * y, 1), a, b), { shape })
  const conv = (x: Tensor, out: number, into: number, [a, b]: readonly [number, number], bias: Tensor) =>
    relu(conv2d(x, constant([out, into, 3, 3], a, b), bias, { padding: 1 }))
  const net = (x: Tensor) => {
    const first = maxPool2d(conv(x, 2, 1, [7, 2], constant([2], 3, 4)), { kernel: 2 })
    const second = maxPool2d(conv(first, 3, 2, [4, 3], constant([3], 5, 7)), { kernel: 2 })
    return linear(reshape(second, [1, 12]), constant([3, 12], 9, 5), constant([3], 2, 1))
  }
  // torch: maps behind the second ReLU, their gradients of the likeliest logit, F.interpolate to 8 x 8, its fourth row.
  const wanted = [
    0.008275, 0.005138, 0.006488, 0.011938, 0.008875, 0.006788, 0.007231, 0.014038, 0.005188, 0.008288, 0.005113,
    0.015775, 0.006, 0.011538, 0.007, 0.011175,
  ]
  const row = [0.007953, 0.007755, 0.00736, 0.007047, 0.006817, 0.008644, 0.012529, 0.014472]
  let behindReLU: Tensor | undefined
  const found = await classRegions(net, values(64, 5, 1), [1, 8, 8], Int32Array.of(1), {
    runtime: referenceRuntime,
    maps: logits => (behindReLU = topologicalOrder([logits]).findLast(({ op }) => op?.name === 'relu') as Tensor),
  })
  expect(behindReLU?.shape).toEqual([1, 3, 4, 4])
  found.maps.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 5))
  resizeMaps(found, 8, 8).maps.subarray(24, 32).forEach((value, i) => expect(value).toBeCloseTo(row[i] ?? NaN, 5))
})

it('resizing is bilinear with aligned pixel centres', () => {
  // torch.nn.functional.interpolate([[0, 1], [2, 3]], size=(4, 4), mode='bilinear', align_corners=False), first two
  // rows.
  const { maps } = resizeMaps({ maps: Float32Array.of(0, 1, 2, 3), items: 1, height: 2, width: 2 }, 4, 4)
  expect([...maps.subarray(0, 8)]).toEqual([0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5])
  const same = { maps: Float32Array.of(1, 2, 3, 4, 5, 6), items: 1, height: 2, width: 3 }
  expect(resizeMaps(same, 2, 3)).toEqual(same)
})

describe('randomised-weights check', () => {
  const maps = (name: string) => ({ maps: normals(randomKey(1, name), 10 * 64), items: 10, height: 8, width: 8 })

  it('passes maps that change with the weights', () => {
    const result = randomisedWeightsCheck(maps('trained'), maps('random'))
    expect(result.passed).toBe(true)
    expect(Math.abs(result.correlation.estimate)).toBeLessThan(0.2)
    expect(result.perItem).toHaveLength(10)
  })

  it('fails maps that only show the input', () => {
    const edges = maps('edges')
    const same = { ...edges, maps: edges.maps.map(value => 2 * value) }
    expect(randomisedWeightsCheck(edges, same)).toMatchObject({
      passed: false,
      correlation: { estimate: 1 },
      constantMaps: 0,
    })
  })

  it('leaves constant maps out and refuses maps of other sizes', () => {
    const flat = maps('trained')
    flat.maps.fill(0, 0, 64)
    expect(randomisedWeightsCheck(flat, maps('random')).constantMaps).toBe(1)
    expect(() => randomisedWeightsCheck(maps('a'), { ...maps('b'), items: 9 })).toThrow(UserError)
    flat.maps.fill(0)
    expect(() => randomisedWeightsCheck(flat, flat)).toThrow(/not constant/)
  })
})

it('first-layer filters take convolutions as they are and fold linear layers', () => {
  const values = new Float32Array(2 * 784)
  expect(firstLayerFilters({ values, shape: [2, 784] }).shape).toEqual([2, 1, 28, 28])
  expect(firstLayerFilters({ values: new Float32Array(2 * 3 * 25), shape: [2, 3, 5, 5] }).shape).toEqual([2, 3, 5, 5])
  expect(firstLayerFilters({ values: new Float32Array(2 * 48), shape: [2, 48] }, [3, 4, 4]).shape).toEqual([2, 3, 4, 4])
  expect(() => firstLayerFilters({ values: new Float32Array(6), shape: [2, 3] })).toThrow(UserError)
})
