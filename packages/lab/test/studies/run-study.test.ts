// A study run by workers: every trial once, budgets to the step, what a stop leaves goes on; and faults, in a pool.
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createStudy,
  floatRange,
  memoryJournal,
  noPruner,
  randomSampler,
  searchSpace,
  gridSampler,
  intRange,
  type Journal,
  type Pruner,
  type Study,
} from '../../src/index.ts'
import { workerPool } from '../../src/jobs/pool/worker-pool.ts'
import type { Workers } from '../../src/jobs/workers.ts'
import { spentBudget } from '../../src/studies/budget.ts'
import { runStudy, type RunStudyOptions, type StudyEvent } from '../../src/studies/run-study.ts'
import { successiveHalvingPruner } from '../../src/studies/pruners/successive-halving.ts'
import type { Trial } from '../../src/studies/trial.ts'
import type { MadeTrial } from '../jobs/made-work.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import { studyFaultsSuite } from '../jobs/study-faults-suite.ts'

const PATIENCE = 120_000
const module = new URL('../jobs/made-work.ts', import.meta.url).href
const place = { experimentsModule: module, root: 'runs' }
const space = searchSpace({ x: floatRange(0, 1) })

const study = (journal: Journal = memoryJournal(), pruner: Pruner = noPruner()): Study =>
  createStudy({ name: 'made', space, sampler: randomSampler(), journal, pruner, seed: 3 })

const workOf =
  (more: Partial<MadeTrial> = {}) =>
  ({ params, intermediateValues }: Trial) => ({
    name: 'trial',
    data: { x: params['x'] as number, steps: 3, done: intermediateValues.size, ...more } satisfies MadeTrial,
  })

async function inPool(size: number, use: (workers: Workers) => Promise<void>, lease?: number): Promise<void> {
  const workers = workerPool({ size, module, place, ...(lease !== undefined && { lease }) })
  try {
    await use(workers)
  } finally {
    await workers.close()
  }
}

const states = ({ trials }: Pick<Study, 'trials'>) => trials.map(({ state }) => state)
const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value)
const run = (options: Omit<RunStudyOptions, 'onEvent'>) => {
  const events: StudyEvent[] = []
  return runStudy({ ...options, onEvent: event => events.push(event) }).then(end => ({ ...end, events }))
}

describe('a study run by workers', () => {
  test(
    'has as many trials as asked for, each with all its steps, and the same call again adds none',
    async () => {
      await inPool(3, async workers => {
        const made = study()
        const { reason } = await run({ study: made, workers, work: workOf(), budget: { trials: 10 } })
        expect(reason).toBe('budget')
        expect(states(made)).toEqual(times(10, 'complete'))
        for (const { params, values, intermediateValues } of made.trials) {
          expect(values?.[0]).toBeCloseTo((Number(params['x']) - 0.3) ** 2, 12)
          expect([...intermediateValues.keys()]).toEqual([1, 2, 3])
        }
        expect((await run({ study: made, workers, work: workOf(), budget: { trials: 10 } })).events).toEqual([])
        await run({ study: made, workers, work: workOf(), budget: { trials: 12 } })
        expect(made.trials).toHaveLength(12)
      })
    },
    PATIENCE,
  )

  test.each([1, 2, 3])(
    'spends a budget of steps to the last one, with %i at once; more budget goes on where it ended',
    async size => {
      await inPool(size, async workers => {
        const made = study()
        const log = path.join(temporaryFolder(), 'steps')
        const { paused } = await run({
          study: made,
          workers,
          work: workOf({ log }),
          budget: { trials: 100, epochs: 13 },
        })
        expect(spentBudget(made.trials).epochs).toBe(13)
        expect(fs.readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(13)
        expect(paused.length).toBeGreaterThan(0)
        await run({ study: made, workers, work: workOf({ log }), budget: { trials: 100, epochs: 21 } })
        const lines = fs.readFileSync(log, 'utf8').trim().split('\n')
        expect(lines).toHaveLength(21)
        expect(new Set(lines).size).toBe(21)
      })
    },
    PATIENCE,
  )

  test.each([1, 3])(
    'spends budgets of FLOP and of epochs to the last step, where trials cost differently, %i at once',
    async size => {
      await inPool(size, async workers => {
        const made = study()
        const log = path.join(temporaryFolder(), 'steps')
        // Trials of even numbers take 5 FLOP a step and two epochs, the others 3 and one.
        const work = (trial: Trial) =>
          workOf({ log, attributes: trial.number % 2 === 0 ? { stepFlop: 5, stepEpochs: 2 } : { stepFlop: 3 } })(trial)
        await run({ study: made, workers, work, budget: { trials: 100, flop: 61 } })
        const taken = () => fs.readFileSync(log, 'utf8').trim().split('\n')
        const cost = (name: 'stepFlop' | 'stepEpochs', preset: number) =>
          made.trials.reduce(
            (sum, { intermediateValues, userAttributes }) =>
              sum + intermediateValues.size * Number(userAttributes[name] ?? preset),
            0,
          )
        expect(spentBudget(made.trials).flop).toBe(cost('stepFlop', 0))
        // Not one step above, and none left that the cheapest waiting trial could take.
        expect(cost('stepFlop', 0)).toBeLessThanOrEqual(61)
        expect(cost('stepFlop', 0)).toBeGreaterThan(61 - 5)
        const before = taken().length
        expect(new Set(taken()).size).toBe(before)
        const epochs = cost('stepEpochs', 1) + 7
        await run({ study: made, workers, work, budget: { trials: 100, epochs } })
        expect(cost('stepEpochs', 1)).toBeLessThanOrEqual(epochs)
        expect(cost('stepEpochs', 1)).toBeGreaterThan(epochs - 2)
        expect(new Set(taken()).size).toBe(taken().length)
        for (const { intermediateValues } of made.trials)
          expect([...intermediateValues.keys()]).toEqual([1, 2, 3].slice(0, intermediateValues.size))
      })
    },
    PATIENCE,
  )

  test(
    'asked to stop, pauses what runs and takes it up again',
    async () => {
      await inPool(2, async workers => {
        const made = study()
        const stop = new AbortController()
        const end = runStudy({
          study: made,
          workers,
          work: workOf({ pause: 30, steps: 20 }),
          budget: { trials: 6 },
          signal: stop.signal,
          onEvent: event => {
            if (event.kind === 'report' && event.step === 3) stop.abort()
          },
        })
        const { reason, paused } = await end
        expect(reason).toBe('asked')
        expect(paused).toHaveLength(2)
        expect(states(made)).toEqual(['running', 'running'])
        const { events } = await run({ study: made, workers, work: workOf({ steps: 20 }), budget: { trials: 6 } })
        expect(events.slice(0, 2)).toMatchObject([
          { kind: 'begin', number: 0, attempt: 2 },
          { kind: 'begin', number: 1, attempt: 2 },
        ])
        expect(states(made)).toEqual(times(6, 'complete'))
        for (const { intermediateValues } of made.trials) expect(intermediateValues.size).toBe(20)
      })
    },
    PATIENCE,
  )

  test(
    'a grid that is complete ends the study',
    async () => {
      await inPool(2, async workers => {
        const made = createStudy({ name: 'grid', space: searchSpace({ x: intRange(0, 3) }), sampler: gridSampler() })
        const { reason } = await run({ study: made, workers, work: workOf(), budget: { trials: 10 } })
        expect(reason).toBe('exhausted')
        expect(made.trials.map(({ params }) => params['x']).sort()).toEqual([0, 1, 2, 3])
      })
    },
    PATIENCE,
  )

  test(
    'where the first trials all fail, the study says why',
    async () => {
      await inPool(2, async workers => {
        const made = study()
        await expect(
          run({ study: made, workers, work: () => ({ name: 'fails', data: {} }), budget: { trials: 30 } }),
        ).rejects.toThrow(/first 5 trials of the study all failed[^]*this[^]*That/)
        expect(made.trials.length).toBeLessThan(8)
        expect(made.trials.find(({ state }) => state === 'failed')).toMatchObject({
          userAttributes: { failure: 'A rule. this' },
        })
      })
    },
    PATIENCE,
  )

  test(
    'a trial that has taken its last step is complete, whatever its pruner says of that step',
    async () => {
      await inPool(2, async workers => {
        const asked: number[] = []
        const made = study(memoryJournal(), {
          name: 'last',
          decide: ({ trial }) => {
            asked.push(trial.intermediateValues.size)
            return { prune: trial.intermediateValues.size === 3 || trial.number === 1 }
          },
        })
        await run({ study: made, workers, work: workOf({ steps: 3 }), budget: { trials: 3 } })
        expect(made.trials.map(({ state }) => state)).toEqual(['complete', 'pruned', 'complete'])
        // The pruner sees the last steps all the same.
        expect(asked.sort()).toEqual([1, 1, 1, 2, 2, 3, 3])
      })
    },
    PATIENCE,
  )

  test(
    'a trial that was stopped early and proves good goes on, and stands in for itself',
    async () => {
      await inPool(1, async workers => {
        // Each trial is worse than the one before it: the second is stopped, and is among the best quarter of eight.
        const xs = [0.3, 0.4, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99]
        const made = createStudy({
          name: 'promoted',
          space,
          sampler: { name: 'list', suggest: ({ trials }) => ({ params: { x: xs[trials.length] ?? 1 } }) },
          pruner: successiveHalvingPruner({ minResource: 1 }),
        })
        const { events } = await run({ study: made, workers, work: workOf({ steps: 4 }), budget: { trials: 8 } })
        const continued = events.find(event => event.kind === 'begin' && event.continues !== undefined)
        expect(continued).toMatchObject({ kind: 'begin', continues: 1 })
        const trial = made.trials[continued?.number ?? -1]!
        expect(trial.params).toEqual({ x: 0.4 })
        expect([...trial.intermediateValues.keys()].slice(0, 2)).toEqual([1, 2])
        // Eight settings were tried; going on is none.
        expect(spentBudget(made.trials).trials).toBe(8)
        expect(spentBudget(made.trials).epochs).toBe(events.filter(({ kind }) => kind === 'report').length)
      })
    },
    PATIENCE,
  )
})

studyFaultsSuite('in a pool', {
  open: ({ size, lease }) => {
    const workers = workerPool({ size, module, place, ...(lease !== undefined && { lease }) })
    return Promise.resolve({ workers, close: () => workers.close() })
  },
})

describe('the time of a call', () => {
  /** A worker in this process: what it is given is done after a while, or when it is asked to stop. */
  const worker = (milliseconds: number): Workers => ({
    size: 1,
    running: 0,
    give: () => {
      let end: (stopped: boolean) => void = () => undefined
      const over = new Promise<boolean>(resolve => (end = resolve))
      setTimeout(() => end(false), milliseconds)
      return {
        result: over.then(stopped => (stopped ? { stopped: true } : { values: [1] })),
        stop: () => { end(true) },
      }
    },
    close: () => Promise.resolve(),
  })

  test('may be longer than a timer can wait', async () => {
    const budget = { trials: 2, timeout: 600 * 3600 }
    const end = await run({ study: study(), workers: worker(1), work: workOf(), budget })
    expect(end).toMatchObject({ reason: 'budget' })
  })

  test('ends the trial that runs when it is over', async () => {
    const budget = { trials: 2, timeout: 0.05 }
    const end = await run({ study: study(), workers: worker(60_000), work: workOf(), budget })
    expect(end).toMatchObject({ reason: 'timeout', paused: [0] })
  })
})
