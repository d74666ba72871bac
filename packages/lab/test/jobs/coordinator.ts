// A program that runs a study of made trials, prints a line an event, and waits to be killed:
// `coordinator.ts <folder> <trials> [<address of a queue>]`; without a queue it has a pool.
import { createStudy, floatRange, randomSampler, searchSpace } from '@ddlf/lab'
import { openStudyJournal } from '@ddlf/lab/node'
import { workerPool } from '../../src/jobs/pool/worker-pool.ts'
import { openRedisWorkers } from '../../src/jobs/redis/redis-workers.ts'
import { runStudy } from '../../src/studies/run-study.ts'

const [folder = '', trials = '0', address] = process.argv.slice(2)
const module = new URL('made-work.ts', import.meta.url).href
const workers =
  address === undefined
    ? workerPool({ size: 2, module, place: { experimentsModule: module, root: 'runs' } })
    : await openRedisWorkers({ address, root: 'runs', version: 'made' })
const journal = openStudyJournal(folder)
const study = createStudy({
  name: 'made',
  space: searchSpace({ x: floatRange(0, 1) }),
  sampler: randomSampler(),
  journal,
  seed: 3,
})
await runStudy({
  study,
  workers,
  budget: { trials: Number(trials) },
  work: ({ params, intermediateValues }) => ({
    name: 'trial',
    data: { x: params['x'], steps: 3, pause: 20, done: intermediateValues.size },
  }),
  onEvent: event => {
    console.log(JSON.stringify(event))
  },
})
journal.close()
await workers.close()
