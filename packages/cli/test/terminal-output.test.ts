// What reaches the terminal: foreign text without control characters, tables that wide characters leave straight.
import fs from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import picocolors from 'picocolors'
import { afterAll, describe, expect, test } from 'vitest'
import { confusionMatrix, classificationReport, formatConfusionMatrix, formatReport } from '@ddlf/lab'
import { createRun, runPaths } from '@ddlf/lab/node'
import { printable, printableLines } from '@ddlf/lab/printable'
import { padEndTo, shortenTo, textWidth } from '@ddlf/lab/text-width'
import { formatTable, workSaid } from '../src/terminal/format.ts'
import { liveText } from '../src/terminal/live.ts'
import { guardOutput } from '../src/terminal/output.ts'
import { progressView } from '../src/terminal/progress.ts'
import { ddlf, start, workFolder } from './command.ts'

const PATIENCE = 600_000
const folder = workFolder()
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Writes `pwned` to the clipboard, retitles the window, clears the screen, turns the text around. */
const HOSTILE = '\u001b]52;c;cHduZWQ=\u0007\u001b]0;title\u001b\\\u001b[2Jcat\u009b31m\u202egpj.exe\u2066\u0000\u0008\r'
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

test('the work of a training is said without a speed that rounds to none', () => {
  expect(workSaid(20, 3e12)).toBe('Trained in 20s: 3.0e12 FLOP, 150 GFLOP/s over all.')
  expect(workSaid(2, 1.2e12)).toBe('Trained in 2.0s: 1.2e12 FLOP, 600 GFLOP/s over all.')
  expect(workSaid(2, 8e8)).toBe('Trained in 2.0s: 8.0e8 FLOP.')
  expect(workSaid(0, 8e8)).toBe('Trained in 0.0s: 8.0e8 FLOP.')
  // What learns by counting has no operations counted.
  expect(workSaid(3, 0)).toBe('Trained in 3.0s.')
})

test.each([[20, false], [47, false], [48, true], [80, true]])(
  'a line that is drawn again fits a terminal of %d columns', (columns, hasBar) => {
    const output = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 24 }) as unknown as NodeJS.WriteStream
    const view = progressView(output, { json: false })
    const written = () => stripVTControlCharacters(String(output.read()))
    view.show({ kind: 'judging', part: 'validation', done: 1_000_000, total: 100_000_000 })
    const waiting = written().trimEnd()
    expect(waiting.length).toBeLessThan(columns)
    expect(waiting).toContain('judging by')
    expect(waiting.includes('─')).toBe(hasBar)
    view.close()
  },
)

describe('foreign text', () => {
  test('is written out, one line of it', () => {
    expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a\\u001b[2Jb\\u000ac\\u202ed')
    expect(printable('Käse 猫 👩‍🔬')).toBe('Käse 猫 👩‍🔬')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => { expect(printable(text)).not.toMatch(/[\n\t]/) }))
  })

  test('never gets a control character through, whatever it is; styles of ours pass where asked for', () => {
    const piece = fc.constantFrom('\u001b', '[', ']', '31', 'm', '8m', ';', '\u009b', '\u0007', 'x', '\n', '\u202e')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map(parts => parts.join('')),
        ),
        text => {
          expect(printableLines(text)).not.toMatch(CONTROL)
          expect(printableLines(text, { styles: true }).replace(/\u001b\[\d{1,3}m/g, '')).not.toMatch(CONTROL)
        },
      ),
    )
    expect(printableLines('\u001b[1mbold\u001b[22m \u001b[8mhidden', { styles: true })).toBe(
      '\u001b[1mbold\u001b[22m \\u001b[8mhidden',
    )
    expect(printableLines('\u001b[1mbold')).toBe('\\u001b[1mbold')
    // White on white, black on black, reversed: no text is hidden by its colours.
    expect(printableLines('\u001b[37m\u001b[47mx \u001b[30my \u001b[7mz', { styles: true })).toBe(
      '\\u001b[37m\\u001b[47mx \\u001b[30my \\u001b[7mz',
    )
    const { bold, dim, red, green, yellow, cyan } = picocolors.createColors(true)
    const ours = [bold, dim, red, green, yellow, cyan].map(style => style('x')).join('')
    expect(printableLines(ours, { styles: true })).toBe(ours)
  })

  test('inside JSON stays the same value', () => {
    const value = { name: `${HOSTILE}\u0085` }
    expect(JSON.parse(printableLines(JSON.stringify(value)))).toEqual(value)
  })
})

test('a guarded output cleans all it gets, live texts too', () => {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
    isTTY: true,
    columns: 80,
    rows: 20,
  }) as unknown as NodeJS.WriteStream & PassThrough
  guardOutput(stream, { styles: true, onClosed: error => { throw error } })
  stream.write(`\u001b[1m${HOSTILE}\u001b[22m\n`)
  const live = liveText(stream)
  live(HOSTILE)
  live.done()
  const text = String(stream.read())
  expect(text).toContain('\\u001b]52;c;')
  expect(text).not.toMatch(/\u001b\]|\u001b\[2J|\u009b|\u202e|\u0007/)
})

describe('columns', () => {
  const names = ['cat', '猫', 'e\u0301le\u0301phant', 'ｗｉｄｅ', '👩‍🔬', HOSTILE]
  test('stay straight with wide, combining and hostile texts', () => {
    const lines = formatTable(['class', 'n'], names.map(name => [name, '7']), [1]).split('\n')
    expect(new Set(lines.slice(1).map(textWidth)).size).toBe(1)
    expect(lines.join('\n')).not.toMatch(CONTROL)
    expect(textWidth(padEndTo('猫', 5))).toBe(5)
    expect([shortenTo('猫猫猫猫', 5), shortenTo('elephant', 5), shortenTo('猫', 5)]).toEqual([
      '猫猫…',
      'eleph…'.slice(0, 4) + '…',
      '猫',
    ])
  })

  test('of the report and the confusion matrix too', () => {
    const matrix = confusionMatrix(Int32Array.of(0, 1, 2, 3, 4, 5), Int32Array.of(0, 1, 2, 3, 5, 4), names)
    const [head, ...rows] = formatConfusionMatrix(matrix, { width: 90 }).split('\n')
    expect(new Set(rows.map(textWidth))).toEqual(new Set([textWidth(head!)]))
    const report = formatReport(classificationReport(matrix)).split('\n').filter(line => line !== '')
    expect(new Set(report.map(textWidth)).size).toBe(1)
    expect([...rows, ...report].join('')).not.toMatch(CONTROL)
  })
})

describe('commands', () => {
  const runs = path.join(folder, 'runs')
  const provenance = {
    git: null,
    lockFile: null,
    machine: { cpu: HOSTILE, cores: 1, memory: 1, os: 'x' },
    versions: {},
  }

  test('print a hostile record, metric and argument without a control character', async () => {
    const run = createRun({
      root: runs,
      experiment: 'mlp-on-mnist',
      config: { hidden: HOSTILE, note: `one\ntwo ${HOSTILE}` },
      seed: 1,
      provenance,
    })
    fs.writeFileSync(
      runPaths(run).metrics,
      `${JSON.stringify({ step: 1, epoch: 1, wallTime: 1, name: `test/${HOSTILE}`, value: 1 })}\n`,
    )
    const ran = await Promise.all([
      ddlf('show', run.id, '--runs', runs),
      start(['show', run.id, '--runs', runs], { FORCE_COLOR: '1', NO_COLOR: '' }).ended,
      ddlf('runs', '--runs', runs),
      ddlf('show', run.id, '--runs', runs, '--json'),
      ddlf('show', HOSTILE.replace('\0', '')),
      ddlf('train', 'mlp-on-mnist', '--set', `hidden=${HOSTILE.replace('\0', '')}`),
      ddlf(HOSTILE.replace('\0', '')),
    ])
    for (const { stdout, stderr } of ran) {
      expect((stdout + stderr).replace(/\u001b\[\d{1,2}m/g, '')).not.toMatch(CONTROL)
    }
    expect(ran[0].stdout).toContain('\\u001b]52;c;')
    expect(ran[1].stdout).toContain('\u001b[1m')
    expect((JSON.parse(ran[3].stdout) as { config: { hidden: string } }).config.hidden).toBe(HOSTILE)
  }, PATIENCE)
})
