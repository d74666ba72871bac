// The figure that recorded runs give: of their end, or of the epoch of each that is best by some metric.
import { UserError } from '@ddlf/tensor/errors'
import { expect, it } from 'vitest'
import { spreadOf, type RecordedArm, type RecordedRun } from '@ddlf/lab'

const run = (seed: number, errors: readonly (number | null)[]): RecordedRun => ({
  id: `run-${seed}`, seed, commit: 'c0c59ce', dirty: false, epochs: errors.length, steps: 10, parameters: 7, seconds: 2,
  flop: 1e9, metrics: { 'test/error': errors.at(-1) ?? NaN },
  curve: { epoch: errors.map((_, i) => i + 1), values: { 'test/error': [...errors] } },
})
const arm: RecordedArm = {
  id: 'first', label: 'first', settings: {}, runs: [run(1, [0.5, 0.25, 0.4]), run(2, [0.75, null, 0.8])],
}

it('is of the end, over seeds', () => {
  expect(spreadOf(arm, 'test/error').values).toEqual([0.4, 0.8])
})

it("is of each run's best epoch where that is asked for, whichever way is better", () => {
  const best = spreadOf(arm, 'test/error', { epoch: { by: 'test/error', better: 'lower' } })
  expect(best.values).toEqual([0.25, 0.75])
  expect(best.mean).toBe(0.5)
  expect(spreadOf(arm, 'test/error', { epoch: { by: 'test/error', better: 'higher' } }).values).toEqual([0.5, 0.8])
})

it('is of the epoch that another metric chose, however good that was', () => {
  const losses = (one: RecordedRun, values: (number | null)[]): RecordedRun =>
    ({ ...one, curve: { ...one.curve, values: { ...one.curve.values, 'validation/loss': values } } })
  const [first, second] = arm.runs as [RecordedRun, RecordedRun]
  const held = { ...arm, runs: [losses(first, [3, 2, 1]), losses(second, [1, 2, null])] }
  const chosen = { by: 'validation/loss', better: 'lower' } as const
  expect(spreadOf(held, 'test/error', { epoch: chosen }).values).toEqual([0.4, 0.75])
})

it('is of one evaluation, and the median instead of the mean, where that was published', () => {
  expect(spreadOf(arm, 'test/error', { epoch: 1 }).values).toEqual([0.5, 0.75])
  expect(() => spreadOf(arm, 'test/error', { epoch: 4 })).toThrow(UserError)
  const three = { ...arm, runs: [...arm.runs, run(3, [2])] }
  expect(spreadOf(three, 'test/error', { over: 'median' })).toMatchObject({ mean: 0.8, count: 3 })
})

it('says what there is where a curve lacks the metric', () => {
  const missing = { by: 'validation/error', better: 'lower' } as const
  expect(() => spreadOf(arm, 'validation/error', { epoch: missing })).toThrow(UserError)
})
