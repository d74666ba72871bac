// Work through Redis: the suite of all workers, and the faults of many machines: kills, a restart, late words.
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { compiled } from '../../../../test/compiled.ts'
import { shownAddress } from '../../src/command-text.ts'
import { connectRedis, unlessCut } from '../../src/jobs/redis/connection.ts'
import { post } from '../../src/jobs/redis/inbox.ts'
import { KEYS, QUEUE, type QueuedWork, type ToCoordinator } from '../../src/jobs/redis/queue-messages.ts'
import { openQueueWorker } from '../../src/jobs/redis/queue-worker.ts'
import { queueState } from '../../src/jobs/redis/queue-state.ts'
import { openRedisWorkers } from '../../src/jobs/redis/redis-workers.ts'
import { WorkerLost, WorkRefused, type Workers } from '../../src/jobs/workers.ts'
import { randomSampler } from '../../src/studies/samplers/random.ts'
import { runStudy } from '../../src/studies/run-study.ts'
import { floatRange } from '../../src/studies/space/distribution.ts'
import { searchSpace } from '../../src/studies/space/space.ts'
import { createStudy } from '../../src/studies/create-study.ts'
import { sendRuns } from '../../src/jobs/redis/run-transfer.ts'
import { acquireRunLock } from '../../src/runs/run-lock.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import { hasNamespaces, openNetwork } from './network.ts'
import { noRedis, startRedis, type RedisServer } from './redis-server.ts'
import { expectExact, madeStudy, madeWork, studyFaultsSuite } from './study-faults-suite.ts'
import { PATIENCE, workersSuite, type OpenWorkers } from './workers-suite.ts'

if (noRedis !== undefined) console.warn(`The tests of the queue are skipped: ${noRedis}`)

const module = new URL('made-work.ts', import.meta.url).href
const experimentsModule = new URL('made-experiments.ts', import.meta.url).href
const VERSION = 'made'
const LEASE = 4000
const ignore = () => undefined

describe.skipIf(noRedis !== undefined)('a queue in Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.remove())

  const open: OpenWorkers = async ({ size, lease, root = 'runs' }) => {
    const common = { address: server.address, version: VERSION, ...(lease !== undefined && { lease }) }
    const worker = await openQueueWorker({
      ...common,
      jobs: size,
      module,
      place: { experimentsModule, root },
      patience: 20_000,
    })
    const workers = await openRedisWorkers({ ...common, root, patience: 20_000 })
    return {
      workers,
      close: async () => {
        await workers.close()
        await worker.close()
      },
    }
  }
  workersSuite('through Redis', open)
  studyFaultsSuite('through Redis', { open, address: () => server.address, kills: [9] })

  const programs = new Set<ChildProcess>()
  afterAll(() => {
    for (const program of programs) program.kill('SIGKILL')
  })

  /** A worker in a process of its own; resolves when it is open. */
  async function startWorker(
    root: string,
    { jobs = 1, version = VERSION, address = server.address, within = [] as readonly string[] } = {},
  ): Promise<ChildProcess> {
    const file = fileURLToPath(new URL('queue-worker-program.ts', import.meta.url))
    const program = [process.execPath, compiled(file), address, root, String(jobs), String(LEASE), version]
    const [command = '', ...words] = [...within, ...program]
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    programs.add(child)
    await new Promise<void>(resolve =>
      child.stdout.once('data', () => {
        resolve()
      }),
    )
    child.stdout.on('data', ignore)
    return child
  }

  async function withWorkers(use: (workers: Workers) => Promise<void>, root = temporaryFolder()): Promise<void> {
    const workers = await openRedisWorkers({
      address: server.address,
      version: VERSION,
      root,
      lease: LEASE,
      patience: 10_000,
    })
    try {
      await use(workers)
    } finally {
      await workers.close()
    }
  }

  test(
    'a study of two workers, of which one is killed: no trial is lost, none counted twice',
    async () => {
      const root = temporaryFolder()
      const [first] = await Promise.all([startWorker(root), startWorker(root)])
      await withWorkers(async workers => {
        const made = madeStudy()
        let reports = 0
        await runStudy({
          study: made,
          workers,
          work: madeWork({ log: path.join(root, 'log'), pause: 50 }),
          budget: { trials: 8 },
          attempts: 5,
          onEvent: ({ kind }) => {
            if (kind === 'report' && ++reports === 5) first.kill('SIGKILL')
          },
        })
        expectExact(made, 8)
      })
    },
    PATIENCE,
  )

  test(
    'Redis itself is killed and comes back with its file: the study goes on',
    async () => {
      const root = temporaryFolder()
      await startWorker(root)
      await withWorkers(async workers => {
        const made = madeStudy()
        let reports = 0
        await runStudy({
          study: made,
          workers,
          work: madeWork({ log: path.join(root, 'log'), pause: 50 }),
          budget: { trials: 6 },
          attempts: 5,
          onEvent: ({ kind }) => {
            if (kind === 'report' && ++reports === 4)
              void server
                .kill()
                .then(() => new Promise(resolve => setTimeout(resolve, 1000)))
                .then(() => server.start())
          },
        })
        expectExact(made, 6)
      })
    },
    PATIENCE,
  )

  test.skipIf(!hasNamespaces)(
    'the network to a worker is cut beyond its lease: its trial goes on elsewhere, and its late word is fenced',
    async () => {
      const root = temporaryFolder()
      const network = openNetwork()
      const wide = await startRedis({ bind: ['127.0.0.1', network.here] })
      const address = `redis://${network.here}:${wide.port}`
      const far = await startWorker(root, { address, within: network.within })
      const workers = await openRedisWorkers({ address: wide.address, version: VERSION, root, lease: LEASE })
      try {
        const made = madeStudy()
        const lost: string[] = []
        const steps = madeWork({ pause: 300 })
        await runStudy({
          study: made,
          workers,
          work: steps,
          budget: { trials: 7 },
          attempts: 5,
          onEvent: event => {
            if (event.kind === 'lost') lost.push(event.reason)
            if (event.kind !== 'report' || event.number !== 1 || event.step !== 1) return
            network.cut()
            // Somebody near takes over; the cut ends when the far one was given up, so that its word comes late.
            void startWorker(root, { address: wide.address })
            setTimeout(() => {
              network.mend()
            }, 2.5 * LEASE)
          },
        })
        expect(lost.join()).toMatch(/gave no sign of life/)
        expectExact(made, 7)
      } finally {
        network.mend()
        await workers.close()
        far.kill('SIGKILL')
        for (const program of programs) program.kill('SIGKILL')
        await wide.remove()
        network.remove()
      }
    },
    PATIENCE,
  )

  test(
    'a late word of a worker that was given up, and one that is said twice, change nothing',
    async () => {
      const root = temporaryFolder()
      await startWorker(root)
      const redis = await connectRedis(server.address)
      await withWorkers(async workers => {
        const heard: unknown[] = []
        let id = ''
        const given = workers.give({ name: 'sum', data: { count: 3 } }, async message => {
          heard.push(message)
          if (heard.length === 2) {
            const [key = ''] = await redis.keys('ddlf:coordinator:*:inbox')
            const session = key.split(':')[2] ?? ''
            id = `${session}-0`
            const say = (worker: string, count: number) =>
              post(redis, KEYS.toCoordinator(session), {
                id,
                worker,
                count,
                said: { kind: 'result', value: 'wrong', runs: [] },
              } satisfies ToCoordinator)
            await say('somebody-else', 99)
            const worker = (await redis.smembers(KEYS.workers))[0] ?? ''
            await say(worker, 0)
          }
          return message
        })
        expect(await given.result).toBe(3)
        expect(heard).toEqual([0, 1, 2])
      }, root)
      redis.disconnect()
    },
    PATIENCE,
  )

  test(
    'a result whose runs take longer to come than the lease is that result, and the work is not given again',
    async () => {
      const root = temporaryFolder()
      const elsewhere = temporaryFolder()
      const redis = await connectRedis(server.address)
      for (const [place, text] of [[root, 'old'], [elsewhere, 'new']] as const) {
        fs.mkdirSync(path.join(place, 'made/run'), { recursive: true })
        fs.writeFileSync(path.join(place, 'made/run/run.json'), text)
      }
      // A trainer here is saving still: the run that came waits for it.
      const lock = acquireRunLock(path.join(root, 'made/run'))
      const before = new Set(await redis.keys('ddlf:coordinator:*'))
      // Workers of other tests may be there still: none takes the work meanwhile.
      const queue = new Queue<QueuedWork>(QUEUE.name, { connection: redis, prefix: QUEUE.prefix })
      await queue.pause()
      const arrived = () => fs.readdirSync(path.join(root, 'made')).filter(name => name.endsWith('.tmp')).length
      await withWorkers(async workers => {
        const given = workers.give({ name: 'sum', data: { count: 1 } }, ignore)
        const own = (await redis.keys('ddlf:coordinator:*')).find(key => !before.has(key) && !key.endsWith(':inbox'))
        const session = own?.split(':')[2] ?? ''
        const id = `${session}-0`
        await sendRuns(redis, id, elsewhere, ['made/run'])
        const said = { kind: 'result', value: 'found', runs: ['made/run'] } as const
        await post(redis, KEYS.toCoordinator(session), { id, worker: 'made', count: 0, said } satisfies ToCoordinator)
        await expect.poll(arrived, { timeout: PATIENCE }).toBe(1)
        await new Promise(resolve => setTimeout(resolve, 2 * LEASE))
        // They came once: nobody took the worker for lost meanwhile, and fetched what there is of it.
        expect(arrived()).toBe(1)
        lock.release()
        expect(await given.result).toBe('found')
        expect(fs.readFileSync(path.join(root, 'made/run/run.json'), 'utf8')).toBe('new')
      }, root).finally(() => queue.resume())
      await queue.close()
      redis.disconnect()
    },
    PATIENCE,
  )

  test(
    'work that is delivered twice is heard once: the second worker is told that nobody waits for it',
    async () => {
      const root = temporaryFolder()
      await Promise.all([startWorker(root), startWorker(root)])
      const redis = await connectRedis(server.address)
      const queue = new Queue<QueuedWork>(QUEUE.name, { connection: redis, prefix: QUEUE.prefix })
      await withWorkers(async workers => {
        const heard: unknown[] = []
        const given = workers.give({ name: 'sum', data: { count: 4 } }, async message => {
          heard.push(message)
          if (heard.length === 1) {
            // As a queue does that has lost the lock of a worker which is still at it.
            const [job] = await queue.getJobs(['active'])
            if (!job) throw new Error('no work is under way')
            await queue.add(job.name, job.data)
            await new Promise(resolve => setTimeout(resolve, 1500))
          }
          return message
        })
        expect(await given.result).toBe(6)
        expect(heard).toEqual([0, 1, 2, 3])
        // Both workers are free again; what a killed worker had is under way until its lock expires.
        const sums = async () => (await queue.getJobs(['active'])).filter(job => job.name === 'sum').length
        await expect.poll(sums, { timeout: 30_000 }).toBe(0)
        expect(await workers.give({ name: 'double', data: { x: 4 } }, ignore).result).toBe(8)
      }, root)
      await queue.close()
      redis.disconnect()
    },
    PATIENCE,
  )

  test(
    'a short trial costs seven commands that write, its two questions among them',
    async () => {
      const root = temporaryFolder()
      for (const program of programs) program.kill('SIGKILL')
      await startWorker(root)
      const redis = await connectRedis(server.address)
      const calls = async (...names: readonly string[]) => {
        const text = await redis.info('commandstats')
        const of = (name: string) => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(text)?.[1] ?? 0)
        return names.reduce((sum, name) => sum + of(name), 0)
      }
      await withWorkers(async workers => {
        const run = (name: string, trials: number) =>
          runStudy({
            study: createStudy({ name, space: searchSpace({ x: floatRange(0, 1) }), sampler: randomSampler() }),
            workers,
            work: ({ params }) => ({ name: 'trial', data: { x: params['x'], steps: 1 } }),
            budget: { trials },
          })
        await run('first', 3)
        const before = await calls('eval', 'evalsha', 'multi', 'exec')
        await run('counted', 40)
        // Given, taken with the end of the one before, two questions and their answers, the result: seven. The others
        // are looks and signs of life, which follow the clock.
        expect(await calls('eval', 'evalsha', 'multi', 'exec') - before).toBeLessThan(40 * 10)
      }, root)
      redis.disconnect()
    },
    PATIENCE,
  )

  test(
    'a worker of another version is refused, in words',
    async () => {
      const root = temporaryFolder()
      const other = await startWorker(root, { version: 'another' })
      for (const program of programs) if (program !== other) program.kill('SIGKILL')
      await withWorkers(async workers => {
        const result = workers.give({ name: 'double', data: { x: 1 } }, ignore).result
        await expect(result).rejects.toBeInstanceOf(WorkRefused)
        await expect(result).rejects.toThrow(/same version[^]*made given, another at/)
      }, root)
      other.kill('SIGKILL')
    },
    PATIENCE,
  )

  test(
    'what nobody takes waits, and is taken back when it is stopped',
    async () => {
      for (const program of programs) program.kill('SIGKILL')
      await withWorkers(async workers => {
        const given = workers.give({ name: 'double', data: { x: 1 } }, ignore)
        const end = given.result.catch((error: unknown) => error)
        await expect.poll(async () => (await queueState(server.address)).waiting, { timeout: 10_000 }).toBe(1)
        given.stop()
        expect(await end).toBeInstanceOf(WorkerLost)
        expect((await queueState(server.address)).waiting).toBe(0)
      })
    },
    PATIENCE,
  )

  test(
    'the state of a queue names its workers and says whether Redis is durable',
    async () => {
      const root = temporaryFolder()
      await startWorker(root, { jobs: 3 })
      await expect
        .poll(async () => (await queueState(server.address)).workers.filter(({ jobs }) => jobs === 3).length, {
          timeout: 20_000,
        })
        .toBe(1)
      expect((await queueState(server.address)).durable).toBe(true)
    },
    PATIENCE,
  )

  test(
    'a password is needed where there is one, and never shown',
    async () => {
      const locked = await startRedis({ password: 'hush' })
      try {
        await expect(connectRedis(`redis://127.0.0.1:${locked.port}`)).rejects.toThrow(
          /cannot be reached[^]*NOAUTH[^]*password/,
        )
        const redis = await connectRedis(locked.address)
        expect(await redis.ping()).toBe('PONG')
        redis.disconnect()
        expect(shownAddress(locked.address)).not.toContain('hush')
      } finally {
        await locked.remove()
      }
    },
    PATIENCE,
  )

  test(
    'what a server refuses is said in words, and nothing stays open behind it',
    async () => {
      const redis = await connectRedis(server.address)
      const narrow = `redis://narrow:hush@127.0.0.1:${server.port}`
      const mayNot = (...commands: string[]) =>
        redis.call('ACL', 'SETUSER', 'narrow', 'on', '>hush', '~*', '&*', '+@all', ...commands)
      const common = { address: narrow, version: VERSION }
      const place = { experimentsModule, root: temporaryFolder() }
      const refused = (command: string) => new RegExp(`refuses what the queue needs[^]*NOPERM[^]*${command}[^]*may use`)
      try {
        await mayNot('-set', '-smembers')
        await expect(openQueueWorker({ ...common, jobs: 1, module, place })).rejects.toThrow(refused('set'))
        await expect(openRedisWorkers({ ...common, root: place.root })).rejects.toThrow(refused('set'))
        await expect(queueState(narrow)).rejects.toThrow(refused('smembers'))
        await expect.poll(() => redis.client('LIST')).not.toContain('user=narrow')
        for (const command of ['xread', 'evalsha']) {
          await mayNot(`-${command}`)
          await expect(openQueueWorker({ ...common, jobs: 1, module, place })).rejects.toThrow(refused(command))
          await expect(openRedisWorkers({ ...common, root: place.root })).rejects.toThrow(refused(command))
        }
        // What comes later reaches the piece that it befalls.
        await mayNot()
        const workers = await openRedisWorkers({ ...common, root: place.root })
        await mayNot('-eval', '-evalsha')
        await expect(workers.give({ name: 'late', data: {} }, ignore).result).rejects.toThrow(refused('eval'))
        await workers.close()
      } finally {
        await redis.call('ACL', 'DELUSER', 'narrow')
        redis.disconnect()
      }
    },
    PATIENCE,
  )

  test(
    'what a server refuses to a queue that is open is said once, and the queue goes on when it does not any more',
    async () => {
      const redis = await connectRedis(server.address)
      const narrow = `redis://narrow:hush@127.0.0.1:${server.port}`
      const mayNot = (...commands: string[]) =>
        redis.call('ACL', 'SETUSER', 'narrow', 'on', '>hush', '~*', '&*', '+@all', ...commands)
      const heard = { worker: [] as string[], coordinator: [] as string[] }
      const common = { address: narrow, version: VERSION }
      const place = { experimentsModule, root: temporaryFolder() }
      for (const program of programs) program.kill('SIGKILL')
      try {
        await mayNot()
        const worker = await openQueueWorker({
          ...common, jobs: 1, module, place, onRefusal: ({ message }) => heard.worker.push(message),
        })
        const workers = await openRedisWorkers({
          ...common, root: place.root, onRefusal: ({ message }) => heard.coordinator.push(message),
        })
        try {
          await mayNot('-xread', '-evalsha')
          const words = (command: string) => new RegExp(`refuses what the queue needs[^]*NOPERM[^]*${command}`)
          const refused = (command: string) => expect.stringMatching(words(command)) as string
          await expect.poll(() => heard, { timeout: 60_000 }).toEqual({
            worker: expect.arrayContaining([refused('xread'), refused('evalsha')]) as string[],
            coordinator: [refused('xread')],
          })
          await mayNot()
          const { result } = workers.give({ name: 'double', data: { x: 4 } }, ignore)
          expect(await result).toBe(8)
          for (const said of Object.values(heard)) expect(new Set(said).size).toBe(said.length)
        } finally {
          await workers.close()
          await worker.close()
        }
      } finally {
        await redis.call('ACL', 'DELUSER', 'narrow')
        redis.disconnect()
      }
    },
    PATIENCE,
  )

  test(
    'a worker and a coordinator whose Redis is gone save what runs, and leave',
    async () => {
      const lost = await startRedis()
      const root = temporaryFolder()
      try {
        const both = await Promise.all([
          startWorker(root, { address: lost.address }), startWorker(root, { address: lost.address }),
        ])
        // Either may take the trial. "close" comes once all that was printed has been read.
        const heard: string[] = []
        for (const child of both) child.stdout?.on('data', data => heard.push(String(data)))
        const ends = both.map(child => new Promise<number | null>(resolve => child.once('close', resolve)))
        const workers = await openRedisWorkers({ address: lost.address, version: VERSION, root, lease: LEASE })
        const log = path.join(root, 'log')
        const given = workers.give({ name: 'trial', data: { x: 0, steps: 10_000, pause: 20, log } }, () => 'go')
        const refused = expect(given.result).rejects.toThrow(/The queue was closed[^]*Redis does not answer/)
        await vi.waitUntil(() => fs.existsSync(log), { timeout: 60_000 })
        await lost.kill()
        for (const child of both) child.kill('SIGTERM')
        await workers.close()
        await refused
        expect(await Promise.all(ends)).toEqual([0, 0])
        // It ended by itself, with time to save, instead of being killed.
        expect(heard.join('')).toContain('"kind":"done"')
        expect(heard.join('')).not.toContain('"kind":"lost"')
      } finally {
        await lost.remove()
      }
    },
    PATIENCE,
  )
})

test('what has waited for the server leaves no timer behind, also where an answer comes late', async () => {
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const turn = () => new Promise<'PONG'>(resolve => setImmediate(resolve, 'PONG'))
  expect(await unlessCut({ ping: turn }, Promise.resolve())).toBe(true)
  for (let i = 0; i < 3; i++) await turn()
  expect(timers()).toBe(before)
})

test('what waits for the server for a minute has one timer, and listens to nothing more than once', async () => {
  const warned: string[] = []
  const hear = ({ message }: Error) => warned.push(message)
  process.on('warning', hear)
  vi.useFakeTimers()
  try {
    let done: (value?: unknown) => void = () => undefined
    const needed = new Promise(resolve => { done = resolve })
    const waiting = unlessCut({ ping: () => Promise.resolve('PONG' as const) }, needed)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.getTimerCount()).toBe(1)
    done()
    expect(await waiting).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
    process.off('warning', hear)
  }
  expect(warned).toEqual([])
})

test(
  'an address that is none, and one where nobody answers, are refused in words',
  async () => {
    await expect(connectRedis('localhost')).rejects.toThrow(/given by its address[^]*redis:\/\/host:6379/)
    await expect(connectRedis('redis://127.0.0.1:1')).rejects.toThrow(
      /cannot be reached[^]*ECONNREFUSED[^]*redis-server/,
    )
    expect(fs.existsSync('dump.rdb')).toBe(false)
  },
  PATIENCE,
)
