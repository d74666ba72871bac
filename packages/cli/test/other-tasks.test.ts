// Models that tell no classes apart through the commands: trained, judged, analysed, exported, drawn, and asked for
// what they make; and a refusal that names the right command where they cannot be asked so.
import fs from 'node:fs'
import path from 'node:path'
import { decode, encode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { predict, parseSettings, type Answer } from '@ddlf/lab'
import { openTrainedRun } from '@ddlf/lab/node'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { called } from './in-process.ts'
import { workFolder } from './command.ts'
import { experiments } from './made-tasks.ts'

// Before the commands are loaded.
vi.hoisted(() => {
  process.env['DDLF_EXPERIMENTS'] = new URL('made-tasks.ts', import.meta.url).pathname
})

const PATIENCE = 300_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
const at = (name: string) => path.join(folder, name)
const said: Record<string, string> = {}
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

async function succeed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await called(...args, '--runs', runs)
  expect(code, stderr).toBe(0)
  return stdout
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await called(...args, '--runs', runs)
  expect(code).toBe(1)
  return stderr
}

beforeAll(async () => {
  for (const { name } of experiments) said[name] = await succeed('train', name, '--threads', '1')
}, PATIENCE)

/** The one run of an experiment. */
const runOf = (name: string) => `${name}/${fs.readdirSync(path.join(runs, name))[0] ?? ''}`

describe.each([
  ['cleaner', /PSNR -?\d+\.\d+ dB on the test part/, 'psnr', 'Noise and what is left of it', ['restored']],
  ['draughtsman', /Fréchet distance [\d.]+ on the test part/, 'frechet', 'Pictures that it makes', ['pictures']],
  ['writer', /Loss \d\.\d+ nats per token on the validation part/, 'loss', 'Texts that it writes', ['logits']],
] as const)('a %s', (name, headline, metric, figure, outputs) => {
  it('is reported, judged, analysed with its own figure, exported and drawn', async () => {
    expect(said[name]).toMatch(headline)
    const judged = JSON.parse(await succeed('evaluate', runOf(name), '--json')) as { metrics: Record<string, number> }
    expect(judged.metrics[metric]).toEqual(expect.any(Number))
    // A folder each, for the figures that come beside the page.
    fs.mkdirSync(at(`${name}-page`))
    const page = path.join(at(`${name}-page`), 'page.html')
    await succeed('analyze', runOf(name), '--out', page)
    expect(fs.readFileSync(page, 'utf8')).toContain(`<h2>${figure}</h2>`)
    const model = at(`${name}.onnx`)
    const exported = await succeed('export', runOf(name), '--out', model)
    for (const output of outputs) expect(exported).toContain(output)
    expect(fs.statSync(model).size).toBeGreaterThan(200)
    expect(await succeed('graph', runOf(name))).toMatch(/\d/)
  }, PATIENCE)
})

it('a model of texts that keeps nothing of earlier tokens is exported without the program', async () => {
  const exported = await succeed('export', runOf('glancer'), '--out', at('glancer.onnx'))
  expect(exported).toMatch(/logits[^]*No program[^]*reads the text anew for each token[^]*ddlf\S*( --)? sample glancer/)
  expect(fs.readdirSync(folder).filter(name => name.startsWith('glancer')).sort())
    .toEqual(['glancer.onnx', 'glancer.tokenizer.json'])
  const told = await succeed('export', runOf('glancer'), '--out', at('glancer.onnx'), '--force', '--json')
  expect(JSON.parse(told)).toMatchObject({ outputs: ['logits'], generator: null })
}, PATIENCE)

it('a model that gives pictures back writes them beside what it read', async () => {
  const pixels = Uint8Array.from({ length: 49 }, (_, i) => (i * 5) % 256)
  const file = at('bar.png')
  fs.writeFileSync(file, encode({ width: 7, height: 7, channels: 1, depth: 8, data: pixels }))
  const answer = JSON.parse(await succeed('predict', runOf('cleaner'), file, '--json')) as { file: string }
  expect(path.basename(answer.file)).toBe('predicted.png')
  const { width, height, data } = decode(fs.readFileSync(answer.file))
  expect([width, height]).toEqual([17, 9])
  const tile = (left: number) =>
    Array.from({ length: 49 }, (_, i) => data[(1 + Math.floor(i / 7)) * 17 + left + (i % 7)])
  expect(tile(1)).toEqual([...pixels])
  const { experiment, model } = openTrainedRun(experiments, runs, runOf('cleaner'))
  const settings = parseSettings(experiment, {})
  const made = await predict(experiment, settings, model, { data: pixels, steps: [] }, onnxNodeRuntime({ threads: 1 }))
  const { picture } = made as Extract<Answer, { kind: 'picture' }>
  expect(tile(9)).toEqual(Array.from(picture.data, value => Math.round(255 * value)))

  const sheet = at('sheet.png')
  expect(await succeed('predict', runOf('cleaner'), file, file, '--out', sheet)).toContain('what was read on the left')
  expect(decode(fs.readFileSync(sheet)).height).toBe(17)
  expect(await refusal('predict', runOf('cleaner'), file, '--out', sheet)).toMatch(/--force/)
  expect(await refusal('predict', runOf('cleaner'), file, '--csv')).toMatch(/--csv prints classes and numbers[^]*--out/)
}, PATIENCE)

it('what cannot be asked about something is asked for what it makes, and the other way round', async () => {
  expect(await refusal('predict', runOf('writer'), 'a text')).toMatch(/makes texts: .*sample/)
  expect(await refusal('predict', runOf('draughtsman'), 'a.png')).toMatch(/makes pictures: .*sample/)
  expect(await refusal('sample', runOf('cleaner'))).toMatch(/predict/)
  expect(await succeed('sample', runOf('writer'), '--tokens', '5', '--prompt', 'ab')).toMatch(/^ab/)
  await succeed('sample', runOf('draughtsman'), '--count', '3', '--out', at('three.png'))
  expect(decode(fs.readFileSync(at('three.png'))).width).toBe(17)
}, PATIENCE)
