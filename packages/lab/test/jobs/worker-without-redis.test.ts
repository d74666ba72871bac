// A worker whose Redis goes away while it sends the runs of a piece on their way.
import { expect, test, vi } from 'vitest'
import { openQueueWorker } from '../../src/jobs/redis/queue-worker.ts'
import type * as runTransfer from '../../src/jobs/redis/run-transfer.ts'
import { openRedisWorkers } from '../../src/jobs/redis/redis-workers.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import { noRedis, startRedis } from './redis-server.ts'
import { PATIENCE } from './workers-suite.ts'

const beforeSending = vi.hoisted(() => ({ now: () => Promise.resolve() }))
vi.mock('../../src/jobs/redis/run-transfer.ts', async original => {
  const actual = await original<typeof runTransfer>()
  const sendRuns: typeof actual.sendRuns = async (...given) => {
    await beforeSending.now()
    return actual.sendRuns(...given)
  }
  return { ...actual, sendRuns }
})

test.skipIf(noRedis !== undefined)(
  'a worker whose Redis goes while runs are sent on their way has the training end by itself, and leaves',
  async () => {
    const server = await startRedis()
    const said: string[] = []
    const common = { address: server.address, version: 'made', lease: 4000 }
    const worker = await openQueueWorker({
      ...common, jobs: 1, patience: 5000, module: new URL('made-work.ts', import.meta.url).href,
      place: {
        experimentsModule: new URL('made-experiments.ts', import.meta.url).href, root: temporaryFolder(), threads: 1,
      },
      onEvent: ({ kind }) => said.push(kind),
    })
    const workers = await openRedisWorkers({ ...common, root: temporaryFolder() })
    const gone = new Promise<void>(resolve => {
      beforeSending.now = () => {
        resolve()
        return server.kill()
      }
    })
    const clock = performance.now.bind(performance)
    try {
      const data = { x: 0, steps: 10_000, attributes: { runs: ['an-experiment/a-run'] } }
      const given = workers.give({ name: 'trial', data }, () => {
        // Long enough since the last sending for another one.
        vi.spyOn(performance, 'now').mockImplementation(() => clock() + 120_000)
        return 'go'
      })
      const refused = expect(given.result).rejects.toThrow(/Redis does not answer/)
      await gone
      await Promise.all([worker.close(), workers.close()])
      await refused
      expect(said).toEqual(['begin', 'abandoned', 'done'])
    } finally {
      vi.restoreAllMocks()
      await server.remove()
    }
  },
  PATIENCE,
)
