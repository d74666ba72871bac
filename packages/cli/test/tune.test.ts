// A study from the command line: trials as runs, going on to the total, Ctrl-C, and the test set read by confirm alone.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compiledProgram } from '../../../test/compiled.ts'
import { listRuns, readRunMetrics, readStudy, runLockOwner, studyNames, verifyRun } from '@ddlf/lab/node'
import { called } from './in-process.ts'
import { ddlf, eventsOf, start, workFolder, type Ran } from './command.ts'

/** A bound against hanging only: machines may be busy. */
const PATIENCE = 600_000
const folder = workFolder()
const places = (name: string) => [
  '--studies',
  path.join(folder, name, 'studies'),
  '--runs',
  path.join(folder, name, 'runs'),
]
const studies = (name: string) => path.join(folder, name, 'studies')
const runsOf = (name: string) => listRuns({ root: path.join(folder, name, 'runs'), summaries: true }).runs
const SMALL = [
  '--set',
  'trainExamples=600',
  '--set',
  'hidden=8',
  '--jobs',
  '1',
  '--space',
  'learningRate=log:1e-3..1e-1',
  '--space',
  'hidden.0=int:4..12',
]
const tune = (...args: readonly string[]) => ddlf('tune', 'mlp-on-mnist', ...SMALL, '--set', 'epochs=2', ...args)

afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true })
})

const expectSuccess = ({ code, stderr, stdout }: Ran): string => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('a study', () => {
  let first: Ran
  beforeAll(async () => {
    first = await tune('--trials', '3', '--enqueue', 'learningRate=0.05', '--enqueue', 'hidden.0=6', ...places('a'))
  }, PATIENCE)

  test('says what it holds out, what it will take, every trial and the best, and what to do next', () => {
    const text = expectSuccess(first)
    expect(text).toMatch(/A tenth of the training data is held out[^]*not read before the best is confirmed/)
    expect(text).toMatch(/3 trials of about .*s, 1 at once: at most about .*s and \d+ MB on disk\./)
    expect(text.indexOf('on disk')).toBeLessThan(text.indexOf('trial 0'))
    expect(text).toMatch(/trial 0 {2}accuracy \d+\.\d\d % {2}best so far {2}learningRate 0\.\d+, hidden\.0 \d+/)
    expect(text).toMatch(/3 complete\.\nBest: accuracy[^]*Next:[^]*tune confirm mlp-on-mnist/)
  })

  test('begins with what was given by hand, and the sampler gives the rest', () => {
    expect(first.stdout).toMatch(/first learningRate=0\.05\n {2}first hidden\.0=6\n/)
    const { trials } = readStudy(studies('a'), 'mlp-on-mnist')
    expect(trials.slice(0, 2).map(({ params }) => params)).toEqual([
      { 'learningRate': 0.05, 'hidden.0': expect.any(Number) as number },
      { 'learningRate': expect.any(Number) as number, 'hidden.0': 6 },
    ])
  })

  test('keeps every trial as a whole run that has never seen the test set', () => {
    const found = readStudy(studies('a'), 'mlp-on-mnist')
    const runs = runsOf('a')
    expect(runs).toHaveLength(3)
    expect(found.trials.flatMap(({ userAttributes }) => userAttributes['runs']).sort()).toEqual(
      runs.map(({ experiment, id }) => `${experiment}/${id}`).sort(),
    )
    for (const run of runs) {
      expect(run.status).toBe('completed')
      expect(run.record.config).toMatchObject({ evaluateTest: false, validation: 0.1, epochs: 2 })
      expect(readRunMetrics(run).filter(({ name }) => name.startsWith('test/'))).toEqual([])
      expect(verifyRun(run).files.filter(({ state }) => state === 'wrong')).toEqual([])
    }
    for (const { params, values, intermediateValues } of found.trials) {
      const run = runs.find(
        ({ record }) =>
          (record.config['hidden'] as number[])[0] === params['hidden.0'] &&
          record.config['learningRate'] === params['learningRate'],
      )
      const { metrics } = run?.summary as unknown as { metrics: { validation: { accuracy: number } } }
      expect(values).toEqual([metrics.validation.accuracy])
      expect([...intermediateValues.keys()]).toEqual([1, 2])
    }
  })

  test(
    'the same command goes on to a greater total, and does nothing when it is there',
    async () => {
      const more = eventsOf(await tune('--trials', '4', '--json', ...places('a')))
      expect(more.filter(({ kind }) => kind === 'begin')).toMatchObject([{ number: 3, attempt: 1 }])
      expect(more.at(-1)).toMatchObject({ kind: 'done', reason: 'budget', trials: 4 })
      expect(eventsOf(await tune('--trials', '4', '--json', ...places('a')))).toMatchObject([
        { kind: 'done', trials: 4 },
      ])
    },
    PATIENCE,
  )

  test(
    'study lists, shows, names the best, measures importance and exports',
    async () => {
      const at = ['--studies', studies('a')]
      expect(expectSuccess(await ddlf('study', 'list', ...at))).toMatch(
        /mlp-on-mnist +4 complete +accuracy +\d+\.\d\d %/,
      )
      const shown = expectSuccess(await ddlf('study', 'show', 'mlp-on-mnist', ...at))
      expect(shown).toMatch(/learningRate=log:0\.001\.\.0\.1[^]*trial +state +accuracy/)
      expect(expectSuccess(await ddlf('study', 'best', 'mlp-on-mnist', ...at))).toMatch(
        /accuracy \d+\.\d\d % {2}trial \d: learningRate/,
      )
      const importance = JSON.parse(
        expectSuccess(await ddlf('study', 'importance', 'mlp-on-mnist', '--json', ...at)),
      ) as Record<string, { pedAnova: Record<string, number>; fanova: Record<string, number> }>
      for (const method of ['pedAnova', 'fanova'] as const) {
        const shares = Object.values(importance['accuracy']?.[method] ?? {})
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      }
      const csv = expectSuccess(await ddlf('study', 'export', 'mlp-on-mnist', ...at))
        .trim()
        .split('\n')
      expect(csv[0]).toBe('number,state,accuracy,learningRate,hidden.0,steps,run,startedAt,completedAt')
      expect(csv).toHaveLength(5)
    },
    PATIENCE,
  )

  test(
    'refuses another space, other settings, a setting that is none, and an empty range',
    async () => {
      const refused = async (...args: readonly string[]) => {
        const { code, stderr, stdout } = await ddlf('tune', 'mlp-on-mnist', '--trials', '9', ...args, ...places('a'))
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
        return stderr
      }
      expect(await refused('--space', 'learningRate=log:1e-3..1e-2')).toMatch(
        /hidden\.0 was a parameter and is none now/,
      )
      expect(await refused('--set', 'epochs=7')).toMatch(/cannot go on with other settings[^]*epochs=7; it has 2/)
      expect(await refused('--study', 'b', '--space', 'learningrate=log:1e-3..1e-2')).toMatch(
        /no setting of this name[^]*Did you mean 'learningRate'/,
      )
      expect(await refused('--study', 'b', '--space', 'learningRate=log:0..1')).toMatch(/begins above zero/)
      expect(await refused('--study', 'b', '--space', 'dropout=float:1..0')).toMatch(/range is empty/)
      expect(await refused('--study', 'b', '--space', 'dropout=float:0..2')).toMatch(
        /Parameter dropout: Settings of mlp-on-mnist/,
      )
      expect(await refused('--study', 'b', '--set', 'evaluateTest=true')).toMatch(
        /No trial of a study sees the test set/,
      )
      expect(fs.existsSync(path.join(studies('a'), 'b'))).toBe(false)
    },
    PATIENCE,
  )

  test(
    'confirm trains with fresh seeds, reads the test set once, and says what was luck',
    async () => {
      const confirm = () => ddlf('tune', 'confirm', 'mlp-on-mnist', '--seeds', '2', '--jobs', '1', ...places('a'))
      expect(expectSuccess(await confirm())).toMatch(
        /trial \d +2 +[^]*as the study began +2 [^]*winner's curse|fresh seeds are no worse/,
      )
      const tested = runsOf('a').filter(({ record }) => record.config['evaluateTest'] === true)
      expect(tested.map(({ record }) => record.seed).sort()).toEqual([2, 2, 3, 3])
      const again = expectSuccess(await confirm())
      expect(again).toMatch(/was confirmed before; the test set is not read again/)
      expect(runsOf('a').filter(({ record }) => record.config['evaluateTest'] === true)).toHaveLength(4)
    },
    PATIENCE,
  )
})

const hasStrace = spawnSync('strace', ['-V']).status === 0

test.skipIf(!hasStrace)(
  'no process of a study opens the test set; confirm does (needs strace)',
  () => {
    const opened = (...args: readonly string[]) => {
      const log = path.join(folder, 'opened')
      const { status, stderr } = spawnSync(
        'strace',
        [
          '-f',
          '--seccomp-bpf',
          '-qq',
          '-e',
          'trace=open,openat',
          '-o',
          log,
          process.execPath,
          compiledProgram,
          'tune',
          ...args,
          '--jobs',
          '1',
          ...places('watched'),
        ],
        { encoding: 'utf8' },
      )
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      return fs.readFileSync(log, 'utf8')
    }
    const study = opened(
      'mlp-on-mnist',
      '--set',
      'trainExamples=300',
      '--set',
      'epochs=1',
      '--set',
      'hidden=4',
      '--trials',
      '2',
    )
    expect(study).toMatch(/train-images-idx3-ubyte/)
    expect(study).not.toMatch(/t10k-/)
    expect(opened('confirm', 'mlp-on-mnist', '--seeds', '1')).toMatch(/t10k-images-idx3-ubyte/)
  },
  PATIENCE,
)

test(
  'Ctrl-C saves the trial that runs, and the same command goes on with it from its checkpoint',
  async () => {
    const args = [
      'tune',
      'mlp-on-mnist',
      ...SMALL,
      '--set',
      'epochs=60',
      '--trials',
      '1',
      '--json',
      ...places('stopped'),
    ]
    const study = start(args)
    await study.seen(/"kind":"report","number":0,"step":2/)
    study.interrupt()
    const stopped = await study.ended
    expect(stopped.code).toBe(130)
    expect(eventsOf(stopped).at(-1)).toMatchObject({ kind: 'done', reason: 'asked', paused: [0] })
    expect(runsOf('stopped').map(({ status }) => status)).toEqual(['stopped'])
    // Nobody works on it, so nothing of it runs.
    const listed = await called('study', 'list', '--studies', studies('stopped'))
    expect(listed.stdout).toMatch(/mlp-on-mnist +1 saved, to go on +accuracy +- +-/)
    const again = await ddlf(...args)
    expect(eventsOf(again).filter(({ kind }) => kind === 'begin')).toMatchObject([{ number: 0, attempt: 2 }])
    const [run] = runsOf('stopped')
    expect(run?.record.attempts).toHaveLength(2)
    expect(run?.record.attempts[1]?.fromStep).toBeGreaterThan(0)
    const { trials } = readStudy(studies('stopped'), 'mlp-on-mnist')
    expect(trials).toHaveLength(1)
    expect([...(trials[0]?.intermediateValues.keys() ?? [])]).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  },
  PATIENCE,
)

test(
  'Ctrl-C pressed twice quits at once; the trial saves itself, and the same command goes on with it',
  async () => {
    const args = ['tune', 'mlp-on-mnist', ...SMALL, '--set', 'epochs=60', '--trials', '1', '--json', ...places('twice')]
    const study = start(args)
    await study.seen(/"kind":"report","number":0,"step":2/)
    const [run] = runsOf('twice')
    const owner = run && runLockOwner(run.folder)
    if (owner === undefined || owner === 'unknown') throw new Error('nobody trains')
    // Held, so that nothing is saved between the first and the second.
    process.kill(owner.pid, 'SIGSTOP')
    study.interrupt()
    await study.seen(/Saving the trials that run, and stopping\. Press Ctrl-C again to quit at once\./)
    study.interrupt()
    const { code, signal } = await study.ended
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' })
    process.kill(owner.pid, 'SIGCONT')
    await expect.poll(() => runLockOwner(run?.folder ?? ''), { timeout: PATIENCE }).toBeUndefined()
    expect(runsOf('twice').map(({ status }) => status)).toEqual(['stopped'])
    const again = eventsOf(await ddlf(...args))
    expect(again.filter(({ kind }) => kind === 'begin')).toMatchObject([{ number: 0, attempt: 2 }])
    expect(runsOf('twice')[0]?.record.attempts[1]?.fromStep).toBeGreaterThan(0)
    const { trials } = readStudy(studies('twice'), 'mlp-on-mnist')
    expect(trials.map(({ state }) => state)).toEqual(['complete'])
    expect([...(trials[0]?.intermediateValues.keys() ?? [])]).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  },
  PATIENCE,
)

test(
  'Ctrl-C before the first trial begins nothing, leaves no study, and says how to go on',
  async () => {
    const study = start(['tune', 'mlp-on-mnist', ...SMALL, '--trials', '2', ...places('early')])
    await study.seen(/test set is not read/)
    study.interrupt()
    const { code, stdout, stderr } = await study.ended
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'Stopping before a trial begins.\n' })
    expect(stdout).toMatch(/Stopped; no trial was begun\. Go on: .* tune mlp-on-mnist --trials 2 --studies .*early/)
    expect(studyNames(studies('early'))).toEqual([])
  },
  PATIENCE,
)

test(
  'two objectives give a front; --keep best keeps the runs of its trials alone',
  async () => {
    const text = expectSuccess(
      await tune(
        '--trials',
        '4',
        '--objective',
        'error',
        '--objective',
        'parameters',
        '--keep',
        'best',
        ...places('front'),
      ),
    )
    expect(text).toMatch(/on the front/)
    const { front } = readStudy(studies('front'), 'mlp-on-mnist')
    const kept = front.flatMap(({ userAttributes }) => userAttributes['runs'] as string[])
    expect(
      runsOf('front')
        .map(({ experiment, id }) => `${experiment}/${id}`)
        .sort(),
    ).toEqual(kept.sort())
  },
  PATIENCE,
)

test(
  'repeats are the mean of their seeds, and a budget of epochs is spent to the last',
  async () => {
    const events = eventsOf(
      await tune('--trials', '2', '--repeats', '2', '--pruner', 'none', '--json', ...places('repeats')),
    )
    expect(events.filter(({ kind }) => kind === 'report')).toHaveLength(4)
    const { trials } = readStudy(studies('repeats'), 'mlp-on-mnist')
    for (const { values, intermediateValues } of trials) {
      const each = [...intermediateValues.values()]
      expect(values?.[0]).toBeCloseTo((each[0]! + each[1]!) / 2, 12)
    }
    expect(
      runsOf('repeats')
        .map(({ record }) => record.seed)
        .sort(),
    ).toEqual([1, 1, 2, 2])
    const spent = eventsOf(
      await tune('--trials', '20', '--epochs', '5', '--pruner', 'none', '--json', ...places('epochs')),
    )
    expect(spent.filter(({ kind }) => kind === 'report')).toHaveLength(5)
  },
  PATIENCE,
)
