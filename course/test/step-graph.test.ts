// What `ddlf graph` shows of the course's experiments: every parameter under the name it has in a checkpoint.
import { expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings, stepGraph } from '@ddlf/lab'

const inputsOf = (name: string, part: 'step' | 'forward') => {
  const experiment = findExperiment(experiments, name)
  return stepGraph(experiment, parseSettings(experiment, { batchSize: 4 }), part).inputs.map(
    tensor => tensor.leaf?.name ?? '',
  )
}

it.each(['resnet-on-cifar-10', 'fast-net-on-cifar-10'])(
  '%s: the forward pass reads parameters and buffers of the names that the step has',
  name => {
    const step = new Set(inputsOf(name, 'step'))
    const forward = inputsOf(name, 'forward')
    expect(forward[0]).toBe('images')
    expect(forward.length).toBeGreaterThan(10)
    expect(forward.filter(input => !step.has(input))).toEqual([])
  },
)

it('the fast network keeps slow weights of every parameter', () => {
  const inputs = inputsOf('fast-net-on-cifar-10', 'step')
  const slow = inputs.filter(input => input.startsWith('slow/')).map(input => input.slice('slow/'.length))
  // Of each of three groups two convolutions and two offsets; the whitening's offsets; the last layer.
  expect(slow).toHaveLength(3 * 4 + 2)
  expect(inputs).toEqual(expect.arrayContaining(slow))
})
