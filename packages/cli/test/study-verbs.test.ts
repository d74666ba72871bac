// ddlf study and ddlf tune on studies as others leave them, in words: broken and foreign journals, infinite values,
// data that are not there, files that throw.
import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { called } from './in-process.ts'
import { workFolder } from './command.ts'

const folder = workFolder()
const studies = path.join(folder, 'studies')
const at = ['--studies', studies]

const line = (record: object) => `${JSON.stringify({ worker_id: 'w', ...record })}\n`
const begun = (study_name: string) => line({ op_code: 0, study_name, directions: [1] })
const begins = { op_code: 4, study_id: 0, datetime_start: '2026-11-22T16:51:46.108313+00:00' }
const distribution = '{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 4}}'
const trial = (number: number, value: string) =>
  line(begins) +
  line({ op_code: 5, trial_id: number, param_name: 'x', param_value_internal: 2, distribution }) +
  line({ op_code: 6, trial_id: number, state: 1, values: ['VALUE'], datetime_complete: begins.datetime_start }).replace(
    '"VALUE"',
    value,
  )

function write(name: string, text: string): void {
  fs.mkdirSync(path.join(studies, name), { recursive: true })
  fs.writeFileSync(path.join(studies, name, 'journal.jsonl'), text)
}

beforeAll(() => {
  const strange = [{ runs: 7 }, { tuning: { metrics: 'x' } }]
  const attributes = strange.map(user_attr => line({ op_code: 2, study_id: 0, user_attr })).join('')
  write('foreign', begun('other') + attributes + trial(0, 'Infinity') + trial(1, '0.5'))
  write('broken', begun('broken') + line({ ...begins, state: 1, value: 1, params: { x: 1 } }))
  write('several', begun('a') + begun('b'))
  const waits = { ...begins, datetime_start: null, state: 4, system_attrs: { fixed_params: { x: 4 } } }
  write('waits', begun('waits') + trial(0, '1') + line(waits))
  write('few', begun('few') + ['1', '2', '3', 'Infinity'].map((value, i) => trial(i, value)).join(''))
})

test('the list names what cannot be read and shows all others, each by its folder', async () => {
  const { code, stdout, stderr } = await called('study', 'list', ...at)
  expect(code).toBe(0)
  expect(stderr).toMatch(/broken cannot be read: .*params\.x: the parameter has no\s+distribution/)
  expect(stdout).toMatch(/foreign +2 complete +value +0\.5/)
  expect(stdout).toMatch(/several\/a[^]*several\/b/)
  expect(`${stdout}${stderr}`).not.toMatch(/ at .*\.ts:/)
})

test('importance says how little few trials say', async () => {
  expect((await called('study', 'importance', 'few', ...at)).stdout).toMatch(
    /This says little yet: 3 finished trials over 1\s+axis, the best tenth a single one; from about 10 on/,
  )
})

test('what waits is shown with the values that it was given', async () => {
  const { stdout } = await called('study', 'show', 'waits', ...at)
  expect(stdout).toMatch(/1 complete, 1 waiting/)
  expect(stdout).toMatch(/ 1 +waiting +- +0 +4\n/)
})

test('values without a notation in JSON are told as text', async () => {
  for (const words of [['study', 'show', 'foreign', '--json'], ['study', 'export', 'foreign', '--format', 'json']]) {
    const { trials } = JSON.parse((await called(...words, ...at)).stdout) as { trials: { values: object }[] }
    expect(trials.map(({ values }) => values)).toEqual([{ value: 'Infinity' }, { value: 0.5 }])
  }
})

test('attributes of another shape are another program\'s', async () => {
  expect((await called('study', 'best', 'foreign', ...at)).stdout).toMatch(/value 0\.5\S* {2}trial 1: x 2/)
})

test('a journal of several studies asks which one is meant', async () => {
  const { code, stderr } = await called('study', 'show', 'several', ...at)
  expect(code).toBe(1)
  expect(stderr).toMatch(/holds several studies[^]*study show several\/a/)
})

test('a file whose fields throw is named, without a stack', async () => {
  const file = path.join(folder, 'throws.mjs')
  fs.writeFileSync(file, "export default { experiment: 'mlp-on-mnist', get space() { throw new Error('no luck') } }\n")
  const { code, stderr } = await called('tune', file, ...at)
  expect(code).toBe(1)
  expect(stderr).toMatch(/throws\.mjs: reading the fields of the study fails[^]*no luck[^]*Next/)
  expect(stderr).not.toMatch(/ at .*:\d+:\d+/)
})

test('with --json, too, data that are not there begin no study', async () => {
  const words = ['tune', 'tabular', '--trials', '7', '--study', 'lost', '--data', '/nope.csv', '--set', 'target=x']
  const { code, stderr } = await called(...words, '--json', ...at, '--runs', path.join(folder, 'runs'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/must be a table[^]*\/nope\.csv, which does not exist/)
  expect(fs.existsSync(path.join(studies, 'lost', 'journal.jsonl'))).toBe(false)
}, 60_000)
