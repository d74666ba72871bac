// What `ddlf show <experiment>` says of the values that each setting may have.
import { expect, it, vi } from 'vitest'
import { experiment, pairTaskSettings, publishedSet, regression, trainingSettings } from '@ddlf/lab/experiments'
import { Linear } from '@ddlf/nn'
import { z } from 'zod'
import { showExperiment } from '../src/actions/show-experiment.ts'

const { beams, penalties } = pairTaskSettings
const lists = experiment({
  name: 'lists',
  title: 'Lists',
  question: 'What may stand in them?',
  data: publishedSet('mnist'),
  config: z.strictObject({
    ...trainingSettings.shape,
    beams,
    penalties,
    rates: z.array(z.enum(['low', 'high'])).default(['low']).describe('some'),
    names: z.array(z.string()).default(['one']).describe('any'),
  }),
  task: regression(),
  model: () => new Linear(1, 1),
})

/** What is printed of the experiment. */
function shown(json: boolean): string {
  const said: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text))
  try {
    showExperiment(lists, json)
  } finally {
    log.mockRestore()
  }
  return said.join('\n')
}

it('an experiment is shown as JSON and nothing else', () => {
  const told = JSON.parse(shown(true)) as { settings: { name: string }[] }
  expect(told).toMatchObject({ name: 'lists', data: 'mnist', published: [] })
  expect(told.settings.find(({ name }) => name === 'beams')).toEqual({
    name: 'beams', default: [1], allowed: 'list: 1 to 100', meaning: expect.stringMatching(/^continuations/) as string,
  })
})

it('a list is shown with what its entries may be', () => {
  const text = shown(false)
  const rowOf = (name: string) => text.split('\n').find(line => line.startsWith(`${name} `))
  expect(rowOf('beams')).toMatch(/^beams +1 +list: 1 to 100 /)
  expect(rowOf('penalties')).toMatch(/list: -5 to 5 /)
  expect(rowOf('rates')).toMatch(/^rates +low +list: low, high +some/)
  expect(rowOf('names')).toMatch(/^names +one +list +any/)
})
