// The recorded LeNets of Days 3-6 in a page, against the course's own LeNet-1.
import { describe, expect, it } from 'vitest'
import { SmallLeNet } from '@ddlf/course/small-lenet'
import { stateDict, withSeed } from '@ddlf/nn'
import { differentiate, evaluate, parameter, slice, sum, type Tensor } from '@ddlf/tensor'
import { shiftedReaders } from '../packages/site/src/build/lenet-figure.ts'
import recorded from '../packages/site/src/explain/lenet-digits.json' with { type: 'json' }
import { FIELD, fieldOf, lenetDigitsSchema, lenetScores, readLeNet } from '../packages/site/src/explain/lenet-digits.ts'
import { drawShifted, readings, SHIFTED_START } from '../packages/site/src/explain/shifted.ts'

describe('LeNet-1 in a page', () => {
  const { plain, distorted, shifts, field } = lenetDigitsSchema.parse(recorded)
  const net = readLeNet(plain)
  const model = withSeed(1, () => new SmallLeNet('LeNet-1'))
  const state = stateDict(model)
  const layers = ['features.0', 'features.3', 'classifier.0']
  layers.forEach((layer, i) => {
    state[`${layer}.weight`]?.data.set(net.weights[i]!)
    state[`${layer}.bias`]?.data.set(net.biases[i]!)
  })
  const digit = shiftedReaders.linear.digits[7]!
  const image = parameter(Float32Array.from(digit, grey => (grey / 255 - 0.1307) / 0.3081), [1, 1, 28, 28])

  it("says what the course's own net says", () => {
    const [expected = []] = evaluate([model.forward(image)])
    lenetScores(net, digit).forEach((score, i) => expect(score).toBeCloseTo(Number(expected[i]), 3))
  })
  it('sees as far as the gradient of the course says', () => {
    const second = [0, 1, 2, 3].reduce<Tensor>((x, i) => model.features[i]!.forward(x), image)
    const unit = slice(slice(slice(second, { axis: 1, start: 3, end: 4 }), { axis: 2, start: 4, end: 5 }),
      { axis: 3, start: 4, end: 5 })
    const [gradient = []] = evaluate(differentiate(sum(unit), [image]))
    const found = fieldOf(net, digit, 3)
    for (let at = 0; at < FIELD * FIELD; at++) {
      const pixel = (8 + Math.floor(at / FIELD)) * 28 + 8 + (at % FIELD)
      expect(found[at]).toBeCloseTo(Number(gradient[pixel]), 4)
    }
  })
  it('was measured: moved digits cost it less than a linear classifier, and least where it has seen them', () => {
    const at = (errors: readonly number[], shift: number) => errors[shifts.indexOf(shift)]!
    expect(at(plain.errors, 0)).toBeLessThan(0.03)
    expect(at(distorted.errors, 4)).toBeLessThan(at(plain.errors, 4))
    expect(field.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2)
    for (const shares of readings(shiftedReaders, SHIFTED_START))
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6)
    expect(drawShifted(shiftedReaders, SHIFTED_START).length).toBeLessThan(25_000)
  })
})
