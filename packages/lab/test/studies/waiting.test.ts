// Trials that wait with given values: run first, as Optuna runs what `enqueue_trial` left; and what a study has spent.
import { readFileSync } from 'node:fs'
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BudgetTally,
  createStudy,
  floatRange,
  formatPoint,
  gridSampler,
  intRange,
  memoryJournal,
  oneOf,
  parsePoint,
  parseRecord,
  randomSampler,
  searchSpace,
  spentBudget,
  when,
  type Params,
  type RunningTrial,
} from '../../src/studies/index.ts'
import { checkQueued, openTuning, studyNames } from '../../src/node.ts'
import type { Grounds } from '../../src/runs/run-origin.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import golden from './golden/optuna-waiting.json' with { type: 'json' }

const space = searchSpace({
  learningRate: floatRange(1e-4, 1, { log: true }),
  batchSize: oneOf([32, 64, 128]),
  width: intRange(8, 64),
})
const objective = ({ params }: RunningTrial) => Number(params['learningRate'])
const records = () =>
  readFileSync(new URL('./golden/optuna-waiting.jsonl', import.meta.url), 'utf8').trimEnd().split('\n').map(parseRecord)

describe('a journal of Optuna with trials that wait', () => {
  const open = (journal = memoryJournal(records())) =>
    ({ journal, study: createStudy({ name: 'waits', space, journal, sampler: randomSampler() }) })

  it('goes on with them first, in their order, with the values that they were given', async () => {
    const { study, journal } = open()
    const before = study.trials.map(({ state }) => state)
    expect(before).toEqual(['complete', 'complete', ...Array<string>(5).fill('waiting')])
    await study.optimize(objective, { trials: 8 })
    const run = study.trials.map(({ number, state, params }) => [number, state, params])
    // What Optuna 5 makes of the same journal, where a value is given.
    const theirs = golden.trials.map(({ number, params, given }): unknown[] => {
      const values = given.map(name => [name, params[name as 'width']] as const)
      return [number, 'complete', expect.objectContaining(Object.fromEntries(values))]
    })
    expect(theirs).toHaveLength(8)
    // Outside of its range: Optuna warns and tries it, here it fails and says why.
    expect(run).toEqual(theirs.with(6, [6, 'failed', {}]))
    for (const { params } of study.trials.filter(({ state }) => state === 'complete'))
      expect(Object.keys(params)).toEqual(['learningRate', 'batchSize', 'width'])
    expect(study.trials[2]?.userAttributes).toEqual({ why: 'by hand' })
    expect(study.trials[2]?.startedAt).not.toBeNull()
    expect(study.trials[6]?.userAttributes['failure']).toMatch(/learningRate lies outside its range\. learningRate=7\./)
    // Read again, it is what it was.
    const again = open(memoryJournal(journal.records)).study
    expect(again.trials.map(({ params }) => params)).toEqual(study.trials.map(({ params }) => params))
  })

  it('counts only what was begun', async () => {
    const { study } = open()
    expect(spentBudget(study.trials).trials).toBe(2)
    await study.optimize(objective, { trials: 4 })
    // One failed for its values.
    expect(study.trials.map(({ state }) => state).slice(2, 4)).toEqual(['complete', 'waiting'])
    expect(spentBudget(study.trials).trials).toBe(4)
  })
})

describe('enqueue', () => {
  const conditional = searchSpace({
    optimizer: oneOf(['sgd', 'adam']),
    momentum: when(floatRange(0, 0.9), 'optimizer', ['sgd']),
    beta: when(floatRange(0, 0.9), 'optimizer', ['adam']),
  })
  const study = (sampler = randomSampler()) => createStudy({ name: 'made', space: conditional, sampler, seed: 1 })

  it('lets a study begin with what somebody would try by hand; the sampler gives the rest', () => {
    const made = study()
    made.enqueue({ optimizer: 'sgd' })
    made.enqueue({ optimizer: 'adam' })
    made.enqueue({ optimizer: 'sgd', momentum: 0.5 })
    const asked = Array.from({ length: 3 }, () => made.ask().params)
    expect(asked.map(params => Object.keys(params))).toEqual([
      ['optimizer', 'momentum'], ['optimizer', 'beta'], ['optimizer', 'momentum'],
    ])
    expect(asked.map(({ optimizer }) => optimizer)).toEqual(['sgd', 'adam', 'sgd'])
    expect(asked[2]?.['momentum']).toBe(0.5)
    expect(made.ask().number).toBe(3)
  })

  it('adds what was added or tried before only where that is wanted', () => {
    const made = study()
    const point: Params = { optimizer: 'sgd', momentum: 0.5 }
    expect(made.enqueue(point, { skipIfExists: true })?.number).toBe(0)
    expect(made.enqueue({ momentum: 0.5, optimizer: 'sgd' }, { skipIfExists: true })).toBeUndefined()
    expect(made.enqueue(point)?.number).toBe(1)
    const drawn = made.ask({ optimizer: 'adam', beta: 0.25 }).params
    expect(made.enqueue(drawn, { skipIfExists: true })).toBeUndefined()
  })

  it.each<[string, Params, RegExp]>([
    ['nothing', {}, /has values/],
    ['null', null as unknown as Params, /the values of a trial must be/],
    ['another name', { optimiser: 'sgd' }, /no such parameter[^]*Did you mean optimizer/],
    ['a value outside its range', { optimizer: 'sgd', momentum: 1 }, /momentum lies outside[^]*=float:0\.\.0\.9/],
    ['a choice that there is not', { optimizer: 'lion' }, /optimizer=lion[^]*choice:sgd,adam/],
    ['what exists only with another', { optimizer: 'adam', momentum: 0.5 }, /momentum exists only with optimizer=sgd/],
    ['what may not exist', { momentum: 0.5 }, /only with optimizer=sgd[^]*no optimizer/],
  ])('refuses %s', (_what, params, message) => {
    const made = study()
    expect(() => made.enqueue(params)).toThrow(UserError)
    expect(() => made.enqueue(params)).toThrow(message)
    expect(made.trials).toHaveLength(0)
  })

  it('begins given values also where a grid has nothing left', () => {
    const made = createStudy({ name: 'grid', space: searchSpace({ n: intRange(1, 2) }), sampler: gridSampler() })
    made.tell(made.ask().number, 1)
    made.tell(made.ask().number, 1)
    made.enqueue({ n: 2 })
    expect(made.ask().params).toEqual({ n: 2 })
    expect(() => made.ask()).toThrow(/nothing left to try/)
  })
})

describe('a study of trainings', () => {
  const open = (studies: string, enqueue: readonly string[], more = {}) =>
    openTuning({
      experiments, experiment: 'text-table', studies, space: ['learningRate=log:1e-3..1'], enqueue, ...more,
    })
  const grounds = { git: null, code: null, lockFile: null, versions: {}, data: {} } as unknown as Grounds

  it('takes what is to be tried first once it may begin, once however often it is said', () => {
    const studies = temporaryFolder()
    const tuning = open(studies, ['learningRate=0.25'])
    expect(tuning.study.trials).toHaveLength(0)
    tuning.settle(grounds)
    expect(tuning.study.ask().params).toEqual({ learningRate: 0.25 })
    tuning.close()
    const again = open(studies, ['learningRate=0.25', 'learningRate=0.5'])
    expect(again.queued).toEqual([{ learningRate: 0.5 }])
    expect(() => { checkQueued(again, { trials: 1 }) }).toThrow(/learningRate=0\.5 to be tried[^]*at least 2 trials/)
    checkQueued(again, { trials: 2 })
    again.settle(grounds)
    expect(again.study.trials.map(({ state }) => state)).toEqual(['running', 'waiting'])
    again.close()
  })

  it('leaves nothing where no trial was begun, and takes nothing that does not fit', () => {
    const studies = temporaryFolder()
    const tuning = open(studies, ['learningRate=0.25'])
    tuning.settle(grounds)
    tuning.close()
    expect(studyNames(studies)).toEqual([])
    expect(() => open(studies, ['learningRate=5'])).toThrow(/learningRate lies outside its range/)
    expect(() => open(studies, ['learningRate'])).toThrow(/written name=value/)
    expect(studyNames(studies)).toEqual([])
  })

  it('values are typed and read back as they are', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    const value = fc.oneof(number, fc.boolean(), fc.string(), fc.constant(null))
    const name = fc.stringMatching(/^[a-zA-Z][\w.]{0,8}$/)
    fc.assert(fc.property(fc.dictionary(name, value, { minKeys: 1, noNullPrototype: true }), point => {
      expect(parsePoint(formatPoint(point))).toEqual(Object.fromEntries(
        Object.entries(point).map(([key, one]) => [key, Object.is(one, -0) ? 0 : one]),
      ))
    }))
  })
})

describe('the tally of a budget', () => {
  it('looks at each trial that is over once, however often it is asked', () => {
    let looks = 0
    const made = createStudy({ name: 'made', space, sampler: randomSampler() })
    const watched = new Proxy(made.trials, {
      get: (trials, name) => {
        if (typeof name === 'string' && /^\d+$/.test(name)) looks++
        return Reflect.get(trials, name) as unknown
      },
    })
    const tally = new BudgetTally(watched)
    const count = 200
    for (let i = 0; i < count; i++) {
      const { number } = made.ask()
      made.report(number, 1, 0.5)
      expect(tally.spent).toEqual({ trials: i + 1, epochs: i + 1, flop: 0, seconds: 0 })
      made.tell(number, 1)
      expect(tally.spent.epochs).toBe(i + 1)
    }
    // A few for each trial; looking at all each time would be 40,000.
    expect(looks).toBeLessThan(10 * count)
    expect(tally.spent).toEqual(spentBudget(made.trials))
  })
})
