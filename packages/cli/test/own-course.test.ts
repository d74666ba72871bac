// A course of somebody's own, in a folder outside the repository: laid out, trained, recorded and built into pages.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtSite } from '../../../test/built-site.ts'
import { compiledModules } from '../../../test/compiled.ts'
import { start, workFolder } from './command.ts'

const folder = workFolder()
const course = path.join(folder, 'my-course')
const topic = path.join(course, 'topics', '01-two-sides')
const named = { DDLF_COURSE: course }
const runs = path.join(folder, 'runs')
afterAll(() => fs.rmSync(folder, { recursive: true }))

/** In the place of the experiment on MNIST that a new topic begins with: one that trains at once. */
const EXPERIMENTS = `import { arrays, classification, experiment, trainingSettings } from '@ddlf/lab'
import { Linear, Sequential } from '@ddlf/nn'

const points = (count: number) => ({
  points: { data: Float32Array.from({ length: 2 * count }, (_, i) => (i % 4 < 2 ? 1 : -1)), shape: [count, 2] },
  labels: { data: Int32Array.from({ length: count }, (_, i) => i % 2), shape: [count] },
})
export const experiments = [experiment({
  name: 'two-sides', title: 'Two sides', question: 'Which side is a point on?',
  data: arrays('sides', { train: points(64), test: points(32), classes: ['left', 'right'] }),
  config: trainingSettings.extend({ units: trainingSettings.shape.epochs.default(2) }),
  task: classification({ input: 'points' }),
  model: () => new Sequential(new Linear(2, 2)),
})]
`

beforeAll(async () => {
  // As in a project that has installed the packages.
  fs.symlinkSync(compiledModules, path.join(folder, 'node_modules'))
  const { code, stdout, stderr } = await start(['new', 'two-sides', '--course', course]).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`export DDLF_COURSE=`)
}, 600_000)

describe('ddlf new --course', () => {
  it('makes a folder with an index that lists the topic, which the commands are then about', async () => {
    expect(fs.readdirSync(course).sort()).toEqual(['index.ts', 'package.json', 'topics'])
    expect(fs.readFileSync(path.join(course, 'index.ts'), 'utf8')).toContain("from './topics/01-two-sides/topic.ts'")
    const { stdout, stderr } = await start(['days', '--json'], named).ended
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject([
      { slug: 'two-sides', days: [1, 1], experiments: [{ name: 'two-sides' }] },
    ])
  })

  it('leaves what is there, and takes a second topic in', async () => {
    const again = await start(['new', 'two-sides'], named).ended
    expect(again.stderr).toContain('There is a topic of this name already.')
    const second = await start(['new', 'further', '--days', '3-4'], named).ended
    expect(second).toMatchObject({ code: 0, stderr: '' })
    const { stdout } = await start(['days', '--json'], named).ended
    expect((JSON.parse(stdout) as { slug: string }[]).map(({ slug }) => slug)).toEqual(['two-sides', 'further'])
    fs.rmSync(path.join(course, 'topics', '02-further'), { recursive: true })
    const index = path.join(course, 'index.ts')
    fs.writeFileSync(index, fs.readFileSync(index, 'utf8').replace(/^.*further.*\n/gm, ''))
  }, 600_000)
})

it('a folder that is no course is refused', async () => {
  const { code, stderr } = await start(['days'], { DDLF_COURSE: folder }).ended
  expect(code).toBe(1)
  expect(stderr).toContain('it has no index.ts that exports its topics')
  fs.mkdirSync(path.join(folder, 'hollow'))
  fs.writeFileSync(path.join(folder, 'hollow', 'index.mjs'), 'export const topics = [{ slug: 1 }], experiments = []')
  const hollow = await start(['days'], { DDLF_COURSE: path.join(folder, 'hollow') }).ended
  expect(hollow.stderr).toContain('topic 1 lacks title, days, permalink')
})

it.each([
  ['a mistake in writing', 'index.mjs', 'export const a = [\nexport {}\n', /index\.mjs: Unexpected token 'export'/],
  ['one in TypeScript', 'index.ts', 'export const a = [\nexport {}\n', /index\.ts:2:0: ERROR: Unexpected "export"/],
  ['an error while it loads', 'index.mjs', "\nthrow new Error('no shelf')\n", /no shelf, in .*index\.mjs, line 2/],
  ['an import of nothing', 'index.mjs', "import './topics/none.mjs'\n", /Cannot find module .*none\.mjs/],
])('%s in an own course is told with its file, without a stack', async (_what, name, text, said) => {
  const own = path.join(folder, 'mistaken')
  fs.rmSync(own, { recursive: true, force: true })
  fs.mkdirSync(own)
  fs.writeFileSync(path.join(own, 'package.json'), '{ "type": "module" }')
  fs.writeFileSync(path.join(own, name), text)
  const { code, stderr } = await start(['days'], { DDLF_COURSE: own }).ended
  expect(code).toBe(1)
  expect(stderr).toContain('The course that DDLF_COURSE names cannot be loaded.')
  expect(stderr).toMatch(said)
  expect(stderr).not.toMatch(/package\.json|^\s+at /m)
})

it('its topic is trained, recorded and becomes a page', async () => {
  fs.writeFileSync(path.join(topic, 'experiments.ts'), EXPERIMENTS)
  const recorded = await start(
    ['record', 'two-sides', '--train', '--seeds', '2', '--runs', runs, '--threads', '1'],
    named,
  ).ended
  expect(recorded).toMatchObject({ code: 0, stderr: '' })
  const result = JSON.parse(fs.readFileSync(path.join(topic, 'results', 'two-sides.json'), 'utf8')) as {
    arms: object[]
  }
  expect(result.arms).toHaveLength(2)
  const out = path.join(folder, 'pages')
  // Two builds of one checkout at a time write into the same folder of Astro's: the suites' common one goes first.
  await builtSite()
  const built = await start(['site', '--out', out], named).ended
  expect(built).toMatchObject({ code: 0, stderr: '' })
  expect(built.stdout.trimEnd().split('\n').at(-1)).toMatch(/^Next: serve this folder with any host of static files/)
  const page = fs.readFileSync(path.join(out, '30ddlf', 'two-sides', 'index.html'), 'utf8')
  expect(page).toContain('Which side is a point on?')
  expect(page).toContain('Both settings, two epochs.')
  expect(fs.existsSync(path.join(out, '30ddlf', 'mlp-on-mnist'))).toBe(false)
}, 1_200_000)
