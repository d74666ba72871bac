// A run that never saw its test part, as no trial of a study does: what judged it is named wherever its figures are;
// what it refuses to predict, and where its analysis goes.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { encodeSafetensors, parseSettings, tabular } from '@ddlf/lab'
import { loadTrainingData } from '@ddlf/lab/node'
import { nameOfRun, openRun } from '@ddlf/lab/runs'
import { stateDict } from '@ddlf/nn'
import { printReport } from '../src/terminal/report.ts'
import { workFolder } from './command.ts'
import { called } from './in-process.ts'

const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

let imported = ''
beforeAll(async () => {
  const table = path.join(folder, 't.csv')
  const rows = Array.from({ length: 60 }, (_, k) => `${k % 7},${(k * 5) % 11},${k % 2 === 0 ? 'even' : 'odd'}`)
  fs.writeFileSync(table, ['a,b,y', ...rows, ''].join('\n'))
  // Imported rather than trained, which takes threads of its own.
  const given = { target: 'y', hidden: [], validation: 0.25, evaluateTest: false }
  const { settings } = await loadTrainingData(tabular, parseSettings(tabular, { ...given, data: table }))
  const weights = path.join(folder, 'weights.safetensors')
  fs.writeFileSync(weights, encodeSafetensors(stateDict(tabular.model(settings))))
  const set = Object.entries(given).flatMap(([name, value]) => ['--set', `${name}=${JSON.stringify(value)}`])
  const { code, stdout, stderr } = await called('import', 'tabular', weights, '--data', table, ...set, '--runs', runs)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  imported = stdout
}, 120_000)

/** What is printed at the end of a training. */
async function reported(): Promise<string> {
  let said = ''
  const log = vi.spyOn(console, 'log').mockImplementation(text => { said += `${String(text)}\n` })
  try {
    await printReport(runs, nameOfRun(openRun(runs, 'latest')), 'completed')
  } finally {
    log.mockRestore()
  }
  return said
}

test('evaluate judges it on the part that judged it, and analyze and the report name that', async () => {
  const evaluated = await called('evaluate', 'latest', '--json', '--runs', runs)
  expect(evaluated).toMatchObject({ code: 0, stderr: '' })
  const { split, examples, errors } = JSON.parse(evaluated.stdout) as Record<string, unknown>
  // A quarter of the 48 rows that are not the test part.
  expect({ split, examples }).toEqual({ split: 'validation', examples: 12 })
  const analysed = await called('analyze', 'latest', '--runs', runs)
  expect(analysed.stdout).toMatch(/^Validation error /m)
  const report = await reported()
  expect(analysed.stdout + report + imported).not.toMatch(/test error/i)
  expect(imported).toMatch(/: validation \w+ /)
  expect(report).toMatch(new RegExp(`Validation error .*\\(${String(errors)} of 12 wrong`))
  const page = /open (file:\S+)/.exec(analysed.stdout)?.[1] ?? ''
  const html = fs.readFileSync(new URL(page), 'utf8')
  expect(html).toContain('Validation error')
  expect(html).not.toMatch(/test error|test items|test part/i)
}, 120_000)

test('evaluate puts outputs back that are gone, as verify says it does', async () => {
  const { folder: run } = openRun(runs, 'latest')
  const file = path.join(run, 'artifacts', 'validation-outputs.safetensors')
  const before = fs.readFileSync(file)
  fs.rmSync(file)
  const broken = await called('verify', 'latest', '--runs', runs)
  expect(broken).toMatchObject({ code: 1, stdout: expect.stringMatching(/ evaluate tabular\//) as string })
  const evaluated = await called('evaluate', 'latest', '--json', '--runs', runs)
  expect(evaluated).toMatchObject({ code: 0, stderr: expect.stringMatching(/are there again/) as string })
  expect(fs.readFileSync(file)).toEqual(before)
  expect((await called('verify', 'latest', '--runs', runs)).code).toBe(0)
}, 120_000)

test('predict refuses what a model of a table has no use for, and says what to give instead', async () => {
  const table = path.join(folder, 't.csv')
  const cases: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [[table, '--column', 'a'], /--column names the column of the text[^]*Leave it out: columns are found by the names/],
    [[table, '--invert'], /--invert turns dark to light in pictures[^]*tabular, which reads none[^]*Leave it out/],
    [[''], /an empty name \(''\)[^]*Next: Name a table/],
    [['hello'], /hello, which does not exist[^]*Next: Check the path; .* learned from: a, b\./],
  ]
  for (const [words, message] of cases) {
    const refused = await called('predict', 'latest', ...words, '--runs', runs)
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) as string })
  }
  const one = path.join(folder, 'one.csv')
  fs.writeFileSync(one, 'a,b\n1,2\n')
  const { stderr } = await called('predict', 'latest', one, '--runs', runs)
  expect(stderr).toMatch(/^1 row used, none left out/)
  fs.writeFileSync(one, 'a,b\nmany,2\n1,2\n')
  const odd = await called('predict', 'latest', one, '--runs', runs)
  expect(odd.stderr).toMatch(/column 'a': 1 of 2 fields is no number \('many'\), taken as missing/)
}, 120_000)

// Windows has no named pipes among its files.
test.skipIf(process.platform === 'win32')('analyze writes its page alone into a pipe, and no folder', async () => {
  const nowhere = await called('analyze', 'latest', '--out', path.join(folder, 'nowhere', 'page.html'), '--runs', runs)
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringMatching(/must be there[^]*mkdir -p/) as string })
  expect(fs.existsSync(path.join(folder, 'nowhere'))).toBe(false)
  const place = path.join(folder, 'piped')
  fs.mkdirSync(place)
  const pipe = path.join(place, 'page.html')
  execFileSync('mkfifo', [pipe])
  const reader = spawn('cat', [pipe])
  let read = ''
  reader.stdout.on('data', (part: Buffer) => { read += part.toString() })
  const { code, stdout } = await called('analyze', 'latest', '--out', pipe, '--runs', runs)
  await new Promise(done => reader.on('close', done))
  expect({ code, files: fs.readdirSync(place) }).toEqual({ code: 0, files: ['page.html'] })
  expect(stdout).not.toContain('figures as SVG')
  expect(read).toMatch(/^<!doctype html>[^]*<\/html>\s*$/i)
}, 120_000)
