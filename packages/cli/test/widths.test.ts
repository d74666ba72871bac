// Commands that print tables, at 60, 80 and 120 columns: no line is wider, but those that hold one word too long to
// break or a command to paste.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { experiments } from '@ddlf/course'
import { openTuning } from '@ddlf/lab/node'
import { commandList } from '../src/command-list.ts'
import { main } from '../src/main.ts'
import { ddlf, workFolder } from './command.ts'

/** A bound against hanging only: machines may be busy. */
const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
const studies = path.join(folder, 'studies')
const exitCode = process.exitCode

beforeAll(async () => {
  for (const seed of [1, 2]) {
    await ddlf(
      'train',
      'mlp-on-mnist',
      '--set',
      'epochs=1',
      '--set',
      'trainExamples=200',
      '--set',
      'hidden=8',
      '--set',
      `seed=${seed}`,
      '--json',
      '--runs',
      runs,
    )
  }
  process.stdout.setMaxListeners(0)
  const tuning = openTuning({ experiments, experiment: 'mlp-on-mnist', studies })
  for (const value of [0.08, 0.05, 0.11]) {
    const { number } = tuning.study.ask()
    tuning.study.report(number, 1, value + 0.02)
    tuning.study.tell(number, value)
  }
  tuning.close()
}, PATIENCE)
afterAll(() => {
  vi.unstubAllEnvs()
  process.exitCode = exitCode
  fs.rmSync(folder, { recursive: true, force: true })
})

/** What a command prints where COLUMNS says how wide the place is. */
async function printed(args: readonly string[], columns: number): Promise<string> {
  vi.stubEnv('COLUMNS', String(columns))
  let text = ''
  const hear = (said: unknown) => {
    text += String(said)
    return true
  }
  vi.spyOn(console, 'log').mockImplementation(said => void hear(`${String(said)}\n`))
  vi.spyOn(console, 'error').mockImplementation(said => void hear(`${String(said)}\n`))
  vi.spyOn(process.stdout, 'write').mockImplementation(hear)
  vi.spyOn(process.stderr, 'write').mockImplementation(hear)
  try {
    await main(['node', 'ddlf', ...args])
  } finally {
    vi.restoreAllMocks()
  }
  return text
}

const ids = () =>
  fs
    .readdirSync(path.join(runs, 'mlp-on-mnist'))
    .filter(name => !name.startsWith('.'))
    .map(id => `mlp-on-mnist/${id}`)
const commands: readonly [name: string, args: () => readonly string[], shows: RegExp][] = [
  ['data list', () => ['data', 'list'], /cifar-10/],
  ['data info', () => ['data', 'info', 'mnist'], /licence/],
  ['doctor', () => ['doctor', '--runs', runs], /onnx-node/],
  ['days', () => ['days'], /mlp-on-mnist/],
  ['runs', () => ['runs', '--runs', runs], /completed/],
  ['runs, none', () => ['runs', '--runs', path.join(folder, 'none')], /No runs here yet/],
  ['show a run', () => ['show', 'latest', '--runs', runs], /Settings/],
  ['show an experiment', () => ['show', 'mlp-on-mnist'], /learningRate/],
  ['evaluate', () => ['evaluate', 'latest', '--runs', runs], /recall/],
  ['compare', () => ['compare', ...ids(), '--runs', runs], /seed/],
  ['verify', () => ['verify', 'latest', '--runs', runs], /run\.json/],
  ['study list', () => ['study', 'list', '--studies', studies], /3 complete/],
  ['study show', () => ['study', 'show', 'mlp-on-mnist', '--studies', studies], /learningRate/],
  ['study best', () => ['study', 'best', 'mlp-on-mnist', '--studies', studies], /trial 2/],
  ['study importance', () => ['study', 'importance', 'mlp-on-mnist', '--studies', studies], /PED-ANOVA/],
  [
    'tune, with nothing left to try',
    () => ['tune', 'mlp-on-mnist', '--trials', '3', '--studies', studies, '--runs', runs],
    /Best/,
  ],
  ['exercise', () => ['exercise', '--folder', path.join(folder, 'exercises')], /momentum/],
]

const ESCAPES = /\u001b\[[0-9;]*m/g
/** A line that may be longer: a command to paste, or a single word (a path, an address) after its name. */
const bears = (line: string, columns: number) =>
  /ddlf(\.mjs)? (--|[a-z])/.test(line) ||
  line
    .trim()
    .split(/\s+/)
    .some(word => (word.length > columns / 3 && /[/.]/.test(word)) || word.length > columns - 12)

describe.each([60, 80, 120])('at %i columns', columns => {
  test.each(commands)('%s', async (_, args, shows) => {
    const text = (await printed(args(), columns)).replaceAll(ESCAPES, '')
    expect(text).toMatch(shows)
    expect(text.split('\n').filter(line => line.length > columns && !bears(line, columns))).toEqual([])
  }, PATIENCE)

  test('the help of every command', async () => {
    for (const name of commandList.keys()) {
      const [head = ''] = (await printed([name, '--help'], columns)).split('\nExample')
      expect(head, name).toContain('Options:')
      expect(head.split('\n').filter(line => line.length > columns && !bears(line, columns))).toEqual([])
    }
  }, PATIENCE)
})
