// ddlf record and ddlf reproduce with --queue: runs that a worker behind Redis trained come back, and are recorded.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { experiments } from '@ddlf/course'
import { findExperiment, type Recording } from '@ddlf/lab'
import { listRuns, verifyRun } from '@ddlf/lab/node'
import { noRedis, startRedis, type RedisServer } from '../packages/lab/test/jobs/redis-server.ts'
import { recordAction } from '../packages/cli/src/actions/record.ts'
import { checkoutProgram, start, workFolder, type Running } from '../packages/cli/test/command.ts'

const files = vi.hoisted(() => ({ written: new Map<string, string>() }))

/** A recording of two short runs, so that the course's own results stay as they are. */
const recording: Recording = {
  experiment: 'mlp-linear-classifier',
  seeds: [1, 2],
  arms: [{ id: 'short', label: 'short', settings: { epochs: 1, trainExamples: 400 } }],
}
vi.mock('../packages/cli/src/terminal/train-recording.ts', async load => {
  const whole = await load<{ findRecording: (name: string) => object }>()
  return { ...whole, findRecording: (name: string) => ({ ...whole.findRecording(name), recording }) }
})
vi.mock('@ddlf/lab/node', async load => ({
  ...(await load<object>()),
  writeFileAtomic: (file: string, text: string) => files.written.set(file, text),
}))

/** A bound against hanging only. */
const PATIENCE = 600_000
const folder = workFolder()

/** The ends of a queue share their code. */
const ddlf = (...args: readonly string[]) => start(args, {}, process.cwd(), checkoutProgram)

describe.skipIf(noRedis !== undefined)('behind a queue', () => {
  let server: RedisServer
  let worker: Running
  const there = path.join(folder, 'there')
  beforeAll(async () => {
    server = await startRedis({ password: 'hush' })
    worker = ddlf('worker', '--queue', server.address, '--jobs', '1', '--runs', there, '--json')
    await worker.seen(/"kind":"open"/)
  }, PATIENCE)
  afterAll(async () => {
    worker.interrupt()
    expect(await worker.ended).toMatchObject({ code: 130 })
    await server.remove()
    fs.rmSync(folder, { recursive: true, force: true })
  }, PATIENCE)
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test(
    'reproduce trains at the worker, and its line holds by the run that came back',
    async () => {
      const here = path.join(folder, 'reproduced')
      const words = ['reproduce', 'mlp-on-mnist', '--quick', '--only', 'mlp-linear-classifier']
      const { code, stdout, stderr } = await ddlf(...words, '--queue', server.address, '--runs', here).ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/Workers: .* \(1\)/)
      expect(stdout).toContain('1 of 1 lines hold')
      const [run, ...more] = listRuns({ root: here }).runs
      expect(more).toEqual([])
      expect(run?.status).toBe('completed')
      expect(verifyRun(run!)).toMatchObject({ sound: true })
      expect(listRuns({ root: there }).runs.map(({ id }) => id)).toContain(run?.id)
      // The command of the record does not tell the password.
      expect(JSON.stringify(run?.record)).not.toContain('hush')
    },
    PATIENCE,
  )

  test(
    'record trains what is missing at the worker, and writes what its runs measured',
    async () => {
      const here = path.join(folder, 'recorded')
      const lines: string[] = []
      vi.spyOn(console, 'log').mockImplementation(line => {
        lines.push(String(line))
      })
      await recordAction('mlp-linear-classifier', { runs: here, train: true, force: true, queue: server.address })
      const { runs } = listRuns({ root: here, summaries: true })
      expect(runs.map(({ record }) => record.seed).sort()).toEqual([1, 2])
      for (const run of runs) expect(verifyRun(run)).toMatchObject({ sound: true })
      const [[file = '', text = ''] = [], ...more] = files.written
      expect(more).toEqual([])
      expect(file).toMatch(/mlp-linear-classifier\.json$/)
      const { arms } = JSON.parse(text) as { arms: { runs: { seed: number; metrics: Record<string, number> }[] }[] }
      const accuracyOf = (seed: number) =>
        runs.find(({ record }) => record.seed === seed)?.summary?.metrics['test']?.['accuracy']
      expect(arms.flatMap(arm => arm.runs.map(one => [one.seed, one.metrics['test/accuracy']]))).toEqual(
        [1, 2].map(seed => [seed, accuracyOf(seed)]),
      )
      expect(lines.join('\n')).toMatch(/short +2 /)
      for (const seed of [1, 2])
        expect(lines.join('\n')).toMatch(new RegExp(`${seed} of 2: short, seed ${seed}: begins, \\d+ steps\n`))
      expect(findExperiment(experiments, 'mlp-linear-classifier').name).toBe(recording.experiment)
      // Asked again, nothing is missing and nothing is trained.
      files.written.clear()
      await recordAction('mlp-linear-classifier', { runs: here, train: true, force: true, queue: server.address })
      expect(listRuns({ root: here }).runs).toHaveLength(2)
      expect([...files.written.values()]).toEqual([text])
    },
    PATIENCE,
  )
})
