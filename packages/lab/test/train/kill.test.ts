// A training that is killed at any instant and resumed equals one that was not, bit for bit. DDLF_KILLS sets how often.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { describe, expect, test, vi } from 'vitest'
import { compiled } from '../../../../test/compiled.ts'
import { UserError } from '@ddlf/tensor/errors'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { decodeEventFile } from '../../src/runs/event-file.ts'
import { nodeFiles, type FileOperations } from '../../src/runs/atomic-file.ts'
import { listRuns, readRunMetrics, readRunRecord, readRunSummary, runPaths } from '../../src/runs/run-folder.ts'
import type { RunFolder } from '../../src/runs/run-place.ts'
import { openRun } from '../../src/runs/run-reference.ts'
import { memoryRunStore } from '../../src/runs/run-store.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { verifyRun } from '../../src/runs/verify-run.ts'
import type { TrainEvent } from '../../src/train/events.ts'
import { filesBelow, noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'
import { madeSettings, settingsOf, trainMade, type Which } from './killed-training.ts'

/** How often each training is killed where DDLF_KILLS does not say. */
const USUAL = { made: 6, adversaries: 2, language: 2 } as const
const asked = process.env['DDLF_KILLS']
const killsOf = (which: keyof typeof USUAL) => Number(asked ?? USUAL[which])
const PATIENCE = 300_000 + Number(asked ?? 6) * 20_000
// Every test here syncs the disk some hundred times, which a busy machine may make wait.
vi.setConfig({ testTimeout: 300_000 })

async function finish(events: AsyncGenerator<TrainEvent, void>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const plain = (metrics: readonly { step: number; epoch: number; name: string; value: number }[]) =>
  metrics.map(({ step, epoch, name, value }) => ({ step, epoch, name, value }))
/** All but the seconds, which differ between any two runs, and the place in the file of metrics. */
const timeless = (value: Readonly<Record<string, unknown>> | null) =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => name !== 'seconds' && name !== 'metricsBytes'))

async function uninterrupted(which: Which = 'made') {
  const store = memoryRunStore(`${which}/reference`)
  const batches: string[] = []
  const events = await finish(trainMade(store, settingsOf(which), line => batches.push(line), undefined, which))
  expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
  return { store, batches }
}

/** Checks a finished run on disk against the uninterrupted one. */
function expectEqual(run: RunFolder, { store }: Awaited<ReturnType<typeof uninterrupted>>) {
  expect(plain(readRunMetrics(run))).toEqual(plain(store.metrics))
  expect(shownScalars(run)).toEqual(
    store.metrics.map(({ step, name, value }) => ({ step, name, value: Math.fround(value) })),
  )
  for (const name of ['last', 'best'] as const) {
    const [found, expected] = [loadCheckpoint(runPaths(run).checkpoints, name), store.loadCheckpoint(name)]
    expect(found?.tensors).toEqual(expected?.tensors)
    expect(timeless(found?.loop ?? {})).toEqual(timeless(expected?.loop ?? {}))
  }
  expect(timeless(readRunSummary(run))).toEqual(timeless(store.summary))
  // Kept by a classifier alone.
  const kept = store.artifacts.get('test-outputs.safetensors')
  const file = path.join(runPaths(run).artifacts, 'test-outputs.safetensors')
  expect(fs.existsSync(file)).toBe(kept !== undefined)
  if (kept) expect(new Uint8Array(fs.readFileSync(file))).toEqual(kept)
}

/**
 * What TensorBoard shows of a run: its event files in order, each new attempt drops what earlier ones say from its
 * first step on.
 */
function shownScalars(run: RunFolder): { step: number; name: string; value: number }[] {
  const files = fs
    .readdirSync(run.folder)
    .filter(name => name.startsWith('events.'))
    .sort((a, b) => Number(path.extname(a).slice(1)) - Number(path.extname(b).slice(1)))
  let shown: { step: number; name: string; value: number }[] = []
  for (const file of files) {
    for (const event of decodeEventFile(new Uint8Array(fs.readFileSync(path.join(run.folder, file)))).events) {
      if (event.kind === 'start') shown = shown.filter(({ step }) => step < event.step)
      if (event.kind === 'scalar') shown.push({ step: event.step, name: event.tag, value: event.value })
    }
  }
  return shown
}

const program = fileURLToPath(new URL('killed-training.ts', import.meta.url))

/** Starts the training as a process of its own: a new run, or a further attempt. */
function launch(which: Which, root: string, run: RunFolder | undefined, operation = -1) {
  const child = spawn(process.execPath, [compiled(program), root, run?.id ?? '', String(operation), which], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>(resolve =>
    child.on('close', (code, signal) => resolve({ code, signal, stderr })),
  )
  const started = new Promise<void>(resolve => child.stdout.once('data', () => resolve()))
  return { child, exit, started }
}

/**
 * Makes the lock of a living process free, as a user does who believes it dead (`remove`), or as its silence on another
 * host does.
 */
function loseLock({ folder }: RunFolder, how: 'remove' | 'silent'): void {
  for (const name of fs.readdirSync(folder).filter(file => /^lock-\d+\.json$/.test(file))) {
    const file = path.join(folder, name)
    if (how === 'remove') {
      fs.rmSync(file)
      continue
    }
    fs.writeFileSync(
      file,
      JSON.stringify({ ...(JSON.parse(fs.readFileSync(file, 'utf8')) as object), host: 'elsewhere' }),
    )
    fs.utimesSync(file, 1, 1)
  }
}

const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

test.each(['made', 'adversaries', 'language'] as const)(
  '%s: kill -9 at arbitrary instants, half inside a file operation, and writers suspended while another takes over',
async which => {
  const kills = killsOf(which)
  const reference = await uninterrupted(which)
  const root = temporaryFolder()
  const draw = (index: number) => uniformAt(randomKey(kills, 'instants'), index)
  let run: RunFolder | undefined
  // A writer that sleeps while another goes on with its run.
  let sleeper: ReturnType<typeof launch> | undefined
  const faults = { timer: 0, operation: 0, suspended: 0 }
  const isDue = () => faults.timer + faults.operation < kills || faults.suspended < kills / 5
  const findRun = (): RunFolder | undefined => {
    const { runs: [found], problems } = listRuns({ root })
    expect(problems).toEqual([])
    return found
  }
  for (let attempt = 0; ; attempt++) {
    const due = isDue()
    const kind = !due ? 'none' : attempt % 3 === 2 && !sleeper ? 'suspended' : attempt % 2 === 0 ? 'operation' : 'timer'
    const { child, exit, started } = launch(
      which,
      root,
      run,
      kind === 'operation' ? 12 + Math.floor(60 * draw(3 * attempt)) : -1,
    )
    const ended = exit.then(() => 'ended' as const)
    const begun = await Promise.race([ended, started.then(() => 'started' as const)])
    const woken = sleeper
    sleeper = undefined
    // Woken while the other works, or just after it was killed.
    const waking = woken && pause(800 * draw(3 * attempt + 1)).then(() => woken.child.kill('SIGCONT'))
    if (
      kind === 'suspended' &&
      begun === 'started' &&
      (await Promise.race([ended, pause(900 * draw(3 * attempt + 2))])) !== 'ended'
    ) {
      child.kill('SIGSTOP')
      run = findRun()
      if (run && child.exitCode === null && readRunRecord(run).status === 'running') {
        loseLock(run, faults.suspended % 2 === 0 ? 'remove' : 'silent')
        faults.suspended++
        sleeper = { child, exit, started }
        continue
      }
      child.kill('SIGCONT')
    }
    const timer =
      kind === 'timer' && begun === 'started'
        ? setTimeout(() => child.kill('SIGKILL'), 1200 * draw(3 * attempt + 2))
        : undefined
    const { code, signal, stderr } = await exit
    clearTimeout(timer)
    if (woken) {
      await waking
      expect(await woken.exit).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/This process no longer holds the lock of the run/) as string,
      })
    }
    run = findRun()
    if (signal !== 'SIGKILL') expect({ code, stderr }).toMatchObject({ code: 0 })
    else if (kind === 'operation' || kind === 'timer') faults[kind]++
    // It was done before its hour had come, or between its last word and its end (wide on a busy machine): another run
    // for the faults that are left.
    if (signal !== 'SIGKILL' || (run && readRunRecord(run).status === 'completed')) {
      if (!isDue() || !run) break
      expectEqual(run, reference)
      fs.rmSync(run.folder, { recursive: true })
      run = undefined
      continue
    }
    // Never half-written under its final name: each loads and passes its checksum, or is not there yet.
    if (run) for (const name of ['last', 'best'] as const) loadCheckpoint(runPaths(run).checkpoints, name)
  }
  expect(faults.timer + faults.operation).toBeGreaterThanOrEqual(kills)
  if (!run) throw new Error('The run is there.')
  expect(readRunRecord(run).status).toBe('completed')
  expectEqual(run, reference)
  expect(verifyRun(run).files.filter(({ state }) => state !== 'sound')).toEqual([])
  // Every batch that any attempt saw is the one of the uninterrupted run at that place, and none was left out.
  const seen = new Set(
    fs
      .readFileSync(path.join(root, 'batches.log'), 'utf8')
      .split('\n')
      .filter(line => /^\d+\/\d+ [0-9a-f]{16}$/.test(line)),
  )
  expect([...seen].sort()).toEqual([...new Set(reference.batches)].sort())
  expect(filesBelow(run.folder).filter(file => file.endsWith('.tmp'))).toEqual([])
  console.log(`killed ${faults.timer} times by a timer and ${faults.operation} times inside a file ` +
    `operation, ${faults.suspended} writers suspended, ${readRunRecord(run).attempts.length} attempts of the last run`)
}, PATIENCE)

test('a run asked to stop goes on to the same end, at every place', async () => {
  const reference = await uninterrupted()
  for (const chunks of [1, 2, 5]) {
    const root = temporaryFolder()
    const store = startRun({ root, experiment: 'made', config: madeSettings(), seed: 5, provenance: noProvenance })
    const stop = new AbortController()
    let steps = 0
    let end: TrainEvent | undefined
    for await (const event of trainMade(store, madeSettings(), undefined, stop.signal)) {
      if (event.kind === 'step' && ++steps === chunks) stop.abort()
      end = event
    }
    expect(end).toMatchObject({ kind: 'done', status: 'stopped' })
    expect(readRunRecord(store).status).toBe('stopped')
    await finish(trainMade(resumeRun({ root, run: store.id, provenance: noProvenance }), madeSettings()))
    expectEqual(openRun(root, store.id), reference)
  }
})

test('early stopping ends at the same epoch when the run is resumed behind it', async () => {
  const settings = madeSettings({ patience: 2, epochs: 40, learningRate: 0.02 })
  const store = memoryRunStore('made/patient')
  const events = await finish(trainMade(store, settings))
  const { epoch } = store.loadCheckpoint('last')?.loop ?? { epoch: -1 }
  expect(events.at(-1)).toMatchObject({
    kind: 'done',
    status: 'completed',
    reason: expect.stringContaining('no better') as string,
  })
  // Killed between the last checkpoint and the end.
  const again = memoryRunStore('made/patient', { resumeFrom: store.loadCheckpoint('last')! })
  await finish(trainMade(again, settings))
  expect(again.loadCheckpoint('last')).toBeUndefined()
  expect(timeless(again.summary)).toEqual(timeless(store.summary))
  expect(again.artifacts).toEqual(store.artifacts)
  expect(epoch).toBeLessThan(40)
})

describe('a folder that cannot be written', () => {
  test.each([
    ['ENOSPC', /disk is full/],
    ['EROFS', /read-only file system/],
  ])('%s in the middle: a clear error, and the earlier checkpoint stays', async (code, message) => {
    const root = temporaryFolder()
    let full = false
    const fail =
      <Arguments extends unknown[], Result>(operation: (...args: Arguments) => Result) =>
      (...args: Arguments): Result => {
        if (full) throw Object.assign(new Error(code), { code, syscall: 'write' })
        return operation(...args)
      }
    const files: FileOperations = { ...nodeFiles, open: fail(nodeFiles.open), write: fail(nodeFiles.write) }
    const store = startRun({
      root,
      experiment: 'made',
      config: madeSettings(),
      seed: 5,
      provenance: noProvenance,
      files,
    })
    let kept = 0
    let last: TrainEvent | undefined
    for await (const event of trainMade(store, madeSettings())) {
      if (event.kind === 'checkpoint' && !full) {
        kept = event.step
        full = true
      }
      last = event
    }
    expect(last).toMatchObject({ kind: 'failed', message: expect.stringMatching(message) as string })
    expect(last?.kind === 'failed' && last.parts).toBeTruthy()
    full = false
    expect(loadCheckpoint(runPaths(store).checkpoints, 'last')?.loop.globalStep).toBe(kept)
    // With room again it goes on to the same end.
    await finish(trainMade(resumeRun({ root, run: store.id, provenance: noProvenance }), madeSettings()))
    expectEqual(store, await uninterrupted())
  })

  test('two resumes of one training at once: one refuses', async () => {
    const root = temporaryFolder()
    const store = startRun({ root, experiment: 'made', config: madeSettings(), seed: 5, provenance: noProvenance })
    const going = trainMade(store, madeSettings())
    await going.next()
    expect(() => resumeRun({ root, run: store.id, provenance: noProvenance })).toThrow(UserError)
    expect(() => resumeRun({ root, run: store.id, provenance: noProvenance })).toThrow(
      /Another process works on this run[^]*held by process/,
    )
    await finish(going)
    expect(readRunRecord(store).status).toBe('completed')
  })
})

test('a loss that is no number stops the run, names the step and keeps the last good checkpoint', async () => {
  const store = memoryRunStore('made/diverging')
  const settings = madeSettings({
    optimizer: 'sgd',
    learningRate: 1000,
    warmupEpochs: 1500,
    epochs: 40,
    clipNorm: 0,
    schedule: 'constant',
    averageDecay: 0,
  })
  const events = await finish(trainMade(store, settings))
  expect(store.status).toBe('failed')
  expect(events.at(-1)).toMatchObject({
    kind: 'failed',
    message: expect.stringMatching(
      /no longer a finite number[^]*at step \d+ \(epoch \d+\)[^]*The checkpoint of step \d+ is kept/,
    ) as string,
  })
  const kept = store.loadCheckpoint('last')
  expect(kept?.loop.globalStep).toBeGreaterThan(0)
  for (const { data } of Object.values(kept?.tensors ?? {}))
    expect(Array.from(data as Float32Array).every(Number.isFinite)).toBe(true)
})

test('histograms of weights and gradients are logged each epoch, and change nothing else', async () => {
  const logged: { tag: string; step: number; size: number }[] = []
  const pictures: Uint8Array[] = []
  const store = memoryRunStore('made/logged')
  await finish(
    trainMade(
      {
        ...store,
        appendHistogram: ({ tag, step, values }) => void logged.push({ tag, step, size: values.length }),
        appendImage: ({ png }) => void pictures.push(png),
      },
      madeSettings({ histograms: true }),
    ),
  )
  expect(logged).toHaveLength(6 * 2 * 4)
  for (const tag of ['weights/0.weight', 'gradients/0.weight'])
    expect(logged).toContainEqual({ tag, step: 90, size: 288 })
  // Points are no pixels.
  expect(pictures).toEqual([])
  expect(plain(store.metrics)).toEqual(plain((await uninterrupted()).store.metrics))
})
