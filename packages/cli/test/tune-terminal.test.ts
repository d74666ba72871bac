// ddlf tune as people see it: a live table on a terminal (made by script of util-linux), plain timed lines elsewhere.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { textWidth } from '@ddlf/lab/text-width'
import { compiledProgram } from '../../../test/compiled.ts'
import { ddlf, workFolder } from './command.ts'

/** A bound against hanging only. */
const PATIENCE = 600_000
const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = workFolder()
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true })
})
const hasScript = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

const COLUMNS = 100
const words = (name: string, trials: number) => [
  'tune',
  'mlp-on-mnist',
  ...['trainExamples=600', 'hidden=8', 'epochs=8'].flatMap(setting => ['--set', setting]),
  ...['--jobs', '1', '--pruner', 'none', '--space', 'learningRate=log:1e-3..1e-1', '--trials', String(trials)],
  ...['--studies', path.join(folder, name, 'studies'), '--runs', path.join(folder, name, 'runs')],
]

/** What a terminal shows in the end: text, carriage returns, and the codes that move up and erase. */
function screen(output: string): string[] {
  const lines: string[] = ['']
  let [row, column] = [0, 0]
  for (const [token, code, letter] of output.matchAll(/\u001b\[\??([\d;]*)([A-Za-z])|[^\u001b]/gsu)) {
    const count = Number(code === '' || code === undefined ? 1 : code.split(';')[0])
    if (letter === 'A') row = Math.max(0, row - count)
    else if (letter === 'B') row += count
    else if (letter === 'G') column = count - 1
    else if (letter === 'K') lines[row] = code === '2' ? '' : (lines[row] ?? '').slice(0, column)
    else if (letter === 'J') lines.splice(row + 1)
    else if (letter !== undefined) continue
    else if (token === '\n') row++
    else if (token === '\r') column = 0
    else {
      const line = (lines[row] ?? '').padEnd(column)
      lines[row] = line.slice(0, column) + token + line.slice(column + 1)
      column++
    }
    while (lines.length <= row) lines.push('')
  }
  return lines
}

test.skipIf(!hasScript)(
  'on a terminal a table lives: the best so far, what runs with its curve, pruned trials, the time left',
  async () => {
    const command = [process.execPath, compiledProgram, ...words('live', 3)].map(word => `'${word}'`).join(' ')
    const child = spawn('script', ['-qec', `stty cols ${String(COLUMNS)} rows 40; ${command}`, '/dev/null'], {
      cwd: root,
      env: { ...process.env, TERM: 'xterm', CI: '', FORCE_COLOR: '', NO_COLOR: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString()
    })
    const code = await new Promise(resolve => child.on('close', resolve))
    expect(code).toBe(0)
    const text = stripVTControlCharacters(output)
    // The line of the study, once its first trial is over, and the one of a trial on its way.
    expect(text).toMatch(
      /mlp-on-mnist {3}1 of 3 trials {3}best accuracy \d+\.\d\d % \(trial 0\)\s+0 pruned {3}\d.*left/,
    )
    expect(text).toMatch(/ {2}1 {4}[▁-█]{3,} +step +\d {2} +\d+\.\d\d % {2}learningRate 0\.\d+/)
    // Commands to copy stand behind, in one line each.
    const [lively = ''] = text.split('Next:')
    for (const line of lively.split(/[\r\n]+/)) expect(textWidth(line)).toBeLessThanOrEqual(COLUMNS)
    // In the end the table is gone, and what stays is a line a trial and what was found.
    const shown = screen(output).join('\n')
    expect(shown).not.toMatch(/[▁-█]|\d left/)
    expect(shown.match(/^trial \d {2}accuracy/gm)).toHaveLength(3)
    expect(shown).toMatch(/3 complete\.\s+Best: accuracy[^]*Next:[^]*ddlf.* tune confirm mlp-on-mnist/)
  },
  PATIENCE,
)

test(
  'elsewhere every trial is a line with its time, without codes of a terminal',
  async () => {
    const { code, stdout, stderr } = await ddlf(...words('plain', 2))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(stripVTControlCharacters(stdout))
    expect(stdout).not.toMatch(/\r|[▁-█]/)
    expect(stdout.match(/^\d\d:\d\d:\d\d trial \d {2}accuracy \d+\.\d\d %.*learningRate 0\.\d+$/gm)).toHaveLength(2)
  },
  PATIENCE,
)
