// Outputs of every command: a file that is there stays as it is unless --force is given, what is read or belongs to a
// run is never replaced, and a folder is answered with what to write instead.
import fs from 'node:fs'
import path from 'node:path'
import { trainTokenizer } from '@ddlf/data/tokenizers'
import type { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { program } from '../src/main.ts'
import { ddlf, eventsOf, start, workFolder } from './command.ts'
import { called } from './in-process.ts'
import { writeReviews, writeShapes } from './made-data.ts'

/** A bound against hanging only: machines may be busy. */
const PATIENCE = 600_000
const folder = workFolder()
const at = (name: string) => path.join(folder, name)
const [runs, studies] = [at('runs'), at('studies')]
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
let run = ''

const written = 'somebody else wrote this'

/** A command with `<out>` where the name of its output goes. */
const commands: Readonly<Record<string, readonly string[]>> = {
  export: ['export', 'latest', '--out', '<out>', '--runs', runs],
  'export safetensors': ['export', 'latest', '--format', 'safetensors', '--out', '<out>', '--runs', runs],
  analyze: ['analyze', 'latest', '--out', '<out>', '--runs', runs],
  compare: ['compare', 'latest', '<first>', '--out', '<out>', '--runs', runs],
  graph: ['graph', 'mlp-on-mnist', '--out', '<out>', '--runs', runs],
  'study report': ['study', 'report', 'mlp-on-mnist', '--out', '<out>', '--studies', studies],
  'study export': ['study', 'export', 'mlp-on-mnist', '--out', '<out>', '--studies', studies],
  'data show': ['data', 'show', at('shapes'), '--output', '<out>'],
  'tokenizer train': ['tokenizer', 'train', at('a.txt'), '--out', '<out>'],
  'tokenizer decode': ['tokenizer', 'decode', at('a.json'), '1', '--out', '<out>'],
  'tokenizer show': ['tokenizer', 'show', at('a.json'), 'some text', '--out', '<out>'],
}
const firstRun = () => fs.readdirSync(path.join(runs, 'text-table')).toSorted()[0] ?? ''
const given = (words: readonly string[], file: string, ...more: readonly string[]) =>
  called(
    ...words.map(word => (word === '<out>' ? file : word === '<first>' ? firstRun() : word)),
    ...more,
  )

beforeAll(async () => {
  writeReviews(at('reviews.csv'), 60)
  writeShapes(at('shapes'), 4)
  fs.writeFileSync(at('a.txt'), 'some text')
  fs.writeFileSync(at('a.json'), trainTokenizer(['some text']).toJson())
  const columns = ['--data', at('reviews.csv'), '--set', 'text=review', '--set', 'label=stars', '--set', 'buckets=64']
  for (const seed of ['seed=1', 'seed=2']) {
    const settings = [...columns, '--set', 'epochs=1', '--set', seed]
    const trained = await ddlf('train', 'text-table', ...settings, '--json', '--runs', runs)
    run = String(eventsOf(trained).find(({ kind }) => kind === 'start')?.['run'])
  }
  fs.mkdirSync(path.join(studies, 'mlp-on-mnist'), { recursive: true })
  const study = { op_code: 0, worker_id: 'w', study_name: 'mlp-on-mnist', directions: [1] }
  fs.writeFileSync(path.join(studies, 'mlp-on-mnist', 'journal.jsonl'), `${JSON.stringify(study)}\n`)
}, PATIENCE)

test('every command that writes a file has --force beside the option that names it, and a test here', async () => {
  const named = (command: Command, names: readonly string[]): string[] => [
    ...command.commands.flatMap(one => named(one, [...names, one.name()])),
    ...(command.options.some(({ long, flags }) => /^--(out|output)$/.test(long ?? '') && flags.includes('<file>'))
      ? [names.join(' ')]
      : []),
  ]
  const root = await program()
  const writing = named(root, [])
  // A model of pictures takes long to train: of `sample` and `predict` the option alone is looked at.
  const tested = [...Object.keys(commands).filter(name => name !== 'export safetensors'), 'sample', 'predict']
  expect(writing.toSorted()).toEqual(tested.toSorted())
  for (const name of writing) {
    const command = name.split(' ').reduce((at, word) => at.commands.find(one => one.name() === word) as Command, root)
    expect(command.options.map(({ long }) => long)).toContain('--force')
  }
})

test.each(Object.entries(commands))('%s leaves a file as it is, and replaces it with --force', async (name, words) => {
  const ending = name === 'data show' ? 'svg' : 'out'
  const file = at(`${name.replaceAll(' ', '-')}.${ending}`)
  fs.writeFileSync(file, written)
  const refused = await given(words, file)
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already[^]*--force/) as string })
  expect(fs.readFileSync(file, 'utf8')).toBe(written)
  const inFolder = await given(words, folder)
  const isFolder = name === 'data show' ? /must end in \.svg/ : /which is a folder[^]*Next: Name a file in it: --out /
  expect(inFolder).toMatchObject({ code: 1, stderr: expect.stringMatching(isFolder) as string })
  const forced = await given(words, file, '--force')
  expect(forced).toMatchObject({ code: 0 })
  expect(fs.readFileSync(file, 'utf8')).not.toBe(written)
}, PATIENCE)

test("what a command reads, and a run's own data, are never replaced", async () => {
  const record = path.join(runs, run, 'run.json')
  const journal = path.join(studies, 'mlp-on-mnist', 'journal.jsonl')
  const cases: readonly (readonly [words: readonly string[] | undefined, file: string])[] = [
    [commands['export'], at('reviews.csv')],
    [commands['analyze'], at('reviews.csv')],
    [commands['data show'], at('shapes/disc/0.png')],
    [commands['tokenizer train'], at('a.txt')],
    [commands['tokenizer show'], at('a.json')],
    [commands['export'], record],
    [commands['graph'], path.join(runs, run, 'checkpoints', 'new.onnx')],
    [commands['study export'], journal],
  ]
  for (const [words = [], file] of cases) {
    const before = fs.existsSync(file) ? fs.readFileSync(file) : undefined
    const refused = await given(words, file, '--force')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/An output never replaces/) as string })
    expect(fs.existsSync(file) ? fs.readFileSync(file) : undefined).toEqual(before)
  }
}, PATIENCE)

test('the default name of a contact sheet is no exception', async () => {
  const show = (...more: readonly string[]) => start(['data', 'show', './shapes', ...more], {}, folder).ended
  expect(await show()).toMatchObject({ code: 0, stdout: expect.stringContaining('contact sheet: ') as string })
  const sheet = fs.readdirSync(folder).find(name => /^shapes.*\.svg$/.test(name)) ?? ''
  fs.writeFileSync(at(sheet), written)
  expect(await show()).toMatchObject({ code: 1, stderr: expect.stringMatching(/already[^]*with --output/) as string })
  expect(fs.readFileSync(at(sheet), 'utf8')).toBe(written)
  expect(await show('--force')).toMatchObject({ code: 0 })
}, PATIENCE)
