// Run folders: creating, listing, records that are checked, and disks that fail.
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import { openAppendFile, writeFileAtomic } from '../../src/runs/atomic-file.ts'
import {
  createRun,
  listRuns,
  readRunMetrics,
  readRunRecord,
  readRunSummary,
  writeRunRecord,
} from '../../src/runs/run-folder.ts'
import { parseRunRecord } from '../../src/runs/run-record.ts'
import { startRun } from '../../src/runs/stored-run.ts'
import { faultyFiles, filesBelow, noProvenance, temporaryFolder } from './temporary-folder.ts'

const create = (root: string, experiment = 'mlp-on-mnist') =>
  createRun({
    root,
    experiment,
    config: { learningRate: 0.1, maxNorm: Infinity },
    seed: 3,
    command: ['ddlf', 'train'],
    data: { 'mnist/x': 'f'.repeat(64) },
    provenance: noProvenance,
  })

test('a new run is a folder with its record', () => {
  const root = temporaryFolder()
  const run = create(root)
  expect(run.folder).toBe(path.join(root, 'mlp-on-mnist', run.id))
  expect(run.id).toMatch(/^\d{8}-\d{6}-[a-z2-9]{4}$/)
  expect(fs.readdirSync(run.folder).sort()).toEqual(['artifacts', 'checkpoints', 'run.json'])
  expect(readRunRecord(run)).toEqual(run.record)
  expect(run.record).toMatchObject({
    status: 'running',
    config: { learningRate: 0.1, maxNorm: Infinity },
    seed: 3,
    attempts: [],
  })
  expect(readRunSummary(run)).toBeNull()
  expect(readRunMetrics(run)).toEqual([])
})

test('fields that a newer version added survive a rewrite', () => {
  const run = create(temporaryFolder())
  writeRunRecord(run, parseRunRecord(JSON.stringify({ ...run.record, config: {}, later: [1] })))
  expect(readRunRecord(run)).toMatchObject({ later: [1] })
})

test('an experiment cannot be named outside the folder of the runs', () => {
  for (const name of ['../x', '', '.hidden', 'a/b', 'a\\b'])
    expect(() => create(temporaryFolder(), name)).toThrow(UserError)
})

describe('listRuns', () => {
  test('newest first, filtered, with summaries on request, and past broken runs', () => {
    const root = temporaryFolder()
    const live = startRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance })
    const done = startRun({ root, experiment: 'b', config: {}, seed: 1, provenance: noProvenance })
    done.finish({ status: 'completed', summary: { accuracy: 0.5 } })
    const dead = create(root, 'a')
    const broken = create(root, 'b')
    fs.writeFileSync(path.join(broken.folder, 'run.json'), '{"format": 1')
    fs.mkdirSync(path.join(root, 'a', '.20270101-000000-aaaa.1.tmp'))

    const { runs, problems } = listRuns({ root, summaries: true })
    expect(new Map(runs.map(run => [run.id, run.status]))).toEqual(
      new Map([
        [live.id, 'running'],
        [done.id, 'completed'],
        [dead.id, 'interrupted'],
      ]),
    )
    expect(runs.map(run => run.id)).toEqual(runs.map(run => run.id).sort().reverse())
    expect(runs.find(run => run.id === done.id)?.summary).toMatchObject({ accuracy: 0.5 })
    expect(problems.map(problem => problem.folder)).toEqual([broken.folder])
    expect(listRuns({ root, experiment: 'a' }).runs).toHaveLength(2)
    expect(listRuns({ root, status: 'completed' }).runs.map(run => run.id)).toEqual([done.id])
    expect(listRuns({ root: path.join(root, 'absent') })).toEqual({ runs: [], problems: [] })
    live.fail(new Error('over'))
  })

  test('a limit reads no more records than it returns', () => {
    const root = temporaryFolder()
    const { record } = create(root)
    for (let i = 0; i < 300; i++) {
      const id = `2020${String(i).padStart(4, '0')}-000000-abcd`
      fs.mkdirSync(path.join(root, 'mlp-on-mnist', id))
      // All but the newest three are unreadable, which reading them would report.
      fs.writeFileSync(
        path.join(root, 'mlp-on-mnist', id, 'run.json'),
        i < 297 ? '' : JSON.stringify({ ...record, config: {}, id }),
      )
    }
    const { runs, problems } = listRuns({ root, limit: 4 })
    expect(runs).toHaveLength(4)
    expect(problems).toEqual([])
  })
})

describe('run.json is checked', () => {
  const record = {
    format: 1,
    experiment: 'a',
    id: 'b',
    status: 'running',
    createdAt: '2027-01-01',
    config: {},
    seed: 1,
    command: ['x'],
    git: noProvenance.git,
    lockFile: null,
    data: {},
    machine: noProvenance.machine,
    versions: {},
    attempts: [{ number: 1, startedAt: '', endedAt: null, pid: 1, host: 'h', fromStep: 0, reason: null, commit: null }],
  }
  const text = JSON.stringify(record)
  test('cut at every byte', () => {
    for (let length = 0; length < text.length; length++)
      expect(() => parseRunRecord(text.slice(0, length))).toThrow(UserError)
  })
  test('the message names the field', () => {
    expect(() => parseRunRecord(JSON.stringify({ ...record, config: {}, status: 'lost', seed: 'x' }))).toThrow(
      /status: .*seed: /,
    )
  })
  test('fuzz', () => {
    const parse = (value: string) => {
      try {
        parseRunRecord(value)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
      }
    }
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), parse))
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(record)), fc.jsonValue(), (key, value) =>
        parse(JSON.stringify({ ...record, config: {}, [key]: value })),
      ),
    )
  })
})

describe('a folder that cannot be written', () => {
  test.each(['ENOSPC', 'EROFS', 'EACCES'] as const)(
    '%s at every operation of creating a run: a clear error, and no run',
    code => {
      for (let at = 0; ; at++) {
        const root = temporaryFolder()
        const files = faultyFiles(at, code)
        const attempt = () => createRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance }, files)
        if (at > 40) throw new Error('creating a run takes fewer operations')
        try {
          attempt()
          if (files.count <= at) break
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
          expect((error as UserError).parts.next).toBeTruthy()
        }
        // Either nothing, or (where only the last sync failed) a whole run.
        const { problems } = listRuns({ root })
        expect(problems).toEqual([])
      }
    },
  )

  test('death at every operation of creating a run leaves a whole run or none', () => {
    for (let at = 0; ; at++) {
      const root = temporaryFolder()
      const files = faultyFiles(at, 'death')
      try {
        createRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance }, files)
        break
      } catch {
        expect(listRuns({ root }).problems).toEqual([])
      }
    }
  })

  test('a folder without permission', context => {
    if (process.getuid?.() === 0) context.skip('root may write everywhere')
    const root = temporaryFolder()
    fs.chmodSync(root, 0o500)
    expect(() => create(root)).toThrow(/writable/)
    fs.chmodSync(root, 0o700)
  })

  test('a file where the folder should be', () => {
    const file = path.join(temporaryFolder(), 'runs')
    fs.writeFileSync(file, '')
    expect(() => create(file)).toThrow(UserError)
  })

  test('a really full device', context => {
    if (!fs.existsSync('/dev/full')) context.skip('no /dev/full on this system')
    expect(() => openAppendFile('/dev/full').append(Uint8Array.of(1))).toThrow(/ENOSPC/)
  })
})

test('a failed atomic write leaves the old file and nothing else', () => {
  for (let at = 0; ; at++) {
    const folder = temporaryFolder()
    const file = path.join(folder, 'x')
    writeFileAtomic(file, 'old')
    const files = faultyFiles(at, 'ENOSPC')
    try {
      writeFileAtomic(file, 'new content', files)
      break
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      expect(fs.readFileSync(file, 'utf8')).toBe(at > 4 ? 'new content' : 'old')
      expect(filesBelow(folder)).toEqual(['x'])
    }
  }
})

test('an append that fails half-way is taken back', () => {
  const file = path.join(temporaryFolder(), 'log')
  const log = openAppendFile(file, faultyFiles(2, 'ENOSPC'))
  log.append(new TextEncoder().encode('one\n'))
  expect(() => log.append(new TextEncoder().encode('two\n'))).toThrow(/ENOSPC/)
  log.append(new TextEncoder().encode('three\n'))
  expect(fs.readFileSync(file, 'utf8')).toBe('one\nthree\n')
  expect(log.length).toBe(10)
})
