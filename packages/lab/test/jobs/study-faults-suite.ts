// What a study must survive, whoever its workers are: one suite for the pool and for the queue. After every fault no
// trial is lost, none is counted twice, and the budget is exact.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { compiled } from '../../../../test/compiled.ts'
import {
  createStudy,
  floatRange,
  memoryJournal,
  randomSampler,
  searchSpace,
  type Journal,
  type Study,
} from '../../src/index.ts'
import { DiskFull, openStudyJournal, readStudyJournal } from '../../src/node.ts'
import type { Workers } from '../../src/jobs/workers.ts'
import { spentBudget } from '../../src/studies/budget.ts'
import { runStudy, type RunStudyOptions, type StudyEvent } from '../../src/studies/run-study.ts'
import type { Trial } from '../../src/studies/trial.ts'
import { smallDisk } from '../runs/small-disk.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import type { MadeTrial } from './made-work.ts'
import { PATIENCE, type OpenWorkers } from './workers-suite.ts'

/** A study of made trials of three steps. */
export const madeStudy = (journal: Journal = memoryJournal()): Study =>
  createStudy({
    name: 'made',
    space: searchSpace({ x: floatRange(0, 1) }),
    sampler: randomSampler(),
    journal,
    seed: 3,
  })

/** The work of a made trial, from where it was left. */
export const madeWork =
  (more: Partial<MadeTrial> = {}) =>
  ({ params, intermediateValues }: Trial) => ({
    name: 'trial',
    data: { x: params['x'] as number, steps: 3, done: intermediateValues.size, ...more } satisfies MadeTrial,
  })

const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value)
const linesOf = (file: string) => fs.readFileSync(file, 'utf8').trim().split('\n')

/** Every trial complete, each with its three steps once, and so many paid for. */
export function expectExact({ trials }: Pick<Study, 'trials'>, count: number): void {
  expect(trials.map(({ state }) => state)).toEqual(times(count, 'complete'))
  for (const { intermediateValues } of trials) expect([...intermediateValues.keys()]).toEqual([1, 2, 3])
  expect(spentBudget(trials)).toMatchObject({ trials: count, epochs: 3 * count })
}

/** How a suite has its studies run. */
export interface FaultyPlace {
  readonly open: OpenWorkers
  /** The address of a queue that a coordinator in another process gives its work to; without it, it has a pool. */
  readonly address?: () => string
  /** How often the coordinator is killed: behind so many lines of its output each time. */
  readonly kills?: readonly number[]
}

const read = (folder: string) =>
  madeStudy({
    place: folder,
    read: () => readStudyJournal(path.join(folder, 'journal.jsonl')),
    append: () => undefined,
  })

/** Runs the coordinator's program, kills it behind some lines of output, or waits for its end. */
async function coordinate(folder: string, trials: number, address: string | undefined, killAt?: number): Promise<void> {
  const program = fileURLToPath(new URL('coordinator.ts', import.meta.url))
  const words = [folder, String(trials), ...(address === undefined ? [] : [address])]
  const child = spawn(process.execPath, [compiled(program), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines = 0
  child.stdout.on('data', (data: Buffer) => {
    lines += data.toString().split('\n').length - 1
    if (killAt !== undefined && lines >= killAt) child.kill('SIGKILL')
  })
  const code = await new Promise(resolve => child.once('exit', resolve))
  expect(code).toBe(killAt === undefined ? 0 : null)
}

export function studyFaultsSuite(name: string, { open, address, kills = [2, 9, 16] }: FaultyPlace): void {
  const within = async (size: number, use: (workers: Workers) => Promise<void>, lease?: number) => {
    const { workers, close } = await open({ size, ...(lease !== undefined && { lease }) })
    try {
      await use(workers)
    } finally {
      await close()
    }
  }
  const run = async (options: Omit<RunStudyOptions, 'onEvent'>) => {
    const events: StudyEvent[] = []
    const end = await runStudy({ ...options, onEvent: event => events.push(event) })
    return { ...end, events }
  }

  describe(`faults: ${name}`, () => {
    test.each(['dies', 'hangs'] as const)(
      'a worker that %s: its trial goes on from its last step elsewhere, nothing is lost or done twice',
      async how => {
        await within(
          2,
          async workers => {
            const folder = temporaryFolder()
            const made = madeStudy()
            const log = path.join(folder, 'steps')
            const once = { file: path.join(folder, 'met'), at: 2, how }
            const { events } = await run({
              study: made,
              workers,
              work: madeWork({ log, once }),
              budget: { trials: 5 },
            })
            expect(events.filter(({ kind }) => kind === 'lost')).toHaveLength(1)
            expectExact(made, 5)
            expect(made.trials.map(({ userAttributes }) => userAttributes['attempt']).sort()).toEqual([1, 1, 1, 1, 2])
            const steps = linesOf(log)
            expect(steps).toHaveLength(15)
            expect(new Set(steps).size).toBe(15)
          },
          how === 'hangs' ? 4000 : undefined,
        )
      },
      PATIENCE,
    )

    test(
      'a trial that kills its worker each time fails after three attempts, and the study goes on',
      async () => {
        await within(2, async workers => {
          const made = madeStudy()
          const deadly = (trial: Trial) => (trial.number === 1 ? { name: 'dies', data: {} } : madeWork()(trial))
          const { events } = await run({ study: made, workers, work: deadly, budget: { trials: 4 } })
          expect(events.filter(({ kind }) => kind === 'lost')).toMatchObject([
            { attempt: 1, again: true },
            { attempt: 2, again: true },
            { attempt: 3, again: false },
          ])
          expect(made.trials.map(({ state }) => state)).toEqual(['complete', 'failed', 'complete', 'complete'])
          expect(made.trials[1]?.userAttributes['failure']).toMatch(/SIGKILL/)
        })
      },
      PATIENCE,
    )

    test(
      'a worker whose disk is full fails no trial: the study stops, and goes on with all when there is room',
      async () => {
        await within(2, async workers => {
          const once = { file: path.join(temporaryFolder(), 'met'), at: 2, how: 'full' } as const
          const made = madeStudy()
          const work = madeWork({ once })
          await expect(run({ study: made, workers, work, budget: { trials: 5 } })).rejects.toBeInstanceOf(DiskFull)
          expect(made.trials.filter(({ state }) => state === 'failed')).toEqual([])
          expect(made.trials.some(({ state }) => state === 'running')).toBe(true)
          await run({ study: made, workers, work, budget: { trials: 5 } })
          expectExact(made, 5)
        })
      },
      PATIENCE,
    )

    test.each([3, 7, 12, 20, 31])(
      'a journal that cannot be written at the %ith append pauses everything; then every trial is there once',
      async failAt => {
        const kept = memoryJournal()
        let appends = 0
        const full: Journal = {
          place: 'a disk',
          read: () => kept.read(),
          append: records => {
            if (++appends >= failAt) throw new Error('ENOSPC')
            kept.append(records)
          },
        }
        await within(2, async workers => {
          const work = madeWork()
          await expect(
            run({ study: madeStudy(full), workers, work, budget: { trials: 6 } }),
          ).rejects.toThrow('ENOSPC')
          const again = madeStudy(kept)
          await run({ study: again, workers, work, budget: { trials: 6 } })
          expectExact(again, 6)
        })
      },
      PATIENCE,
    )

    test(
      'a disk that is full in the middle of a study: its journal is whole, and goes on when there is room',
      async context => {
        const disk = smallDisk(64)
        if (!disk) {
          context.skip('no file system may be mounted here')
          return
        }
        try {
          const folder = path.join(disk.folder, 'study')
          let journal = openStudyJournal(folder)
          // Leaves room for some of the records.
          const ballast = path.join(disk.folder, 'ballast')
          fs.writeFileSync(ballast, new Uint8Array(44 * 1024))
          await within(2, async workers => {
            await expect(
              run({ study: madeStudy(journal), workers, work: madeWork(), budget: { trials: 60 } }),
            ).rejects.toBeInstanceOf(DiskFull)
            journal.close()
            const before = read(folder).trials
            expect(before.length).toBeGreaterThan(2)
            expect(before.length).toBeLessThan(60)
            fs.rmSync(ballast)
            journal = openStudyJournal(folder)
            const total = before.length + 3
            const again = madeStudy(journal)
            await run({ study: again, workers, work: madeWork(), budget: { trials: total } })
            expectExact(again, total)
            journal.close()
            expectExact(read(folder), total)
          })
        } finally {
          disk.remove()
        }
      },
      PATIENCE,
    )

    test(
      'a coordinator killed at any moment leaves a journal that goes on to the same total',
      async () => {
        const folder = temporaryFolder()
        // Where the work goes to a queue, somebody works for it: those of a killed coordinator wait for it a while.
        const { close } = address === undefined ? { close: () => Promise.resolve() } : await open({ size: 6 })
        try {
          for (const killAt of kills) await coordinate(folder, 12, address?.(), killAt)
          await coordinate(folder, 12, address?.())
        } finally {
          await close()
        }
        expectExact(read(folder), 12)
      },
      // Workers of a queue see within a minute or so that a coordinator has gone.
      4 * PATIENCE,
    )
  })
}
