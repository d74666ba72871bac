// Colours follow the terminal, FORCE_COLOR and NO_COLOR, and nothing else.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { compiledProgram } from '../../../test/compiled.ts'
import { isColourful } from '../src/terminal/colour.ts'

const terminal = { isTTY: true }
const file = {}

test.each([
  ['a terminal', terminal, {}, true],
  ['a file', file, {}, false],
  ['a file on a machine that builds', file, { CI: 'true' }, false],
  ['a terminal without powers', terminal, { TERM: 'dumb' }, false],
  ['NO_COLOR on a terminal', terminal, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR, which is none', terminal, { NO_COLOR: '' }, true],
  ['FORCE_COLOR into a file', file, { FORCE_COLOR: '1' }, true],
  ['an empty FORCE_COLOR', file, { FORCE_COLOR: '' }, true],
  ['FORCE_COLOR=0 on a terminal', terminal, { FORCE_COLOR: '0' }, false],
  ['FORCE_COLOR beside NO_COLOR: the former, as in Node', file, { FORCE_COLOR: '2', NO_COLOR: '1' }, true],
] as const)('%s', (_, stream, environment, colourful) => {
  expect(isColourful(stream, environment)).toBe(colourful)
})

const bare = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !['CI', 'FORCE_COLOR', 'NO_COLOR'].includes(name)),
)

test.each([
  [{ CI: 'true' }, false],
  [{ CI: 'true', FORCE_COLOR: '1' }, true],
])(
  'redirected under %o',
  (environment, coloured) => {
    const { stderr } = spawnSync(process.execPath, [compiledProgram, 'show', 'nothing'], {
      encoding: 'utf8',
      env: { ...bare, ...environment },
    })
    expect(stderr.includes('\u001b['), stderr).toBe(coloured)
  },
  600_000,
)
