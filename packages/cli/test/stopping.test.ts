// Ctrl-C of a terminal, which goes to the whole process group: a checkpoint, the status of the signal, no lab and no
// stack.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { listRuns } from '@ddlf/lab/node'
import { compiledProgram } from '../../../test/compiled.ts'
import { start, workFolder } from './command.ts'

const PATIENCE = 600_000
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = workFolder()
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
// util-linux's: it runs a command on a terminal of its own and returns its status.
const hasScript = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

test.skipIf(!hasScript)('npm start ends behind the checkpoint (needs script of util-linux)', async () => {
  const runs = path.join(folder, 'terminal')
  const child = spawn('script', ['-qec', `"${process.execPath}" scripts/start.mjs --serve`, '/dev/null'], {
    cwd: root,
    env: { ...process.env, DDLF_RUNS: runs, TERM: 'xterm', CI: '' },
  })
  let output = ''
  let asked = false
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString()
    if (asked || !/FLOP[^]*epoch +1\b/.test(output)) return
    asked = true
    child.stdin.write('\u0003')
  })
  const code = await new Promise(resolve => child.on('close', resolve))
  expect(asked).toBe(true)
  expect(code).toBe(130)
  expect(output).toContain('a checkpoint is saved')
  expect(output).not.toMatch(/The lab is open|Building the pages|^ +at .*:\d+|\\u001b/m)
  const [run] = listRuns({ root: runs }).runs
  expect(run?.status).toBe('stopped')
}, PATIENCE)

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  '%s saves a checkpoint and exits with %i',
  async (signal, status) => {
    const runs = path.join(folder, signal)
    const training = start([
      'train',
      'mlp-on-mnist',
      '--json',
      '--runs',
      runs,
      '--set',
      'batchSize=8',
      '--set',
      'trainExamples=20000',
    ])
    await training.seen(/"stepInEpoch"/)
    training.kill(signal)
    expect(await training.ended).toMatchObject({ code: status, signal: null })
    const [run] = listRuns({ root: runs }).runs
    expect(run?.status).toBe('stopped')
    expect(fs.existsSync(path.join(run!.folder, 'checkpoints', 'last.safetensors'))).toBe(true)
  },
  PATIENCE,
)

test.skipIf(!fs.existsSync('/dev/full'))('a full or closed standard output does not end a training', () => {
  const train = (runs: string) => `"${process.execPath}" "${compiledProgram}" train mlp-on-mnist --runs "${runs}" ` +
    `--set epochs=1 --set trainExamples=1000 --set hidden=8`
  for (const [name, rest] of [['full', '> /dev/full'], ['closed', '| head -n 1']] as const) {
    const runs = path.join(folder, name)
    const { stderr } = spawnSync('sh', ['-c', `${train(runs)} ${rest}`], { cwd: root, encoding: 'utf8' })
    expect(stderr).toMatch(/goes on without it/)
    expect(stderr).not.toMatch(/^ +at /m)
    expect(listRuns({ root: runs }).runs.map(({ status }) => status)).toEqual(['completed'])
  }
}, PATIENCE)
