// What commands suggest next is pasted into a shell and run; and a folder of pictures is predicted as a whole.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadDataset } from '@ddlf/data/node'
import { compiledProgram } from '../../../test/compiled.ts'
import { workFolder } from './command.ts'
import { writeReviews } from './made-data.ts'

const PATIENCE = 600_000
const folder = workFolder()
// A place that a shell misreads where a suggestion does not quote it.
const runs = path.join(folder, "my runs; it's $HOME")
const bin = path.join(folder, 'bin')
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'DDLF_RUNS'),
  ),
  FORCE_COLOR: '0',
  PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
}
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A command line as a shell runs it. */
function shell(line: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8', env: environment })
  return { line, status, stdout, stderr }
}
const quoted = `'${runs.replaceAll("'", "'\\''")}'`
const SMALL = '--set epochs=1 --set trainExamples=200 --set hidden=8'
let trained = ''

beforeAll(() => {
  fs.mkdirSync(bin)
  fs.symlinkSync(compiledProgram, path.join(bin, 'ddlf'))
  trained = shell(`ddlf train mlp-on-mnist ${SMALL} --runs ${quoted}`).stdout
}, PATIENCE)

/** The commands that a text suggests, without those with a place to fill in. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/\bddlf (?:[a-z]+)\b[^\n]*/g)].map(([line]) => line).filter(line => !/<\w/.test(line))

test.runIf(process.platform !== 'win32')('every command that a training suggests runs as it is', () => {
  const suggested = commandsIn(trained.slice(trained.indexOf('Next:')))
  expect(suggested.map(line => line.split(' ')[1])).toEqual(['show', 'analyze', 'train', 'graph', 'days'])
  const train = suggested.find(line => line.startsWith('ddlf train'))
  for (const part of ['--set epochs=1', '--set trainExamples=200', '--set hidden=8', '--set seed=2', '--runs'])
    expect(train).toContain(part)
  const answers = suggested.map(shell)
  for (const [i, line] of suggested.entries()) expect(answers[i]).toMatchObject({ line, status: 0, stderr: '' })
  expect(fs.readdirSync(path.join(runs, 'mlp-on-mnist')).length).toBe(2)
  // The second run has one before it to be compared with.
  const second = answers[suggested.indexOf(train ?? '')]?.stdout ?? ''
  const compare = commandsIn(second).find(line => line.startsWith('ddlf compare'))
  const compared = shell(compare ?? '')
  expect(compared).toMatchObject({ line: expect.stringMatching(/^ddlf compare /) as string, status: 0, stderr: '' })
  expect(compared.stdout).toMatch(/seed=?[^]*Results/)
  // The default place got nothing.
  expect(fs.existsSync(path.join(folder, 'runs'))).toBe(false)
}, PATIENCE)

test.runIf(process.platform !== 'win32')('so do those of mistakes and removals', () => {
  const missing = shell(`ddlf show mlp-on-mnist/20200101 --runs ${quoted}`)
  expect(missing.status).toBe(1)
  const unconfirmed = shell(`ddlf rm latest --runs ${quoted} < /dev/null`)
  expect(unconfirmed.stderr).toContain('must be confirmed')
  const setting = shell(`ddlf train mlp-on-mnist --set dropout=7 --runs ${quoted}`)
  const name = shell('ddlf train qqqqqqqqqqqqqqqqqq')
  const texts = [missing, unconfirmed, setting, name].map(({ stderr }) => commandsIn(stderr))
  for (const lines of texts) expect(lines.length).toBe(1)
  const [, removed] = texts.flat().map(line => {
    const ran = shell(line)
    expect(ran).toMatchObject({ line, status: 0, stderr: '' })
    return ran
  })
  const [restore] = commandsIn(removed!.stdout)
  expect(restore).toContain('ddlf runs restore')
  expect(shell(restore!)).toMatchObject({ status: 0, stderr: '' })
}, PATIENCE)

test.runIf(process.platform !== 'win32')('so do those of data sets and of own tables', () => {
  const cache = path.join(folder, 'cache')
  const pulled = shell('ddlf data pull mnist')
  const where = commandsIn(pulled.stdout)
  expect(where).toEqual([expect.stringMatching(/^ddlf data where mnist/)])
  const unconfirmed = shell(`DDLF_CACHE='${cache}' ddlf data remove mnist < /dev/null`)
  const remove = commandsIn(unconfirmed.stderr).map(line => `DDLF_CACHE='${cache}' ${line}`)
  expect(remove).toHaveLength(1)
  writeReviews(path.join(folder, 'my reviews.csv'), 60)
  const trains = commandsIn(shell("ddlf data show 'my reviews.csv'").stdout).map(
    line => `${line} --set epochs=1 --runs ${quoted}`,
  )
  expect(trains.map(line => line.split(' ')[2])).toEqual(['text-table'])
  for (const line of [...where, ...remove, ...trains])
    expect(shell(line)).toMatchObject({ line, status: 0, stderr: '' })
}, PATIENCE)

test.runIf(process.platform !== 'win32')('what learns at once is said to, and a model of texts is let write', () => {
  writeReviews(path.join(folder, 'counted.csv'), 60)
  const counted = shell(
    `ddlf train naive-bayes --data counted.csv --set text=review --set label=stars --set epochs=3 --runs ${quoted}`,
  )
  expect(counted).toMatchObject({ status: 0, stderr: '' })
  expect(counted.stdout).toMatch(/, 1 epoch of 1 step\n/)
  expect(counted.stdout).toContain('without effect: epochs=3 (with no training steps)')
  // Of one evaluation none was chosen.
  expect(counted.stdout).toContain('The weights of the last epoch, seed 1.\n')
  expect(shell(`ddlf runs naive-bayes --runs ${quoted}`).stdout).toMatch(/completed .* at once /)
  expect(commandsIn(counted.stdout).some(line => line.startsWith('ddlf sample'))).toBe(false)
  fs.writeFileSync(path.join(folder, 'cats.txt'), 'The cat sat on the mat.\n'.repeat(60))
  const small = 'layers=1 heads=1 width=8 blockSize=8 steps=2 evaluateEvery=1'.replace(/(\S+)/g, '--set $1')
  const writing = shell(`ddlf train gpt-on-text --data cats.txt ${small} --runs ${quoted}`)
  const samples = commandsIn(writing.stdout).filter(line => line.startsWith('ddlf sample'))
  expect(samples).toHaveLength(1)
  expect(shell(samples[0] ?? '')).toMatchObject({ status: 0, stderr: '' })
}, PATIENCE)

test.runIf(process.platform !== 'win32')('so do those of imported weights and of exercises', () => {
  const weights = path.join(folder, 'weights.safetensors')
  const model = '--set hidden=8'
  expect(shell(`ddlf export latest --format safetensors --out '${weights}' --runs ${quoted}`).status).not.toBe(null)
  const [run] = fs.readdirSync(path.join(runs, 'mlp-on-mnist'))
  expect(shell(`ddlf export ${run!} --format safetensors --out '${weights}' --force --runs ${quoted}`)).toMatchObject({
    status: 0,
    stderr: '',
  })
  const imported = shell(`ddlf import mlp-on-mnist '${weights}' ${model} --runs ${quoted}`)
  const next = commandsIn(imported.stdout)
  expect(next.map(line => line.split(' ')[1])).toEqual(['evaluate', 'analyze', 'export'])
  const files = "'my exercises'"
  const first = commandsIn(shell(`ddlf exercise --folder ${files}`).stdout)
  expect(first).toEqual([expect.stringMatching(/^ddlf exercise \S+ --folder 'my exercises'$/)])
  for (const line of [...next, ...first]) expect(shell(line)).toMatchObject({ line, status: 0, stderr: '' })
  // The file is laid out now, with its hole: the check says so and names a hint.
  const hints = commandsIn(shell(first[0]!).stdout)
  expect(hints).toHaveLength(1)
  for (const line of hints) expect(shell(line)).toMatchObject({ line, status: 0, stderr: '' })
}, PATIENCE)

test.runIf(process.platform !== 'win32')(
  'predict on a folder says what the model says of every picture below it',
  async () => {
    const { images } = (await loadDataset('mnist', { split: 'test' })).columns
    const pictures = path.join(folder, 'pictures')
    const names = ['a.png', 'deep/b.png', 'deep/c.png', 'linked/d.png']
    const elsewhere = path.join(folder, 'elsewhere')
    fs.mkdirSync(path.join(pictures, 'deep'), { recursive: true })
    // A linked folder is read as any other, one that leads in a circle once.
    fs.mkdirSync(elsewhere)
    fs.symlinkSync(elsewhere, path.join(pictures, 'linked'))
    fs.symlinkSync(pictures, path.join(pictures, 'round'))
    names.forEach((name, i) =>
      fs.writeFileSync(
        path.join(pictures, name),
        encode({
          width: 28,
          height: 28,
          channels: 1,
          depth: 8,
          data: Uint8Array.from(images!.data.slice(784 * i, 784 * (i + 1))),
        }),
      ),
    )
    fs.writeFileSync(path.join(pictures, 'damaged.png'), 'no picture')
    fs.writeFileSync(path.join(pictures, 'notes.txt'), 'no picture')
    const [json, csv, table, one] = [
      shell(`ddlf predict latest pictures --json --runs ${quoted}`),
      shell(`ddlf predict latest pictures --csv --runs ${quoted}`),
      shell(`COLUMNS=60 ddlf predict latest pictures --runs ${quoted}`),
      shell(`ddlf predict latest pictures/deep/b.png --json --runs ${quoted}`),
    ]
    for (const { status, stderr } of [json, csv, table])
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(
          /^4 pictures used, 3 left out: 1 no picture \(notes\.txt\), 1 link to a folder that is read already \(round\), 1 damaged \(damaged\.png\)\n {2}damaged\.png: /,
        ) as string,
      })
    const { predictions } = JSON.parse(json.stdout) as {
      predictions: { input: string; classes: { name: string; probability: number }[] }[]
    }
    expect(predictions.map(({ input }) => input)).toEqual(names)
    // The same as one by one.
    expect(predictions[1]?.classes).toEqual((JSON.parse(one.stdout) as { classes: object[] }).classes)
    const [header, ...rows] = csv.stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split(','))
    expect(header).toEqual(['input', 'prediction', 'probability', ...Array.from({ length: 10 }, (_, k) => String(k))])
    rows.forEach(([input, prediction, probability, ...all], i) => {
      const first = predictions[i]!.classes[0]!
      expect([input, prediction, Number(probability)]).toEqual([names[i], first.name, first.probability])
      expect(all.reduce((sum, value) => sum + Number(value), 0)).toBeCloseTo(1, 6)
      expect(Number(all[Number(prediction)])).toBe(first.probability)
    })
    expect(table.stdout.split('\n')[0]).toMatch(/^input +prediction +probability/)
    for (const line of table.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    fs.mkdirSync(path.join(folder, 'bare'))
    expect(shell(`ddlf predict latest bare --runs ${quoted}`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('holds no picture') as string,
    })
  },
  PATIENCE,
)
