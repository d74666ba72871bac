// A run on disk: that it goes on after a stop, a kill or a failure as if there had been none.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test, vi } from 'vitest'
import { compiled } from '../../../../test/compiled.ts'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { listRuns, readRunMetrics, readRunRecord, readRunSummary, runPaths } from '../../src/runs/run-folder.ts'
import { openRun } from '../../src/runs/run-reference.ts'
import { removeRun } from '../../src/runs/run-trash.ts'
import { runLockOwner } from '../../src/runs/run-lock.ts'
import { memoryRunStore } from '../../src/runs/run-store.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { faultyFiles, filesBelow, noProvenance, temporaryFolder } from './temporary-folder.ts'
import { initialState, train } from './tiny-training.ts'

const STEPS = 6
/** These tests sync the disk some thousand times. */
const PATIENCE = 300_000
const start = (root: string, options: Partial<Parameters<typeof startRun>[0]> = {}) =>
  startRun({ root, experiment: 'tiny', config: { size: 8 }, seed: 7, provenance: noProvenance, ...options })
const resume = (root: string, run: string, options: Partial<Parameters<typeof resumeRun>[0]> = {}) =>
  resumeRun({ root, run, provenance: noProvenance, ...options })
const measured = (run: Parameters<typeof readRunMetrics>[0]) =>
  readRunMetrics(run).map(({ step, epoch, name, value }) => ({ step, epoch, name, value }))

/** What an uninterrupted run gives. */
const reference = (steps = STEPS, size = 8) => {
  const store = memoryRunStore('tiny/reference')
  const state = train(store, steps, size)
  return {
    state,
    metrics: store.metrics.map(({ step, epoch, name, value }) => ({ step, epoch, name, value })),
    best: store.loadCheckpoint('best'),
  }
}

test('a run on disk records what a run in memory does', () => {
  const root = temporaryFolder()
  const store = start(root, { keepLast: 2 })
  const { state, metrics, best } = reference()
  expect(train(store, STEPS)).toEqual(state)
  expect(measured(store)).toEqual(metrics)
  expect([store.loadCheckpoint('last'), store.loadCheckpoint('best')]).toEqual([state, best])
  expect(filesBelow(runPaths(store).checkpoints)).toEqual([
    'best.safetensors',
    'last.safetensors',
    'step-000000003.safetensors',
    'step-000000006.safetensors',
  ])
  expect(readRunRecord(store)).toMatchObject({
    status: 'completed',
    attempts: [{ number: 1, fromStep: 0, pid: process.pid, reason: 'completed' }],
  })
  expect(readRunSummary(store)).toMatchObject({ least: state.loop['best'] })
})

test('a run with a long log is resumed without reading it whole', () => {
  const root = temporaryFolder()
  const first = start(root)
  const values = Object.fromEntries(
    Array.from({ length: 60_000 }, (_, k) => [`layers.${k}/a long name of a metric`, k]),
  )
  first.appendMetrics({ step: 1, epoch: 0.2, values })
  first.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 1, globalStep: 1 } })
  const log = runPaths(first).metrics
  const kept = fs.readFileSync(log)
  expect(kept.length).toBeGreaterThan(5 * 2 ** 20)
  // What was measured behind the checkpoint is measured again.
  first.appendMetrics({ step: 2, epoch: 0.4, values: { x: 1 } })
  first.finish({ status: 'stopped', summary: {} })
  const read = vi.spyOn(fs, 'readSync')
  const largest = () => Math.max(...read.mock.calls.map(([, buffer]) => buffer.byteLength))
  try {
    const second = resume(root, first.id)
    expect(read.mock.calls.length).toBeGreaterThan(2)
    expect(largest()).toBeLessThanOrEqual(2 ** 22)
    expect(fs.readFileSync(log).equals(kept)).toBe(true)
    second.finish({ status: 'completed', summary: {} })
  } finally {
    read.mockRestore()
  }
  expect(readRunRecord(first).files?.['metrics.jsonl']).toBe(createHash('sha256').update(kept).digest('hex'))
}, PATIENCE)

test('a stopped run goes on; a completed one only on request', () => {
  const root = temporaryFolder()
  const first = start(root)
  first.appendMetrics({ step: 1, epoch: 0.2, values: { x: 1 } })
  first.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 1, globalStep: 1 } })
  first.finish({ status: 'stopped', summary: {} })
  const second = resume(root, first.id)
  expect(second.resumeFrom?.loop).toEqual({ epoch: 0, stepInEpoch: 1, globalStep: 1 })
  second.finish({ status: 'completed', reason: 'early stopping', summary: {} })
  expect(readRunRecord(first).attempts).toMatchObject([
    { reason: 'stopped' },
    { number: 2, fromStep: 1, reason: 'early stopping' },
  ])
  expect(readRunMetrics(first)).toHaveLength(1)
  expect(() => resume(root, first.id)).toThrow(/nothing is left to do/)
})

test('artifacts stay inside the run', () => {
  const store = start(temporaryFolder())
  store.writeArtifact('figures/loss.svg', '<svg/>')
  expect(fs.readFileSync(path.join(store.folder, 'artifacts/figures/loss.svg'), 'utf8')).toBe('<svg/>')
  for (const name of ['../run.json', '..', '.', '/etc/x'])
    expect(() => store.writeArtifact(name, '')).toThrow(UserError)
  store.fail('over')
})

describe('whatever happens at any one file operation, resuming gives the uninterrupted run', () => {
  const { state, metrics, best } = reference()
  test.each(['death', 'ENOSPC'] as const)('%s', code => {
    let operations = 0
    for (let at = 0; ; at++) {
      const root = temporaryFolder()
      const files = faultyFiles(at, code)
      let store: ReturnType<typeof start> | undefined
      try {
        store = start(root, { files, keepLast: 1 })
        train(store, STEPS)
        operations = files.count
      } catch (error) {
        if (code === 'ENOSPC') expect(error).toBeInstanceOf(UserError)
        store?.fail(error)
      }
      const [run] = listRuns({ root }).runs
      expect(listRuns({ root }).problems).toEqual([])
      if (!run) {
        expect(store).toBeUndefined()
        continue
      }
      // This process is alive, so under 'death' its lock must be let go by hand, as the end of the process would.
      for (const name of fs.readdirSync(run.folder))
        if (name.startsWith('lock-')) fs.rmSync(path.join(run.folder, name))
      if (readRunRecord(run).status !== 'completed')
        expect(train(resume(root, run.id, { keepLast: 1 }), STEPS)).toEqual(state)
      expect(measured(run)).toEqual(metrics)
      const { loop } = loadCheckpoint(runPaths(run).checkpoints, 'best')!
      expect(loop.globalStep).toBe(best?.loop.globalStep)
      const names = filesBelow(run.folder).filter(file => !/^(run|summary)\.json$|^metrics\.jsonl$|^lock-|^events|^checkpoints\/(last|best|step-000000006)\.safetensors$/.test(file))
      expect(names).toEqual([])
      if (operations > 0 && operations <= at) break
    }
    expect(operations).toBeGreaterThan(50)
  }, PATIENCE)
})

const program = fileURLToPath(new URL('tiny-training.ts', import.meta.url))
const command = (...args: string[]) => [compiled(program), ...args]

test('kill -9 at arbitrary instants, resumed each time, equals the uninterrupted run', async () => {
  const root = temporaryFolder()
  // Large tensors, so that most of the time is spent inside checkpoint writes.
  const [steps, size] = [60, 100_000]
  let run = ''
  let kills = 0
  for (let attempt = 0; attempt < 200; attempt++) {
    const child = spawn(process.execPath, command(root, run, String(steps), String(size)), {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exit = new Promise<NodeJS.Signals | null>(resolve => child.on('exit', (_code, signal) => resolve(signal)))
    const line = await new Promise<string>(resolve =>
      child.stdout.once('data', (data: Buffer) => resolve(data.toString())),
    )
    run = line.split(' ')[0]!
    const timer = setTimeout(() => child.kill('SIGKILL'), kills < 6 ? 10 + 25 * kills : 60_000)
    const signal = await exit
    clearTimeout(timer)
    if (signal !== 'SIGKILL') break
    kills++
    const folder = openRun(root, run)
    // Never half-written under its final name: each loads and passes its checksum, or is not there yet.
    for (const name of ['last', 'best'] as const) loadCheckpoint(runPaths(folder).checkpoints, name)
    expect(listRuns({ root }).runs.map(listed => listed.status)).toEqual(['interrupted'])
  }
  const folder = openRun(root, run)
  const { state, metrics } = reference(steps, size)
  expect(kills).toBeGreaterThan(0)
  expect(measured(folder)).toEqual(metrics)
  expect(loadCheckpoint(runPaths(folder).checkpoints, 'last')?.tensors).toEqual(state.tensors)
  expect(readRunRecord(folder).attempts.map(attempt => attempt.reason)).toEqual([
    ...Array<string>(kills).fill('interrupted'),
    'completed',
  ])
}, PATIENCE)

test('two resumes of one run at once: one refuses clearly', async () => {
  const root = temporaryFolder()
  const store = start(root)
  store.finish({ status: 'stopped', summary: {} })
  const first = resume(root, store.id)
  expect(() => resume(root, store.id)).toThrow(new RegExp(`held by process ${process.pid}`))
  const other = promisify(execFile)(process.execPath, command(root, store.id, '5'))
  await expect(other).rejects.toThrow(/Another process works on this run/)
  first.fail('over')
  await promisify(execFile)(process.execPath, command(root, store.id, '5'))
  expect(readRunRecord(store).status).toBe('completed')
})

describe('a damaged run folder', () => {
  const stopped = (root: string) => {
    const store = start(root, { keepLast: 1 })
    store.appendMetrics({ step: 1, epoch: 0.2, values: { 'train/loss': 1 } })
    store.saveCheckpoint({ ...initialState(), loop: { epoch: 0, stepInEpoch: 1, globalStep: 1 } })
    store.finish({ status: 'stopped', summary: { loss: 1 } })
    return store
  }
  /** Everything that reads a run. Each part may refuse, with a UserError only. */
  const readAll = (root: string, run: ReturnType<typeof stopped>) => {
    const parts = [
      () => listRuns({ root, summaries: true }),
      () => readRunMetrics(run),
      () => resume(root, run.folder).fail('over'),
      () => resume(root, run.name).fail('over'),
      () => removeRun(run),
    ]
    for (const part of parts) {
      try {
        part()
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }
  }

  test('fuzz: files changed, cut, emptied, lost, or replaced by folders', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            file: fc.nat(),
            how: fc.constantFrom('change', 'cut', 'lose', 'folder', 'json'),
            at: fc.nat(),
            value: fc.nat(255),
            json: fc.json(),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        damages => {
          const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-damaged-'))
          try {
            const run = stopped(root)
            const names = filesBelow(run.folder)
            for (const { file, how, at, value, json } of damages) {
              const target = path.join(run.folder, names[file % names.length]!)
              const bytes = fs.statSync(target, { throwIfNoEntry: false })?.isFile()
                ? fs.readFileSync(target)
                : Buffer.alloc(1)
              fs.rmSync(target, { recursive: true, force: true })
              if (how === 'folder') fs.mkdirSync(target)
              if (how === 'json') fs.writeFileSync(target, json)
              if (how === 'cut') fs.writeFileSync(target, bytes.subarray(0, at % bytes.length))
              if (how === 'change') {
                bytes[at % bytes.length] = value
                fs.writeFileSync(target, bytes)
              }
            }
            readAll(root, run)
          } finally {
            fs.rmSync(root, { recursive: true, force: true })
          }
        },
      ),
      { numRuns: 60 },
    )
  }, PATIENCE)

  test('a run whose checkpoint is damaged stays free to be looked at', () => {
    const root = temporaryFolder()
    const run = stopped(root)
    fs.writeFileSync(path.join(runPaths(run).checkpoints, 'last.safetensors'), 'x')
    expect(() => resume(root, run.id)).toThrow(/checkpoint is not as it was written[^]*step-1/)
    expect(runLockOwner(run.folder)).toBeUndefined()
  })
})
