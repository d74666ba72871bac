// The packages as they are published: what is in them, what independent checkers say of them, and that a newcomer's
// program (the README's) trains with them in an empty project, in Node and in a page.
import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { publint } from 'publint'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runOnnxModel } from '@ddlf/tensor/node'
import { hasBrowser, launchBrowser } from './browser.ts'
import { buildPackages, projectWith, runNode, type BuiltPackages } from './packed-packages.ts'
import { serveFolder } from './static-server.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const NAMES = ['tensor', 'nn', 'data', 'lab', 'course', 'cli']

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly scripts?: object
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** What a run keeps of where it comes from. */
interface Recorded {
  readonly git: object | null
  readonly attempts: readonly { readonly code: string }[]
  readonly versions: Readonly<Record<string, string>>
}

/** A newcomer's experiment, with what only a compiler of TypeScript knows: an enum. */
const SIDES = `import { arrays, classification, experiment, trainingSettings } from '@ddlf/lab'
import { Linear } from '@ddlf/nn'

enum Side { left, right }
const points = (count: number) => ({
  points: { data: Float32Array.from({ length: 2 * count }, (_, i) => (i % 4 < 2 ? 1 : -1)), shape: [count, 2] },
  labels: { data: Int32Array.from({ length: count }, (_, i) => i % 2 === 0 ? Side.left : Side.right), shape: [count] },
})
export default experiment({
  name: 'sides', title: 'Two sides', question: 'Which side is a point on?',
  data: arrays('sides', { train: points(64), test: points(32), classes: ['left', 'right'] }),
  config: trainingSettings, task: classification({ input: 'points' }), model: () => new Linear(2, 2),
})
`

const folder = mkdtempSync(join(tmpdir(), 'ddlf-packages-'))
let built: BuiltPackages
beforeAll(() => {
  built = buildPackages(folder)
}, 900_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }), 600_000)

const placeOf = (name: string) => built.folders[name] ?? ''
const manifestOf = (name: string) => JSON.parse(readFileSync(join(placeOf(name), 'package.json'), 'utf8')) as Manifest
const filesOf = (name: string) =>
  readdirSync(placeOf(name), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

describe.each(NAMES)('the package %s', name => {
  it('offers built files with types, and brings no script', () => {
    const { exports, bin = {}, scripts } = manifestOf(name)
    const entries = Object.entries(exports).filter(([entry]) => entry !== './package.json')
    for (const [, targets] of entries) {
      expect(Object.keys(targets)).toEqual(['types', 'default'])
      for (const target of Object.values(targets)) {
        expect(target).toMatch(/\.js$|\.d\.ts$/)
        expect(existsSync(join(placeOf(name), target)), target).toBe(true)
      }
    }
    for (const program of Object.values(bin)) {
      expect(readFileSync(join(placeOf(name), program), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    }
    expect(entries.length).toBeGreaterThan(0)
    expect(scripts).toBeUndefined()
  })

  it('imports built files of its own and declared packages alone, and maps every file to its source', () => {
    const { name: own, dependencies = {}, peerDependencies = {} } = manifestOf(name)
    const known = new Set([own, ...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const code = filesOf(name).filter(file => /\/dist\/.*\.(js|d\.ts)$/.test(file) && !/\/exercises\//.test(file))
    expect(code.length).toBeGreaterThan(3)
    for (const file of code) {
      const text = readFileSync(file, 'utf8')
      for (const { fileName: address } of ts.preProcessFile(text, true, true).importedFiles) {
        const [scope = '', rest = ''] = address.split('/')
        if (address.startsWith('.')) {
          expect(address, file).toMatch(/\.js$/)
          const target = join(dirname(file), address)
          expect(relative(placeOf(name), target), file).toMatch(/^dist\//)
          expect(
            existsSync(file.endsWith('.js') ? target : target.replace(/\.js$/, '.d.ts')),
            `${file}: ${address}`,
          ).toBe(true)
        } else if (!address.startsWith('node:') && !isBuiltin(address)) {
          expect(known, `${file}: ${address}`).toContain(scope.startsWith('@') ? `${scope}/${rest}` : scope)
        }
      }
      for (const [, address = ''] of text.matchAll(
        /^(?!\s*(?:\/\/|\*)).*new URL\('(\.[^']*\.[jt]s)', import\.meta\.url\)/gm,
      )) {
        expect(existsSync(join(dirname(file), address)), `${file}: ${address}`).toBe(true)
      }
      const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as { sources: string[] }
      expect(sources.filter(source => !existsSync(join(dirname(file), source))), file).toEqual([])
    }
  })

  it('is right to publint', async () => {
    const { messages } = await publint({ pkgDir: placeOf(name), level: 'suggestion', strict: true })
    expect(messages).toEqual([])
  })

  it('has types that every kind of resolution that knows ES modules finds', async () => {
    const { name: own } = manifestOf(name)
    const file =
      built.tarballs.find(one => basename(one).startsWith(`${own.replace('@', '').replace('/', '-')}-0`)) ?? ''
    const result = await checkPackage(createPackageFromTarballData(readFileSync(file)))
    expect(result.types).not.toBe(false)
    const problems = 'problems' in result ? result.problems : []
    // CommonJS cannot require what is ESM; and the resolution of Node 10 knows no `exports`.
    const isExpected = (one: (typeof problems)[number]) =>
      one.kind === 'CJSResolvesToESM' || ('resolutionKind' in one && one.resolutionKind === 'node10')
    expect(problems.filter(one => !isExpected(one))).toEqual([])
  })
})

it('@ddlf/tensor brings the engine alone', () => {
  expect(
    Object.keys(manifestOf('tensor').dependencies ?? {}).filter(name => /astro|ddlf|vite|preact/.test(name)),
  ).toEqual([])
})

describe('a newcomer in an empty project', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const program = /```ts\n(\/\/ ring\.ts\n[^]*?)```/.exec(readme)?.[1] ?? ''
  const project = join(folder, 'newcomer')
  beforeAll(() => {
    const { version } = JSON.parse(
      readFileSync(join(root, 'node_modules/@types/node/package.json'), 'utf8'),
    ) as Manifest
    // All but the site: who wants no pages has no Astro.
    const wanted = built.tarballs.filter(file => !/ddlf-site-/.test(file))
    projectWith(project, wanted, [`@types/node@${version}`])
    writeFileSync(join(project, 'ring.ts'), program)
  }, 900_000)

  it('has types that fit under strict NodeNext, and trains, keeps, loads and exports', async () => {
    expect(program.trim().split('\n').filter(line => line !== '').length).toBeLessThanOrEqual(26)
    const options = ['--strict', '--module', 'nodenext', '--skipLibCheck', 'false', '--types', 'node']
    const checked = runNode([join(root, 'node_modules/typescript/bin/tsc'), ...options, 'ring.ts'], project)
    expect(checked).toMatchObject({ status: 0, stdout: '' })
    const { status, stdout, stderr } = runNode(['ring.js'], project)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/epoch 30 /)
    expect(stdout.trim().split('\n').at(-1)).toBe('[ 1, 0 ]')
    // The exported file says the same to the runtime that everybody has.
    const asked = { dtype: 'float32', data: Float32Array.of(0, 1.2, 0, 0), shape: [2, 2] } as const
    const [answer = {}] = await runOnnxModel(readFileSync(join(project, 'ring.onnx')), [{ inputs: asked }])
    const [a = 0, b = 0, c = 0, d = 0] = Object.values(answer)[0]?.data ?? []
    expect([b > a, d > c]).toEqual([true, false])
  }, 900_000)

  it('has no Astro, and no package of ours is outside the project', () => {
    const installed = readdirSync(join(project, 'node_modules'))
    expect(installed.filter(name => /astro|preact|pagefind|typedoc|vitest|^vite$/.test(name))).toEqual([])
    expect(readdirSync(join(project, 'node_modules', '@ddlf')).sort()).toEqual([
      'course',
      'data',
      'lab',
      'nn',
      'tensor',
    ])
  })

  it('has the command: an experiment in TypeScript is trained in a thread, tuned in processes', () => {
    const ddlf = (...args: readonly string[]) => runNode([join(project, 'node_modules/.bin/ddlf'), ...args], project)
    expect(ddlf('--help')).toMatchObject({ status: 0, stderr: '' })
    writeFileSync(join(project, 'sides.ts'), SIDES)
    const trained = ddlf('train', './sides.ts', '--set', 'epochs=3', '--threads', '1')
    expect({ status: trained.status, stderr: trained.stderr }).toEqual({ status: 0, stderr: '' })
    expect(trained.stdout).toMatch(/epoch 3\/3 .*accuracy/)
    // Commands are suggested as a terminal in this project finds them.
    expect(trained.stdout).toMatch(/Next:\n {2}(npx ddlf|node_modules\/\.bin\/ddlf) show sides\//)
    const [id = ''] = readdirSync(join(project, 'runs', 'sides'))
    const record = JSON.parse(readFileSync(join(project, 'runs', 'sides', id, 'run.json'), 'utf8')) as Recorded
    expect(record.git).toBeNull()
    expect(record.attempts[0]?.code).toMatch(/^[0-9a-f]{64}$/)
    expect(record.versions).toMatchObject({ '@ddlf/lab': '0.1.0', '@ddlf/tensor': '0.1.0' })
    expect(ddlf('verify').stdout).toContain('1 run, 7 files: nothing is wrong')
    const tuned = ddlf(
      'tune',
      './sides.ts',
      '--trials',
      '1',
      '--jobs',
      '1',
      '--set',
      'epochs=2',
      '--set',
      'validation=0.25',
      '--space',
      'learningRate=log:0.01..1',
      '--json',
    )
    expect({ status: tuned.status, stderr: tuned.stderr }).toEqual({ status: 0, stderr: '' })
    expect(ddlf('exercise', 'momentum').status).toBe(0)
    const [file = ''] = readdirSync(join(project, 'exercises'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('momentum.ts'))
    expect(ddlf('exercise', 'momentum').stdout).not.toContain('is solved')
    const answer = join(project, 'node_modules/@ddlf/course/dist/topics/01-mlp-on-mnist/exercises/answers/momentum.ts')
    copyFileSync(answer, join(project, 'exercises', file))
    expect(ddlf('exercise', 'momentum').stdout).toContain('is solved')
    const lab = ddlf('site', '--out', 'pages')
    expect(lab.status).toBe(1)
    expect(lab.stderr).toContain('npm install @ddlf/site')
  }, 900_000)

  it.skipIf(!hasBrowser)('and so it does in a page that Vite bundles', async () => {
    const inPage = program
      .replace(/^import .*'node:fs'\n/m, '')
      .replace(
        "import { onnxNodeRuntime } from '@ddlf/tensor/node'",
        "import { onnxWebRuntime } from '@ddlf/tensor/browser'",
      )
      .replace('onnxNodeRuntime()', 'onnxWebRuntime()')
      .replace(/writeFileSync\('ring\.safetensors', (.*)\)/, 'const kept = $1')
      .replace(/writeFileSync\('ring\.onnx', (.*)\)/, 'const exported = $1')
      .replace("readFileSync('ring.safetensors')", 'kept')
      .replace(/console\.log\((.*?)\) \/\/.*/, 'postMessage({ found: $1, bytes: exported.length })')
    writeFileSync(join(project, 'worker.ts'), inPage)
    writeFileSync(join(project, 'page.ts'), `
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
      worker.onmessage = ({ data }) => { document.body.textContent = JSON.stringify(data) }
      worker.onerror = ({ message }) => { document.body.textContent = message }
    `)
    writeFileSync(
      join(project, 'index.html'),
      '<!doctype html><body><script type="module" src="/page.ts"></script></body>',
    )
    writeFileSync(
      join(project, 'vite.config.js'),
      "export default { build: { target: 'es2022' }, worker: { format: 'es' } }\n",
    )
    const bundled = runNode([join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], project)
    expect(bundled.status, bundled.stderr).toBe(0)
    const server = await serveFolder(join(project, 'dist'), '/')
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(server.address)
      await page.waitForFunction('document.body.textContent.trim() !== ""', undefined, { timeout: 120_000 })
      const said = JSON.parse(await page.evaluate<string>('document.body.textContent')) as {
        found: number[]
        bytes: number
      }
      expect(said.found).toEqual([1, 0])
      expect(said.bytes).toBeGreaterThan(1000)
    } finally {
      await browser.close()
      await server.close()
    }
  }, 900_000)
})

it('a package that is imported by address brings what its types promise', async () => {
  const entry = join(placeOf('tensor'), 'dist', 'random.js')
  const module = (await import(/* @vite-ignore */ pathToFileURL(entry).href)) as Record<string, unknown>
  expect(Object.keys(module).length).toBeGreaterThan(0)
})
