// Who knows what: what only classifiers know stands in two folders, files import one another in one direction, and
// every file and function can be held in mind.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** What people write below a folder. */
const filesOf = (folder: string, name: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && name.test(entry.name) && !/node_modules|generated/.test(entry.parentPath))
    .map(entry => relative(root, join(entry.parentPath, entry.name))).sort()
const packages = ['tensor', 'nn', 'data', 'lab', 'cli', 'site'].map(name => `packages/${name}/src`)
const sources = [...packages, 'course'].flatMap(folder => filesOf(folder, /\.tsx?$/))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe('what only classifiers know', () => {
  const WORDS = /logits|confusion|accuracy|labels/

  /** Files and folders where one of the words has another reason to stand. */
  const REASONS: readonly (readonly [reason: string, places: readonly string[]])[] = [
    ['a model of language gives logits of the next token', [
      'packages/lab/src/generation/', 'packages/lab/src/trained/sample-text.ts',
      'packages/lab/src/trained/text-generator/', 'packages/lab/src/recordings/node/reach.ts',
      'packages/lab/src/recordings/node/lengths.ts',
      'packages/site/src/explain/names-net.ts', 'packages/site/src/explain/sounds-net.ts',
    ]],
    ['data sets and own tables have a column of classes called labels', [
      'packages/lab/src/data-source/', 'packages/lab/src/own-data/', 'packages/lab/src/fit/fit.ts',
      'packages/cli/src/actions/data.ts',
    ]],
    ['numbers of classes are checked in the data, those of tokens too', ['packages/lab/src/train/label-columns.ts']],
    ['files on disk have these names in them', [
      'packages/lab/src/recordings/result.ts', 'packages/lab/src/runs/earlier-metrics.ts',
    ]],
    ['an example of a name that weights or an export have', [
      'packages/cli/src/commands/import.ts', 'packages/cli/src/commands/export.ts',
    ]],
    ['a view of what a classifier gets wrong', [
      'packages/site/src/components/Confusion.astro', 'packages/site/src/components/Calibration.astro',
      'packages/site/src/islands/snapshot-views.tsx', 'packages/site/src/islands/lab/mistakes-view.tsx',
    ]],
    ['what the page itself trains, or was made ready for it, tells digits or reviews apart', [
      'packages/site/src/workers/', 'packages/site/src/record/',
      'packages/site/src/build/digits-for-the-page.ts', 'packages/site/src/build/mnist-for-the-page.ts',
      'packages/site/src/islands/training-status.ts',
      'packages/site/src/islands/try-words.ts', 'packages/site/src/components/TryWords.astro',
    ]],
  ]
  const excused = REASONS.flatMap(([, places]) => places)

  it('stands in tasks/classification and analysis/classification, with a reason elsewhere', () => {
    const files = ['lab', 'cli', 'site'].flatMap(name => filesOf(`packages/${name}/src`, /\.(tsx?|astro)$/))
    const knowing = files.filter(
      file => !/^packages\/lab\/src\/(tasks|analysis)\//.test(file) && WORDS.test(read(file)),
    )
    expect(knowing.filter(file => !excused.some(place => file.startsWith(place)))).toEqual([])
    // A reason that is no longer needed goes.
    expect(excused.filter(place => !knowing.some(file => file.startsWith(place)))).toEqual([])
  })
})

describe('files import one another in one direction', () => {
  /** Relative imports of values: types are gone when a file is loaded. */
  function importsOf(file: string): string[] {
    const statements = read(file).matchAll(/^(?:import|export)\b(?! type\b)([^'"]*?)(?:\bfrom )?'(\.[^']+)'/gm)
    return [...statements].flatMap(([, names = '', path = '']) => {
      const listed = /^\s*\{([^}]*)\}/.exec(names)?.[1]?.split(',').map(name => name.trim()).filter(Boolean)
      if (listed?.every(name => name.startsWith('type '))) return []
      return [normalize(join(dirname(file), path))]
    })
  }

  /** Groups of files that reach one another. Source: Tarjan, "Depth-first search and linear graph algorithms", 1972. */
  function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
    const order = new Map<string, number>()
    const low = new Map<string, number>()
    const stack: string[] = []
    const found: string[][] = []
    const visit = (file: string): void => {
      order.set(file, order.size)
      low.set(file, order.get(file)!)
      stack.push(file)
      for (const next of graph.get(file) ?? []) {
        if (!order.has(next)) visit(next)
        if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!))
      }
      if (low.get(file) !== order.get(file)) return
      const group = stack.splice(stack.indexOf(file))
      if (group.length > 1) found.push(group.sort())
    }
    for (const file of graph.keys()) if (!order.has(file)) visit(file)
    return found.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  }

  it('but for families of ops, whose gradients are made of one another', () => {
    const graph = new Map(sources.map(file => [file, importsOf(file).filter(path => existsSync(join(root, path)))]))
    expect(graph.size).toBeGreaterThan(500)
    const ops = (...names: readonly string[]) => names.map(name => `packages/tensor/src/ops/${name}.ts`)
    expect(circlesOf(graph)).toEqual([
      ops('choice', 'define-elementwise', 'elementwise', 'reduce', 'shape'),
      ops('pool', 'resample'),
      ops('scan-gradient', 'scan'),
    ])
    expect(read('ARCHITECTURE.md')).toContain('Families of ops name each other')
  })
})

describe('every file and function can be held in mind', () => {
  const config = read('eslint.config.js')

  it('by lint: lines, lines of a file and of a function, with few files excused', () => {
    expect(config).toContain("'max-lines': ['error', 450], 'max-lines-per-function': ['error', 80]")
    const [, excused = ''] = /files: \[([^\]]*)\],\s*rules: \{ 'max-lines': 'off'/.exec(config) ?? []
    expect(excused.match(/'/g)!.length / 2).toBeLessThanOrEqual(5)
  })

  it('and no file of a package is longer than that unless it is excused there', () => {
    const long = sources.filter(file => read(file).split('\n').length - 1 > 450)
    expect(long.filter(file => !config.includes(`'${file}'`) && !/published\.ts$/.test(file))).toEqual([])
  })
})
