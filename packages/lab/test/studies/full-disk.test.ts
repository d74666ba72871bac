// A study whose runs find no room on the disk: no trial fails of it, and all go on when there is room.
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DiskFull, listRuns, openTuning, runTuning } from '../../src/node.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { smallDisk } from '../runs/small-disk.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href

test('a full disk below the runs stops a study, which goes on when there is room: no trial fails', async context => {
  const disk = smallDisk(2048)
  if (!disk) {
    context.skip('no file system may be mounted here')
    return
  }
  const folder = temporaryFolder()
  const runs = path.join(disk.folder, 'runs')
  const tuning = openTuning({
    experiments,
    experiment: 'text-table',
    studies: path.join(folder, 'studies'),
    space: ['learningRate=log:1e-3..1'],
    pruner: 'none',
    set: [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=50', 'epochs=2'],
  })
  try {
    const run = (trials: number) =>
      runTuning({ tuning, experimentsModule, runs, jobs: 1, budget: { trials } })
    await run(1)
    const ballast = path.join(disk.folder, 'ballast')
    const left = fs.statfsSync(disk.folder)
    // Room for the record of one more run, not for its checkpoints.
    fs.writeFileSync(ballast, new Uint8Array(left.bavail * left.bsize - 12 * 1024))
    await expect(run(4)).rejects.toBeInstanceOf(DiskFull)
    const { trials } = tuning.study
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'running'])
    fs.rmSync(ballast)
    await run(4)
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'complete', 'complete'])
    for (const { intermediateValues } of trials) expect([...intermediateValues.keys()]).toEqual([1, 2])
    expect(listRuns({ root: runs }).runs.filter(({ status }) => status === 'completed')).toHaveLength(4)
  } finally {
    tuning.close()
    disk.remove()
  }
}, 300_000)
