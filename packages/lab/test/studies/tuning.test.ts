// Studies of trainings on a small table: what a space may name, what goes on, workers elsewhere, learning rates.
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  classification,
  continuedBy,
  defaultSpace,
  experiment,
  formatParameter,
  naiveBayes,
  parseSettings,
  publishedSet,
  rateRangeOf,
  spentBudget,
  textTable,
  trainingSettings,
  trialSettings,
  type StudyBudget,
} from '../../src/index.ts'
import {
  confirmationOf,
  confirmStudy,
  keepRate,
  keptRates,
  listRuns,
  openRun,
  openTuning,
  readRunMetrics,
  readRunRecord,
  readStudy,
  runTuning,
  searchRateInChild,
  studyNames,
  trainingPool,
  verifyRun,
} from '../../src/node.ts'
import { openQueueWorker } from '../../src/jobs/redis/queue-worker.ts'
import { openRedisWorkers } from '../../src/jobs/redis/redis-workers.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { noRedis, startRedis } from '../jobs/redis-server.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const PATIENCE = 300_000
const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href
const trainingWork = new URL('../../src/jobs/training-work.ts', import.meta.url).href

const open = (folder: string, more: Partial<Parameters<typeof openTuning>[0]> = {}) =>
  openTuning({
    experiments,
    experiment: 'text-table',
    studies: path.join(folder, 'studies'),
    space: ['learningRate=log:1e-3..1'],
    set: [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=50', 'epochs=2'],
    ...more,
  })

describe('the settings of a trial', () => {
  const shaped = experiment({
    name: 'shaped',
    title: 'Shaped',
    question: '?',
    data: publishedSet('made'),
    task: classification(),
    config: trainingSettings.extend({ hidden: trainingSettings.shape.epochs.array().default([8, 4]) }),
    model: () => {
      throw new Error('not built here')
    },
  })
  const base = { ...parseSettings(shaped) }

  test('take a parameter by its name, an entry of a list, or a list as text', () => {
    expect(trialSettings(shaped, base, { 'learningRate': 0.5, 'hidden.1': 16 })).toMatchObject({
      learningRate: 0.5,
      hidden: [8, 16],
    })
    expect(trialSettings(shaped, base, { hidden: '3,5,7', optimizer: 'adam' })).toMatchObject({
      hidden: [3, 5, 7],
      optimizer: 'adam',
    })
    expect(() => trialSettings(shaped, base, { 'hidden.2': 4 })).toThrow(/entry of a list[^]*a list of 2/)
    expect(() => trialSettings(shaped, base, { learningRate: -1 })).toThrow(/Settings of shaped/)
  })

  test('without a space the experiment and the finder decide', () => {
    const space = defaultSpace(shaped, parseSettings(shaped))
    expect(Object.entries(space).map(([name, parameter]) => formatParameter(name, parameter))).toEqual([
      'learningRate=log:0.003..1',
      'batchSize=choice:16,32,64,128',
      'weightDecay=log:0.000001..0.01',
    ])
    expect(defaultSpace(shaped, parseSettings(shaped), rateRangeOf(0.02))['learningRate']).toMatchObject({
      low: 7e-4,
      high: 0.2,
      log: true,
    })
    // What learns by counting has no learning rate to tune.
    const counting = experiment({
      ...shaped, config: z.strictObject({ ...trainingSettings.shape, smoothing: z.number().positive().default(1) }),
      task: naiveBayes(),
    })
    const counted = defaultSpace(counting, parseSettings(counting))
    expect(Object.entries(counted).map(([name, parameter]) => formatParameter(name, parameter))).toEqual([
      'smoothing=log:0.01..10',
    ])
  })
})

describe('a study of trainings', () => {
  test(
    'a trial is a run that the study can be told from, and a study goes on with what it began with',
    async () => {
      const folder = temporaryFolder()
      const [studies, runs] = [path.join(folder, 'studies'), path.join(folder, 'runs')]
      const budget: StudyBudget = { trials: 2 }
      const tuning = open(folder)
      expect(tuning.notes.join()).toMatch(/A tenth of the training data is held out/)
      await runTuning({ tuning, experimentsModule, runs, jobs: 2, budget })
      expect(() => open(folder)).toThrow(/works on the study|is being worked on|another process/i)
      tuning.close()
      expect(studyNames(studies)).toEqual(['text-table'])
      const study = readStudy(studies, 'text-table')
      expect(study).toMatchObject({ running: false, directions: ['maximize'] })
      for (const run of listRuns({ root: runs }).runs) {
        expect(verifyRun(run).sound).toBe(true)
        expect(new Set(readRunMetrics(run).map(({ name }) => name.split('/')[0])).has('test')).toBe(false)
      }
      expect(() => open(folder, { set: ['epochs=9'] })).toThrow(/epochs=9; it has 2/)
      expect(() => open(folder, { objectives: ['loss'] })).toThrow(/objectives loss; it has accuracy/)
      expect(() => open(folder, { repeats: 3 })).toThrow(/3 repeats; it has 1/)
      const again = open(folder, { set: [], space: [] })
      expect(again.continued).toBe(true)
      expect(Object.keys(again.study.space)).toEqual(['learningRate'])
      again.close()
    },
    PATIENCE,
  )

  test(
    'a trial that was stopped early and proves good goes on from its checkpoint, and its epochs are paid once',
    async () => {
      const folder = temporaryFolder()
      const runs = path.join(folder, 'runs')
      const tuning = open(folder, {
        space: ['learningRate=log:1e-7..1'],
        set: [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=50', 'epochs=4', 'validation=0.5'],
        objectives: ['loss'],
        pruner: 'asha',
        sampler: 'random',
      })
      // The second is stopped early, for the first is better; all later ones are worse than it.
      for (const learningRate of [0.5, 0.05, 1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 6e-6]) tuning.study.ask({ learningRate })
      await runTuning({ tuning, experimentsModule, runs, jobs: 1, budget: { trials: 8 } })
      const { trials } = tuning.study
      const continued = trials.filter(trial => continuedBy(trial) !== undefined)
      expect(continued.length).toBeGreaterThan(0)
      for (const trial of continued) {
        const before = trials[continuedBy(trial) ?? -1]!
        expect(before.state).toBe('pruned')
        expect(trial.userAttributes['runs']).toEqual(before.userAttributes['runs'])
        expect([...trial.intermediateValues.keys()]).toEqual(
          Array.from({ length: trial.intermediateValues.size }, (_, i) => i + 1),
        )
        expect(trial.userAttributes['machine']).toMatch(/., \d+ cores?$/)
        const [name = ''] = trial.userAttributes['runs'] as string[]
        const run = openRun(runs, name)
        const { attempts, study } = readRunRecord(run)
        expect(study).toEqual({ name: tuning.name, trial: before.number })
        expect(attempts).toHaveLength(2)
        // From where it was stopped, not anew.
        expect(attempts[1]?.fromStep).toBeGreaterThan(0)
        expect(verifyRun(run).sound).toBe(true)
        const epochs = readRunMetrics(run, ({ name: metric }) => metric === 'validation/loss').map(({ epoch }) => epoch)
        expect(epochs).toEqual([...trial.intermediateValues.keys()])
      }
      const reported = listRuns({ root: runs }).runs.reduce(
        (sum, run) => sum + readRunMetrics(run, ({ name }) => name === 'validation/loss').length,
        0,
      )
      expect(spentBudget(trials)).toMatchObject({ trials: 8, epochs: reported })
      tuning.close()
    },
    PATIENCE,
  )

  test(
    'a loss that is no number fails its trial, not the study',
    async () => {
      const folder = temporaryFolder()
      const tuning = open(folder, {
        space: ['learningRate=choice:0.05,900'],
        sampler: 'grid',
        set: [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=50', 'epochs=3', 'momentum=0.999'],
      })
      const { reason } = await runTuning({
        tuning,
        experimentsModule,
        runs: path.join(folder, 'runs'),
        jobs: 1,
        budget: { trials: 5 },
      })
      expect(reason).toBe('exhausted')
      const states = tuning.study.trials.map(({ params, state }) => [params['learningRate'], state])
      expect(states).toContainEqual([0.05, 'complete'])
      expect(states).toHaveLength(2)
      tuning.close()
    },
    PATIENCE,
  )

  test(
    'a trial does not go on where its data have changed, and is lost by no refusal; with changed it goes on ' +
    'and says so',
    async () => {
      const folder = temporaryFolder()
      const runs = path.join(folder, 'runs')
      const common = { experimentsModule, runs, jobs: 1 }
      const first = open(folder)
      await runTuning({ tuning: first, ...common, budget: { trials: 1, epochs: 1 } })
      first.close()
      const states = () => readStudy(path.join(folder, 'studies'), 'text-table').trials.map(({ state }) => state)
      expect(states()).toEqual(['running'])
      // Opening a study here writes the table anew.
      const change = () => {
        fs.appendFileSync(path.join(folder, 'texts.csv'), 'one more lovely day,good\n')
      }
      const set: string[] = []
      const refused = open(folder, { set })
      change()
      const budget = { trials: 2, epochs: 4 }
      await expect(runTuning({ tuning: refused, ...common, budget })).rejects.toThrow(
        /has changed since they ran[^]*own-data has other contents[^]*--changed/,
      )
      refused.close()
      expect(states()).toEqual(['running'])
      const again = open(folder, { set, changed: true })
      change()
      await runTuning({ tuning: again, ...common, budget })
      again.close()
      expect(states()).toEqual(['complete', 'complete'])
      const [record] = listRuns({ root: runs }).runs.map(run => run.record).filter(one => one.attempts.length > 1)
      expect(record?.attempts.at(-1)).toMatchObject({ changed: [expect.stringMatching(/^data/)] })
    },
    PATIENCE,
  )

  test('that fails before its first trial leaves nothing, and another may have its name', () => {
    const folder = temporaryFolder()
    const studies = path.join(folder, 'studies')
    const first = open(folder)
    expect(studyNames(studies)).toEqual(['text-table'])
    first.close()
    expect(studyNames(studies)).toEqual([])
    // As an earlier version, or a kill, left it.
    const killed = open(folder)
    const journal = path.join(studies, 'text-table', 'journal.jsonl')
    const left = fs.readFileSync(journal)
    killed.close()
    fs.writeFileSync(journal, left)
    const set = [`data=${JSON.stringify(writeTable(folder))}`, 'buckets=20']
    const other = open(folder, { set, space: ['batchSize=choice:8,16'] })
    expect(other.continued).toBe(false)
    expect(other.record.settings).toMatchObject({ buckets: 20 })
    other.close()
  })

  test.skipIf(noRedis !== undefined)(
    'workers elsewhere train it, and their runs and checkpoints return',
    async () => {
      const folder = temporaryFolder()
      const [here, there] = [path.join(folder, 'here'), path.join(folder, 'there')]
      const server = await startRedis()
      const common = { address: server.address, version: 'made' }
      const worker = await openQueueWorker({
        ...common,
        jobs: 1,
        module: trainingWork,
        place: { experimentsModule, root: there, threads: 1 },
      })
      const workers = await openRedisWorkers({ ...common, root: here })
      const tuning = open(folder)
      await runTuning({ tuning, experimentsModule, runs: here, workers, budget: { trials: 2, epochs: 3 } })
      // Two epochs of the first trial, one of the second, which waits at its checkpoint: there and here.
      expect(tuning.study.trials.map(({ state, intermediateValues }) => [state, intermediateValues.size])).toEqual([
        ['complete', 2],
        ['running', 1],
      ])
      fs.rmSync(there, { recursive: true })
      await runTuning({ tuning, experimentsModule, runs: here, workers, budget: { trials: 2, epochs: 4 } })
      expect(tuning.study.trials.map(({ state, intermediateValues }) => [state, intermediateValues.size])).toEqual([
        ['complete', 2],
        ['complete', 2],
      ])
      const runs = listRuns({ root: here }).runs
      expect(runs).toHaveLength(2)
      for (const run of runs) expect(verifyRun(run).sound).toBe(true)
      // The second went on from what had come back.
      expect(runs.map(({ record }) => record.attempts.length).sort()).toEqual([1, 2])
      expect(
        Math.max(...runs.flatMap(({ record }) => record.attempts.map(({ fromStep }) => fromStep))),
      ).toBeGreaterThan(0)
      tuning.close()
      await workers.close()
      await worker.close()
      await server.remove()
    },
    PATIENCE,
  )
})

test(
  'the learning-rate finder feeds the default range of the same settings',
  async () => {
    const folder = temporaryFolder()
    const settings = {
      ...parseSettings(textTable, {
        data: writeTable(folder),
        buckets: 50,
        validation: 0.1,
        evaluateTest: false,
        batchSize: 16,
      }),
    }
    const { rates, losses, suggestion } = await searchRateInChild({
      experimentsModule,
      experiment: 'text-table',
      settings,
      finder: { low: 1e-4, high: 10, steps: 40 },
    })
    expect(rates.length).toBe(losses.length)
    expect(rates[0]).toBeCloseTo(1e-4, 12)
    expect(suggestion).toBeGreaterThan(1e-4)
    const studies = path.join(folder, 'studies')
    keepRate(studies, 'text-table', settings, suggestion ?? 1)
    expect(keptRates(studies, 'text-table', settings)).toEqual(rateRangeOf(suggestion ?? 1))
    expect(keptRates(studies, 'text-table', { ...settings, epochs: 99, seed: 4 })).toEqual(rateRangeOf(suggestion ?? 1))
    expect(keptRates(studies, 'text-table', { ...settings, batchSize: 32 })).toBeUndefined()
    expect(keptRates(studies, 'image-folder', settings)).toBeUndefined()
    expect(studyNames(studies)).toEqual([])
  },
  PATIENCE,
)

test(
  'of data without a test part the best is confirmed where trials were compared, and a study in steps counts rounds',
  async () => {
    const folder = temporaryFolder()
    const [studies, runs] = [path.join(folder, 'studies'), path.join(folder, 'runs')]
    const tuning = openTuning({
      experiments,
      experiment: 'clouds',
      studies,
      space: ['learningRate=log:1e-3..1'],
      set: ['steps=20', 'evaluateEvery=10', 'epochs=1'],
      pruner: 'none',
    })
    expect(tuning.notes.join()).toMatch(/compared on the validation part of the data\. There is no test part/)
    await runTuning({ tuning, experimentsModule, runs, jobs: 1, budget: { trials: 1 } })
    expect(spentBudget(tuning.study.trials).epochs).toBe(2)
    const workers = trainingPool({ jobs: 1, experimentsModule, runs })
    const confirm = () => confirmStudy({ experiments, studies, study: 'clouds', runs, seeds: 2, workers })
    // Before anything is trained whose result could not be written.
    await expect(confirm()).rejects.toThrow(/confirmed when it is over[^]*clouds, on which a process works/)
    tuning.close()
    const found = await confirm()
    await workers.close()
    expect(found?.runs.map(({ test: last }) => last)).toEqual([null, null])
    expect(found?.runs.every(({ validation }) => validation > 0 && validation <= 1)).toBe(true)
    expect(confirmationOf(readStudy(studies, 'clouds').attributes, 0)).toEqual(found)
  },
  PATIENCE,
)

test('the Wilcoxon pruner is for seeds: refused for one, and what few of them cannot tell is said', () => {
  const folder = temporaryFolder()
  expect(() => open(folder, { pruner: 'wilcoxon' })).toThrow(/compares the seeds of trials[^]*--repeats 5 or more/)
  expect(studyNames(path.join(folder, 'studies'))).toEqual([])
  const notesOf = (repeats: number) => {
    const tuning = open(folder, { repeats, study: `of-${String(repeats)}` })
    tuning.close()
    return tuning.notes.join(' ')
  }
  expect(notesOf(3)).toMatch(/No trial is stopped early: Wilcoxon's test tells nothing of the first 2 of 3 seeds/)
  expect(notesOf(5)).not.toMatch(/Wilcoxon/)
})

test('a study of several objectives that goes on takes no pruner either', () => {
  const folder = temporaryFolder()
  const first = open(folder, { objectives: ['error', 'parameters'] })
  first.study.ask()
  first.close()
  expect(() => open(folder, { pruner: 'median' })).toThrow(/several objectives stops no trial early/)
})

test('a pool of trainings divides the processors', async () => {
  const pool = trainingPool({ jobs: 2, experimentsModule, runs: 'runs' })
  expect(pool.size).toBe(2)
  await pool.close()
})
