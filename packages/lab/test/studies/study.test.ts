// The study: asking and telling, failures, pruning, several objectives, and journals that Optuna wrote or reads.
import { readFileSync } from 'node:fs'
import { UserError } from '@ddlf/tensor/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createStudy,
  floatRange,
  formatRecord,
  gridSampler,
  intRange,
  journalRecordSchema,
  memoryJournal,
  oneOf,
  parseRecord,
  quasiRandomSampler,
  randomSampler,
  searchSpace,
  successiveHalvingPruner,
  when,
  type JournalRecord,
  type Outcome,
  type RunningTrial,
  type Study,
  type StudyOptions,
} from '../../src/studies/index.ts'
import golden from './golden/optuna-journal.json' with { type: 'json' }

const space = searchSpace({
  x: floatRange(-1, 1),
  n: intRange(1, 4),
  kind: oneOf(['a', 'b', null, 3]),
  inner: when(floatRange(0, 1), 'kind', ['a']),
})
const study = (options: Partial<StudyOptions> = {}) => createStudy({ name: 'test', space, ...options })
const objective = ({ params }: RunningTrial): Outcome => (params['x'] as number) ** 2

const goldenRecords = (file = 'optuna-journal.jsonl') =>
  readFileSync(new URL(`./golden/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map(parseRecord)
const goldenSpace = searchSpace({
  lr: floatRange(1e-5, 0.1, { log: true }),
  width: intRange(16, 512, { step: 16 }),
  optimizer: oneOf(['sgd', 'adam', null, 3]),
  dropout: floatRange(0, 0.5, { step: 0.1 }),
  momentum: when(floatRange(0, 0.99), 'optimizer', ['sgd']),
})

describe('a study', () => {
  it('asks, is told, and knows its best trial', async () => {
    const s = study({ sampler: randomSampler() })
    await s.optimize(objective, { trials: 12 })
    expect(s.trials.map(trial => trial.state)).toEqual(Array(12).fill('complete'))
    expect(s.best?.values?.[0]).toBe(Math.min(...s.trials.map(trial => trial.values![0]!)))
    expect(study({ direction: 'maximize' }).best).toBeUndefined()
    // The number of trials is a total.
    await s.optimize(objective, { trials: 12 })
    expect(s.trials).toHaveLength(12)
  })

  it.each<[string, object, RegExp]>([
    ['without a name', { name: undefined }, /name/],
    // Anything but 'minimize' was once taken for its opposite.
    ['with another word for a direction', { direction: 'min' }, /direction must be 'minimize' or 'maximize'[^]*min/],
    ['with such a word in a list', { directions: ['minimize', 'max'] }, /directions must be a list/],
    ['with the name of a sampler', { sampler: 'tpe' }, /sampler must be a sampler/],
    ['with half a seed', { seed: 0.5 }, /seed must be a whole number/],
  ])('is refused %s', (_name, options, message) => {
    expect(() => study(options)).toThrow(UserError)
    expect(() => study(options)).toThrow(message)
  })

  it('gives the same suggestions for the same seed and outcomes', async () => {
    const [a, b, c] = [study({ seed: 5 }), study({ seed: 5 }), study({ seed: 6 })]
    for (const s of [a, b, c]) await s.optimize(objective, { trials: 20 })
    expect(a.trials.map(t => t.params)).toEqual(b.trials.map(t => t.params))
    expect(a.trials.map(t => t.params)).not.toEqual(c.trials.map(t => t.params))
  })

  it('makes a loss that is no number a failed trial and goes on', async () => {
    const s = study()
    await s.optimize(({ number }) => (number === 3 ? NaN : number === 4 ? 'failed' : 1), { trials: 15 })
    expect(s.trials.filter(t => t.state === 'failed').map(t => t.number)).toEqual([3, 4])
    await expect(s.optimize(() => { throw new Error('no data') }, { trials: 16 })).rejects.toThrow('no data')
    expect(s.trials[15]?.state).toBe('failed')
    await expect(s.optimize(() => undefined as never, { trials: 17 })).rejects.toThrow(/outcome of a trial must be/)
    expect(s.trials[16]?.state).toBe('failed')
    const infinite = s.ask().number
    expect(s.tell(infinite, Infinity).state).toBe('complete')
  })

  it('stops what the pruner would, keeps its values, and notes the rungs as Optuna does', async () => {
    const s = study({ pruner: successiveHalvingPruner({ minResource: 1 }) })
    await s.optimize(trial => {
      for (let step = 1; step <= 4; step++) {
        trial.report(step, trial.number + 1 / step)
        if (trial.shouldPrune()) return 'pruned'
      }
      return trial.number
    }, { trials: 4 })
    expect(s.trials.map(t => t.state)).toEqual(['complete', 'pruned', 'pruned', 'pruned'])
    expect(s.trials[1]?.values).toEqual([2])
    expect(s.trials[0]?.systemAttributes).toEqual({ completed_rung_0: 1, completed_rung_1: 0.25 })
  })

  it('gives workers that ask at once different values while there are any', () => {
    const small = createStudy({ name: 's', space: searchSpace({ n: intRange(1, 6) }), sampler: randomSampler() })
    const asked = Array.from({ length: 6 }, () => small.ask().params['n'])
    expect(new Set(asked).size).toBeGreaterThanOrEqual(5)
    const grid = createStudy({ name: 'g', space: searchSpace({ n: intRange(1, 6) }), sampler: gridSampler() })
    expect(new Set(Array.from({ length: 6 }, () => grid.ask().params['n'])).size).toBe(6)
    expect(() => grid.ask()).toThrow(/nothing left to try/)
  })

  it('has a front where it has several objectives', async () => {
    const s = study({ directions: ['minimize', 'maximize'], sampler: quasiRandomSampler() })
    await s.optimize(({ params }) => [params['x'] as number, params['n'] as number], { trials: 30 })
    expect(s.best).toBeUndefined()
    expect(s.front.length).toBeGreaterThan(0)
    for (const a of s.front)
      for (const b of s.trials) expect(b.values![0]! < a.values![0]! && b.values![1]! > a.values![1]!).toBe(false)
    expect(() => s.tell(s.ask().number, 1)).toThrow(/one value for each objective/)
  })

  it('runs TPE with several objectives', async () => {
    const s = study({ directions: ['minimize', 'minimize'] })
    await s.optimize(({ params }) => [(params['x'] as number) ** 2, ((params['x'] as number) - 0.5) ** 2], {
      trials: 40,
    })
    const late = s.trials.slice(20).filter(t => (t.params['x'] as number) > -0.2 && (t.params['x'] as number) < 0.7)
    expect(late.length).toBeGreaterThan(12)
  })

  it.each<[string, (s: Study) => unknown, RegExp]>([
    ['a second end', s => s.tell(0, 2), /Only a running trial[\s\S]*trial 0, which is complete/],
    ['a trial that does not exist', s => { s.report(7, 1, 1) }, /trial 7; the study has 2/],
    ['a step that is no number', s => { s.report(1, 0.5, 1) }, /whole number/],
    ['a value that is no number', s => { s.report(1, 1, undefined as never) }, /value of a step must be a number/],
    ['no outcome', s => s.tell(1, undefined as never), /outcome of a trial must be[^]*nothing/],
    ['an outcome that holds none', s => s.tell(1, [undefined] as never), /outcome of a trial must be/],
    ['an outcome in words', s => s.tell(1, '0.5' as never), /outcome of a trial must be[^]*'pruned' or 'failed'/],
    ['values outside the space', s => s.ask({ x: 5, n: 1, kind: 'b' }), /x lies outside/],
    ['an attribute that is no JSON', s => { s.setUserAttribute(1, 'f', () => 1) }, /holds JSON/],
  ])('refuses %s, and nothing is written', (_name, act, message) => {
    const journal = memoryJournal()
    const s = study({ journal })
    s.tell(s.ask({ x: 0, n: 1, kind: 'b' }).number, 1)
    s.ask()
    const before = journal.records.length
    expect(() => act(s)).toThrow(UserError)
    expect(() => act(s)).toThrow(message)
    expect(journal.records.length).toBe(before)
  })

  it('keeps the first value of a step, and user attributes', () => {
    const s = study()
    const { number } = s.ask()
    s.report(number, 1, 0.5)
    s.report(number, 1, 0.7)
    s.setUserAttribute(number, 'run', 'abc/1')
    expect([...s.trials[0]!.intermediateValues]).toEqual([[1, 0.5]])
    expect(s.trials[0]!.userAttributes).toEqual({ run: 'abc/1' })
  })
})

describe('a journal', () => {
  it('of Optuna loads with every trial as Optuna reads it', () => {
    const s = createStudy({ name: 'golden', space: goldenSpace, journal: memoryJournal(goldenRecords()) })
    const read = s.trials.map(t => ({
      number: t.number,
      state: t.state,
      params: t.params,
      values: t.values ?? null,
      intermediateValues: [...t.intermediateValues].sort(([a], [b]) => a - b),
      userAttributes: t.userAttributes,
      systemAttributes: t.systemAttributes,
    }))
    expect(read).toEqual(golden.trials)
    expect(new Set(read.map(t => t.state))).toEqual(new Set(['complete', 'pruned', 'failed', 'running']))
  })

  it('of Optuna goes on: trials are added behind, and the running one can be told', async () => {
    const journal = memoryJournal(goldenRecords())
    const s = createStudy({ name: 'golden', space: goldenSpace, journal })
    expect(s.failRunning()).toEqual([40])
    await s.optimize(({ params }) => params['lr'] as number, { trials: 50 })
    const again = createStudy({ name: 'golden', space: goldenSpace, journal: memoryJournal(journal.records) })
    expect(again.trials).toHaveLength(50)
    expect(again.trials).toEqual(s.trials)
    for (const trial of again.trials.slice(41))
      expect('momentum' in trial.params).toBe(trial.params['optimizer'] === 'sgd')
  })

  it.each<[string, Partial<StudyOptions>, RegExp]>([
    ['another range', { space: searchSpace({ ...space, x: floatRange(-2, 1) }) }, /the range of x changed/],
    ['another parameter', { space: searchSpace({ ...space, y: floatRange(-2, 1) }) }, /y is a new parameter/],
    ['another direction', { direction: 'maximize' }, /directions maximize; it has minimize/],
  ])('is refused with %s', (_name, changed, message) => {
    const journal = memoryJournal()
    study({ journal }).ask()
    expect(() => study({ journal: memoryJournal(journal.records), ...changed })).toThrow(message)
  })

  it('of Optuna is refused with other choices', () => {
    const other = searchSpace({ ...goldenSpace, optimizer: oneOf(['sgd', 'adam']), momentum: floatRange(0, 0.99) })
    expect(() => createStudy({ name: 'golden', space: other, journal: memoryJournal(goldenRecords()) })).toThrow(
      /optimizer is another kind of parameter, or has other choices/,
    )
  })

  it('of ours holds only records of Optuna, and comes back as it was', async () => {
    const journal = memoryJournal()
    const s = study({ journal, pruner: successiveHalvingPruner({ minResource: 1 }) })
    await s.optimize(trial => {
      trial.report(1, trial.number === 2 ? NaN : trial.number === 3 ? -Infinity : 1)
      return trial.shouldPrune() ? 'pruned' : trial.number === 4 ? Infinity : 1
    }, { trials: 8 })
    s.setUserAttribute(s.ask().number, 'note', { list: [1, 'zwei'] })
    const lines = journal.records.map(formatRecord)
    expect(lines.every(line => !line.includes('\n'))).toBe(true)
    expect(lines.some(line => line.includes(':NaN'))).toBe(true)
    const read = lines.map(parseRecord)
    for (const record of read) expect(journalRecordSchema.safeParse(record).success).toBe(true)
    const again = study({ journal: memoryJournal(read) })
    expect(again.trials).toEqual(s.trials)
    expect(again.seed).toBe(0)
    // What Optuna's own records have, ours have: the same fields for the same kind.
    const kinds = new Set(goldenRecords().map(({ op_code }) => op_code))
    const fields = (records: readonly JournalRecord[]) =>
      new Set(records.map(record => `${record.op_code}: ${Object.keys(record).sort().join()}`))
    const theirs = fields([...goldenRecords(), ...goldenRecords('optuna-waiting.jsonl')])
    for (const ours of fields(read.filter(({ op_code }) => kinds.has(op_code)))) expect(theirs).toContain(ours)
  })

  it('holds several studies, each with its own numbers', async () => {
    const journal = memoryJournal()
    await study({ journal }).optimize(objective, { trials: 2 })
    const other = createStudy({ name: 'other', space, journal: memoryJournal(journal.records) })
    expect(other.ask().number).toBe(0)
  })

  it('reads NaN and infinities as Python writes them, and strings that look like them', () => {
    const line =
      '{"op_code": 7, "worker_id": "NaN \\"Infinity\\"", "trial_id": 0, "step": 1, "intermediate_value": -Infinity}'
    expect(parseRecord(line)).toMatchObject({ intermediate_value: -Infinity, worker_id: 'NaN "Infinity"' })
    expect(() => parseRecord('{"op_code": 77}')).toThrow(/no record of Optuna's journal/)
    fc.assert(fc.property(fc.double(), fc.string(), (value, worker) => {
      const record: JournalRecord = {
        op_code: 7,
        worker_id: worker,
        trial_id: 0,
        step: 1,
        intermediate_value: value + 0,
      }
      expect(parseRecord(formatRecord(record))).toEqual(record)
    }))
  })
})
