// Names that would be markup, end to end: classes, labels, texts and files in reports, figures and contact sheets stay
// text.
import fs from 'node:fs'
import path from 'node:path'
import { DOMParser, parseHTML } from 'linkedom'
import { encode } from 'fast-png'
import { afterAll, expect, test } from 'vitest'
import { ddlf, eventsOf, workFolder, type Ran } from './command.ts'

const PATIENCE = 240_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const IMG = '<img src=x onerror=alert(1)>'
/** Closes an attribute, an element and a character of its own; the third reads backwards; the last rings a bell. */
const HOSTILE = [IMG, `"'><b onclick=alert(1)>&amp;`, 'in\u202egnp.exe', 'bell\u0007']
/** How a page shows them. */
const SHOWN = [IMG, `"'><b onclick=alert(1)>&amp;`, 'in\\u202egnp.exe', 'bell\\u0007']

/** What no page and no figure of ours may hold, whatever its names are. */
function expectHarmless(markup: string): void {
  expect(markup).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  const { document } = parseHTML(markup) as unknown as {
    document: {
      querySelectorAll(
        selector: string,
      ): Iterable<{ attributes: Iterable<{ name: string; value: string }>; localName: string }>
    }
  }
  for (const { attributes, localName } of document.querySelectorAll('*')) {
    expect(['script', 'b', 'img', 'iframe', 'object', 'foreignobject']).not.toContain(localName.toLowerCase())
    for (const { name, value } of attributes) {
      expect(name).not.toMatch(/^on/i)
      if (/href$|^src$/.test(name)) expect(value).toMatch(/^(#|data:image\/png)/)
    }
  }
}

/** A figure parses as XML to a tree whose text and names are the given ones. */
function expectNamed(svg: string, names: readonly string[]): void {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement as unknown as {
    localName: string
    textContent: string
  }
  expect(root.localName).toBe('svg')
  for (const name of names) expect(root.textContent).toContain(name)
}

const succeeded = ({ code, stderr }: Ran) => expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
const runOf = (ran: Ran): string => String(eventsOf(ran).find(({ kind }) => kind === 'start')?.['run'])

test.skipIf(process.platform === 'win32')('a folder of pictures whose classes are markup', async () => {
  const pictures = path.join(folder, `pictures ${IMG}`)
  for (const [k, name] of HOSTILE.entries()) {
    fs.mkdirSync(path.join(pictures, name), { recursive: true })
    for (let i = 0; i < 8; i++)
      fs.writeFileSync(
        path.join(pictures, name, `${i} ${IMG}.png`),
        encode({ width: 8, height: 8, channels: 1, depth: 8, data: new Uint8Array(64).fill(60 * k + i) }),
      )
  }
  const sheet = path.join(folder, 'sheet.svg')
  const [trained, shown] = await Promise.all([
    ddlf('train', 'image-folder', '--data', pictures, '--set', 'size=8', '--set', 'epochs=1', '--json', '--runs', runs),
    ddlf('data', 'show', pictures, '--output', sheet),
  ])
  succeeded(trained)
  succeeded(shown)
  const drawn = fs.readFileSync(sheet, 'utf8')
  expectHarmless(drawn)
  expectNamed(drawn, SHOWN)
  const run = runOf(trained)
  succeeded(await ddlf('analyze', run, '--runs', runs))
  const artifacts = path.join(runs, run, 'artifacts')
  const page = fs.readFileSync(path.join(artifacts, 'analysis.html'), 'utf8')
  expectHarmless(page)
  const { document } = parseHTML(page) as unknown as {
    document: { body: { textContent: string }; querySelectorAll(selector: string): Iterable<{ textContent: string }> }
  }
  const cells = [...document.querySelectorAll('td')].map(({ textContent }) => textContent)
  for (const name of SHOWN) expect(cells).toContain(name)
  const figures = fs.readdirSync(path.join(artifacts, 'figures'))
  expect(figures).toContain('confusion-matrix.svg')
  for (const figure of figures) {
    const svg = fs.readFileSync(path.join(artifacts, 'figures', figure), 'utf8')
    expectHarmless(svg)
    expectNamed(svg, [])
  }
}, PATIENCE)

test('a table whose labels and texts are markup', async () => {
  const table = path.join(folder, 'texts.csv')
  const field = (text: string) => `"${text.replaceAll('"', '""')}"`
  const labels = ['<script>alert(1)</script>', `" onload="alert(1)`, 'escape\u001b[2J']
  const lines = Array.from(
    { length: 60 },
    (_, i) => `${field(`word${i % 3} ${IMG} ${i}`)},${field(labels[i % 3] as string)}`,
  )
  fs.writeFileSync(table, ['text,label', ...lines, ''].join('\n'))
  const trained = await ddlf(
    'train',
    'text-table',
    '--data',
    table,
    '--set',
    'epochs=1',
    '--set',
    'buckets=50',
    '--json',
    '--runs',
    runs,
  )
  succeeded(trained)
  const run = runOf(trained)
  succeeded(await ddlf('analyze', run, '--runs', runs))
  const page = fs.readFileSync(path.join(runs, run, 'artifacts', 'analysis.html'), 'utf8')
  expectHarmless(page)
  const { document } = parseHTML(page) as unknown as {
    document: { querySelectorAll(selector: string): Iterable<{ textContent: string }> }
  }
  const cells = [...document.querySelectorAll('td')].map(({ textContent }) => textContent)
  for (const name of ['<script>alert(1)</script>', `" onload="alert(1)`, 'escape\\u001b[2J'])
    expect(cells).toContain(name)
  expect(cells.some(text => text.includes(IMG))).toBe(true)
}, PATIENCE)
