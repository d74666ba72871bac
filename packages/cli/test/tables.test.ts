// Own tables from `ddlf train` to predictions of every row, as a user runs them.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ddlf, eventsOf, workFolder, type Ran } from './command.ts'
import { writeReviews } from './made-data.ts'

const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
const nameOf = (ran: Ran) => String(eventsOf(ran).find(({ kind }) => kind === 'start')?.['run'])
const write = (name: string, lines: readonly string[]) => {
  fs.writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`)
  return path.join(folder, name)
}

test('a table of numbers and categories: trained, judged, asked about every row, refused when strict', async () => {
  const row = (k: number) => `${k % 17};${['red', 'green'][k % 2]};${3 * (k % 17) + 20 * (k % 2)},5`
  const table = write('prices.csv', ['size;colour;price', ...Array.from({ length: 200 }, (_, k) => row(k)), '4;red;'])
  const trained = await ddlf(
    'train',
    'tabular',
    '--data',
    table,
    '--set',
    'target=price',
    '--set',
    'epochs=60',
    '--json',
    '--runs',
    runs,
  )
  expect(trained).toMatchObject({ code: 0 })
  expect((eventsOf(trained)[0]?.['notes'] as string[])[0]).toMatch(
    /^200 rows used, 1 left out: 1 with a blank 'price' \(row 201 on line 202\); semicolons between fields; 'price' is predicted as a number; 'price' has commas before fractions: 0,5 is read as 0\.5$/,
  )
  expect((eventsOf(trained).at(-1)?.['metrics'] as { test: { r2: number } }).test.r2).toBeGreaterThan(0.99)
  const asked = write('asked.csv', ['colour,size', 'red,4', 'green,10', 'green,'])
  const [predicted, shown, judged, strict] = await Promise.all([
    ddlf('predict', nameOf(trained), asked, '--csv', '--runs', runs),
    ddlf('predict', nameOf(trained), asked, '--runs', runs),
    ddlf('evaluate', nameOf(trained), '--runs', runs),
    ddlf('train', 'tabular', '--data', table, '--set', 'target=price', '--strict', '--runs', runs),
  ])
  const [head, ...rows] = predicted.stdout.trimEnd().split('\n').map(line => line.split(','))
  expect(head).toEqual(['input', 'prediction', 'probability'])
  expect(rows.map(([input]) => input)).toEqual(['row 1', 'row 2', 'row 3'])
  expect(Math.abs(Number(rows[0]![1]) - 12.5)).toBeLessThan(2)
  expect(Math.abs(Number(rows[1]![1]) - 50.5)).toBeLessThan(2)
  expect(predicted.stderr).toContain('3 rows used, none left out; commas between fields')
  expect(shown.stdout).toMatch(/row 1 +1\d/)
  expect(judged.stdout).toMatch(/r2 +(?:0\.99|1\.0)/)
  expect(strict).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/--strict[^]*1 with a blank 'price' \(row 201 on line 202\)/) as string,
  })
}, PATIENCE)

test('a column of texts is predicted whole', async () => {
  const table = path.join(folder, 'reviews.csv')
  writeReviews(table, 200)
  const trained = await ddlf(
    'train',
    'text-table',
    '--data',
    table,
    '--set',
    'text=review',
    '--set',
    'label=stars',
    '--set',
    'epochs=5',
    '--set',
    'buckets=2048',
    '--json',
    '--runs',
    runs,
  )
  const asked = write('more.tsv', ['id\topinion', '1\ta lovely, moving film', '2\t', '3\tdull and tedious'])
  const predicted = await ddlf('predict', nameOf(trained), asked, '--column', 'opinion', '--csv', '--runs', runs)
  const rows = predicted.stdout.trimEnd().split('\n').map(line => line.split(','))
  expect(rows[0]).toEqual(['input', 'prediction', 'probability', 'bad', 'good'])
  expect(rows.slice(1).map(([input, prediction]) => [input, prediction])).toEqual([['row 1', 'good'], ['row 3', 'bad']])
  const said = "2 rows used, 1 left out: 1 with a blank 'opinion' (row 2 on line 3); tabs between fields"
  expect(predicted.stderr).toContain(said)
}, PATIENCE)
