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

it.each([
  ['transformer-on-texts', { heads: 3 }, /heads must divide dimensions=32[^]*heads=3/],
  ['transformer-on-texts', { dimensions: 25 }, /heads must divide dimensions=25[^]*heads=2/],
  ['gpt-on-text', { width: 30 }, /heads must divide width=30[^]*heads=4/],
  ['gpt-on-shakespeare', { heads: 5 }, /heads must divide width=128[^]*heads=5/],
  ['transformer-on-names', { heads: 5 }, /heads must divide width=64[^]*heads=5/],
  ['modern-gpt-on-shakespeare', { positions: 'rotary', width: 12, heads: 4 },
    /width must be a multiple of 8: rotary[^]*heads=4[^]*width=12/],
  ['modern-gpt-on-shakespeare', { positions: 'sinusoidal', width: 15, heads: 3 },
    /width must be even with positions=sinusoidal[^]*width=15/],
  ['grok-divisions', { width: 33 }, /width must be a multiple of 2: rotary[^]*heads=1[^]*width=33/],
  // Drawn until there are as many, they were drawn for ever.
  ['add-numbers', { pairs: 5051 }, /pairs must be at most 5050, as there are with digits=2[^]*pairs=5051/],
  ['context-net-on-names', { batchNorm: true, batchSize: 1 }, /batchSize: batchNorm=true[^]*batchSize=1/],
  // With two rows the table had one for a word less than none, which was all words but one.
  ['miniature-gpt-on-reviews', { words: 3 }, /words must be at least 4[^]*words=3/],
  ['wave-net-on-names', { batchSize: 1 }, /batchSize: batch norm compares examples[^]*batchSize=1/],
  ['context-net-on-first-names', { batchNorm: true, accumulate: 32 }, /batchSize: batchNorm=true[^]*batchSize=32/],
] as const)('%s refuses %j when its settings are read', (name, given, message) => {
  const experiment = findExperiment(experiments, name)
  expect(() => parseSettings(experiment, given)).toThrow(message)
})
