// Verifying runs: sound ones are clean, every change of every file is found, and runs of the version before stay
// readable.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadCheckpoint, saveCheckpoint } from '../../src/runs/checkpoint.ts'
import { putBackOutputs } from '../../src/runs/put-back-outputs.ts'
import { runPaths } from '../../src/runs/run-folder.ts'
import { encodeSafetensors } from '../../src/runs/safetensors.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { verifyRun, type RunVerification } from '../../src/runs/verify-run.ts'
import { encodeSplit } from '../../src/data-source/node/recorded-split.ts'
import { filesBelow, noProvenance, temporaryFolder } from './temporary-folder.ts'
import { initialState, train } from './tiny-training.ts'

/** A run that was stopped once and then completed, with all that a run can hold. */
function completed(root = temporaryFolder()) {
  const first = startRun({
    root,
    experiment: 'tiny',
    config: { size: 8, rates: [0.1, Infinity, -0] },
    seed: 7,
    provenance: noProvenance,
    keepLast: 2,
  })
  first.writeArtifact('data-split.gz', encodeSplit({ train: [{ name: 'a/1.png', content: '0'.repeat(32) }] }))
  first.appendMetrics({ step: 1, epoch: 0.2, values: { 'train/loss': Math.abs(Math.sin(1)), 'train/mean': 0 } })
  first.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 1, globalStep: 1, best: Infinity } })
  first.finish({ status: 'stopped', summary: {} })
  const store = resumeRun({ root, run: first.id, provenance: noProvenance, keepLast: 2 })
  store.writeArtifact(
    'test-outputs.safetensors',
    encodeSafetensors({ logits: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } }),
  )
  train(store, 6)
  return { experiment: store.experiment, id: store.id, folder: store.folder }
}
const wrongFiles = ({ files }: RunVerification) =>
  files.filter(({ state }) => state === 'wrong').map(({ file }) => file)

test('a run as it was written is sound, and every file of it has a checksum', () => {
  const run = completed()
  const { sound, status, files } = verifyRun(run)
  expect([sound, status]).toEqual([true, 'completed'])
  expect(files.filter(({ state }) => state !== 'sound')).toEqual([])
  expect(files.map(({ file }) => file).filter(file => !file.startsWith('events'))).toEqual([
    'run.json',
    'checkpoints/last.safetensors',
    'checkpoints/best.safetensors',
    'checkpoints/step-000000006.safetensors',
    'checkpoints/step-000000003.safetensors',
    'metrics.jsonl',
    'summary.json',
    'artifacts/data-split.gz',
    'artifacts/test-outputs.safetensors',
  ])
  expect(files.filter(({ file }) => file.startsWith('events'))).toHaveLength(2)
})

describe('everything that becomes of a file is found', () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-verify-'))
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
  const run = completed(root)
  const files = filesBelow(run.folder).filter(file => !file.startsWith('lock-'))
  /** Links of one checkpoint are one file. */
  const names = (file: string) =>
    file.startsWith('checkpoints/') ? /^checkpoints\// : new RegExp(`^${file.replace(/\W/g, '\\$&')}$`)

  test.each(files)('a bit changed anywhere in %s', file => {
    const place = path.join(run.folder, file)
    const bytes = fs.readFileSync(place)
    for (let k = 0; k < 60; k++) {
      const at = Math.floor((k * bytes.length) / 60)
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ (1 << (k % 8))
      fs.writeFileSync(place, changed)
      const result = verifyRun(run)
      expect(result.sound).toBe(false)
      const wrong = wrongFiles(result)
      expect(wrong.some(found => names(file).test(found))).toBe(true)
      // A record that is wrong may contradict what is sound.
      if (file !== 'run.json') expect(wrong.filter(found => !names(file).test(found))).toEqual([])
    }
    fs.writeFileSync(place, bytes)
    expect(verifyRun(run).sound).toBe(true)
  })

  test.each(files.filter(file => !/best|step-/.test(file)))('%s cut short, or gone', file => {
    const place = path.join(run.folder, file)
    const bytes = fs.readFileSync(place)
    // Removed first: names of one checkpoint are links to one file.
    fs.rmSync(place)
    fs.writeFileSync(place, bytes.subarray(0, bytes.length - 3))
    expect(wrongFiles(verifyRun(run)).length).toBeGreaterThan(0)
    fs.rmSync(place)
    const { files: findings } = verifyRun(run)
    const wrong = findings.filter(({ state }) => state === 'wrong')
    expect(wrong).toEqual([expect.objectContaining({ remedy: expect.any(String) as string })])
    fs.writeFileSync(place, bytes)
    expect(verifyRun(run).sound).toBe(true)
  })
})

describe('what is wrong is said, and how to have it again', () => {
  const found = (run: ReturnType<typeof completed>, file: string) =>
    verifyRun(run).files.find(finding => finding.file === file)

  test('lines that a second writer doubled', () => {
    const run = older(completed())
    const { metrics } = runPaths(run)
    const lines = fs.readFileSync(metrics, 'utf8').trimEnd().split('\n')
    fs.writeFileSync(metrics, [...lines, ...lines.slice(-3), ''].join('\n'))
    expect(found(run, 'metrics.jsonl')).toMatchObject({
      state: 'wrong',
      said: expect.stringMatching(/^3 of \d+ lines say something a second time/) as string,
    })
  })

  test('a checkpoint of another run, and edited settings', () => {
    const root = temporaryFolder()
    const [run, other] = [completed(root), completed(root)]
    fs.copyFileSync(
      path.join(runPaths(other).checkpoints, 'best.safetensors'),
      path.join(runPaths(run).checkpoints, 'best.safetensors'),
    )
    expect(found(run, 'checkpoints/best.safetensors')).toMatchObject({
      state: 'wrong',
      said: expect.stringContaining(`saved by tiny/${other.id}`) as string,
    })
    const { record } = runPaths(other)
    fs.writeFileSync(record, fs.readFileSync(record, 'utf8').replace('"size": 8', '"size": 9'))
    expect(found(other, 'run.json')).toMatchObject({ state: 'wrong', said: 'it was edited by hand, or is damaged' })
    expect(found(other, 'checkpoints/last.safetensors')).toMatchObject({
      state: 'wrong',
      said: expect.stringContaining('size: 8, now 9') as string,
    })
  })

  test('a summary that disagrees with the measured numbers, where nothing was recorded', () => {
    const run = older(completed())
    fs.writeFileSync(runPaths(run).summary, JSON.stringify({ metrics: { test: { loss: 0.5 } } }))
    expect(found(run, 'summary.json')).toMatchObject({
      state: 'wrong',
      said: expect.stringMatching(/test\/loss is 0\.5, and 0\.\d+ in metrics\.jsonl/) as string,
      remedy: expect.stringContaining('metrics.jsonl') as string,
    })
  })

  test.skipIf(process.platform === 'win32')('links, and files that are none of a run', () => {
    const run = completed()
    fs.symlinkSync('/etc/hostname', path.join(run.folder, 'artifacts', 'link'))
    fs.writeFileSync(path.join(run.folder, 'notes.txt'), 'mine')
    fs.writeFileSync(path.join(run.folder, 'notes.json'), '{}')
    expect(found(run, 'artifacts/link')).toMatchObject({
      state: 'wrong',
      said: expect.stringContaining('link') as string,
    })
    expect(found(run, 'notes.txt')).toMatchObject({ state: 'unrecorded' })
    expect(found(run, 'notes.json')).toBeUndefined()
  })
})

test('outputs that are gone or damaged are put back and vouched for; sound ones and an edited record stay', () => {
  const run = completed()
  const file = path.join(run.folder, 'artifacts', 'test-outputs.safetensors')
  const whole = fs.readFileSync(file)
  expect(putBackOutputs(run, 'test', Buffer.from('others'))).toBe(false)
  expect(fs.readFileSync(file)).toEqual(whole)
  // Another machine may give other last bits: the record vouches for what lies there.
  const others = Buffer.from(whole)
  others.writeFloatLE(1.5, others.length - 8)
  for (const [damage, content] of [
    [() => { fs.rmSync(file) }, whole],
    [() => { fs.truncateSync(file, 9) }, others],
  ] as const) {
    damage()
    expect(wrongFiles(verifyRun(run))).toEqual(['artifacts/test-outputs.safetensors'])
    expect(putBackOutputs(run, 'test', content)).toBe(true)
    expect(fs.readFileSync(file)).toEqual(content)
    expect(verifyRun(run).sound).toBe(true)
  }
  fs.rmSync(file)
  const { record } = runPaths(run)
  fs.writeFileSync(record, fs.readFileSync(record, 'utf8').replace('"seed": 7', '"seed": 8'))
  expect(() => putBackOutputs(run, 'test', whole)).toThrow(/not as it was written/)
  expect(fs.existsSync(file)).toBe(false)
})

/** Makes of a run what commit b590702 wrote: no checksums but those of checkpoints and event files, and no origins. */
function older(run: ReturnType<typeof completed>) {
  const { record, checkpoints } = runPaths(run)
  const parsed = JSON.parse(fs.readFileSync(record, 'utf8')) as { attempts: object[] }
  for (const name of ['files', 'checksum']) Reflect.deleteProperty(parsed, name)
  for (const attempt of parsed.attempts)
    for (const name of ['dirty', 'code', 'lockFile', 'versions']) Reflect.deleteProperty(attempt, name)
  fs.writeFileSync(record, `${JSON.stringify(parsed, null, 2)}\n`)
  for (const name of ['last', 'best', 'step-6', 'step-3'] as const) {
    const { tensors, loop } = loadCheckpoint(checkpoints, name)!
    saveCheckpoint(checkpoints, name, { tensors, loop })
  }
  return run
}

test('a run of the version before is sound, and says where no checksum was recorded', () => {
  const { sound, files } = verifyRun(older(completed()))
  expect(sound).toBe(true)
  const unrecorded = files.filter(({ said }) => said === 'no checksum recorded').map(({ file }) => file)
  expect(unrecorded).toEqual([
    'run.json',
    'metrics.jsonl',
    'summary.json',
    'artifacts/data-split.gz',
    'artifacts/test-outputs.safetensors',
  ])
})

test('a run that was killed is sound: torn ends are what a kill leaves', () => {
  const store = startRun({
    root: temporaryFolder(),
    experiment: 'tiny',
    config: { size: 8 },
    seed: 7,
    provenance: noProvenance,
  })
  store.appendMetrics({ step: 1, epoch: 0.2, values: { loss: 1 } })
  store.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 1, globalStep: 1 } })
  store.appendMetrics({ step: 2, epoch: 0.4, values: { loss: 2 } })
  const run = { experiment: store.experiment, id: store.id, folder: store.folder }
  for (const name of filesBelow(run.folder).filter(file => /^(metrics|events)/.test(file))) {
    const file = path.join(run.folder, name)
    fs.truncateSync(file, fs.statSync(file).size - 5)
  }
  for (const name of fs.readdirSync(run.folder)) if (name.startsWith('lock-')) fs.rmSync(path.join(run.folder, name))
  fs.writeFileSync(path.join(run.folder, 'checkpoints', '.last.safetensors.1.tmp'), 'half')
  const { sound, status, files } = verifyRun(run)
  expect([sound, status]).toEqual([true, 'interrupted'])
  expect(files.find(({ file }) => file === 'metrics.jsonl')?.said).toBe('as it was up to the last checkpoint')
  expect(files.find(({ file }) => file.startsWith('events'))?.said).toMatch(/the last is cut off, as a kill leaves it/)
  expect(files.find(({ file }) => file.endsWith('.tmp'))?.said).toMatch(/next resume removes it/)
  // The lines up to the checkpoint are vouched for also here.
  const { metrics } = runPaths(run)
  fs.writeFileSync(metrics, fs.readFileSync(metrics, 'utf8').replace('"value":1', '"value":0'))
  expect(verifyRun(run).sound).toBe(false)
  store.fail(new Error('over'))
})

describe.skipIf(process.platform === 'win32')('a folder of the run that leads elsewhere', () => {
  test.each(['artifacts', 'checkpoints'])(
    '%s as a link is a finding of that run, and nothing is read through it',
    name => {
      const run = completed()
      const elsewhere = path.join(temporaryFolder(), name)
      fs.renameSync(path.join(run.folder, name), elsewhere)
      fs.symlinkSync(elsewhere, path.join(run.folder, name))
      const { sound, files, status } = verifyRun(run)
      expect(sound).toBe(false)
      expect(files.map(({ file, state }) => [file, state])).toEqual([[name, 'wrong']])
      // The record is its own, and is read.
      expect(status).toBe('completed')
    },
  )

  test('a recorded file outside the folder is not looked for there', () => {
    const run = completed()
    const { record } = runPaths(run)
    const secret = path.join(temporaryFolder(), 'secret')
    fs.writeFileSync(secret, 'x')
    const named = `artifacts/${path.relative(path.join(run.folder, 'artifacts'), secret)}`
    const written = JSON.parse(fs.readFileSync(record, 'utf8')) as { files: Record<string, string> }
    fs.writeFileSync(record, JSON.stringify({ ...written, files: { ...written.files, [named]: '0'.repeat(64) } }))
    const finding = verifyRun(run).files.find(({ file }) => file === named)
    expect(finding).toMatchObject({ state: 'wrong', said: expect.stringContaining('lies inside its folder') as string })
  })
})
