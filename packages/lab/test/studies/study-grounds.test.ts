// A study keeps what its trials are trained on, and by: it does not go on over other data or code without a word.
import fs from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { changeNotes, openTuning, readStudy, tuningRecord } from '../../src/node.ts'
import { runTrainingJob } from '../../src/jobs/run-training-job.ts'
import type { FromTrainer } from '../../src/jobs/training-job.ts'
import { findGrounds } from '../../src/studies/node/study-grounds.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href

function made() {
  const folder = temporaryFolder()
  const studies = path.join(folder, 'studies')
  const table = writeTable(folder)
  const open = (more: Partial<Parameters<typeof openTuning>[0]> = {}) =>
    openTuning({ experiments, experiment: 'text-table', studies, ...more })
  const first = open({ space: ['learningRate=log:1e-3..1'], set: [`data=${JSON.stringify(table)}`, 'buckets=50'] })
  const groundsNow = () => findGrounds(experimentsModule, first.experiment, first.record.settings)
  const record = () => tuningRecord('text-table', readStudy(studies, 'text-table').attributes)
  return { folder, table, open, first, groundsNow, record }
}

it('over data of other contents it goes on where it is asked to, and its record says from which trial on', async () => {
  const { table, open, first, groundsNow, record } = made()
  const before = await groundsNow()
  expect(first.settle(before)).toEqual([])
  first.study.tell(first.study.ask().number, 0.5)
  first.close()
  expect(record().grounds).toMatchObject([{ from: 0, data: { 'own-data': before.data['own-data'] } }])

  const relabelled = fs.readFileSync(table, 'utf8').replace('lovely day number 0,good', 'lovely day number 0,bad')
  fs.writeFileSync(table, relabelled)
  const now = await groundsNow()
  const refused = open()
  expect(() => refused.settle(now)).toThrow(/cannot go on[^]*own-data has other contents[^]*--changed/)
  expect(refused.settled).toBe(false)
  refused.close()
  expect(record().grounds).toHaveLength(1)

  const changed = open({ changed: true })
  expect(changed.settle(now)).toEqual([expect.stringMatching(/^From trial 1 on other than before.*own-data/)])
  changed.close()
  expect(changeNotes(record().grounds ?? [])).toEqual([expect.stringMatching(/^From trial 1 on/)])
  const again = open()
  expect(again.settle(now)).toEqual([])
  again.close()
})

it('over other code, versions or another lock file it does not go on; a commit alone changes nothing', async () => {
  const { first, groundsNow } = made()
  const grounds = await groundsNow()
  expect(grounds.code).toMatch(/^[0-9a-f]{64}$/)
  expect(grounds.versions['node']).toBe(process.versions.node)
  first.settle(grounds)
  first.study.ask()
  expect(first.settle({ ...grounds, git: { commit: '0'.repeat(40), dirty: null } })).toEqual([])
  for (const other of [{ code: '0'.repeat(64) }, { lockFile: '0'.repeat(64) }, { versions: { node: '1.0.0' } }])
    expect(() => first.settle({ ...grounds, ...other })).toThrow(/cannot go on/)
  first.close()
})

it('of a trial on other data no run begins, wherever its worker stands', async () => {
  const { folder, table, first, groundsNow } = made()
  const { data } = await groundsNow()
  first.settle({ git: null, code: null, lockFile: null, versions: {}, data })
  const work = first.work(first.study.ask()).data as { readonly data?: Readonly<Record<string, string>> }
  expect(work.data).toEqual(data)
  first.close()
  fs.appendFileSync(table, 'one more lovely day,good\n')
  const said: FromTrainer[] = []
  const task = { kind: 'start', experiment: 'text-table', settings: first.record.settings, command: [], data } as const
  const root = path.join(folder, 'runs')
  const { signal } = new AbortController()
  await runTrainingJob({ experimentsModule, root, task }, message => void said.push(message), signal)
  expect(said.at(-1)).toMatchObject({
    event: { kind: 'failed', changed: true, parts: { received: expect.stringMatching(/own-data has/) as string } },
  })
  expect(fs.existsSync(path.join(root, 'text-table'))).toBe(false)
})
