// The runs that the memos' figures stand on can be trained: settings that no training can have are found before hours
// have passed.
import { expect, it } from 'vitest'
import { findExperiment, wantedRuns } from '@ddlf/lab'
import { experiments, topics } from '@ddlf/course'

const recordings = topics.flatMap(topic => topic.recordings ?? [])

it.each(recordings.map(recording => [recording.experiment, recording] as const))('%s', (name, recording) => {
  expect(wantedRuns(recording, findExperiment(experiments, name)).length).toBeGreaterThan(0)
})
