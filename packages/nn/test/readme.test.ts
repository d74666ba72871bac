// The README's example runs as it stands and prints what the README says.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const block = (language: string) => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme)?.[1] ?? ''

// Below node_modules, so that the packages are found by their names.
const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('runs the example of the README', () => {
  const file = join(folder, 'example.mts')
  writeFileSync(file, block('ts'))
  expect(execFileSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8', cwd: folder }))
    .toBe(block('text'))
})
