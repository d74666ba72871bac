// What a layer, loss, optimizer, schedule or step cannot mean is refused, with the rule, the value and what to write.
import { tensor, UserError } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import { describe, expect, it } from 'vitest'
import * as nn from '../src/index.ts'

type Loose = Readonly<Record<string, (...given: unknown[]) => unknown>>
/** As JavaScript sees the exports: nothing holds anybody to their types. */
const ddlf = nn as unknown as Loose
const [init, schedules] = [nn.init, nn.schedules] as unknown as [Loose, Loose]
const layer = (name: string, ...given: unknown[]) =>
  new (ddlf[name] as unknown as new (...given: unknown[]) => unknown)(...given)
const x = tensor([[1, 2, 3], [4, 5, 6]])

// As the tests of tensor have it: no package reaches another's files by a path.
function refusalOf(f: () => unknown): string {
  try {
    f()
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  return 'accepted'
}

const refuses = (cases: readonly (readonly [string, () => unknown, RegExp])[]) =>
  it.each(cases)('%s', (_, f, message) => expect(refusalOf(f)).toMatch(message))

describe('optimizers', () => {
  refuses([
    [
      'momentum: 2', () => ddlf['sgd']!({ momentum: 2 }),
      /sgd: momentum must be a number of at least 0 and less than 1\.\s+Received: 2/,
    ],
    ["momentum: '0.9'", () => ddlf['sgd']!({ momentum: '0.9' }), /momentum[^]*Received: "0\.9"/],
    ['momentum: NaN', () => ddlf['rmsProp']!({ momentum: NaN }), /momentum[^]*Received: NaN/],
    ['eps: Infinity', () => ddlf['adam']!({ eps: Infinity }), /adam: eps must be a number of at least 0/],
    ["nesterov: 'yes'", () => ddlf['sgd']!({ momentum: 0.9, nesterov: 'yes' }), /nesterov must be true or false/],
    ['lookahead around nothing', () => ddlf['lookahead']!({}), /the inner optimizer must be an optimizer/],
    ['clipGlobalNorm(x, 1)', () => ddlf['clipGlobalNorm']!(
      x, 1,
    ), /the gradients must be a list of at least one tensor/],
  ])
})

describe('schedules', () => {
  refuses([
    ["every: '2'", () => schedules['step']!({ every: '2' }), /step: every must be a number of at least 1[^]*"2"/],
    ['every: missing', () => schedules['step']!({}), /step: every must be[^]*Received: nothing/],
    ['every: NaN', () => schedules['step']!({ every: NaN }), /every[^]*NaN/],
    ['milestones: 5', () => schedules['multiStep']!({ milestones: 5 }), /milestones must be a list of epochs/],
    ['gamma under another name', () => schedules['exponential']!({ gama: 0.9 }), /no option 'gama'[^]*gamma/],
    [
      'a progress without steps', () => nn.schedules.cosine()({} as never),
      /cosine: step must be a number of at least 0/,
    ],
  ])
})

describe('layers', () => {
  refuses([
    ["new Dropout('0.5')", () => layer('Dropout', '0.5'), /the probability p must be a number from 0 to 1[^]*"0\.5"/],
    ['new Dropout({ p: 0.5 })', () => layer('Dropout', { p: 0.5 }), /an object with p[^]*new Dropout\(0\.5\)/],
    [
      'new Conv2d(1, 2, { kernelSize: 3 })', () => layer('Conv2d', 1, 2, { kernelSize: 3 }),
      /Conv2d: kernelSize must be a whole number[^]*new Conv2d\(inChannels, outChannels, 3\)/,
    ],
    [
      'new Conv2d(3, 4, 3, { groups: 2 })', () => layer('Conv2d', 3, 4, 3, { groups: 2 }),
      /inChannels must be a whole number of at least 1 that 2 groups divide[^]*3/,
    ],
    ["new Linear('3', 2)", () => layer('Linear', '3', 2), /inFeatures must be a whole number/],
    [
      'new Linear(100000, 100000)', () => layer('Linear', 1e5, 1e5),
      /number of elements must be a whole number from 0 to 2147483647/,
    ],
    ['new Linear(3, 2, { init: 0 })', () => layer('Linear', 3, 2, { init: 0 }), /init must be an initialiser/],
    [
      "new Upsample(2, { mode: 'cubic' })", () => layer('Upsample', 2, { mode: 'cubic' }),
      /mode must be 'nearest' or 'bilinear'/,
    ],
    ['new Sequential([layers])', () => layer('Sequential', []), /module 0 must be a layer/],
    ['new LayerNorm(0)', () => layer('LayerNorm', 0), /normalizedShape/],
    ['new Dropout().forward(5)', () => new nn.Dropout().forward(5 as never), /Dropout: the operands must be tensors/],
    [
      "new BatchNorm2d(3, { momentum: '0.1' })", () => layer('BatchNorm2d', 3, { momentum: '0.1' }),
      /momentum must be a number from 0 to 1, or null/,
    ],
  ])

  it('keep the default of PyTorch where nothing is said', () => {
    expect(new nn.Dropout().p).toBe(0.5)
  })
})

describe('initialisers', () => {
  refuses([
    ["mode: 'fan_in'", () => init['kaimingUniform']!({ mode: 'fan_in' }), /mode must be 'fanIn' or 'fanOut'/],
    ["a gain of 'relu'", () => init['xavierNormal']!({ gain: 'relu' }), /gain must be a finite number/],
    ['an unknown non-linearity', () =>
      init['calculateGain']!('swish'), /the non-linearity must be 'linear', 'sigmoid'/],
    ['high below low', () => init['uniform']!(1, 0), /high must be a number of at least 1/],
  ])

  it('draw between limits that are close together, by their density', () => {
    const values = nn.init.truncatedNormal({ mean: 0, standardDeviation: 1e10, low: -1, high: 1 })(
      [20_000], randomKey(3),
    )
    const mean = values.reduce((total, value) => total + value, 0) / values.length
    expect(values.every(value => value >= -1 && value <= 1)).toBe(true)
    // So close together the density is flat: mean 0, variance 1/3.
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(values.reduce((total, value) => total + value ** 2, 0) / values.length).toBeCloseTo(1 / 3, 2)
    // (phi(2) - phi(2.5)) / (Phi(2.5) - Phi(2)): in the tail, the density falls.
    const tail = nn.init.truncatedNormal({ low: 2, high: 2.5 })([20_000], randomKey(3))
    expect(tail.reduce((total, value) => total + value, 0) / tail.length).toBeCloseTo(2.20445, 2)
  })
})

describe('losses and steps', () => {
  refuses([
    [
      'crossEntropy(x, [0, 1])', () => ddlf['crossEntropy']!(x, [0, 1]),
      /crossEntropy: the operands must be tensors[^]*\[0, 1\][^]*tensor\(\.\.\.\)/,
    ],
    [
      'meanSquaredError(x, 0)', () => ddlf['meanSquaredError']!(x, 0),
      /meanSquaredError: the operands must be tensors[^]*Received: 0/,
    ],
    [
      "weight: 'balanced'", () => ddlf['crossEntropy']!(x, tensor(Int32Array.of(0, 1)), { weight: 'balanced' }),
      /weight must be a tensor, or a list of numbers/,
    ],
    [
      'trainingStep({})', () => ddlf['trainingStep']!({}),
      /trainingStep: model must be a model: an object whose fields hold layers\.\s+Received: nothing/,
    ],
    [
      'trainingStep without options', () => ddlf['trainingStep']!(),
      /the options must be an object[^]*trainingStep\(\{ model, batch, loss, optimizer \}\)/,
    ],
    [
      'a column without a shape',
      () => ddlf['trainingStep']!({ model: {}, loss: () => x, batch: { x: {} }, optimizer: nn.sgd() }),
      /the column 'x': shape must be/,
    ],
    ['namedParameters(undefined)', () => ddlf['namedParameters']!(undefined), /the model must be a model/],
    ['withMode({ training: true })', () => ddlf['withMode']!({ training: true }), /what runs must be a function/],
  ])
})
