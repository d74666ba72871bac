// What a person writes for a model: refused where there is nothing to read, or nobody could write it.
import { expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings } from '../../src/index.ts'
import { textReader } from '../../src/trained/predict.ts'

it.each([
  ['mlp-on-mnist', /reads images, not a text[^]*Give the path of a picture/],
  ['adding-problem', /reads inputs, not a text[^]*judge it on its own data: [^]*evaluate '<run>'/],
])('%s reads no text', async (name, message) => {
  const experiment = findExperiment(experiments, name)
  await expect(textReader(experiment, parseSettings(experiment))).rejects.toThrow(message)
})

it('a blank text is refused, also where a form makes something of it', async () => {
  const experiment = findExperiment(experiments, 'grok-divisions')
  const textForm = () => Promise.resolve({ read: () => Int32Array.of(1, 0), counts: 'tokens', told: '' })
  const { prepare } = await textReader({ ...experiment, data: { ...experiment.data, textForm } },
    parseSettings(experiment))
  for (const blank of ['', ' ', '\n\t']) expect(() => prepare(blank)).toThrow(/has no word/)
  expect(prepare('a').steps).toEqual(['1 token'])
})

it('says of one what it is, and of several what they are', async () => {
  const experiment = findExperiment(experiments, 'grok-divisions')
  const textForm = () => Promise.resolve({
    read: (text: string) => new Int32Array(text.length).fill(1), counts: 'words and word groups', told: '',
  })
  const { prepare } = await textReader({ ...experiment, data: { ...experiment.data, textForm } },
    parseSettings(experiment))
  expect([prepare('a').steps, prepare('ab').steps]).toEqual([['1 word'], ['2 words and word groups']])
})
