// The places in a model's graph that Grad-CAM and the map of features read.
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, withSeed, type Module } from '@ddlf/nn'
import { evaluate, input, mul, oneHot, sum, tensor, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { normals, randomKey } from '@ddlf/tensor/random'
import { describe, expect, it } from 'vitest'
import { classGradients, gradCam, lastFeatureMaps, lastFeatures } from '../../src/analysis/index.ts'

const images = input('images', { shape: [3, 1, 8, 8], dtype: 'float32' })
const head = withSeed(1, () => new Sequential(new Flatten(), new Linear(36, 6), new ReLU(), new Linear(6, 2)))
const convolutional = withSeed(2, () => new Sequential(new Conv2d(1, 4, 3), new ReLU(), new MaxPool2d(2), head))
const perceptron = withSeed(1, () => new Sequential(new Flatten(), new Linear(64, 5), new ReLU(), new Linear(5, 2)))

const found = (model: Module, pick: (logits: Tensor, x: Tensor) => Tensor | undefined) =>
  pick(model.forward(images), images)

describe('feature maps', () => {
  it('are the last pictures that depend on learned weights', () => {
    expect(found(convolutional, lastFeatureMaps)?.shape).toEqual([3, 4, 3, 3])
  })

  it('are missing where a model looks at pixels at once', () => {
    expect(found(perceptron, lastFeatureMaps)).toBeUndefined()
  })

  it('explain a score as Grad-CAM does: the score changes by the gradient where the maps change', async () => {
    const pixels = normals(randomKey(2, 'images'), 3 * 64)
    const { activations, gradients, shape } = await classGradients(
      x => convolutional.forward(x),
      pixels,
      [1, 8, 8],
      Int32Array.of(0, 1, 0),
      {
        runtime: onnxNodeRuntime(),
        maps: (logits, x) => lastFeatureMaps(logits, x) ?? x,
      },
    )
    expect(shape).toEqual([3, 4, 3, 3])
    // The rest of the model on its own: the scores it gives to maps of which one entry was moved.
    const score = (maps: Float32Array) => {
      const [value] = evaluate(
        [sum(mul(head.forward(tensor(maps, { shape })), oneHot(tensor(Int32Array.of(0, 1, 0)), 2)))],
        new Map(),
        'float64',
      )
      return value?.[0] ?? NaN
    }
    for (const at of [0, 5, 40, 77, 107]) {
      const moved = (by: number) => activations.map((value, i) => (i === at ? value + by : value))
      expect(gradients[at]).toBeCloseTo((score(moved(1e-3)) - score(moved(-1e-3))) / 2e-3, 4)
    }
    const { maps } = gradCam(activations, gradients, shape)
    expect(maps.some(value => value > 0)).toBe(true)
  })
})

describe('features', () => {
  it('are what the last layer reads', () => {
    expect(found(convolutional, lastFeatures)?.shape).toEqual([3, 6])
    expect(found(perceptron, lastFeatures)?.shape).toEqual([3, 5])
  })

  it('are missing where the only layer reads the pixels themselves, or the logits are no product', () => {
    expect(found(new Sequential(new Flatten(), new Linear(64, 2)), lastFeatures)).toBeUndefined()
    expect(lastFeatures(mul(images, 2), images)).toBeUndefined()
  })
})
