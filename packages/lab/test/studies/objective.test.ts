// What a study may minimise or maximise: metrics with a better and a worse, and costs.
import { expect, it } from 'vitest'
import { classification } from '../../src/experiments.ts'
import { directionOf, objectivesOf } from '../../src/index.ts'

const experiment = { task: classification() }

it('metrics of the task and costs', () => {
  expect(objectivesOf(experiment, ['loss', 'parameters'])).toEqual(['loss', 'parameters'])
  expect(objectivesOf(experiment, [])).toEqual([experiment.task.monitor.name])
  expect(['accuracy', 'loss', 'flop'].map(name => directionOf(experiment, name)))
    .toEqual(['maximize', 'minimize', 'minimize'])
})

it.each([
  ['acuracy', /Did you mean 'accuracy'/],
  ['nope', /accuracy.*loss.*parameters, flop, seconds/],
  ['learningRate', /an objective is a metric of the task/i],
])('%s is refused before anything is trained', (name, says) => {
  expect(() => objectivesOf(experiment, [name])).toThrow(says)
})
