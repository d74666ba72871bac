// What the data decide is not chosen: who chose it all the same is told.
import { expect, it } from 'vitest'
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings } from '../../src/index.ts'
import { loadTrainingData } from '../../src/data-source/node/training-data.ts'

const notesOf = async (name: string, ...given: string[]) => {
  const experiment = findExperiment(experiments, name)
  return (await loadTrainingData(experiment, parseSettings(experiment, given))).notes
}

it('a vocabulary that the data decide is said to be without effect', async () => {
  expect(await notesOf('add-numbers', 'pairs=100', 'vocabulary=5'))
    .toEqual(['without effect: vocabulary=5 (the data have 16)'])
  expect(await notesOf('add-numbers', 'pairs=100')).toEqual([])
  expect(await notesOf('add-numbers', 'pairs=100', 'vocabulary=16')).toEqual([])
})
