// What a study removes: the runs of its own trials by their exact names, to the trash, whatever its journal says.
import fs from 'node:fs'
import path from 'node:path'
import { bytesBelow } from '@ddlf/data/files-below'
import { expect, test } from 'vitest'
import { listRuns, openTuning, removedRuns, runsOfTrial, runTuning } from '../../src/node.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href

const openIn = (folder: string, space: string) =>
  openTuning({
    experiments,
    experiment: 'text-table',
    studies: path.join(folder, 'studies'),
    space: [space],
    set: [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=50', 'epochs=1'],
    pruner: 'none',
  })

test('keep best moves the runs of the others to the trash, and none that the journal names otherwise', async () => {
  const folder = temporaryFolder()
  const runs = path.join(folder, 'runs')
  const tuning = openIn(folder, 'learningRate=log:1e-3..1')
  await runTuning({ tuning, experimentsModule, runs, jobs: 1, budget: { trials: 3 } })
  const { study } = tuning
  // A copy of the study, as cp -r makes it, names the same runs.
  const studies = path.join(folder, 'studies')
  fs.cpSync(path.join(studies, 'text-table', 'journal.jsonl'), path.join(studies, 'copy', 'journal.jsonl'))
  const copy = openTuning({ experiments, experiment: 'text-table', studies, study: 'copy' })
  expect(copy).toMatchObject({ name: 'copy', record: { inherited: 3 }, notes: [expect.stringMatching(/is a copy/)] })
  const kept3 = await runTuning({ tuning: copy, experimentsModule, runs, jobs: 1, budget: { trials: 3 }, keep: 'best' })
  expect(kept3.removed.runs).toBe(0)
  copy.close()
  const names = study.trials.map(({ userAttributes }) => (userAttributes['runs'] as string[])[0] ?? '')
  const best = names[study.best?.number ?? -1] ?? ''
  const forged = ['latest', 'text-table/latest', best.slice(0, -2), path.join(runs, best), best]
  const { number } = study.ask()
  study.setUserAttribute(number, 'runs', forged)
  study.tell(number, -1)
  const { removed } = await runTuning({
    tuning,
    experimentsModule,
    runs,
    jobs: 1,
    budget: { trials: 4 },
    keep: 'best',
  })
  // Equal values share the front.
  const kept = study.front.map(trial => names[trial.number] ?? '')
  expect(kept).toContain(best)
  expect(kept.length).toBeLessThan(3)
  tuning.close()
  expect(listRuns({ root: runs }).runs.map(({ record }) => `text-table/${record.id}`)).toEqual(
    kept.toSorted().reverse(),
  )
  const others = names.filter(name => !kept.includes(name))
  const trash = removedRuns(runs)
  expect(trash.map(({ id }) => `text-table/${id}`).sort()).toEqual(others.sort())
  // What the trash holds is on the disk still.
  const bytes = trash.reduce((sum, { folder: place }) => sum + bytesBelow(place), 0)
  expect(removed).toEqual({ runs: others.length, bytes })
}, 300_000)

test('keep best has the runs of the best so far, and no others, after every trial', async () => {
  const folder = temporaryFolder()
  const runs = path.join(folder, 'runs')
  const tuning = openIn(folder, 'learningRate=log:1e-4..1')
  const { study } = tuning
  const left = () => ({
    onDisk: listRuns({ root: runs }).runs.map(({ record }) => `text-table/${record.id}`).sort(),
    best: study.front.flatMap(runsOfTrial).sort(),
  })
  const seen: ReturnType<typeof left>[] = []
  const { removed } = await runTuning({
    tuning,
    experimentsModule,
    runs,
    jobs: 1,
    budget: { trials: 4 },
    keep: 'best',
    onEvent: event => {
      if (event.kind === 'end') seen.push(left())
    },
  })
  tuning.close()
  expect(seen).toHaveLength(4)
  for (const { onDisk, best } of seen) expect(onDisk).toEqual(best)
  expect(removed.runs).toBe(4 - study.front.length)
}, 300_000)
