// An experiment in a file of somebody's own, outside the repository.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiled, compiledModules } from '../../../test/compiled.ts'
import { arrays, parseSettings } from '@ddlf/lab'
import { codeHash, experimentsFrom } from '@ddlf/lab/node'
import { ddlf, start, workFolder } from './command.ts'

/** A bound against hanging: each command loads the laboratory anew. */
const PATIENCE = 300_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
const file = path.join(folder, 'my-experiment.ts')
afterAll(() => fs.rmSync(folder, { recursive: true }))

const EXPERIMENT = `import { arrays, classification, experiment, trainingSettings } from '@ddlf/lab'
import { Linear } from '@ddlf/nn'
import { points } from './points.ts'

const about = { title: 'Two sides', question: 'Which side is a point on?' }
const { epochs } = trainingSettings.shape
export default experiment({
  ...about,
  name: 'sides',
  data: arrays('sides', { train: points(64), test: points(32), classes: ['left', 'right'] }),
  config: trainingSettings.extend({ epochs: epochs.default(60) }),
  task: classification({ input: 'points' }),
  model: () => new Linear(2, 2),
})
`

const POINTS = `export const points = (count: number) => ({
  points: { data: Float32Array.from({ length: 2 * count }, (_, i) => (i % 4 < 2 ? 1 : -1)), shape: [count, 2] },
  labels: Int32Array.from({ length: count }, (_, i) => i % 2),
})
`

beforeAll(() => {
  // As in a project that has installed the packages.
  fs.symlinkSync(compiledModules, path.join(folder, 'node_modules'))
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  fs.writeFileSync(file, EXPERIMENT)
  fs.writeFileSync(path.join(folder, 'points.ts'), POINTS)
})

describe('ddlf train ./my-experiment.ts', () => {
  it('trains it and reports, and later commands find it by the file that the environment names', async () => {
    const trained = await ddlf('train', file, '--runs', runs, '--threads', '1')
    expect(trained.stderr).toBe('')
    expect(trained.stdout).toMatch(/epoch 60\/60 .* accuracy 100\.00 % \/ 100\.00 %/)
    expect(trained.stdout).toContain(`export DDLF_EXPERIMENTS=${file}`)

    const [id] = fs.readdirSync(path.join(runs, 'sides'))
    const record = JSON.parse(fs.readFileSync(path.join(runs, 'sides', id!, 'run.json'), 'utf8')) as { data: object }
    expect(Object.keys(record.data)).toEqual(['sides/train', 'sides/test'])

    const unnamed = await ddlf('evaluate', 'latest', '--runs', runs)
    expect(unnamed.code).toBe(1)
    expect(unnamed.stderr).toContain(`Set the environment variable DDLF_EXPERIMENTS to the file, which was: ${file}`)
    const named = { DDLF_EXPERIMENTS: file }
    const evaluated = await start(['evaluate', 'latest', '--runs', runs, '--json'], named).ended
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ examples: 32, errors: 0 })
    const known = await start(['train', 'sides', '--set', 'epochs=1', '--runs', runs, '--json'], named).ended
    expect(known.stdout).toContain('"kind":"done"')
  }, PATIENCE)

  it('is written as the README shows: lists of numbers, classes as int32', async () => {
    const readme = fs.readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [code] = /\/\/ my-experiment\.ts[^`]*/.exec(readme) ?? []
    fs.writeFileSync(path.join(folder, 'rings.ts'), code ?? '')
    const [rings] = await experimentsFrom(pathToFileURL(path.join(folder, 'rings.ts')).href)
    const form = rings!.data.form(parseSettings(rings!, []))
    expect(form).toMatchObject({
      columns: { points: { dtype: 'float32', shape: [2] }, labels: { dtype: 'int32', shape: [] } },
      classes: ['outside', 'ring'],
      examples: 4000,
    })
  })

  it('takes no numbers of another kind for bytes', () => {
    for (const labels of [Float64Array.of(0, 1), { data: Float64Array.of(0, 1), shape: [2] }])
      expect(() => arrays('a', { train: { labels: labels as never } })).toThrow(/'labels' must be lists of numbers/)
  })

  it('says what is wrong with a file', async () => {
    const none = path.join(folder, 'none.ts')
    fs.writeFileSync(none, 'export const answer = 42\n')
    const { code, stderr } = await ddlf('train', none, '--runs', runs)
    expect(code).toBe(1)
    expect(stderr).toContain('A module of experiments exports what experiment({ … }) makes.')
    expect((await ddlf('train', path.join(folder, 'absent.ts'))).stderr).toContain('cannot be loaded')
    fs.writeFileSync(none, "import { arrays } from '@ddlf/lab'\narrays('a', { train: { labels: 7 as never } })\n")
    const mistaken = await ddlf('train', none, '--runs', runs)
    expect(mistaken.stderr).toContain("'labels' must be lists of numbers, a typed array, or { data, shape }")
    expect(mistaken.stderr).not.toContain('package.json')
    const unknown = await ddlf('train', 'sides', '--runs', runs)
    expect(unknown.stderr).toContain('export DDLF_EXPERIMENTS=./its-file.ts')
  }, PATIENCE)
})

describe('an experiment of a file that the environment names', () => {
  const named = { DDLF_EXPERIMENTS: file }
  const studies = path.join(folder, 'studies')

  it('is tuned, by processes that know it as well', async () => {
    const { code, stdout, stderr } = await start([
      'tune', 'sides', '--trials', '2', '--jobs', '1', '--set', 'epochs=2', '--set', 'validation=0.25',
      '--space', 'learningRate=log:0.01..1', '--runs', runs, '--studies', studies, '--json',
    ], named).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('"trials":2')
    const rate = await start([
      'tune-rate', 'sides', '--steps', '20', '--set', 'batchSize=8', '--studies', studies, '--json',
    ], named).ended
    expect(rate.stderr).toBe('')
    expect(JSON.parse(rate.stdout)).toHaveProperty('suggestion')
  }, PATIENCE)

  it('is trained in the lab, and its code is that of the file', async () => {
    const lab = start(['lab', '--no-build', '--port', '0', '--runs', runs, '--studies', studies], named)
    await lab.seen(/token=\S+/)
    const address = /http:\/\/\S+token=\S+/.exec(lab.said())?.[0] ?? ''
    const { origin, searchParams } = new URL(address)
    const headers = {
      authorization: `Bearer ${searchParams.get('token') ?? ''}`,
      origin,
      'x-lab-page': '1',
      'content-type': 'application/json',
    }
    const listed = (await (await fetch(`${origin}/api/experiments`, { headers })).json()) as { name: string }[]
    expect(listed.map(({ name }) => name)).toContain('sides')
    const body = JSON.stringify({ experiment: 'sides', settings: { epochs: 1 } })
    const begun = await fetch(`${origin}/api/runs`, { method: 'POST', headers, body })
    const { run } = (await begun.json()) as { run: string }
    expect(run).toMatch(/^sides\//)
    const record = JSON.parse(fs.readFileSync(path.join(runs, run, 'run.json'), 'utf8')) as {
      attempts: { code?: string }[]
    }
    // Of the packages as the command has them.
    const provenance = compiled(new URL('../../lab/src/runs/provenance.ts', import.meta.url)).href
    const there = (await import(provenance)) as { readonly codeHash: typeof codeHash }
    expect(record.attempts[0]?.code).toBe(there.codeHash(file))
    lab.kill('SIGTERM')
    expect((await lab.ended).stderr).toBe('')
  }, PATIENCE)
})

it('several experiments are found, alone and in lists, the default first', async () => {
  const several = path.join(folder, 'several.mjs')
  const made = (name: string) => `{ name: '${name}', data: 0, config: 0, task: 0, model: 0 }`
  fs.writeFileSync(
    several,
    `export const experiments = [${made('a')}]; export const b = ${made('b')}; export default ${made('c')}`,
  )
  const found = await experimentsFrom(pathToFileURL(several).href)
  expect(found.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
  expect(found[0]!.name).toBe('c')
})

it("a run's code is the file and what it imports, not what lies beside it", () => {
  const before = codeHash(file)
  fs.writeFileSync(path.join(folder, 'beside.ts'), 'export {}')
  expect(codeHash(file)).toBe(before)
  fs.appendFileSync(path.join(folder, 'points.ts'), '// changed\n')
  expect(codeHash(file)).not.toBe(before)
  expect(before).toMatch(/^[0-9a-f]{64}$/)
})

describe("what belongs to a run's code", () => {
  const at = (name: string) => path.join(folder, 'parts', name)
  const write = (name: string, content: string) => {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true })
    fs.writeFileSync(at(name), content)
  }
  it.each([
    ['a folder', './sub', 'sub/index.ts'],
    ['no extension', './b', 'b.ts'],
    ['the extension of what it is compiled to', './c.js', 'c.ts'],
    ['the extension of a module that it is compiled to', './d.mjs', 'd.mts'],
    ['the folder itself', '.', 'index.ts'],
  ])('an import of %s is followed, as tsx follows it', async (_, address, name) => {
    write(name, 'export const one = 1\n')
    write(
      'main.ts',
      `import { one } from '${address}'\nexport default { name: 'n' + one, data: 0, config: 0, task: 0, ` +
        'model: 0 }\n',
    )
    // tsx itself finds the same file.
    expect((await ddlf('train', at('main.ts'), '--runs', runs)).stderr).not.toContain('cannot be loaded')
    const before = codeHash(at('main.ts'))
    expect(before).not.toBeNull()
    write(name, 'export const one = 2\n')
    expect(codeHash(at('main.ts'))).not.toBe(before)
  })
  it('an import that leads nowhere counts by its address', () => {
    write('main.ts', "import './nowhere'\nexport {}\n")
    const before = codeHash(at('main.ts'))
    expect(before).toMatch(/^[0-9a-f]{64}$/)
    write('nowhere.ts', 'export {}\n')
    expect(codeHash(at('main.ts'))).not.toBe(before)
  })
  it('an index is a module as any other', () => {
    write('index.ts', 'export {}\n')
    const before = codeHash(at('index.ts'))
    write('beside-index.ts', 'export {}\n')
    expect(codeHash(at('index.ts'))).toBe(before)
  })
})

it("an error in somebody's own file says where", async () => {
  fs.writeFileSync(
    path.join(folder, 'part.ts'),
    `// One.\nexport type A = number\n\nthrow new Error('too few points')\n`,
  )
  fs.writeFileSync(path.join(folder, 'whole.ts'), "import './part.ts'\nexport default 1\n")
  const { code, stderr } = await ddlf('train', path.join(folder, 'whole.ts'))
  expect(code).toBe(1)
  expect(stderr).toContain(`too few points, in ${path.join(folder, 'part.ts')}, line 4`)
})
