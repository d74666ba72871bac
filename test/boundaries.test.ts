// The shape of the code base: who imports whom, how files are named, and that each says what room it is.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')

/** The import table of ARCHITECTURE.md. */
const table = new Map(
  [...read('ARCHITECTURE.md').split('## Who may import whom')[1]!.split('\n\n')[1]!.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)]
    .map(([, name, allowed]) => [name!, [...allowed!.matchAll(/`(\w+)`/g)].map(([, other]) => other!).sort()] as const),
)

const folderOf = (name: string) => (name === 'course' ? name : `packages/${name}`)
const manifestOf = (folder: string) =>
  JSON.parse(read(folder, 'package.json')) as { dependencies?: Record<string, string> }

/** All TypeScript files below a folder that people write. */
const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      entry =>
        entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|generated|dist|\.astro/.test(entry.parentPath),
    )
    .map(entry => relative(root, join(entry.parentPath, entry.name)))

describe('the import table of ARCHITECTURE.md', () => {
  it('lists every package', () => {
    const packages = ['course', ...readdirSync(join(root, 'packages'))]
    expect([...table.keys()].sort()).toEqual(packages.sort())
  })

  it.each([...table])('%s declares what the table allows', (name, allowed) => {
    const declared = Object.keys(manifestOf(folderOf(name)).dependencies ?? {}).flatMap(
      dependency => /^@ddlf\/(\w+)$/.exec(dependency)?.[1] ?? [],
    )
    expect(declared.sort()).toEqual(allowed)
  })

  it.each([...table])('%s imports only what it may', (name, allowed) => {
    const folder = name === 'course' ? 'course' : `packages/${name}/src`
    for (const file of sources(folder)) {
      const imported = [...read(file).matchAll(/(?:from|import\() ?'@ddlf\/(\w+)/g)].map(([, other]) => other!)
      expect(imported.filter(other => other !== name && !allowed.includes(other)), file).toEqual([])
    }
  })

  it.each([...table])('%s reaches no other package by a relative path', name => {
    const folder = folderOf(name)
    for (const file of sources(folder)) {
      const targets = [...read(file).matchAll(/from '(\.[^']+)'/g)].map(([, target]) => join(dirname(file), target!))
      // Tests share the helpers of `test/`.
      const reaches = (target: string) => target.startsWith(`${folder}/`) ||
        (file.includes('/test/') && target.startsWith('test/'))
      expect(targets.filter(target => !reaches(target)), file).toEqual([])
    }
  })

  it('data takes no engine from tensor: types, the generator and the error alone', () => {
    for (const file of sources('packages/data/src')) {
      expect(
        [...read(file).matchAll(/^import (?!type ).* from '@ddlf\/tensor'$/gm)].map(([line]) => line),
        file,
      ).toEqual([])
    }
  })
})

it('the native runtime is loaded in one place, behind the line that switches its telemetry off', () => {
  const files = [
    'packages/tensor',
    'packages/nn',
    'packages/data',
    'packages/lab',
    'packages/cli',
    'packages/site',
    'course',
    'bench',
    'test',
  ].flatMap(sources)
  // The text of a program for others, who have the runtime alone.
  const written = 'packages/lab/src/trained/text-generator/generate-script.ts'
  const loading = files.filter(
    file => file !== written && /(?:from|import\(|import) ?'onnxruntime-node'/.test(read(file)),
  )
  expect(loading).toEqual(['packages/tensor/src/runtimes/onnx-node/onnx-runtime.ts'])
  expect(read(loading[0]!)).toMatch(/^\/\/.*\nimport '\.\/no-telemetry\.ts'\n/)
})

it('every file of tests opens with what it tests', () => {
  const tests = ['packages/tensor', 'packages/nn', 'packages/data', 'packages/lab', 'packages/cli', 'course', 'test']
    .flatMap(sources).filter(file => file.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(100)
  expect(tests.filter(file => !/^(\/\/ |\/\*\*)/.test(read(file)))).toEqual([])
})

describe('every source file', () => {
  const files = [
    'packages/tensor/src',
    'packages/nn/src',
    'packages/data/src',
    'packages/lab/src',
    'packages/cli/src',
    'course',
    'bench',
  ].flatMap(sources)

  it.each(files)('%s opens with what it is and has a kebab-case name', file => {
    expect(read(file)).toMatch(/^(#!.*\n)?(\/\/ |\/\*\*)/)
    expect(basename(file)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.tsx?$/)
    expect(file).not.toMatch(/utils?\b/)
  })
})
