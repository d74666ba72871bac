// The checkout in JavaScript, below node_modules/.cache: what a test starts as a process or a thread loads in a third
// of the time that tsx takes.
import {
  chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin as Bundling } from 'esbuild'
import type { Plugin } from 'vite'
import type { TestProject } from 'vitest/node'
import { compiledModules, made } from './compiled.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const packages = ['tensor', 'nn', 'data', 'lab', 'cli'].map(name => `packages/${name}`)

/** All files below a folder of the checkout, by their place in it. */
const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(file => !/(^|\/)node_modules\//.test(file))

/** Writes what differs, so that a process which loads it meanwhile finds one or the other. */
function write(file: string, text: string | Uint8Array): void {
  const bytes = Buffer.from(text)
  if (existsSync(file) && readFileSync(file).equals(bytes)) return
  mkdirSync(dirname(file), { recursive: true })
  const unfinished = `${file}.${String(process.pid)}`
  writeFileSync(unfinished, bytes)
  renameSync(unfinished, file)
}

function link(target: string, place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false })) return
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(target, place, 'junction')
}

const inJavaScript = (address: string) => address.replace(/\.ts$/, '.js')

/** Each import names the file that its module becomes. */
const renamedImports: Bundling = {
  name: 'renamed imports',
  setup(bundling) {
    bundling.onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.startsWith('.') ? inJavaScript(path) : path, external: true },
    )
  },
}

/** A manifest whose entries are JavaScript. */
function compiledManifest(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { exports?: object }
  const exports = Object.entries(manifest.exports ?? {}) as [string, string][]
  return JSON.stringify({ ...manifest, exports: Object.fromEntries(exports.map(([k, v]) => [k, inJavaScript(v)])) })
}

/** The modules of packages and of everybody else, as they are found from within. */
function linkModules(): void {
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && !['@ddlf', 'ddlf'].includes(name))
      link(join(root, 'node_modules', name), join(compiledModules, name))
  }
  for (const folder of [...packages, 'course']) {
    const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string }
    link(join(made, folder), join(compiledModules, name))
    const own = join(root, folder, 'node_modules')
    if (existsSync(own)) link(own, join(made, folder, 'node_modules'))
  }
  link(join(root, 'packages', 'site'), join(compiledModules, '@ddlf', 'site'))
}

/** Brings it up to date: all in about a second, nothing where no source has changed. */
export async function compileCheckout(): Promise<void> {
  const sources = packages.flatMap(folder => [`${folder}/src`, `${folder}/test`]).flatMap(filesBelow)
    .filter(file => /(?<!\.test)\.ts$/.test(file))
  const course = filesBelow('course').filter(file => !file.endsWith('.test.ts'))
  const modules = [...sources, ...course.filter(file => file.endsWith('.ts') && !/\/(holes|answers)\//.test(file))]
  const manifests = [...packages, 'course'].map(folder => `${folder}/package.json`)
  const stamp = join(made, '.made')
  const newest = Math.max(...[...sources, ...course, ...manifests, 'package-lock.json', 'test/compile-checkout.ts']
    .map(file => statSync(join(root, file)).mtimeMs))
  const state = `${String(newest)}\n${[...sources, ...course].sort().join('\n')}`
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  const { outputFiles } = await build({
    absWorkingDir: root, entryPoints: modules, outbase: root, outdir: made, write: false,
    bundle: true, treeShaking: false, keepNames: true, platform: 'node', format: 'esm', target: 'node20',
    sourcemap: 'inline', sourcesContent: false, plugins: [renamedImports], logLevel: 'error',
  })
  for (const { path, text } of outputFiles) {
    write(path, text.replace(/(new URL\("[\w./-]+)\.ts(", import\.meta\.url\))/g, '$1.js$2'))
    if (text.startsWith('#!')) chmodSync(path, 0o755)
  }
  for (const folder of [...packages, 'course']) write(join(made, folder, 'package.json'), compiledManifest(folder))
  // Memos, results, and exercises, which learners get as they are.
  for (const file of course.filter(name => !modules.includes(name) && name !== 'course/package.json'))
    write(join(made, file), readFileSync(join(root, file)))
  for (const file of [...packages, 'course'].flatMap(folder => madeBelow(folder))) {
    const source = file.replace(/\.js$/, '.ts')
    if (!existsSync(join(root, file)) && !existsSync(join(root, source))) rmSync(join(made, file))
  }
  linkModules()
  write(stamp, state)
}

const madeBelow = (folder: string): string[] =>
  readdirSync(join(made, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(made, join(entry.parentPath, entry.name)))

/** Before the first test, and again where a source has changed. */
export default async function setup(project: TestProject): Promise<void> {
  await compileCheckout()
  project.onTestsRerun(compileCheckout)
}

const STARTERS: readonly { readonly file: string; readonly name: string; readonly wrapped: string }[] = [
  {
    file: 'packages/data/src/prefetch/start-worker.ts',
    name: 'startWorker',
    wrapped: '(url, options = {}) => started(compiled(url), compiledMessage(options))',
  },
  {
    file: 'packages/lab/src/jobs/process/child.ts',
    name: 'startChild',
    wrapped: `(module, ...rest) => {
      const child = started(compiled(module), ...rest)
      return { ...child, send: message => child.send(compiledMessage(message)) }
    }`,
  },
]

/** Threads and processes that are started by a test run what is compiled. */
export function compiledStarters(): Plugin {
  return {
    name: 'compiled starters',
    enforce: 'pre',
    transform(code, id) {
      const starter = STARTERS.find(({ file }) => id === join(root, file))
      if (starter === undefined) return
      const { name, wrapped } = starter
      const declared = `export function ${name}(`
      if (!code.includes(declared)) throw new Error(`${id} has no ${declared}`)
      const helper = JSON.stringify(join(root, 'test', 'compiled.ts'))
      return `${code.replace(declared, 'function started(')}
import { compiled, compiledMessage } from ${helper}
export const ${name} = ${wrapped}`
    },
  }
}
