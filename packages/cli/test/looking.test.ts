// Looking at own data and at what was learned from them: a table without options, the graph of a run, several inputs at
// once, the figures of a regression, and a report that needs no data.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { nameOfRun, openRun } from '@ddlf/lab/runs'
import { printReport } from '../src/terminal/report.ts'
import { ddlf, workFolder } from './command.ts'
import { writeReviews } from './made-data.ts'

const PATIENCE = 600_000
const folder = workFolder()
const at = (name: string) => path.join(folder, name)
const runs = at('runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Prices in whole euros, far from 1. */
function writeHouses(file: string): void {
  const row = (k: number) => {
    const [size, town] = [40 + ((k * 37) % 120), ['Ulm', 'Bonn', 'Kiel'][k % 3] ?? '']
    const price = (3000 * size + 50_000 * (k % 3)).toLocaleString('de-DE')
    return `${size};${town};2024-01-${String(1 + (k % 28)).padStart(2, '0')};${price} €`
  }
  fs.writeFileSync(file, ['size;town;sold;price', ...Array.from({ length: 120 }, (_, k) => row(k)), ''].join('\n'))
}

const houses = at('houses.csv')
const reviews = at('reviews.csv')
let regression = ''

beforeAll(async () => {
  writeHouses(houses)
  writeReviews(reviews, 120)
  const text = ['--data', reviews, '--set', 'text=review', '--set', 'label=stars', '--set', 'buckets=500']
  const trained = [
    await ddlf('train', 'text-table', ...text, '--set', 'epochs=15', '--runs', at('texts')),
    await ddlf('train', 'tabular', '--data', houses, '--set', 'target=price', '--set', 'epochs=3', '--runs', runs),
  ]
  for (const { code, stderr } of trained) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  regression = trained[1]!.stdout
}, PATIENCE)

test('a table is shown without options, with commands that go on with it', async () => {
  const { code, stdout } = await ddlf('data', 'show', houses)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^houses\.csv: 120 rows of 4 columns\n120 rows used, none left out; semicolons between fields/)
  expect(stdout).toMatch(/size +numbers +- +120 +40 to 159/)
  expect(stdout).toMatch(/town +categories +- +3 +Bonn 40, Kiel 40, Ulm 40/)
  expect(stdout).toMatch(/sold +dates +- +28 +2024-01-01, \.\.\./)
  expect(stdout).toMatch(/price +numbers +- +\d+ +\d+ to \d+ €/)
  expect(stdout).toMatch(
    /Next, predict\n +'price', a number:\n.*--set target=price\n +'town', a class:\n.*train tabular --data .*=town\n$/,
  )
  const texts = await ddlf('data', 'show', reviews)
  expect(texts.stdout).toMatch(
    /review +texts[^]*stars +categories[^]*train text-table --data .* --set text=review --set label=stars/,
  )
}, PATIENCE)

test('each word of a text is taken out, and what it did to the answer is told', async () => {
  const asked = ['predict', 'latest', 'a lovely plot and a dull end', '--words', '--runs', at('texts')]
  const { code, stdout, stderr } = await ddlf(...asked)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/What each word adds[^]*\nlovely .*[+-]\d+\.\d\d\n/)
  const { words, classes, of } = JSON.parse((await ddlf(...asked, '--json')).stdout) as {
    words: { word: string; effect: number }[]; classes: { name: string }[]; of: string
  }
  expect(words.map(({ word }) => word)).toEqual(['a', 'lovely', 'plot', 'and', 'a', 'dull', 'end'])
  expect(of).toBe(classes[0]!.name)
  for (const wrong of [['one', 'two', '--words'], [reviews, '--words'], ['one two', '--words', '--csv']]) {
    const refused = await ddlf('predict', 'latest', ...wrong, '--runs', at('texts'))
    expect({ wrong, code: refused.code }).toEqual({ wrong, code: 1 })
    expect(refused.stderr).toMatch(/--words/)
  }
}, PATIENCE)

test.each([
  ['gone.txt', /gone\.txt, which does not exist[^]*Check the path/],
  ['gone.csv', /rows of a table[^]*gone\.csv, which does not exist/],
])('%s is the name of a file that is not there, and no text', async (name, message) => {
  const { code, stdout, stderr } = await ddlf('predict', 'latest', name, '--runs', at('texts'))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(message)
}, PATIENCE)

describe('a regression', () => {
  test('says its figures in the report, in the list of runs and in curves without needless decimals', async () => {
    expect(regression).toMatch(/column 'sold' left out: it holds dates \(2024-01-\d\d\)/)
    expect(regression).toMatch(
      /'price' has points between thousands: (\d+)\.(\d{3}) € is read as \1\2; 'price' is in €/,
    )
    expect(regression).toMatch(/R2 -?\d\.\d{4} on 24 test rows/)
    expect(regression).not.toMatch(/\d{5,}\.\d{4}/)
    const listed = await ddlf('runs', '--runs', runs)
    expect(listed.stdout).toMatch(/^run +status +test R2 [^\n]*\n\S+ +completed +-?\d+\.\d{4} /)
  }, PATIENCE)

  test('is analysed with its figures, and one of predicted against true numbers', async () => {
    const [said, plain] = await Promise.all([
      ddlf('analyze', 'latest', '--runs', runs),
      ddlf('analyze', 'latest', '--json', '--out', at('analysis.html'), '--runs', runs),
    ])
    expect(said).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/R2 -?\d\.\d{4} on 24 test rows, mean/) as string,
    })
    const { r2, figures } = JSON.parse(plain.stdout) as { r2: number; figures: string[] }
    expect(said.stdout).toContain(`R2 ${r2.toFixed(4)}`)
    expect(figures.map(file => path.basename(file))).toContain('predicted-against-true.svg')
    for (const file of figures) expect(fs.existsSync(file)).toBe(true)
  }, PATIENCE)

  test('has a graph with the columns of its data; the experiment alone has stand-ins, and says so', async () => {
    const [ofRun, ofExperiment, refused] = await Promise.all([
      ddlf('graph', 'latest', '--part', 'forward', '--runs', runs),
      ddlf('graph', 'tabular', '--part', 'forward', '--runs', runs),
      ddlf('graph', 'latest', '--set', 'epochs=1', '--runs', runs),
    ])
    // Size, and the towns of training with one place for others.
    expect(ofRun).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/features.*\[32, 5\]/) as string })
    expect(ofExperiment).toMatchObject({ code: 0, stderr: expect.stringContaining('stand-ins') as string })
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/A run has its settings[^]*graph tabular --set epochs=1/) as string,
    })
  }, PATIENCE)

  test('that is completed is not resumed; the message has a command', async () => {
    const refused = await ddlf('resume', 'latest', '--runs', runs)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/completed: nothing is left to do[^]*Next: .*show tabular\//) as string,
    })
  }, PATIENCE)
})

test('several texts are predicted at once', async () => {
  const inputs = ['a lovely, moving film', 'a dull and tedious plot', '???']
  const [table, json, mixed] = await Promise.all([
    ddlf('predict', 'latest', ...inputs, '--runs', at('texts')),
    ddlf('predict', 'latest', ...inputs.slice(0, 2), '--json', '--runs', at('texts')),
    ddlf('predict', 'latest', reviews, inputs[0]!, '--runs', at('texts')),
  ])
  expect(table.code).toBe(0)
  expect(table.stdout).toMatch(/a lovely, moving film +good[^]*a dull and tedious plot +bad/)
  const { predictions } = JSON.parse(json.stdout) as { predictions: { input: string; classes: { name: string }[] }[] }
  expect(predictions.map(({ input, classes }) => [input, classes[0]?.name])).toEqual([
    [inputs[0], 'good'],
    [inputs[1], 'bad'],
  ])
  expect(mixed).toMatchObject({ code: 1, stderr: expect.stringMatching(/A table is predicted by itself/) as string })
}, PATIENCE)

test('a number that JSON does not have is named in the message', async () => {
  const { code, stderr } = await ddlf('train', 'tabular', '--set', 'epochs=1e999', '--runs', runs)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/Received: epochs=Infinity/) as string })
}, PATIENCE)

test('the report of a training needs its data no more', async () => {
  const moved = at('moved.csv')
  fs.renameSync(houses, moved)
  let said = ''
  const log = vi.spyOn(console, 'log').mockImplementation(text => { said += `${String(text)}\n` })
  try {
    const run = openRun(runs, 'latest')
    await printReport(runs, nameOfRun(run), 'completed')
  } finally {
    log.mockRestore()
    fs.renameSync(moved, houses)
  }
  expect(said).toMatch(/R2 -?\d\.\d{4} on 24 test rows/)
}, PATIENCE)
