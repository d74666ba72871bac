// Runs beside each other: the settings in which they differ, and their series.
import { expect, test } from 'vitest'
import { differingSettings, metricNames, metricSeries } from '../../src/runs/compare-runs.ts'

const metric = (step: number, value: number, name = 'loss') => ({
  step,
  epoch: step / 10,
  wallTime: 100 + step,
  name,
  value,
})

test('the settings in which runs differ, nested, missing and non-finite ones included', () => {
  const base = {
    seed: 1,
    optimizer: { name: 'sgd', momentum: 0.9 },
    sizes: [1, 2],
    clip: Infinity,
    layers: [{ a: 1, b: 2 }],
  }
  expect(
    differingSettings([
      base,
      { ...base, seed: 2, clip: 1e9, layers: [{ b: 2, a: 1 }] },
      { ...base, optimizer: { name: 'sgd' }, sizes: [2, 1], extra: {} },
    ]),
  ).toEqual([
    { setting: 'clip', values: [Infinity, 1e9, Infinity] },
    { setting: 'extra', values: [undefined, undefined, {}] },
    { setting: 'optimizer.momentum', values: [0.9, 0.9, undefined] },
    { setting: 'seed', values: [1, 2, 1] },
    {
      setting: 'sizes',
      values: [
        [1, 2],
        [1, 2],
        [2, 1],
      ],
    },
  ])
  expect(differingSettings([base, structuredClone(base)])).toEqual([])
  expect(differingSettings([])).toEqual([])
})

test('series of several runs on one axis', () => {
  const a = [metric(10, 3), metric(20, 2), metric(20, 2.5), metric(20, 9, 'accuracy')]
  const b = [metric(5, 4), metric(20, NaN)]
  expect(metricNames(a, b)).toEqual(['accuracy', 'loss'])
  expect(metricSeries(a, 'loss')).toEqual({
    step: [10, 20, 20],
    epoch: [1, 2, 2],
    wallTime: [110, 120, 120],
    value: [3, 2, 2.5],
  })
})
