// Maxout, DropConnect and penalties: by their equations, by finite differences, and by drawing many masks.
import { describe, expect, it } from 'vitest'
import { differentiate, evaluate, mul, relu, sum, tensor, type Tensor } from '@ddlf/tensor'
import { normals, randomKey } from '@ddlf/tensor/random'
import {
  DropConnect, l1Penalty, Maxout, namedParameters, sgd, sparsityPenalty, withMode, withSeed,
} from '../src/index.ts'

const numbers = (seed: number, count: number) => normals(randomKey(seed, 'regularisers'), count)
const valueOf = (x: Tensor) => (evaluate([x]) as [Float32Array])[0]

/** The gradient of a scalar by its input, and by central differences. */
function gradients(of: (x: Tensor) => Tensor, at: Float32Array, shape: readonly number[]) {
  const x = tensor(at, { shape })
  const [ours] = differentiate(of(x), [x]) as [Tensor]
  const step = 1e-2
  const moved = (i: number, by: number) =>
    valueOf(of(tensor(at.map((v, k) => (k === i ? v + by : v)), { shape })))[0] as number
  const differences = Array.from(at, (_, i) => (moved(i, step) - moved(i, -step)) / (2 * step))
  return { ours: [...valueOf(ours)], differences }
}

describe('Maxout', () => {
  const weights = tensor(Float32Array.from([1, -2, 3, 0.5]), { shape: [2, 2] })
  const of = (x: Tensor) => sum(mul(new Maxout(3).forward(x), weights))

  it('is the largest piece of each unit', () => {
    // Piece j of unit i is element 2 j + i.
    const x = tensor(Float32Array.from([1, 2, 5, -1, 3, 0, -1, -2, -3, -4, -5, -6]), { shape: [2, 6] })
    expect([...valueOf(new Maxout(3).forward(x))]).toEqual([5, 2, -1, -2])
    expect(new Maxout(1).forward(x).shape).toEqual([2, 6])
  })
  it('passes the gradient to that piece, as differences say', () => {
    const { ours, differences } = gradients(of, Float32Array.from(numbers(1, 12)), [2, 6])
    ours.forEach((value, i) => { expect(value).toBeCloseTo(differences[i] ?? NaN, 3) })
    expect(ours.filter(value => value !== 0)).toHaveLength(4)
  })
  it('refuses sums that are no multiple of the pieces', () => {
    expect(() => new Maxout(4).forward(tensor(new Float32Array(12), { shape: [2, 6] }))).toThrow(/4 sums for every unit/)
  })
})

describe('DropConnect', () => {
  const x = tensor(Float32Array.from(numbers(2, 3 * 40)), { shape: [3, 40] })
  const drawn = (layer: DropConnect, step: number) => {
    const [a, b] = randomKey(7, 'mask', step)
    const key = tensor(Int32Array.from([a, b]))
    return valueOf(withMode({ training: true, randomKey: key }, () => layer.forward(x)).output)
  }

  it('drops none at 0: a layer of ReLUs', () => {
    const layer = new DropConnect(40, 5, { p: 0 })
    const { weight, bias } = layer
    const plain = valueOf(relu(x.matmul(weight.transpose()).add(bias)))
    for (const values of [valueOf(layer.forward(x)), drawn(layer, 1)])
      values.forEach((value, i) => { expect(value).toBeCloseTo(plain[i] ?? NaN, 5) })
  })
  it('reads as the mean over 4,000 drawn masks, which the plain net does not', () => {
    const layer = new DropConnect(40, 5)
    const total = new Float64Array(15)
    for (let i = 0; i < 4000; i++) drawn(layer, i).forEach((value, k) => { total[k] = (total[k] ?? 0) + value / 4000 })
    const read = valueOf(layer.forward(x))
    const plain = valueOf(new DropConnectPlain(layer).forward(x))
    const far = (values: Float32Array) => Math.max(...values.map((value, i) => Math.abs(value - (total[i] ?? NaN))))
    expect(far(read)).toBeLessThan(0.05)
    expect(far(plain)).toBeGreaterThan(3 * far(read))
  })
  it('gives the dropped half of the weights no gradient', () => {
    // A unit that no example lights has no gradient either: the weights are drawn so that each is lit.
    const layer = withSeed(1, () => new DropConnect(40, 5))
    const [a, b] = randomKey(7, 'mask', 1)
    const { output } = withMode({ training: true, randomKey: tensor(Int32Array.from([a, b])) }, () =>
      differentiate(sum(layer.forward(x)), [...namedParameters(layer).values()]))
    const share = valueOf(output[0] as Tensor).filter(value => value === 0).length / 200
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.65)
  })
})

/** The layer's mean sums, without their spread. */
class DropConnectPlain {
  constructor(readonly layer: DropConnect) {}
  forward = (x: Tensor) => relu(x.matmul(this.layer.weight.transpose()).add(this.layer.bias))
}

describe('penalties', () => {
  it('of L1: the sum of absolute values, its gradient the signs', () => {
    const at = Float32Array.from([0.5, -2, 3, -0.25])
    const weight = tensor(at, { shape: [2, 2] })
    expect(valueOf(l1Penalty([weight, weight]))[0]).toBeCloseTo(11.5, 6)
    expect(gradients(w => l1Penalty([w]), at, [2, 2]).ours).toEqual([1, -1, 1, -1])
  })
  it.each(['bernoulli', 'poisson'] as const)('of sparse %s units: 0 on the target, and as differences say', units => {
    const of = (x: Tensor) => sparsityPenalty(x, { target: 0.2, units })
    const on = tensor(Float32Array.from([0.1, 0.3, 0.3, 0.1]), { shape: [2, 2] })
    expect(valueOf(of(on))[0]).toBeCloseTo(0, 4)
    const { ours, differences } = gradients(of, Float32Array.from([0.3, 0.6, 0.5, 0.7]), [2, 2])
    ours.forEach((value, i) => { expect(value).toBeCloseTo(differences[i] ?? NaN, 2) })
    // Means of 0.4 and 0.65: (r - t) / r of Poisson units, over (1 - r) of Bernoulli ones, and half of it an example.
    const wanted = [0.4, 0.65].map(r => (r - 0.2) / r / (units === 'poisson' ? 1 : 1 - r) / 2)
    ours.forEach((value, i) => { expect(value).toBeCloseTo(wanted[i % 2] ?? NaN, 4) })
  })
  it('refuse a share of more than all', () => {
    const x = tensor(new Float32Array(4), { shape: [2, 2] })
    expect(() => sparsityPenalty(x, { target: 2 })).toThrow(/the target/)
    expect(valueOf(sparsityPenalty(x, { target: 2, units: 'poisson' }))[0]).toBeGreaterThan(0)
  })
})

describe('a momentum that rises', () => {
  it('is what it comes from at the first step, half way in the middle, and then as it is set', () => {
    const optimizer = sgd({ momentum: 0.9, momentumRise: { from: 0.5, steps: 10 } })
    const at = (step: number) => {
      const { slots } = optimizer.update({
        parameter: tensor([0]), gradient: tensor([0]), slots: { momentum: tensor([1]) }, learningRate: tensor(0.1),
        step: tensor(step),
      })
      return valueOf(slots['momentum'] as Tensor)[0]
    }
    expect(at(1)).toBeCloseTo(0.5, 6)
    expect(at(6)).toBeCloseTo(0.7, 6)
    expect(at(11)).toBeCloseTo(0.9, 6)
    expect(at(500)).toBeCloseTo(0.9, 6)
    expect(() => sgd({ momentum: 0.9, momentumRise: { steps: 0 } })).toThrow(/steps must be a number above 0/)
  })
})
