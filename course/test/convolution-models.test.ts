// The convolution networks of Days 3-10: as many parameters as their papers and reference repositories say, the names
// of their states, and shapes that fit.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { zeros, type Tensor } from '@ddlf/tensor'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { namedParameters, parameterCount, stateDict, withMode, withSeed } from '@ddlf/nn'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { experiments } from '../index.ts'
import { AlexNetLike } from '../topics/02-intro-level-cnn/alexnet-like.ts'
import { ConvNet } from '../topics/02-intro-level-cnn/convnet.ts'
import { LeNet5 } from '../topics/02-intro-level-cnn/lenet5.ts'
import { ModernLeNet5 } from '../topics/02-intro-level-cnn/modern-lenet5.ts'
import { PoolingNet, SHRINKINGS } from '../topics/02-intro-level-cnn/pooling-net.ts'
import { SmallLeNet } from '../topics/02-intro-level-cnn/small-lenet.ts'
import { TwoConvolutions } from '../topics/02-intro-level-cnn/two-convolutions.ts'
import { Vgg16 } from '../topics/02-intro-level-cnn/vgg.ts'
import { FastNet } from '../topics/03-deeper-in-cnn/fast-net.ts'
import { GoogLeNet } from '../topics/03-deeper-in-cnn/googlenet.ts'
import { HighwayNet } from '../topics/03-deeper-in-cnn/highway-net.ts'
import { CifarResNet } from '../topics/03-deeper-in-cnn/resnet-cifar.ts'
import { resnetRecipe } from '../topics/03-deeper-in-cnn/resnet-recipe.ts'
import { ResNet } from '../topics/03-deeper-in-cnn/resnet.ts'

interface Network {
  forward(x: Tensor): Tensor
}

const networks: readonly (readonly [string, () => Network, number, number, number])[] = [
  ['LeNet-5 of 1998', () => new LeNet5(), 60_000, 1, 28],
  ['LeNet-5 of today', () => new ModernLeNet5(), 61_706, 1, 28],
  ['LeNet-1', () => new SmallLeNet('LeNet-1'), 3246, 1, 28],
  ['LeNet-4', () => new SmallLeNet('LeNet-4'), 51_050, 1, 28],
  ['cuda-convnet, 26 %', () => new ConvNet(), 145_578, 3, 32],
  ['cuda-convnet, 18 %', () => new ConvNet(10, { normalized: true }), 89_578, 3, 32],
  ['a small VGG', () => new Vgg16(10, { size: 'small' }), 308_394, 3, 32],
  ['two convolutions', () => new TwoConvolutions(), 50_186, 1, 28],
  ...SHRINKINGS.flatMap(shrink => [true, false].map((padded): (typeof networks)[number] =>
    [`${shrink}, ${padded ? 'padded' : 'bare'}`, () => new PoolingNet(10, { shrink, padded }), 23_946, 1, 28])),
  ['AlexNet-like on 24x24 crops', () => new AlexNetLike(10, { imageSize: 24 }), 1_068_298, 3, 24],
  ['AlexNet-like with batch norm', () => new AlexNetLike(10, { normalization: 'batch' }), 1_756_682, 3, 32],
  ['VGG-16 with batch norm', () => new Vgg16(), 14_728_266, 3, 32],
  ['VGG-16 without', () => new Vgg16(10, { batchNorm: false }), 14_719_818, 3, 32],
  ['VGG-16 with dropout', () => new Vgg16(10, { dropout: true }), 14_991_946, 3, 32],
  ['ResNet-20', () => new CifarResNet(10, { depth: 20 }), 269_722, 3, 32],
  ['ResNet-32', () => new CifarResNet(10, { depth: 32 }), 464_154, 3, 32],
  ['ResNet-44', () => new CifarResNet(10, { depth: 44 }), 658_586, 3, 32],
  ['ResNet-56', () => new CifarResNet(10, { depth: 56 }), 853_018, 3, 32],
  ['ResNet-110', () => new CifarResNet(10, { depth: 110 }), 1_727_962, 3, 32],
  ['plain-20', () => new CifarResNet(10, { depth: 20, residual: false }), 269_722, 3, 32],
  ['ResNet-20 without batch norm', () => new CifarResNet(10, { depth: 20, batchNorm: false }), 269_034, 3, 32],
  ['ResNet-18', () => new ResNet(10, 18), 11_173_962, 3, 32],
  ['ResNet-34', () => new ResNet(10, 34), 21_282_122, 3, 32],
  ['GoogLeNet at full width', () => new GoogLeNet(10, { width: 1, factorization: 'stacked' }), 6_166_250, 3, 32],
  ['the fast network', () => new FastNet(), 1_971_352, 3, 32],
]

describe.each(networks)('%s', (_, build, parameters, channels, size) => {
  it(`has ${parameters.toLocaleString('en')} parameters and gives ten logits`, () => {
    const network = build()
    expect(parameterCount(network)).toBe(parameters)
    const images = zeros([4, channels, size, size])
    const { output } = withMode({ training: true, randomKey: zeros([2], 'int32') }, () => network.forward(images))
    expect(output.shape).toEqual([4, 10])
  })
})

/** Names, shapes and bits of a model's first state, as they were when the recorded runs began. */
const firstStates: readonly (readonly [string, string, () => object])[] = [
  ['LeNet-5 of 1998', '98031a4d5e3c2556', () => new LeNet5()],
  ['LeNet-5 of today', 'a89a2ab35a6cc3cf', () => new ModernLeNet5()],
  [
    'LeNet-5, tanh, weights five times as large', 'd2cd334631dff652',
    () => new ModernLeNet5({ activation: 'tanh', weightScale: 5 }),
  ],
  ['pooling by the largest', 'e7a4eeab30276231', () => new PoolingNet()],
  ['LeNet-1', '0a2bba75dec5887e', () => new SmallLeNet('LeNet-1')],
  ['LeNet-4', '9506f2d7ff4b52cf', () => new SmallLeNet('LeNet-4')],
  ['two convolutions', 'f5abaa8871e6b50e', () => new TwoConvolutions(10, { dropout: 0.3 })],
  ['cuda-convnet, 26 %', 'c13fbc04184154f0', () => new ConvNet()],
  ['cuda-convnet, 18 %', 'aee6bdfb673cfb48', () => new ConvNet(10, { normalized: true })],
  ['AlexNet-like', '737d9d9b78e68aa7', () => new AlexNetLike(10, { imageSize: 24 })],
  [
    'AlexNet-like, batch norm', '4bab2eeef5adb412',
    () => new AlexNetLike(10, { normalization: 'batch', imageSize: 24 }),
  ],
  [
    'AlexNet-like, none, He', '7f3e3d438416021c',
    () => new AlexNetLike(10, { normalization: 'none', firstWeights: 'he', imageSize: 24 }),
  ],
  ['small VGG', '5cf6e49523ace9e6', () => new Vgg16(10, { size: 'small' })],
  ['small VGG without batch norm', 'a5225a0f20cfe455', () => new Vgg16(10, { size: 'small', batchNorm: false })],
  ['small VGG with dropout', 'a04ed629ac549b59', () => new Vgg16(10, { size: 'small', dropout: true })],
  ['ResNet-20', '7453cede8bebea69', () => new CifarResNet(10, { depth: 20 })],
  ['ResNet-20 without batch norm', '8f8fa2e49f8fb706', () => new CifarResNet(10, { depth: 20, batchNorm: false })],
  ['plain-56', 'f8a4435953bbb350', () => new CifarResNet(10, { depth: 56, residual: false })],
  ['GoogLeNet, a quarter as wide', 'b2d864c5b8a35748', () => new GoogLeNet(10)],
  ['the fast network', '78dda6562dc7c116', () => new FastNet()],
]

it.each(firstStates)('%s begins with the bits that its recorded runs began with', (_, expected, build) => {
  const hash = createHash('sha256')
  for (const [name, { shape, data }] of Object.entries(stateDict(withSeed(7, build))))
    hash.update(`${name} ${shape.join('x')} `).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  expect(hash.digest('hex').slice(0, 16)).toBe(expected)
})

it('names the parameters as the reference repositories do', () => {
  const names = (network: object) => [...namedParameters(network).keys()]
  expect(names(new CifarResNet(10, { depth: 20 })).slice(0, 9)).toEqual([
    'conv1.weight', 'bn1.weight', 'bn1.bias', 'layer1.0.conv1.weight', 'layer1.0.bn1.weight', 'layer1.0.bn1.bias',
    'layer1.0.conv2.weight', 'layer1.0.bn2.weight', 'layer1.0.bn2.bias',
  ])
  expect(names(new ResNet(10, 18))).toContain('layer2.0.downsample.1.bias')
  expect(names(new ResNet(10, 18)).at(-1)).toBe('fc.bias')
  expect(names(new Vgg16()).slice(0, 5)).toEqual([
    'features.0.weight',
    'features.0.bias',
    'features.1.weight',
    'features.1.bias',
    'features.3.weight',
  ])
})

it('builds factorised inception blocks with fewer parameters than 5x5 kernels', () => {
  const count = (factorization: 'none' | 'stacked' | 'asymmetric') =>
    parameterCount(new GoogLeNet(10, { width: 0.5, factorization }))
  expect(count('none')).toBeLessThan(count('stacked') * 1.1)
  expect(count('asymmetric')).toBeLessThan(count('stacked'))
})

it('whitens patches: their covariance becomes the identity', () => {
  const network = new FastNet()
  const noise = uniforms(randomKey(1, 'images'), 8 * 3 * 16 * 16, -2, 2)
  // Neighbouring pixels are alike, as in photographs.
  const images = noise.map((value, i) => value + (noise[i - 1] ?? 0))
  network.whiten(images, [8, 3, 16, 16])
  const filters = network.whitening.leaf!.data as Float32Array
  const responses = new Float64Array(12)
  let patches = 0
  for (let n = 0; n < 8; n++) for (let y = 0; y < 15; y++) for (let x = 0; x < 15; x++) {
    patches++
    for (let f = 0; f < 12; f++) {
      let response = 0
      for (let k = 0; k < 12; k++)
        response += filters[f * 12 + k]! * images[((n * 3 + (k >> 2)) * 16 + y + ((k >> 1) & 1)) * 16 + x + (k & 1)]!
      responses[f]! += response * response
    }
  }
  for (const total of responses) expect(total / patches).toBeCloseTo(1, 1)
})

it('builds dense nets with gates that begin nearly shut', () => {
  const net = new HighwayNet({ depth: 30, passage: 'gate' })
  expect(parameterCount(net)).toBe(784 * 50 + 50 + 30 * 2 * (50 * 50 + 50) + 50 * 10 + 10)
  expect(new Set(net.blocks[0]?.gate?.bias?.leaf?.data)).toEqual(new Set([-2]))
  expect(parameterCount(new HighwayNet({ depth: 30, passage: 'shortcut' }))).toBe(
    parameterCount(new HighwayNet({ depth: 30, passage: 'plain' })),
  )
})

it("divides the rate by 10 after 32,000 and 48,000 of the paper's 64,000 steps, and only where asked", () => {
  const settings = parseSettings(findExperiment(experiments, 'resnet-on-cifar-10'), { schedule: 'paper' })
  const { schedule } = resnetRecipe({ ...settings, schedule: 'paper' })
  const at = (step: number) => schedule?.({ step, totalSteps: 64_000 })
  expect([0, 31_999, 32_000, 47_999, 48_000].map(at)).toEqual([1, 1, 0.1, 0.1, expect.closeTo(0.01, 9)])
  expect(resnetRecipe({ ...settings, schedule: 'oneCycle' })).toEqual({})
})
