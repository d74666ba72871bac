// Options misspelt in JavaScript, and operands that are no tensors: refused with the nearest name, never ignored.
import { describe, expect, it } from 'vitest'
import { checkOptions, tensor, UserError, zeros } from '../src/index.ts'
import * as everything from '../src/index.ts'

const x = tensor([[1, 2], [3, 4]])
const messageOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  return 'no error'
}

describe('options', () => {
  it.each([
    [
      'a number instead of options', () => x.sum(1 as never),
      /sum: options are given by name, in an object\.\s+Received: 1\s+Next: Write \{ axes: \.\.\. \}/,
    ],
    ['a list', () => x.mean([0] as never), /mean: options are given by name[^]*Received: \[0\]/],
    ['null', () => x.max(null as never), /max: options are given by name/],
    [
      'keepdims', () => x.sum({ keepdims: true } as never),
      /sum: there is no option 'keepdims'[^]*Did you mean keepDims\? The options are axes, keepDims\./,
    ],
    ['keepdim', () => x.mean({ keepdim: true } as never), /Did you mean keepDims\?/],
    ['dim', () => x.sum({ dim: 0 } as never), /Did you mean axes\?/],
    ['dim where there is one axis', () => x.argmax({ dim: 0 } as never), /Did you mean axis\?/],
    ['a slip of the fingers', () => x.matmul(x, { transposeb: true } as never), /Did you mean transposeB\?/],
    ['snake case', () => x.matmul(x, { transpose_a: true } as never), /Did you mean transposeA\?/],
    [
      'nothing near', () => x.sum({ colour: 1 } as never),
      /there is no option 'colour'[^]*Next: The options are axes, keepDims\./,
    ],
    ['a prototype', () => checkOptions('f', { constructor: 1 } as never, ['axes'] as never), /no option 'constructor'/],
  ] as [string, () => unknown, RegExp][])('%s', (_name, f, message) => expect(messageOf(f)).toMatch(message))

  it('that exist pass', () => {
    expect(x.sum({ axes: 0, keepDims: true }).toArray()).toEqual([[4, 6]])
    expect(x.sum({}).item()).toBe(10)
    expect(x.sum().item()).toBe(10)
  })
})

describe('sizes that do not follow', () => {
  const six = zeros([2, 3])
  it.each([
    [[4, -1], /reshape: 6 elements do not divide into 4 for each[^]*\[4, -1\] for \[2, 3\]/],
    [[-1, -1], /only one size may be -1/],
    [[2.5, -1], /whole numbers/], [[-2, -3], /whole numbers/], [[0, -1], /no size follows from -1/],
    [[4], /cannot become \[4\]/],
  ] as [number[], RegExp][])('%j', (shape, message) => expect(messageOf(() => six.reshape(shape))).toMatch(message))
  it('are found where they do', () => {
    expect(six.reshape([3, -1]).shape).toEqual([3, 2])
    expect(six.reshape([-1]).shape).toEqual([6])
    expect(zeros([0, 3]).reshape([-1, 3]).shape).toEqual([0, 3])
  })
})

describe('an operand that is no tensor', () => {
  const given: Record<string, unknown[]> = {
    number: [1, 1, 1], array: [[1, 2], [1, 2], [1, 2]],
    'typed array': [Float32Array.of(1), Float32Array.of(1), Float32Array.of(1)], nothing: [],
  }
  // All functions whose first parameter is a tensor.
  const names = ('abs adaptiveAveragePool2d add argmax averagePool2d batchNorm cast channelAffine channelMoments ' +
    'clamp conv2d convTranspose2d cos detach div ' +
    'equal erf exp expand flatten flip floor gather gelu globalAveragePool2d greater greaterEqual groupNorm less ' +
      'lessEqual linear localResponseNorm log ' +
    'logSoftmax logSumExp logicalAnd logicalNot logicalOr matmul max maxPool2d maximum mean min minimum mul neg ' +
      'oneHot padImages pixelShuffle pixelUnshuffle ' +
    'pow relu reshape resizeBilinear2d scatterAdd sigmoid sign sin slice softmax softplus split sqrt square squeeze ' +
      'sub sum tanh transpose unsqueeze ' +
    'upsampleBilinear2d upsampleNearest2d variance where classLabels all any ceil cumSum expm1 isNaN ' +
      'labelCrossEntropy ' +
    'indexPut layerNorm log1p mod norm prod rmsNorm round scatterAddAlongAxis silu sort takeAlongAxis topK tril ' +
      'triu').split(' ')
  const functions = everything as unknown as Record<string, (...operands: unknown[]) => unknown>
  it.each(names.flatMap(name => Object.keys(given).map(kind => [name, kind] as const)))('%s of %s', (name, kind) => {
    expect(() => functions[name]!(...given[kind]!)).toThrow(UserError)
  })
})
