// Places where nothing can be written or named: a read-only file system, and names that are no UTF-8. Each writer says
// the real reason, and nothing goes astray.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiledProgram } from '../../../test/compiled.ts'
import { workFolder } from './command.ts'
import { writeShapes } from './made-data.ts'

/** A bound against hanging only: machines may be busy. */
const PATIENCE = 600_000
const folder = workFolder()
const at = (name: string) => path.join(folder, name)
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const quoted = (text: string) => `'${text}'`
const ddlf = `${quoted(process.execPath)} ${quoted(compiledProgram)}`

function shell(line: string, [program, ...args]: readonly [string, ...string[]] = ['sh', '-c'], cwd = folder) {
  const env = { ...process.env, FORCE_COLOR: '0', DDLF_CACHE: at('sealed/cache') }
  const { status, stderr } = spawnSync(program, [...args, line], { cwd, encoding: 'utf8', env })
  return { status, stderr }
}

/** In a name space of its own, where file systems can be mounted; not everywhere is that allowed. */
const apart = ['unshare', '-rm', 'sh', '-c'] as const
const mayMount = shell(`mount -t tmpfs -o ro none ${os.tmpdir()}`, apart, os.tmpdir()).status === 0

const SMALL = '--set epochs=1 --set trainExamples=200 --set hidden=8'

beforeAll(() => {
  fs.mkdirSync(at('sealed'))
  fs.writeFileSync(at('a.txt'), 'some text')
  writeShapes(at('shapes'), 3)
})

const writers: Readonly<Record<string, string>> = {
  'a run': `train mlp-on-mnist ${SMALL} --runs sealed/new/runs`,
  'a study': `tune mlp-on-mnist ${SMALL} --trials 1 --runs runs --studies sealed/studies`,
  'an output': 'tokenizer train a.txt --out sealed/t.json',
  'a contact sheet': 'data show ./shapes --output sealed/t.svg',
  'an exercise': 'exercise momentum --folder sealed/exercises',
}

test.runIf(mayMount).each(Object.entries(writers))(
  'a read-only file system is named as one: %s', (_, command) => {
    const line = `mount -t tmpfs -o ro none ${quoted(at('sealed'))} && ${ddlf} ${command}`
    expect(shell(line, apart)).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^Error: This place lies on a read-only file system\.\n {2}\w+: EROFS/) as string,
    })
  }, PATIENCE,
)

/** Names of any bytes are a thing of Linux alone. */
const takesBytes = process.platform === 'linux'
const LATIN = '"$(printf \'caf\\351\')"'

test.runIf(takesBytes).each([
  `data show ./${LATIN}`,
  `tokenizer train ${LATIN}`,
  `predict latest ${LATIN}.png --runs ${LATIN}`,
])('a word that is no UTF-8 is named as one: %s', command => {
  shell(`cp -r shapes ${LATIN} 2>/dev/null`)
  expect(shell(`${ddlf} ${command}`)).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^Error: [^]*Next: The name holds bytes that are not UTF-8[^]*rename/) as string,
  })
}, PATIENCE)

test.runIf(takesBytes)('nothing is written in a folder that cannot be named', () => {
  const line = `mkdir -p ${LATIN} && cd ${LATIN} && ${ddlf} train mlp-on-mnist ${SMALL}`
  expect(shell(line)).toEqual({
    status: 1,
    stderr: expect.stringMatching(/name of the current folder must be UTF-8[^]*Rename the folder/) as string,
  })
  expect(fs.readdirSync(folder).filter(name => name.startsWith('caf'))).toHaveLength(1)
}, PATIENCE)
