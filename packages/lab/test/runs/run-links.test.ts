// Links, pipes and devices in a run's folder: nothing outside it is read, written or deleted, and nothing waits.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import { checkpointNames, loadCheckpoint } from '../../src/runs/checkpoint.ts'
import {
  listRuns,
  readRunCurves,
  readRunFile,
  readRunMetrics,
  readRunRecord,
  readRunSummary,
  runPaths,
  writeRunFile,
} from '../../src/runs/run-folder.ts'
import { containedFiles, ownPath } from '../../src/runs/run-files.ts'
import { nodeFiles } from '../../src/runs/atomic-file.ts'
import { openRun } from '../../src/runs/run-reference.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { noProvenance, temporaryFolder } from './temporary-folder.ts'

const tensors = { x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } } as const
const loop = { epoch: 1, stepInEpoch: 0, globalStep: 1 }

/** A stopped run with a checkpoint, and a foreign folder that looks like a run's own. */
function setUp() {
  const root = temporaryFolder()
  const run = startRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance })
  run.appendMetrics({ step: 1, epoch: 1, values: { 'test/error': 0.5 } })
  run.saveCheckpoint({ tensors, loop }, { best: true })
  run.writeArtifact('figures/loss.svg', '<svg/>')
  run.finish({ status: 'stopped', summary: { seconds: 1 } })
  const foreign = temporaryFolder()
  fs.cpSync(run.folder, path.join(foreign, 'copy'), { recursive: true })
  fs.writeFileSync(path.join(foreign, 'copy', 'artifacts', '.precious.tmp'), 'mine')
  fs.writeFileSync(path.join(foreign, 'copy', 'checkpoints', '.precious.tmp'), 'mine')
  return { root, run, foreign: path.join(foreign, 'copy') }
}

/** Everything below a folder with its content and time of change. */
const stateOf = (folder: string) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }).map(entry => {
  const file = path.join(entry.parentPath, entry.name)
  return [file, entry.isFile() ? fs.readFileSync(file, 'utf8') : '', fs.statSync(file).mtimeMs] as const
}).sort(([a], [b]) => (a < b ? -1 : 1))

/** All that a run is asked for, each to its end. */
function useAll(root: string, id: string): unknown[] {
  const place = path.join(root, 'a', id)
  const run = { experiment: 'a', id, folder: place }
  const uses: (() => unknown)[] = [
    () => openRun(root, id),
    () => readRunRecord(run),
    () => readRunSummary(run),
    () => readRunMetrics(run),
    () => readRunCurves(run),
    () => checkpointNames(runPaths(run).checkpoints),
    () => loadCheckpoint(runPaths(run).checkpoints, 'last'),
    () => readRunFile(run, 'artifacts/figures/loss.svg'),
    () => {
      writeRunFile(run, 'artifacts/figures/new.svg', '<svg/>')
    },
    () => listRuns({ root, summaries: true }).problems,
    () => {
      const resumed = resumeRun({ root, run: id, provenance: noProvenance, keepLast: 2 })
      try {
        resumed.appendMetrics({ step: 2, epoch: 2, values: { 'test/error': 0.4 } })
        resumed.saveCheckpoint({ tensors, loop: { ...loop, globalStep: 2 } }, { best: true })
        resumed.writeArtifact('figures/loss.svg', '<svg></svg>')
        resumed.writeArtifact('report.html', '')
      } finally {
        resumed.fail('over')
      }
    },
  ]
  return uses.map(use => {
    try {
      use()
      return undefined
    } catch (error) {
      return error
    }
  })
}

const places = [
  'metrics.jsonl',
  'run.json',
  'summary.json',
  'artifacts',
  'checkpoints',
  'checkpoints/last.safetensors',
  'checkpoints/best.safetensors',
  'artifacts/figures',
]

describe.each(places)('%s', name => {
  test('as a link to a foreign one: nothing there is written, deleted or touched', () => {
    const { root, run, foreign } = setUp()
    const before = stateOf(foreign)
    fs.rmSync(path.join(run.folder, name), { recursive: true })
    fs.symlinkSync(path.join(foreign, name), path.join(run.folder, name))
    const errors = useAll(root, run.id).filter(error => error !== undefined)
    expect(stateOf(foreign)).toEqual(before)
    for (const error of errors) expect(error).toBeInstanceOf(UserError)
    // `best` is only ever replaced; all else is refused.
    if (name !== 'checkpoints/best.safetensors') expect(errors.length).toBeGreaterThan(0)
  })

  test('as a pipe: refused at once', context => {
    if (process.platform === 'win32') context.skip('Windows has no such pipes')
    const { root, run } = setUp()
    fs.rmSync(path.join(run.folder, name), { recursive: true })
    execFileSync('mkfifo', [path.join(run.folder, name)])
    const errors = useAll(root, run.id).filter(error => error !== undefined)
    for (const error of errors) expect(error).toBeInstanceOf(UserError)
    if (name !== 'checkpoints/best.safetensors') expect(errors.length).toBeGreaterThan(0)
  }, 30_000)
})

test('a lock that is a pipe or a link freezes nothing and touches nothing', () => {
  const { root, run, foreign } = setUp()
  for (const name of fs.readdirSync(run.folder)) if (name.startsWith('lock-')) fs.rmSync(path.join(run.folder, name))
  execFileSync('mkfifo', [path.join(run.folder, 'lock-000007.json')])
  fs.symlinkSync(path.join(foreign, 'run.json'), path.join(run.folder, 'lock-000006.json'))
  const before = stateOf(foreign)
  for (const error of useAll(root, run.id)) if (error !== undefined) expect(error).toBeInstanceOf(UserError)
  expect(stateOf(foreign)).toEqual(before)
}, 30_000)

test('an experiment that is a link gets no run', () => {
  const root = temporaryFolder()
  const foreign = temporaryFolder()
  fs.symlinkSync(foreign, path.join(root, 'a'))
  expect(() => startRun({ root, experiment: 'a', config: {}, seed: 1, provenance: noProvenance })).toThrow(
    /leads out of it/,
  )
  expect(fs.readdirSync(foreign)).toEqual([])
})

test('a file of a run asks again behind each step: a folder that becomes a link in between leads nowhere', () => {
  const { run, foreign } = setUp()
  const before = stateOf(foreign)
  const artifacts = path.join(run.folder, 'artifacts')
  const swap = () => {
    fs.rmSync(artifacts, { recursive: true })
    fs.symlinkSync(path.join(foreign, 'artifacts'), artifacts)
  }
  const place = { experiment: 'a', id: run.id, folder: run.folder }
  expect(() => {
    writeRunFile(place, 'artifacts/model.onnx', 'x', {
      ...nodeFiles,
      makeFolder: folder => {
        nodeFiles.makeFolder(folder)
        swap()
      },
    })
  }).toThrow(/leads out of it/)
  expect(stateOf(foreign)).toEqual(before)
})

test('contained files refuse every path that leaves the folder', () => {
  const folder = temporaryFolder()
  const foreign = temporaryFolder()
  fs.writeFileSync(path.join(foreign, 'x'), 'mine')
  fs.symlinkSync(foreign, path.join(folder, 'link'))
  fs.symlinkSync(path.join(foreign, 'x'), path.join(folder, 'file'))
  const files = containedFiles(nodeFiles, folder)
  for (const file of [path.join(folder, 'link', 'x'), path.join(foreign, 'x'), path.join(folder, '..', 'x')]) {
    for (const use of [
      () => files.open(file, 'a'),
      () => files.open(file, 'wx'),
      () => {
        files.rename(file, path.join(folder, 'y'))
      },
      () => {
        files.rename(path.join(folder, 'file'), file)
      },
      () => {
        files.remove(file)
      },
      () => {
        files.makeFolder(path.join(file, 'z'))
      },
    ]) {
      expect(use, file).toThrow(UserError)
    }
  }
  expect(() => files.open(path.join(folder, 'file'), 'a')).toThrow(UserError)
  files.remove(path.join(folder, 'file'))
  expect(ownPath(folder, path.join(folder, 'new'))).toBe(path.join(folder, 'new'))
  expect(fs.readFileSync(path.join(foreign, 'x'), 'utf8')).toBe('mine')
})
