// A worker of a queue in a process of its own, waiting to be killed:
// `queue-worker-program.ts <address> <root> <jobs> <lease> <version>`.
import { openQueueWorker } from '../../src/jobs/redis/queue-worker.ts'

const [address = '', root = '', jobs = '1', lease = '60000', version = 'made'] = process.argv.slice(2)
const module = new URL('made-work.ts', import.meta.url).href
const place = { experimentsModule: new URL('made-experiments.ts', import.meta.url).href, root, threads: 1 }
const worker = await openQueueWorker({
  address,
  jobs: Number(jobs),
  module,
  place,
  version,
  lease: Number(lease),
  patience: 20_000,
  onEvent: event => {
    console.log(JSON.stringify(event))
  },
})
console.log(JSON.stringify({ kind: 'open', id: worker.id }))
// It ends by itself: nothing of a worker that has left holds its process.
process.once('SIGTERM', () => void worker.close())
