// Trainings in processes of their own: one that dies takes nothing with it, its run says why, and closing saves a
// checkpoint.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TrainEvent } from '@ddlf/lab'
import {
  checkpointNames,
  currentStatus,
  openRun,
  processExecutor,
  readRunRecord,
  runPaths,
  type Executor,
  type TrainingJob,
} from '@ddlf/lab/node'
import { describe, expect, test } from 'vitest'
import { compiled, compiledMessage } from '../../../../test/compiled.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import { describeDeath } from '../../src/jobs/process/child.ts'
import { writeTable } from './made-table.ts'

const PATIENCE = 300_000
const experimentsModule = new URL('made-experiments.ts', import.meta.url).href

const job = (
  root: string,
  experiment = 'text-table',
  settings: Readonly<Record<string, unknown>> = {},
): TrainingJob => ({
  experimentsModule,
  root,
  threads: 1,
  task: {
    kind: 'start',
    experiment,
    settings: { data: writeTable(root), buckets: 100, ...settings },
    command: ['a test'],
  },
})
const ENDLESS = { epochs: 10_000 }

async function eventsOf(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const open = (folder: string) => openRun(path.dirname(path.dirname(folder)), folder)
const recordOf = (folder: string) => readRunRecord(open(folder))

/** Starts an endless training and waits until it has saved something. */
async function endless(executor: Executor, root: string) {
  const training = executor.start(job(root, 'text-table', ENDLESS))
  const events = eventsOf(training.events)
  const folder = await training.folder ?? JSON.stringify((await events).at(-1))
  await expect.poll(() => checkpointNames(runPaths(open(folder)).checkpoints), { timeout: PATIENCE }).toContain('last')
  return { training, events, folder, pid: recordOf(folder).attempts.at(-1)?.pid ?? 0 }
}

describe('a training in a process of its own', () => {
  test('tells the same events as one in a thread, and completes', async () => {
    const root = temporaryFolder()
    const executor = processExecutor()
    const training = executor.start(job(root, 'text-table', { epochs: 2 }))
    expect(executor.running).toBe(1)
    const events = await eventsOf(training.events)
    expect(events[0]).toMatchObject({ kind: 'start', experiment: 'text-table', epochs: 2 })
    expect(events.filter(({ kind }) => kind === 'evaluation')).toHaveLength(2)
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    await training.ended
    expect(executor.running).toBe(0)
    const record = recordOf(await training.folder ?? '')
    expect(record.status).toBe('completed')
    expect(record.attempts[0]?.pid).not.toBe(process.pid)
  }, PATIENCE)

  test('tells a mistake in the settings in words, without a run', async () => {
    const root = temporaryFolder()
    const training = processExecutor().start(job(root, 'text-table', { data: `${root}/nothing.csv` }))
    expect((await eventsOf(training.events)).at(-1)).toMatchObject({
      kind: 'failed',
      parts: { received: expect.stringContaining('nothing.csv') as string },
    })
    expect(await training.folder).toBeUndefined()
    await training.ended
  }, PATIENCE)

  test('killed, fails with the reason; one beside it goes on, and it can be resumed', async () => {
    const root = temporaryFolder()
    const executor = processExecutor()
    const [killed, beside] = await Promise.all([endless(executor, root), endless(executor, root)])
    process.kill(killed.pid, 'SIGKILL')
    expect((await killed.events).at(-1)).toMatchObject({
      kind: 'failed',
      parts: { received: expect.stringContaining('SIGKILL') as string },
    })
    await killed.training.ended
    expect(recordOf(killed.folder)).toMatchObject({
      status: 'failed',
      attempts: [{ reason: expect.stringContaining('SIGKILL') as string, endedAt: expect.any(String) as string }],
    })
    const other = open(beside.folder)
    expect(currentStatus(other, readRunRecord(other))).toBe('running')
    beside.training.stop()
    expect((await beside.events).at(-1)).toMatchObject({ kind: 'done', status: 'stopped' })
    const { id } = open(killed.folder)
    const resumed = executor.start({
      experimentsModule,
      root,
      threads: 1,
      task: { kind: 'resume', run: `text-table/${id}` },
    })
    const heard = eventsOf(resumed.events)
    expect(await resumed.folder).toBe(killed.folder)
    await executor.close()
    const [first] = await heard
    expect(first?.kind === 'start' && first.fromStep > 0).toBe(true)
    expect(recordOf(killed.folder)).toMatchObject({
      status: 'stopped',
      attempts: [
        { reason: expect.stringContaining('SIGKILL') as string },
        { reason: expect.stringContaining('asked to stop') as string },
      ],
    })
  }, 2 * PATIENCE)

  test.each([
    ['eats-memory', /out of memory/],
    ['crashes', /SIGABRT, a crash/],
    ['leaves', /exit code 3/],
  ])('that %s fails with the reason', async (name, reason) => {
    const root = temporaryFolder()
    const training = processExecutor({ heap: 200 }).start(job(root, name))
    const events = await eventsOf(training.events)
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      parts: { received: expect.stringMatching(reason) as string },
    })
    await training.ended
    expect(recordOf((await training.folder) ?? '')).toMatchObject({
      status: 'failed',
      attempts: [{ reason: expect.stringMatching(reason) as string }],
    })
  }, PATIENCE)

  test('stops at a checkpoint when the executor closes', async () => {
    const executor = processExecutor()
    const { events, folder } = await endless(executor, temporaryFolder())
    await executor.close()
    expect(executor.running).toBe(0)
    expect((await events).at(-1)).toMatchObject({ kind: 'done', status: 'stopped' })
    expect(recordOf(folder).status).toBe('stopped')
  }, PATIENCE)

  test('saves a checkpoint and stops when the process that asked for it is killed', async () => {
    const root = temporaryFolder()
    const program = fileURLToPath(new URL('orphaned-training.ts', import.meta.url))
    const parent = spawn(
      process.execPath,
      [compiled(program), JSON.stringify(compiledMessage(job(root, 'text-table', ENDLESS)))],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const folder = await new Promise<string>(resolve =>
      parent.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
    )
    expect(recordOf(folder).status).toBe('running')
    parent.kill('SIGKILL')
    await expect.poll(() => recordOf(folder).status, { timeout: PATIENCE }).toBe('stopped')
    expect(fs.existsSync(runPaths(open(folder)).metrics)).toBe(true)
  }, PATIENCE)
})

test.each([
  [{ code: null, signal: 'SIGKILL', lastWords: '' }, 'SIGKILL: ended by hand, or by the system because memory ran out'],
  [
    {
      code: null,
      signal: 'SIGABRT',
      lastWords: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n',
    },
    'out of memory (SIGABRT)',
  ],
  [
    { code: 1, signal: null, lastWords: "terminate called after throwing an instance of 'std::bad_alloc'\n" },
    'out of memory',
  ],
  [{ code: null, signal: 'SIGSEGV', lastWords: '' }, 'SIGSEGV, a crash'],
  [{ code: 7, signal: null, lastWords: 'first\nlast line\n' }, 'exit code 7: last line'],
] as const)('a death in words: %o', (death, words) => {
  expect(describeDeath(death, { what: 'training', next: '' }).parts.received).toBe(words)
})
