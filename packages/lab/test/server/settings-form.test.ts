// The form of an experiment: what is asked first, what is folded, what the data decide and nobody is asked.
import { experiments } from '@ddlf/course'
import { parseSettings } from '@ddlf/lab'
import { describe, expect, it } from 'vitest'
import { settingsForm } from '../../src/server/settings-form.ts'

describe('the form of an experiment', () => {
  it.each(experiments.map(experiment => [experiment.name, experiment] as const))(
    '%s: few settings first, every other one folded, each default one that the experiment takes',
    (_, experiment) => {
      const { settings } = settingsForm(experiment)
      const first = settings.filter(({ group }) => group === 'main').map(({ name }) => name)
      expect(first).toEqual(expect.arrayContaining(['epochs', 'batchSize', 'learningRate', 'optimizer', 'seed']))
      expect(first.length).toBeLessThanOrEqual(18)
      expect(new Set(settings.map(({ name }) => name)).size).toBe(settings.length)
      for (const { name, default: value, choices, description } of settings) {
        expect(() => parseSettings(experiment, { [name]: value })).not.toThrow()
        expect(description).not.toBe('')
        if (choices) expect(choices).toContainEqual(value)
      }
    },
  )

  it('of a table asks for the data and the target first, and never for what is found', () => {
    const { settings, own } = settingsForm(experiments.find(({ name }) => name === 'tabular')!)
    expect(own).toBe('tabular')
    expect(settings.slice(0, 3).map(({ name }) => name)).toEqual(['data', 'target', 'kind'])
    expect(settings.filter(({ group }) => group === 'main')).toHaveLength(9)
    for (const found of ['encoding', 'targetMean', 'targetScale', 'classes'])
      expect(settings.map(({ name }) => name)).not.toContain(found)
    // A choice of values, not of words: a header is there, is not, or is found.
    expect(settings.find(({ name }) => name === 'header')).toMatchObject({
      choices: [false, true, 'auto'],
      default: 'auto',
    })
    expect(settings.find(({ name }) => name === 'hidden')).toMatchObject({ kind: 'numbers' })
    expect(settings.find(({ name }) => name === 'features')).toMatchObject({ kind: 'texts' })
  })
})
