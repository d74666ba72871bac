// What users read when something is wrong names the next step, wherever a command or their own data bring it up.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOMS = [
  'packages/cli/src', 'packages/data/src/own', 'packages/lab/src/data-source/node', 'packages/lab/src/trained',
  'packages/lab/src/tasks/word-vectors',
]

/** The arguments of each error of a file, up to the bracket that closes them. */
const errorsIn = (source: string): string[] =>
  [...source.matchAll(/new UserError\(/g)].map(({ index, 0: { length } }) => {
    let depth = 1
    let end = index + length
    for (; depth > 0 && end < source.length; end++) depth += source[end] === '(' ? 1 : source[end] === ')' ? -1 : 0
    return source.slice(index + length, end - 1)
  })

it.each(ROOMS)('every error of %s says what to do next', room => {
  const all = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
  const files = all.filter(file => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(3)
  const found = files.flatMap(file =>
    errorsIn(readFileSync(join(root, room, file), 'utf8'))
      // What is handed on as it came has its own.
      .filter(given => given.trim().startsWith('{') && !/\bnext\b/.test(given))
      .map(given => `${file}: ${given.replaceAll(/\s+/g, ' ').slice(0, 100)}`))
  expect(found).toEqual([])
})
