// ddlf tune with the file of a study: YAML and modules, options that go before it, going on, and mistakes in words.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compiledModules } from '../../../test/compiled.ts'
import { readStudy } from '@ddlf/lab/node'
import { ddlf, eventsOf, workFolder } from './command.ts'

/** A bound against hanging only. */
const PATIENCE = 600_000
const folder = workFolder()
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true })
})

const places = ['--studies', path.join(folder, 'studies'), '--runs', path.join(folder, 'runs')]
const study = (name: string) => readStudy(path.join(folder, 'studies'), name)
const write = (name: string, text: string) => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, text)
  return file
}

test(
  'a YAML file gives the ranges, conditions and settings; what stands on the command line goes before it',
  async () => {
    const file = write(
      'study.yaml',
      `
experiment: mlp-on-mnist
study: described
trials: 6
jobs: 1
seed: 3
pruner: none
settings: { epochs: 1, trainExamples: 400, hidden: [6] }
space:
  optimizer: [sgd, adam]
  momentum: { float: [0, 0.9], when: { optimizer: sgd } }
  learningRate: log:1e-3..1e-1
`,
    )
    const args = ['--json', '--trials', '3', '--space', 'learningRate=log:1e-2..1e-1', ...places]
    const events = eventsOf(await ddlf('tune', file, ...args))
    expect(events.at(-1)).toMatchObject({ kind: 'done', trials: 3 })
    const made = study('described')
    expect(made.space['learningRate']).toMatchObject({ low: 1e-2 })
    for (const { params } of made.trials) expect('momentum' in params).toBe(params['optimizer'] === 'sgd')
    expect(made.attributes['tuning']).toMatchObject({
      pruner: 'none',
      settings: { epochs: 1, trainExamples: 400, hidden: [6] },
    })
    // The file alone has another range than the study.
    const refused = await ddlf('tune', file, ...places)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/cannot go on with other settings[^]*the range of learningRate changed/)
    expect(refused.stderr).not.toMatch(/^ +at /m)
    expect(study('described').trials).toHaveLength(3)
  },
  PATIENCE,
)

test(
  'a module describes a study of an experiment of its own, which runs in other processes',
  async () => {
    // As in a project that has installed the packages.
    fs.symlinkSync(compiledModules, path.join(folder, 'node_modules'))
    const file = write(
      'own.mts',
      `
import { arrays, classification, experiment, floatRange, trainingSettings } from '@ddlf/lab'
import { Linear } from '@ddlf/nn'
const points = (count: number) => ({
  points: { data: Float32Array.from({ length: 2 * count }, (_, i) => (i % 4 < 2 ? 1 : -1)), shape: [count, 2] },
  labels: { data: Int32Array.from({ length: count }, (_, i) => i % 2), shape: [count] },
})
export const sides = experiment({
  name: 'sides', title: 'Two sides', question: 'Which side is a point on?',
  data: arrays('sides', { train: points(64), test: points(32), classes: ['left', 'right'] }),
  config: trainingSettings, task: classification({ input: 'points' }), model: () => new Linear(2, 2),
})
export default {
  experiment: sides, trials: 2, jobs: 1,
  settings: { epochs: 2, batchSize: 16 },
  space: { learningRate: floatRange(1e-3, 1e-1, { log: true }) },
}
`,
    )
    const { code, stdout, stderr } = await ddlf('tune', file, '--json', ...places)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(eventsOf({ code, stdout, stderr, signal: null }).at(-1)).toMatchObject({ kind: 'done', trials: 2 })
    expect(study('sides').trials.map(({ state }) => state)).toEqual(['complete', 'complete'])
  },
  PATIENCE,
)

test(
  'mistakes name the file, what it holds and what it may hold, and begin no study',
  async () => {
    const refused = async (text: string, ...args: readonly string[]) => {
      const { code, stdout, stderr } = await ddlf('tune', write('mistaken.yaml', text), ...args, ...places)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/Received:[^]*Next:/)
      expect(stderr).not.toMatch(/^ +at /m)
      return stderr
    }
    expect(await refused('experiment: mlp-on-mnist\nspace: { speed: [1, 2] }')).toMatch(/no setting of this name/)
    expect(await refused('experiment: mlp-on-mnist\nspace: { learningRate: "log:0..1" }')).toMatch(
      /mistaken\.yaml: parameter learningRate: A logarithmic range begins above zero/,
    )
    expect(await refused('experiment: mlp-on-mnst')).toMatch(/no experiment of this name[^]*mlp-on-mnist/)
    expect(await refused('experiment: mlp-on-mnist\ntimeout: soon')).toMatch(/timeout takes a duration/)
    expect(await refused('experiment: mlp-on-mnist', '--queue', 'redis://127.0.0.1:1')).toMatch(
      /Redis server cannot be reached[^]*ECONNREFUSED/,
    )
    const absent = await ddlf('tune', path.join(folder, 'none.yaml'), ...places)
    expect(absent).toMatchObject({ code: 1, stdout: '' })
    expect(absent.stderr).toMatch(/There is no such file[^]*Next:/)
    expect(fs.existsSync(path.join(folder, 'studies', 'mlp-on-mnist'))).toBe(false)
  },
  PATIENCE,
)
