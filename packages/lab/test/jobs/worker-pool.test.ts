// A pool of processes: the suite of all workers, and what is the pool's own.
import { expect, test } from 'vitest'
import { workerPool } from '../../src/jobs/pool/worker-pool.ts'
import { PATIENCE, workersSuite } from './workers-suite.ts'

const module = new URL('made-work.ts', import.meta.url).href
const place = { experimentsModule: new URL('made-experiments.ts', import.meta.url).href, root: 'runs' }

workersSuite('a pool of processes', ({ size, lease, root }) => {
  const workers = workerPool({
    size,
    module,
    place: { ...place, ...(root !== undefined && { root }) },
    patience: 20_000,
    ...(lease !== undefined && { lease }),
  })
  return Promise.resolve({ workers, close: () => workers.close() })
})

test(
  'a pool refuses to be empty, and knows its place',
  async () => {
    expect(() => workerPool({ size: 0, module, place })).toThrow(/at least one process[^]*0/)
    const workers = workerPool({ size: 1, module, place: { ...place, root: 'elsewhere' } })
    expect(await workers.give({ name: 'place', data: {} }, () => undefined).result).toBe('elsewhere')
    await workers.close()
  },
  PATIENCE,
)
