// The settings of a run whose record is older than some of them: what it did then, not today's default.
import { expect, it } from 'vitest'
import { parseSettings, recordedSettings } from '../../src/experiment/experiment.ts'
import { imageFolder } from '../../src/own-data/experiments.ts'
import { startRun } from '../../src/runs/stored-run.ts'
import { openRunRecord } from '../../src/trained/node/trained-run.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

it('pictures of runs without the setting fit are stretched, as they were when it was trained', () => {
  const config = Object.fromEntries(
    Object.entries(parseSettings(imageFolder, { classes: ['a', 'b'] })).filter(([name]) => name !== 'fit'),
  )
  const root = temporaryFolder()
  const older = startRun({ root, experiment: imageFolder.name, config, seed: 0, provenance: noProvenance })
  older.finish({ status: 'completed', reason: 'for this test', summary: {} })
  expect(openRunRecord([imageFolder], root, older.name).settings).toMatchObject({ fit: 'stretch' })
  expect(recordedSettings(imageFolder, { ...config, fit: 'pad' })).toMatchObject({ fit: 'pad' })
  expect(parseSettings(imageFolder)).toMatchObject({ fit: 'crop' })
})
