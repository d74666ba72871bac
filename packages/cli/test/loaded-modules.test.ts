// A command loads what it needs only: counted in modules, which do not depend on how busy the machine is.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { compiledProgram, made } from '../../../test/compiled.ts'
import { commandList } from '../src/command-list.ts'
import { workFolder } from './command.ts'

const PATIENCE = 300_000
const folder = workFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hooks = path.join(folder, 'hooks.mjs')
const start = path.join(folder, 'start.mjs')
const list = path.join(folder, 'loaded.txt')
mkdirSync(folder, { recursive: true })
writeFileSync(
  hooks,
  `import { appendFileSync } from 'node:fs'
export const load = (url, context, next) => (appendFileSync(${JSON.stringify(list)}, url + '\\n'), next(url, context))`,
)
writeFileSync(start, `import { register } from 'node:module'\nregister(${JSON.stringify(pathToFileURL(hooks).href)})`)

/** The files that a command loads, by their paths in this project. */
function loaded(...args: readonly string[]): string[] {
  writeFileSync(list, '')
  const environment = { ...process.env, FORCE_COLOR: '0', DDLF_RUNS: path.join(folder, 'runs') }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', pathToFileURL(start).href, compiledProgram, ...args],
    { encoding: 'utf8', env: environment },
  )
  expect({ args, said: stdout.length + stderr.length > 0 }).toEqual({ args, said: true })
  const files = readFileSync(list, 'utf8').split('\n').filter(url => url.startsWith('file:'))
  return [
    ...new Set(
      files.map(url =>
        path
          .relative(made, fileURLToPath(url.replace(/\?.*/, '')))
          .split(path.sep)
          .join('/'),
      ),
    ),
  ]
}

const among = (files: readonly string[], pattern: RegExp) => files.filter(file => pattern.test(file))

test.each([...commandList.keys()])('%s --help loads words alone', name => {
  const files = loaded(name, '--help')
  expect(among(files, /^course\/|\/(?:nn|data)\/src\/|zod|protobuf|onnxruntime/)).toEqual([])
  // Measured: 35.
  expect(files.length).toBeLessThan(50)
}, PATIENCE)

test.each([['runs'], ['show', 'mlp-on-mnist/20200101-000000-aaaa'], ['rm', '20200101']])(
  '%s %s loads neither the course nor an engine',
  (...args) => {
    const files = loaded(...args)
    expect(
      among(
        files,
        /^course\/|\/(?:nn|data|tensor\/src\/ops)\/(?!src\/(?:files-below|make-folder))|protobuf|onnxruntime|linkedom/,
      ),
    ).toEqual([])
    // Measured: 170, 95 of them zod's.
    expect(files.length).toBeLessThan(200)
  },
  PATIENCE,
)

test.each([['days'], ['show', 'mlp-on-mnist']])(
  '%s %s loads the experiments, and neither training nor analysis',
  (...args) => {
    const files = loaded(...args)
    expect(among(files, /^course\/index\.js/)).toHaveLength(1)
    // Experiments say what of them is tuned, so the words of spaces are theirs too.
    const heavy =
      /onnxruntime|linkedom|umap|observablehq|lab\/src\/(?:studies\/(?!space\/)|(?:plots|server|jobs)\/)|train\.js$/
    expect(among(files, heavy)).toEqual([])
    // Measured: 583, with ten topics. Every op, layer and experiment is a file more.
    expect(files.length).toBeLessThan(640)
  },
  PATIENCE,
)
