// What a resume notices: settings, code, versions, lock file, data, metrics and foreign checkpoints; what it only
// records.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import type { Provenance } from '../../src/runs/provenance.ts'
import { readRunRecord, runPaths } from '../../src/runs/run-folder.ts'
import { loadCheckpoint, saveCheckpoint } from '../../src/runs/checkpoint.ts'
import { settingsOf } from '../../src/runs/run-origin.ts'
import { resumeRun, startRun, type ResumeOptions } from '../../src/runs/stored-run.ts'
import { verifyRun } from '../../src/runs/verify-run.ts'
import { noProvenance, temporaryFolder } from './temporary-folder.ts'
import { initialState } from './tiny-training.ts'

const where: Provenance = {
  ...noProvenance,
  code: 'c'.repeat(64),
  lockFile: 'd'.repeat(64),
  versions: { node: '20.19.0', 'onnxruntime-node': '1.30.0', '@ddlf/lab': '0.1.0' },
}
const data = { 'own-data': 'e'.repeat(64) }

function stopped(root: string, provenance: Provenance = where) {
  const store = startRun({
    root,
    experiment: 'tiny',
    config: { size: 8, learningRate: 0.05, data: '/pictures' },
    seed: 7,
    provenance,
    data,
  })
  store.appendMetrics({ step: 1, epoch: 0.2, values: { 'train/loss': 1 } })
  store.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 1, globalStep: 1 } }, { best: true })
  store.finish({ status: 'stopped', summary: {} })
  return store
}
const editSettings = (run: ReturnType<typeof stopped>, edits: Readonly<Record<string, unknown>>) => {
  const file = runPaths(run).record
  const record = JSON.parse(fs.readFileSync(file, 'utf8')) as { config: object }
  fs.writeFileSync(file, JSON.stringify({ ...record, config: { ...record.config, ...edits } }))
}
const other = 'f'.repeat(64)

describe('what has changed since the checkpoint is refused with what it is, and taken up with `changed`', () => {
  test.each<[string, Partial<ResumeOptions>, RegExp]>([
    ['the code', { provenance: { ...where, code: other } }, /code: the sources differ/],
    [
      'the code, where the sources are not known: another commit',
      { provenance: { git: { commit: 'b'.repeat(40), dirty: null } } },
      /code: commit aaaaaaaaaa, now bbbbbbbbbb/,
    ],
    [
      'the code, where the sources are not known: other changes',
      { provenance: { git: { commit: 'a'.repeat(40), dirty: other } } },
      /now aaaaaaaaaa with changes ffffffffff/,
    ],
    [
      'the lock file',
      { provenance: { ...where, lockFile: other } },
      /package-lock\.json: dddddddddd…, now ffffffffff…/,
    ],
    [
      'Node',
      { provenance: { ...where, versions: { ...where.versions, node: '22.1.0' } } },
      /node: 20\.19\.0, now 22\.1\.0/,
    ],
    [
      'ONNX Runtime',
      { provenance: { ...where, versions: { ...where.versions, 'onnxruntime-node': '1.31.0' } } },
      /onnxruntime-node: 1\.30\.0, now 1\.31\.0/,
    ],
    [
      'this project',
      { provenance: { ...where, versions: { ...where.versions, '@ddlf/lab': '0.2.0' } } },
      /@ddlf\/lab: 0\.1\.0, now 0\.2\.0/,
    ],
    ['the data', { data: { 'own-data': other } }, /data: own-data has other contents/],
  ])('%s', (_what, options, message) => {
    const root = temporaryFolder()
    const run = stopped(root)
    const resume = (changed: boolean) => resumeRun({ root, run: run.id, provenance: where, data, ...options, changed })
    expect(() => resume(false)).toThrow(UserError)
    expect(() => resume(false)).toThrow(message)
    expect(() => resume(false)).toThrow(new RegExp(`npm run ddlf -- resume tiny/${run.id} --changed`))
    // Refused means untouched.
    expect(readRunRecord(run)).toMatchObject({ status: 'stopped', attempts: [{ number: 1 }] })
    resume(true).finish({ status: 'stopped', summary: {} })
    const [first, second] = readRunRecord(run).attempts
    expect(first).not.toHaveProperty('changed')
    expect(second?.changed).toEqual([expect.stringMatching(message)])
    expect(second?.fromStep).toBe(1)
  })

  test('the settings in run.json, each with its two values', () => {
    const root = temporaryFolder()
    const run = stopped(root)
    editSettings(run, { learningRate: 0.1, size: undefined, added: [1] })
    const resume = (changed: boolean) => resumeRun({ root, run: run.id, provenance: where, data, changed })
    expect(() => resume(false)).toThrow(/size: 8, now none; learningRate: 0\.05, now 0\.1; added: none, now \[1\]/)
    resume(true).saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 2, globalStep: 2 } })
    // The next checkpoint is bound to the new settings.
    for (const name of fs.readdirSync(run.folder)) if (name.startsWith('lock-')) fs.rmSync(path.join(run.folder, name))
    resume(false).fail(new Error('over'))
  })

  test('lines of metrics.jsonl from before the checkpoint', () => {
    const root = temporaryFolder()
    const run = stopped(root)
    const { metrics } = runPaths(run)
    fs.writeFileSync(metrics, fs.readFileSync(metrics, 'utf8').replace('"value":1', '"value":0'))
    expect(() => resumeRun({ root, run: run.id, provenance: where, data })).toThrow(
      /metrics\.jsonl: other lines than were measured/,
    )
    resumeRun({ root, run: run.id, provenance: where, data, changed: true }).fail(new Error('over'))
  })
})

test('checkpoints from before a change of settings stay those of the run; edited ones are refused', () => {
  const root = temporaryFolder()
  const run = stopped(root)
  editSettings(run, { learningRate: 0.01 })
  const resumed = resumeRun({ root, run: run.id, provenance: where, data, changed: true })
  resumed.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 2, globalStep: 2 } })
  resumed.finish({ status: 'completed', summary: {} })
  const { checkpoints } = runPaths(run)
  const record = readRunRecord(run)
  const best = loadCheckpoint(checkpoints, 'best', record)!
  expect(settingsOf(record, best.origin)).toMatchObject({ learningRate: 0.05, data: '/pictures' })
  expect(settingsOf(record, loadCheckpoint(checkpoints, 'last', record)!.origin)['learningRate']).toBe(0.01)
  expect(record.attempts.map(({ settings }) => settings?.['learningRate'])).toEqual([0.05, undefined])
  expect(verifyRun(run).files.filter(({ state }) => state === 'wrong')).toEqual([])
  editSettings(run, { learningRate: 0.02 })
  expect(() => loadCheckpoint(checkpoints, 'last', readRunRecord(run))).toThrow(/learningRate: 0\.01, now 0\.02/)
})

test('a checkpoint whose origin cannot be read is damaged, and not one of an older version', () => {
  const run = stopped(temporaryFolder())
  const { checkpoints } = runPaths(run)
  const { origin, ...rest } = loadCheckpoint(checkpoints, 'last')!
  saveCheckpoint(checkpoints, 'last', { ...rest, origin: { ...origin!, run: 7 as unknown as string } })
  expect(() => loadCheckpoint(checkpoints, 'last')).toThrow(/not as it was written[^]*origin/)
})

test('a checkpoint of another run is refused, also with `changed`', () => {
  const root = temporaryFolder()
  const [run, foreign] = [stopped(root), stopped(root)]
  fs.copyFileSync(
    path.join(runPaths(foreign).checkpoints, 'last.safetensors'),
    path.join(runPaths(run).checkpoints, 'last.safetensors'),
  )
  for (const changed of [false, true]) {
    expect(() => resumeRun({ root, run: run.id, provenance: where, data, changed })).toThrow(
      new RegExp(`saved by another run[^]*saved by tiny/${foreign.id}`),
    )
  }
})

describe('what is recorded only', () => {
  test.each<[string, Partial<ResumeOptions>]>([
    ['nothing', {}],
    [
      'another commit with the same sources',
      { provenance: { ...where, git: { commit: 'b'.repeat(40), dirty: other } } },
    ],
    ['an installed package: no git, no lock file', { provenance: { ...where, git: null, lockFile: null } }],
    ['a version that was not known', { provenance: { ...where, versions: { ...where.versions, sharp: '1.0.0' } } }],
    ['the place of the data', { places: { data: '/moved/table.csv', testData: '/moved/test.csv' } }],
  ])('%s', (_what, options) => {
    const root = temporaryFolder()
    const run = stopped(root)
    const store = resumeRun({ root, run: run.id, provenance: where, data, ...options })
    store.finish({ status: 'stopped', summary: {} })
    const record = readRunRecord(run)
    const { git, code, lockFile, versions } = options.provenance ?? where
    expect(record.attempts[1]).toMatchObject({
      commit: git?.commit ?? null,
      dirty: git?.dirty ?? null,
      code,
      lockFile,
      versions,
    })
    expect(record.attempts[1]).not.toHaveProperty('changed')
    expect(record.config['data']).toBe(options.places?.['data'] ?? '/pictures')
  })

  test('a run without a checkpoint has computed nothing yet: other code begins it anew', () => {
    const root = temporaryFolder()
    const store = startRun({ root, experiment: 'tiny', config: { size: 8 }, seed: 7, provenance: where, data })
    store.fail(new Error('no memory'))
    expect(() => resumeRun({ root, run: store.id, provenance: where, data: { 'own-data': other } })).toThrow(
      /own-data has other contents/,
    )
    resumeRun({ root, run: store.id, provenance: { ...where, code: other } }).fail(new Error('over'))
  })
})

test('a run of the version before is compared with what its record knows', () => {
  const root = temporaryFolder()
  const run = stopped(root, { ...noProvenance, lockFile: 'd'.repeat(64) })
  // As commit b590702 wrote it: no origin in the checkpoint, and attempts with the commit alone.
  const store = resumeRun({ root, run: run.id, provenance: noProvenance, data })
  store.fail(new Error('over'))
  const record = JSON.parse(fs.readFileSync(runPaths(run).record, 'utf8')) as {
    attempts: Record<string, unknown>[]
    files?: unknown
  }
  delete record.files
  for (const attempt of record.attempts)
    for (const name of ['dirty', 'code', 'lockFile', 'versions']) Reflect.deleteProperty(attempt, name)
  fs.writeFileSync(runPaths(run).record, JSON.stringify(record))
  const { tensors, loop } = loadCheckpoint(runPaths(run).checkpoints, 'last')!
  saveCheckpoint(runPaths(run).checkpoints, 'last', { tensors, loop })
  expect(() =>
    resumeRun({ root, run: run.id, provenance: { git: { commit: 'b'.repeat(40), dirty: null } }, data }),
  ).toThrow(/code: commit aaaaaaaaaa, now bbbbbbbbbb/)
  resumeRun({ root, run: run.id, provenance: noProvenance, data }).finish({ status: 'stopped', summary: {} })
})
