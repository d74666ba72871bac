// What published nets of Days 3-6 do that no common layer or schedule does: schedules of books, digits that are rolled.
import { expect, it } from 'vitest'
import { evaluate, tensor } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import { withMode, type Schedule } from '@ddlf/nn'
import { parseSettings } from '@ddlf/lab'
import { alongLine, diveSchedule, limitedSteps } from '../topics/02-intro-level-cnn/book-schedules.ts'
import { lenetOf1989 } from '../topics/02-intro-level-cnn/published-experiments.ts'
import { RandomRoll } from '../topics/02-intro-level-cnn/random-roll.ts'

const rates = (schedule: Schedule, epochs: number, rate: number) =>
  Array.from({ length: epochs }, (_, epoch) =>
    rate * schedule({ step: epoch * 7 + 3, totalSteps: epochs * 7, stepsPerEpoch: 7 }))

const expectRates = (schedule: Schedule, rate: number, expected: readonly number[]) => {
  const ours = rates(schedule, 30, rate).slice(0, expected.length)
  expected.forEach((value, epoch) => expect(ours[epoch], `epoch ${epoch}`).toBeCloseTo(value, 6))
}

// Printed by the page's own classes, asked as its `train` asks them: the rate that each epoch trains with.
it("falls as the page's code sets the rate", () => {
  expectRates(diveSchedule('squareRoot'), 0.1, [0.1, 0.1, 0.07071068, 0.05773503, 0.05, 0.04472136])
  expectRates(diveSchedule('cosine'), 0.3, [
    0.3, 0.3, 0.29821481, 0.29290319, 0.28419595, 0.27230746, 0.25753048, 0.24022886, 0.22082862, 0.19980746, 0.177683,
    0.155, 0.132317, 0.11019254, 0.08917138, 0.06977114, 0.05246952, 0.03769254, 0.02580405, 0.01709681, 0.01178519,
    0.01, 0.01, 0.01, 0.01,
  ])
  expectRates(diveSchedule('warmUpAndCosine'), 0.3, [
    0.3, 0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.2968314, 0.28746409, 0.27230746, 0.25202394, 0.2275, 0.19980746, 0.17015663,
    0.13984337, 0.11019254, 0.0825, 0.05797606, 0.03769254, 0.02253591, 0.0131686, 0.01, 0.01, 0.01,
  ])
})

it('falls along a line to the last epoch, and in steps not more often than is said', () => {
  expect(rates(alongLine(1 / 3), 80, 3e-4)[0]).toBeCloseTo(3e-4, 10)
  expect(rates(alongLine(1 / 3), 80, 3e-4)[79]).toBeCloseTo(1e-4, 10)
  expect(rates(limitedSteps({ every: 5, gamma: 0.5, drops: 1 }), 15, 0.064)).toEqual([
    ...Array<number>(5).fill(0.064), ...Array<number>(10).fill(0.032),
  ])
})

it('falls along its line to the last part of a training that is told in steps', () => {
  const settings = parseSettings(lenetOf1989, { lastRate: 0.1, steps: 40, evaluateEvery: 10 })
  const { schedule } = lenetOf1989.recipe?.(settings, { totalSteps: 40 }) ?? {}
  const factors = [0, 9, 10, 30, 39].map(step => schedule?.({ step, totalSteps: 40, stepsPerEpoch: 10 }))
  expect(factors).toEqual([1, 1, 0.7, 0.1, 0.1].map(part => expect.closeTo(part, 10) as number))
})

it('rolls each image by up to a pixel each way, each way equally often, in training only', () => {
  const [count, side] = [900, 4]
  const image = Float32Array.from({ length: side * side }, (_, i) => i)
  const images = tensor(
    Float32Array.from({ length: count * side * side }, (_, i) => i % (side * side)), { shape: [count, 1, side, side] },
  )
  const roll = new RandomRoll(side)
  expect(withMode({ training: false }, () => roll.forward(images)).output).toBe(images)
  const key = tensor(Int32Array.from(randomKey(1, 'roll')), { shape: [2], dtype: 'int32' })
  const { output } = withMode({ training: true, randomKey: key }, () => roll.forward(images))
  const [rolled] = evaluate([output]) as [Float32Array]
  // As torch.roll does it: what leaves on one side comes in on the other.
  const moved = (down: number, right: number) =>
    image.map((_, i) => {
      const [row, column] = [Math.floor(i / side), i % side]
      return image[((row - down + side) % side) * side + ((column - right + side) % side)] ?? 0
    }).join()
  const kinds = new Map<string, number>()
  for (const down of [-1, 0, 1]) for (const right of [-1, 0, 1]) kinds.set(moved(down, right), 0)
  expect(kinds.size).toBe(9)
  for (let n = 0; n < count; n++) {
    const seen = rolled.slice(n * side * side, (n + 1) * side * side).join()
    expect(kinds.has(seen), seen).toBe(true)
    kinds.set(seen, (kinds.get(seen) ?? 0) + 1)
  }
  // 100 of each are expected; six deviations of a share of a ninth of 900 are 57.
  for (const seen of kinds.values()) expect(Math.abs(seen - 100)).toBeLessThan(57)
})

it('learns 7,291 digits, others for each seed, in one order', () => {
  const labels = { dtype: 'int32' as const, shape: [], data: Int32Array.from({ length: 60_000 }, (_, i) => i) }
  const train = { name: 'made', length: 60_000, columns: { labels } }
  const chosen = (seed: number) => lenetOf1989.trainingSet?.(train, parseSettings(lenetOf1989, { seed }))
  const drawn = chosen(1)?.columns['labels']?.data as Int32Array
  expect(drawn).toHaveLength(7291)
  expect(new Set(drawn).size).toBe(7291)
  expect(chosen(1)?.columns['labels']?.data).toEqual(drawn)
  expect(chosen(2)?.columns['labels']?.data).not.toEqual(drawn)
})
