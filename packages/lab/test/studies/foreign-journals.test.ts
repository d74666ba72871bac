// Journals that other programs wrote, with what Optuna's library allows and with what nobody should write: each is read
// where it can be, else refused in words, and none keeps another from the lists.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, it } from 'vitest'
import { readStudies, readStudy } from '../../src/node.ts'
import { StudyIndex } from '../../src/server/study-index.ts'
import { parseRecord } from '../../src/studies/journal-record.ts'
import { distributionFromOptuna } from '../../src/studies/space/optuna-distribution.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const FLOAT = '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}'
/** As json.dumps of Python writes them. */
const choices = (text: string) => `{"name": "CategoricalDistribution", "attributes": {"choices": ${text}}}`

const line = (record: object) => JSON.stringify({ worker_id: 'w', ...record })
const begun = (study_name: string, directions = [1]) => line({ op_code: 0, study_name, directions })
const attribute = (user_attr: object, study_id = 0) => line({ op_code: 2, study_id, user_attr })
const added = (more: object, study_id = 0) =>
  line({ op_code: 4, study_id, datetime_start: '2026-11-22T16:51:46.108313+00:00', state: 1, ...more })
const whole = (value: number, study_id = 0) =>
  added({ value, params: { x: 0.5 }, distributions: { x: FLOAT } }, study_id)

/** A folder of studies with a journal of these lines in each. */
function folderOf(journals: Readonly<Record<string, readonly string[]>>): string {
  const root = temporaryFolder()
  for (const [name, lines] of Object.entries(journals)) {
    fs.mkdirSync(path.join(root, name))
    fs.writeFileSync(path.join(root, name, 'journal.jsonl'), lines.map(one => `${one}\n`).join(''))
  }
  return root
}

const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return (error as Error).message
  }
  throw new Error('not refused')
}

describe('records', () => {
  it('of a trial with a parameter without its distribution are refused at the door', () => {
    expect(refusal(() => parseRecord(added({ params: { x: 0.5, y: 1 }, distributions: { x: FLOAT } })))).toMatch(
      /no record of Optuna's journal: params\.y: the parameter has no distribution/,
    )
  })

  it.each([3, -1])('that name choice %d of three are refused, naming trial and parameter', index => {
    const distribution = choices('["a", "b", "c"]')
    const begin = line({ op_code: 4, study_id: 0, datetime_start: '2026-11-22T16:51:46.108313+00:00' })
    const set = line({ op_code: 5, trial_id: 0, param_name: 'kind', param_value_internal: index, distribution })
    for (const lines of [[begin, set], [added({ params: { kind: index }, distributions: { kind: distribution } })]]) {
      const root = folderOf({ s: [begun('s'), ...lines] })
      expect(refusal(() => readStudy(root, 's'))).toMatch(
        new RegExp(`names a choice[^]*trial 0, parameter kind: choice ${String(index)} of 0 to 2`),
      )
    }
  })

  it('have the choices of Optuna that are no plain values: numbers as they are, lists as their text', () => {
    expect(distributionFromOptuna(choices('[NaN, Infinity, "NaN", [1, 2], {"a": null}, true]'))).toEqual({
      kind: 'categorical',
      choices: [NaN, Infinity, 'NaN', '[1,2]', '{"a":null}', true],
    })
    expect(refusal(() => distributionFromOptuna('{"name": "FloatDistribution", "attributes": {"low": 0}}'))).toMatch(
      /cannot be read \(attributes\.high must be a number/,
    )
    expect(refusal(() => distributionFromOptuna('{"name": "MyDistribution", "attributes": {}}'))).toMatch(
      /cannot be read[^]*Float, int and categorical distributions are read/,
    )
  })
})

describe('attributes of a study', () => {
  const strange = [7, 'x', [], { metrics: 'x' }, { metrics: [] }, { objectives: 3 }, { experiment: 'x', metrics: [{}] }]
  it.each(strange)('named tuning, holding %j, are those of another program', tuning => {
    const root = folderOf({ s: [begun('s'), attribute({ tuning }), attribute({ runs: 7 }), whole(0.25)] })
    expect(readStudy(root, 's')).toMatchObject({ metrics: [{ name: 'value' }], best: { values: [0.25] } })
    expect(new StudyIndex(root).list()).toMatchObject([{ name: 's', objectives: ['value'], best: [0.25] }])
  })

  it('with metrics for two objectives do not describe the values of one', () => {
    const metric = (name: string) => ({ name, title: name, unit: '', better: 'lower', format: 'fixed' })
    const tuning = {
      experiment: 'e', settings: {}, objectives: ['a', 'b'], metrics: [metric('a'), metric('b')], repeats: 1,
      sampler: 'tpe', pruner: 'none',
    }
    const lines = (directions: number[]) => [begun('s', directions), attribute({ tuning })]
    const names = (directions: number[]) => readStudy(folderOf({ s: lines(directions) }), 's').metrics.map(m => m.name)
    expect(names([1])).toEqual(['value'])
    expect(names([1, 2])).toEqual(['a', 'b'])
  })

  it('that should hold a space and hold something else give way to what the trials have', () => {
    const system = line({ op_code: 3, study_id: 0, system_attr: { 'ddlf:space': { x: 'wide' } } })
    const root = folderOf({ s: [begun('s'), system, whole(1)] })
    expect(readStudy(root, 's').space).toMatchObject({ x: { kind: 'float', low: 0, high: 1 } })
    expect(new StudyIndex(root).detail('s', false)).toMatchObject({ space: { x: { kind: 'float' } } })
  })
})

describe('a journal with several studies', () => {
  const several = () => folderOf({
    // Named as its folder is: the others stand beside it.
    own: [begun('own'), begun('a b'), whole(1), whole(2, 1)],
    optuna: [begun('first'), begun('second'), whole(1), whole(2, 1)],
    none: [attribute({ a: 1 })],
  })

  it('shows each of them by its name', () => {
    const root = several()
    expect(readStudies(root, 'own').map(({ name, best }) => [name, best?.values])).toEqual([
      ['own', [1]],
      ['own/a b', [2]],
    ])
    expect(readStudy(root, 'own')).toMatchObject({ name: 'own', others: ['own/a b'] })
    expect(readStudy(root, 'optuna/second')).toMatchObject({ storedName: 'second', best: { values: [2] } })
    const index = new StudyIndex(root)
    expect(index.list().map(({ name }) => name)).toEqual(['none', 'optuna/first', 'optuna/second', 'own', 'own/a b'])
    expect(index.detail('optuna/second', false)).toMatchObject({ name: 'optuna/second', best: [2] })
  })

  it('asks which one is meant where none has the name of the folder', () => {
    const root = several()
    expect(refusal(() => readStudy(root, 'optuna'))).toMatch(
      /several studies[^]*'optuna\/first', 'optuna\/second'[^]*study show optuna\/first/,
    )
    expect(refusal(() => readStudy(root, 'optuna/third'))).toMatch(/no study of this name[^]*'optuna\/second'/)
    expect(refusal(() => readStudy(root, 'none'))).toMatch(/The journal holds no study/)
    expect(refusal(() => readStudy(root, '../optuna'))).toMatch(/A study's name is made of/)
  })
})

it('a study is called as its folder, whatever it is called inside', () => {
  const root = folderOf({ copied: [begun('original'), whole(1)] })
  expect(readStudy(root, 'copied')).toMatchObject({ name: 'copied', storedName: 'original', others: [] })
  expect(new StudyIndex(root).list()).toMatchObject([{ name: 'copied' }])
})

it('a journal that is a link to nothing is named as one', () => {
  const root = folderOf({ linked: [] })
  const journal = path.join(root, 'linked', 'journal.jsonl')
  fs.rmSync(journal)
  fs.symlinkSync('nowhere', journal)
  expect(refusal(() => readStudy(root, 'linked'))).toMatch(/is a link to a file that is not there/)
})

it('a line of several pieces is read as one; one that never ends is named, and bounded', () => {
  const root = folderOf({ long: [begun('long'), whole(1)], endless: [begun('endless')] })
  const [long, endless] = ['long', 'endless'].map(name => path.join(root, name, 'journal.jsonl'))
  fs.writeFileSync(long!, fs.readFileSync(long!, 'utf8').replace('\n', `\n${' '.repeat(3 * 2 ** 20)}`))
  fs.appendFileSync(endless!, Buffer.alloc(34 * 2 ** 20, 0x20))
  expect(new StudyIndex(root).list()).toMatchObject([
    { name: 'endless', unreadable: expect.stringMatching(/at most 32 MiB[^]*line 2/) as string },
    { name: 'long', best: [1] },
  ])
})
