// What all workers must do, whoever they are: one suite for the pool and for the queue.
import { describe, expect, test } from 'vitest'
import { WorkerLost, type Workers } from '../../src/jobs/workers.ts'

export const PATIENCE = 120_000

/** Workers for a test; `close` ends them and all that they started. */
export interface OpenedWorkers {
  readonly workers: Workers
  readonly close: () => Promise<void>
}

/** How a suite opens workers of the module `made-work.ts`. */
export type OpenWorkers = (options: {
  readonly size: number
  readonly lease?: number
  readonly root?: string
}) => Promise<OpenedWorkers>

const ignore = () => undefined

async function withWorkers(
  open: OpenWorkers,
  options: Parameters<OpenWorkers>[0],
  use: (workers: Workers) => Promise<void>,
): Promise<void> {
  const { workers, close } = await open(options)
  try {
    await use(workers)
  } finally {
    await close()
  }
}

export function workersSuite(name: string, open: OpenWorkers): void {
  describe(`workers: ${name}`, () => {
    test(
      'do work, more pieces than there are workers, each once and in its turn',
      async () => {
        await withWorkers(open, { size: 2 }, async workers => {
          const given = Array.from(
            { length: 12 },
            (_, x) => workers.give({ name: 'double', data: { x } }, ignore).result,
          )
          expect(workers.running).toBe(12)
          expect(await Promise.all(given)).toEqual(Array.from({ length: 12 }, (_, x) => 2 * x))
          expect(workers.running).toBe(0)
        })
      },
      PATIENCE,
    )

    test(
      'hear what the work tells and answer it, question by question',
      async () => {
        await withWorkers(open, { size: 2 }, async workers => {
          const heard: unknown[] = []
          const listen = async (message: unknown) => {
            heard.push(message)
            await new Promise(resolve => setTimeout(resolve, 5))
            return 10 * (message as number)
          }
          expect(await workers.give({ name: 'sum', data: { count: 5 } }, listen).result).toBe(100)
          expect(heard).toEqual([0, 1, 2, 3, 4])
        })
      },
      PATIENCE,
    )

    test(
      "tell a mistake in the work's own words, and a name that nobody knows",
      async () => {
        await withWorkers(open, { size: 1 }, async workers => {
          await expect(workers.give({ name: 'fails', data: {} }, ignore).result).rejects.toMatchObject({
            parts: { rule: 'A rule.', received: 'this', next: 'That.' },
          })
          await expect(workers.give({ name: 'toString', data: {} }, ignore).result).rejects.toThrow(
            /does not know this kind of work[^]*toString/,
          )
          // A mistake costs no worker.
          expect(await workers.give({ name: 'double', data: { x: 4 } }, ignore).result).toBe(8)
        })
      },
      PATIENCE,
    )

    test(
      'stop work that is asked to stop',
      async () => {
        await withWorkers(open, { size: 1 }, async workers => {
          const given = workers.give({ name: 'sleep', data: { milliseconds: 60_000 } }, ignore)
          setTimeout(() => {
            given.stop()
          }, 500)
          expect(await given.result).toBe('stopped')
        })
      },
      PATIENCE,
    )

    test(
      'say that a worker was lost when it is killed, and go on with the next piece',
      async () => {
        await withWorkers(open, { size: 1 }, async workers => {
          const lost = workers.give({ name: 'dies', data: {} }, ignore).result
          const next = workers.give({ name: 'double', data: { x: 3 } }, ignore).result
          await expect(lost).rejects.toBeInstanceOf(WorkerLost)
          await expect(lost).rejects.toThrow(/SIGKILL/)
          expect(await next).toBe(6)
        })
      },
      PATIENCE,
    )

    test(
      'give up a worker that hangs, and go on with the next piece',
      async () => {
        await withWorkers(open, { size: 1, lease: 4000 }, async workers => {
          const lost = workers.give({ name: 'hangs', data: {} }, ignore).result
          const next = workers.give({ name: 'double', data: { x: 3 } }, ignore).result
          await expect(lost).rejects.toBeInstanceOf(WorkerLost)
          await expect(lost).rejects.toThrow(/no sign of life/)
          expect(await next).toBe(6)
        })
      },
      PATIENCE,
    )

    test(
      'end work whose giver cannot listen any more with that error',
      async () => {
        await withWorkers(open, { size: 1 }, async workers => {
          const given = workers.give({ name: 'sum', data: { count: 3 } }, () => {
            throw new Error('deaf')
          })
          await expect(given.result).rejects.toThrow('deaf')
          expect(await workers.give({ name: 'double', data: { x: 1 } }, ignore).result).toBe(2)
        })
      },
      PATIENCE,
    )

    test(
      'closing stops what runs and what waits',
      async () => {
        const { workers, close } = await open({ size: 1 })
        const running = workers.give({ name: 'sleep', data: { milliseconds: 60_000 } }, ignore).result
        const waiting = workers.give({ name: 'double', data: { x: 1 } }, ignore).result
        const ends = Promise.allSettled([running, waiting])
        await new Promise(resolve => setTimeout(resolve, 1500))
        await workers.close()
        const [first, second] = await ends
        expect(first).toMatchObject({ status: 'fulfilled', value: 'stopped' })
        expect(second).toMatchObject({ status: 'rejected' })
        await close()
      },
      PATIENCE,
    )
  })
}
