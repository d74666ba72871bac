// The perceptrons of maxout, DropConnect and table 9: their sizes, what dropout leaves of them, and what is added to
// their loss.
import { describe, expect, it } from 'vitest'
import { evaluate, tensor, type Tensor } from '@ddlf/tensor'
import { crossEntropy, parameterCount, withMode, withSeed } from '@ddlf/nn'
import { parseSettings, stepGraph, type Experiment, type TrainingSettings } from '@ddlf/lab'
import { DropConnectPerceptron } from '../topics/01-mlp-on-mnist/drop-connect-perceptron.ts'
import { MaxoutPerceptron, maxoutPerceptron } from '../topics/01-mlp-on-mnist/maxout-perceptron.ts'
import {
  logisticPerceptron, PerceptronOf2014, widePerceptrons,
} from '../topics/01-mlp-on-mnist/perceptrons-of-2014.ts'

const pixels = Uint8Array.from({ length: 2 * 784 }, (_, i) => (i * 37) % 256)
const batch: Record<string, Tensor> = {
  images: tensor(pixels, { shape: [2, 1, 28, 28] }), labels: tensor(Int32Array.from([3, 8])),
}
const images = tensor(Float32Array.from(pixels, value => value / 255), { shape: [2, 1, 28, 28] })
const valueOf = (x: Tensor) => (evaluate([x]) as [Float32Array])[0]

it('have as many parameters as their layers say', () => {
  const sizes = { dropout: 0.5, inputDropout: 0.2 }
  expect(parameterCount(new MaxoutPerceptron({ hidden: [240, 240], pieces: 5, ...sizes }))).toBe(
    785 * 1200 + 241 * 1200 + 241 * 10)
  expect(parameterCount(new DropConnectPerceptron({ hidden: [800, 800], dropConnect: 0.5 }))).toBe(
    785 * 800 + 801 * 800 + 801 * 10)
  expect(parameterCount(new PerceptronOf2014({ hidden: [1024, 1024, 2048], units: 'relu', ...sizes }))).toBe(
    785 * 1024 + 1025 * 1024 + 1025 * 2048 + 2049 * 10)
})

describe('the net of table 9', () => {
  const net = (dropout: number, inputDropout = 0) =>
    withSeed(1, () => new PerceptronOf2014({ hidden: [6, 5], units: 'relu', dropout, inputDropout }))
  const withoutBiases = (x: Float32Array) => [...x].map(value => Number(value.toPrecision(4)))

  it('reads with the share of its units that training keeps: a quarter behind two layers of halves', () => {
    const [whole, halved] = [valueOf(net(0).forward(images)), valueOf(net(0.5).forward(images))]
    expect(withoutBiases(halved)).toEqual(withoutBiases(whole.map(value => value / 4)))
    const fewer = valueOf(net(0, 0.2).forward(images))
    expect(withoutBiases(fewer)).toEqual(withoutBiases(whole.map(value => 0.8 * value)))
  })

  const lossWith = (given: Record<string, unknown>) => {
    const settings = parseSettings(widePerceptrons, { hidden: [6, 5], ...given })
    const [phase] = widePerceptrons.task.phases(settings)
    const { output } = withMode({ training: true }, () => phase?.loss(net(0) as never, batch, settings).loss as Tensor)
    return valueOf(output)[0] as number
  }
  it('adds the absolute weights, and how far its units are from the wanted activation, to its loss', () => {
    const { hidden, logits } = net(0).all(images)
    const plain = valueOf(crossEntropy(logits, batch['labels'] as Tensor))[0] as number
    expect(lossWith({})).toBeCloseTo(plain, 5)
    const all = [...net(0).hidden, net(0).logits].flatMap(({ weight }) => [...valueOf(weight)])
    const absolute = all.reduce((total, weight) => total + Math.abs(weight), 0)
    expect(lossWith({ l1: 0.01 })).toBeCloseTo(plain + 0.01 * absolute, 4)
    const rates = hidden.flatMap(layer => {
      const said = valueOf(layer)
      const units = said.length / 2
      return Array.from({ length: units }, (_, i) => (Number(said[i]) + Number(said[units + i])) / 2)
    })
    const far = rates.reduce((total, r) => total + 0.1 * Math.log(0.1 / (r + 1e-6)) - 0.1 + r, 0)
    expect(lossWith({ sparsity: 0.5 })).toBeCloseTo(plain + 0.5 * far, 4)
  })
})

describe('their training', () => {
  const rate = (experiment: Experiment, settings: TrainingSettings, step: number) => {
    const totalSteps = 100 * settings.epochs
    const { schedule } = experiment.recipe?.(settings, { totalSteps }) ?? {}
    return settings.learningRate * (schedule?.({ step, totalSteps }) ?? NaN)
  }

  it('lets the rate fall as the code of the papers does', () => {
    const wide = parseSettings(widePerceptrons, { epochs: 10, learningRate: 1 })
    expect(rate(widePerceptrons, wide, 0)).toBe(1)
    expect(rate(widePerceptrons, wide, 100)).toBeCloseTo(1 / 2, 6)
    expect(rate(widePerceptrons, wide, 1000)).toBeCloseTo(1 / 11, 6)
    expect(rate(maxoutPerceptron, parseSettings(maxoutPerceptron), 50_000)).toBeCloseTo(0.1 * Math.exp(-0.2), 5)
  })
  it.each([
    ['maxout-perceptron', maxoutPerceptron],
    ['logistic-perceptron-of-2014', logisticPerceptron],
  ] as const)('of %s is one step whose momentum rises', (_, experiment) => {
    const graph = stepGraph(experiment, parseSettings(experiment, { hidden: [10], batchSize: 4 }))
    expect(graph.inputs.map(({ leaf }) => leaf?.name)).toContain('momentum/logits.weight')
    expect(graph.inputs.map(({ leaf }) => leaf?.name)).toContain('step')
  })
})
