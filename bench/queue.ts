// What a queue costs: 200 trials of 50 ms by four workers, as a share of the time that the trials alone would take.
// DDLF_QUEUE is a Redis server; without it one is started on the loopback address, as the README of the command starts
// it and with every answer on the disk first. Each worker is a process, as `ddlf worker` is; the pool is beside them.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createStudy, floatRange, randomSampler, runStudy, searchSpace, type Workers } from '@ddlf/lab'
import { workerPool } from '@ddlf/lab/node'
import { connectRedis, openQueueWorker, openRedisWorkers } from '@ddlf/lab/queue'
import { startRedis } from '../packages/lab/test/jobs/redis-server.ts'

const [WORKERS, TRIALS, MILLISECONDS] = [4, 200, 50]
const module = new URL('../packages/lab/test/jobs/made-work.ts', import.meta.url).href
const place = { experimentsModule: module, root: 'runs' }

async function measure(name: string, workers: Workers): Promise<void> {
  const make = (study: string) =>
    createStudy({ name: study, space: searchSpace({ x: floatRange(0, 1) }), sampler: randomSampler() })
  const work = ({ params }: { readonly params: Readonly<Record<string, unknown>> }) => ({
    name: 'trial',
    data: { x: params['x'], steps: 1, pause: MILLISECONDS },
  })
  // The first trials start the processes.
  await runStudy({ study: make('warm'), workers, work, budget: { trials: 3 * WORKERS } })
  const study = make('measured')
  const start = performance.now()
  await runStudy({ study, workers, work, budget: { trials: TRIALS } })
  const seconds = (performance.now() - start) / 1000
  const ideal = (TRIALS * MILLISECONDS) / 1000 / WORKERS
  const complete = study.trials.filter(({ state }) => state === 'complete').length
  const share = ((100 * ideal) / seconds).toFixed(1)
  const what = `${name}: ${complete} trials of ${MILLISECONDS} ms by ${WORKERS} workers in ${seconds.toFixed(2)} s`
  console.log(`${what}, ${share} % of the ideal ${ideal} s`)
}

/** A worker in this process, until the one that started it ends it. */
async function serve(address: string): Promise<void> {
  await openQueueWorker({ address, jobs: 1, module, place, version: 'bench' })
  process.send?.('ready')
}

/** A worker of the queue in a process of its own. */
async function startWorker(address: string): Promise<() => void> {
  const worker = fork(fileURLToPath(import.meta.url), ['serve', address], { execArgv: ['--import', 'tsx'] })
  await once(worker, 'message')
  return () => worker.kill()
}

async function measurePool(): Promise<void> {
  const pool = workerPool({ size: WORKERS, module, place })
  await measure('pool', pool)
  await pool.close()
}

/** Commands that Redis was given, those within scripts included, and bytes to and from it. */
async function traffic(address: string): Promise<readonly number[]> {
  const redis = await connectRedis(address)
  const text = await redis.info('stats')
  redis.disconnect()
  return ['commands_processed', 'net_input_bytes', 'net_output_bytes'].map(name =>
    Number(new RegExp(`^total_${name}:(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN),
  )
}

/** Measures a queue whose server is at this address. */
async function measureQueue(name: string, address: string): Promise<void> {
  const stops = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(address)))
  const workers = await openRedisWorkers({ address, root: 'runs', version: 'bench' })
  // The coordinator counts its workers once a second.
  await new Promise(resolve => setTimeout(resolve, 1500))
  const before = await traffic(address)
  await measure(name, workers)
  const [commands = 0, bytesIn = 0, bytesOut = 0] = (await traffic(address)).map(
    (count, i) => (count - (before[i] ?? 0)) / (TRIALS + 3 * WORKERS),
  )
  const bytes = `${bytesIn.toFixed(0)} bytes in, ${bytesOut.toFixed(0)} out`
  console.log(`  Redis, for each trial: ${commands.toFixed(1)} commands, ${bytes}`)
  await workers.close()
  stops.forEach(stop => {
    stop()
  })
}

async function main(): Promise<void> {
  await measurePool()
  const given = process.env['DDLF_QUEUE']
  if (given !== undefined) await measureQueue('queue', given)
  else
    for (const fsync of ['everysec', 'always'] as const) {
      const server = await startRedis({ fsync })
      const when = fsync === 'always' ? 'before every answer' : 'each second'
      await measureQueue(`queue, its file on the disk ${when}`, server.address)
      await server.remove()
    }
}

const [, , role, address = ''] = process.argv
await (role === 'serve' ? serve(address) : main())
