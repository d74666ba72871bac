// From a training to everything that is done with its run, by commands in child processes.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { encode } from 'fast-png'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { experiments } from '@ddlf/course'
import { loadDataset } from '@ddlf/data/node'
import { decodeEventFile, decodeSafetensors, evaluateModel } from '@ddlf/lab'
import { openTrainedRun } from '@ddlf/lab/node'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import { ddlf, eventsOf, start, workFolder, type Ran } from './command.ts'

const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
const SMALL = [
  '--set',
  'epochs=2',
  '--set',
  'trainExamples=4000',
  '--set',
  'optimizer=adam',
  '--set',
  'learningRate=0.003',
  '--set',
  'schedule=constant',
  '--runs',
  runs,
]
let trained: Ran
let run = ''

beforeAll(async () => {
  trained = await ddlf('train', 'mlp-on-mnist', ...SMALL, '--histograms', '--json')
  run = String(eventsOf(trained).find(({ kind }) => kind === 'start')?.['run'])
}, PATIENCE)
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const expectSuccess = ({ code, stderr, stdout }: Ran): string => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

test('train --json prints events, one a line', () => {
  expectSuccess(trained)
  const events = eventsOf(trained)
  expect(events.map(({ kind }) => kind).filter(kind => kind !== 'step' && kind !== 'judging')).toEqual([
    'start',
    'evaluation',
    'checkpoint',
    'evaluation',
    'checkpoint',
    'done',
  ])
  expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed', step: 126 })
})

test('the run folder holds event files with scalars and histograms', () => {
  const names = fs.readdirSync(path.join(runs, run)).filter(name => name.startsWith('events.out.tfevents.'))
  expect(names).toHaveLength(1)
  const { events, torn } = decodeEventFile(fs.readFileSync(path.join(runs, run, names[0]!)))
  const tags = new Set(events.map(event => ('tag' in event ? `${event.kind} ${event.tag}` : event.kind)))
  for (const tag of [
    'scalar train/loss',
    'scalar test/accuracy',
    'scalar learningRate',
    'histogram weights/logits.weight',
    'histogram gradients/hidden.0.0.weight',
  ])
    expect(tags).toContain(tag)
  expect(torn).toBe(false)
})

test('evaluate agrees with what training measured', async () => {
  const [people, machines] = await Promise.all([
    ddlf('evaluate', run, '--runs', runs),
    ddlf('evaluate', run, '--checkpoint', 'best', '--json', '--runs', runs),
  ])
  expect(expectSuccess(people)).toMatch(/Error \d+\.\d\d %.*of 10,000 wrong; 95 % interval[^]*weighted average/)
  const evaluated = JSON.parse(expectSuccess(machines)) as {
    metrics: { error: number }
    errors: number
    confusion: number[]
  }
  expect(evaluated.metrics.error).toBeCloseTo(evaluated.errors / 10_000, 10)
  const done = eventsOf(trained).at(-1) as unknown as { metrics: { test: { error: number } } }
  expect(evaluated.metrics.error).toBe(done.metrics.test.error)
}, PATIENCE)

test('predict reads a picture, ink on paper too', async () => {
  const { images } = (await loadDataset('mnist', { split: 'test' })).columns
  const seven = images!.data.slice(0, 784)
  const draw = (name: string, data: Uint8Array) => {
    const file = path.join(folder, name)
    fs.writeFileSync(file, encode({ width: 28, height: 28, channels: 1, depth: 8, data }))
    return file
  }
  const file = draw('seven.png', Uint8Array.from(seven))
  const paper = draw('paper.png', Uint8Array.from(seven, value => 255 - value))
  const [people, machines, wrong] = await Promise.all([
    ddlf('predict', run, file, '--runs', runs),
    ddlf('predict', run, paper, '--invert', '--json', '--runs', runs),
    ddlf('predict', run, path.join(folder, 'none.png'), '--runs', runs),
  ])
  expect(expectSuccess(people)).toMatch(/seven\.png: grey levels\n7 {2}█+/)
  const { classes, steps } = JSON.parse(expectSuccess(machines)) as {
    classes: { name: string; probability: number }[]
    steps: string[]
  }
  expect(classes[0]?.name).toBe('7')
  expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
  expect(steps).toContain('inverted')
  expect(wrong).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Error: .*\n.*none\.png, which does not exist/) as string,
  })
}, PATIENCE)

test('analyze writes one page and its figures', async () => {
  const { page, figures, attribution } = JSON.parse(
    expectSuccess(await ddlf('analyze', run, '--landscape', '--json', '--runs', runs)),
  ) as { page: string; figures: string[]; attribution: object[] }
  const html = fs.readFileSync(page, 'utf8')
  expect(html).not.toMatch(/<script|src="http|href="http/)
  for (const title of [
    'Training',
    'Which classes are confused',
    'Can its confidence be believed',
    'What it got most wrong',
    'What the first layer looks at',
    'Units that do nothing',
    'Which pixels count',
    'How it sees the data',
    'The loss around the solution',
    'Settings',
    'Where these numbers come from',
  ])
    expect(html).toContain(`<h2>${title}</h2>`)
  expect(figures.map(file => path.basename(file))).toEqual(
    expect.arrayContaining([
      'confusion-matrix.svg',
      'reliability.svg',
      'top-losses.svg',
      'filters.svg',
      'saliency.svg',
      'embedding-principal-components.svg',
      'embedding-umap.svg',
      'curve-loss.svg',
    ]),
  )
  for (const file of figures) expect(fs.readFileSync(file, 'utf8')).toMatch(/^<svg /)
  expect(attribution).toEqual([expect.objectContaining({ method: 'saliency', passed: true })])
}, PATIENCE)

describe('weights that PyTorch wrote', () => {
  const golden = JSON.parse(fs.readFileSync(new URL('golden/mlp.json', import.meta.url), 'utf8')) as {
    logits: number[][]
  }
  const images = Uint8Array.from({ length: 5 * 784 }, (_, k) => {
    const [i, p] = [Math.floor(k / 784), k % 784]
    return (7 * p * p + 13 * i * p + 31 * i) % 256
  })
  const weights = path.join(import.meta.dirname, 'golden/mlp.safetensors')
  const shapes = ['--set', 'hidden=16', '--runs', runs]
  const largest = (found: ArrayLike<number>) =>
    Math.max(...golden.logits.flat().map((value, i) => Math.abs(value - found[i]!)))
  let imported = ''

  beforeAll(async () => {
    const { name } = JSON.parse(
      expectSuccess(
        await ddlf(
          'import',
          'mlp-on-mnist',
          weights,
          ...shapes,
          '--rename',
          'fc1=hidden.0.0',
          '--rename',
          'fc2=logits',
          '--json',
        ),
      ),
    ) as { name: string }
    imported = name
  }, PATIENCE)

  test('load and give its logits within 1e-5', async () => {
    const { experiment, settings, model } = openTrainedRun(experiments, runs, imported)
    const dataset = {
      name: 'made',
      length: 5,
      columns: {
        images: { dtype: 'uint8', shape: [1, 28, 28], data: images },
        labels: { dtype: 'int32', shape: [], data: new Int32Array(5) },
      },
    } as const
    const { outputs } = await evaluateModel(experiment, settings, model, dataset, onnxNodeRuntime())
    expect(largest(outputs['logits']!.data)).toBeLessThan(1e-5)
  })

  test('go on as ONNX with any batch size, and back as safetensors', async () => {
    const file = path.join(folder, 'mlp.onnx')
    const state = path.join(folder, 'mlp.safetensors')
    const [onnx, safetensors] = await Promise.all([
      ddlf('export', imported, '--out', file, '--runs', runs),
      ddlf('export', imported, '--format', 'safetensors', '--out', state, '--runs', runs),
    ])
    expect(expectSuccess(onnx)).toMatch(/uint8 \[batch, 1, 28, 28\]; output logits/)
    expectSuccess(safetensors)
    const bytes = fs.readFileSync(file)
    const [all, two, one] = await runOnnxModel(
      bytes,
      [5, 2, 1].map(size => ({
        images: { dtype: 'uint8', shape: [size, 1, 28, 28], data: images.subarray(0, size * 784) },
      })),
    )
    expect(all?.['logits']?.shape).toEqual([5, 10])
    expect(largest(all!['logits']!.data)).toBeLessThan(1e-5)
    expect(two?.['logits']?.data).toEqual(all?.['logits']?.data.slice(0, 20))
    expect(one?.['logits']?.shape).toEqual([1, 10])
    const ours = decodeSafetensors(fs.readFileSync(state)).tensors
    const theirs = decodeSafetensors(fs.readFileSync(weights)).tensors
    expect(ours['hidden.0.0.weight']).toEqual(theirs['fc1.weight'])
    expect(ours['logits.bias']).toEqual(theirs['fc2.bias'])
    checkOnnx(file)
  }, PATIENCE)

  test('are refused where they do not fit, naming what and how', async () => {
    const [names, sizes] = await Promise.all([
      ddlf('import', 'mlp-on-mnist', weights, ...shapes, '--rename', 'fc1=hidden.0.0'),
      ddlf(
        'import',
        'mlp-on-mnist',
        weights,
        '--set',
        'hidden=32',
        '--runs',
        runs,
        '--rename',
        'fc1=hidden.0.0',
        '--rename',
        'fc2=logits',
      ),
    ])
    expect(names).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/names that the model does not have[^]*'fc2\.bias', 'fc2\.weight'/) as string,
    })
    expect(sizes).toMatchObject({ code: 1, stderr: expect.stringMatching(/\[32, 784\][^]*\[16, 784\]/) as string })
  }, PATIENCE)

  test('compare puts it beside the trained run; rm asks first', async () => {
    const figure = path.join(folder, 'comparison.svg')
    const [people, machines, refused] = await Promise.all([
      ddlf('compare', run, imported, '--out', figure, '--runs', runs),
      ddlf('compare', run, imported, '--json', '--runs', runs),
      ddlf('rm', imported, '--runs', runs),
    ])
    expect(expectSuccess(people)).toMatch(
      /Settings that differ[^]*hidden +128,32 +16[^]*Results[^]*interval[^]*train\/loss[^]*[▁-█]{4}/,
    )
    expect(fs.readFileSync(figure, 'utf8')).toMatch(/^<svg [^]*test\/error by epoch/)
    const { runs: compared } = JSON.parse(expectSuccess(machines)) as {
      runs: { interval: { low: number; estimate: number; high: number } }[]
    }
    for (const { interval: { low, estimate, high } } of compared) expect(low < estimate && estimate < high).toBe(true)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/must be confirmed[^]*--yes/) as string })
    expect(fs.existsSync(path.join(runs, imported))).toBe(true)
    expectSuccess(await ddlf('rm', imported, '--yes', '--runs', runs))
    expect(fs.existsSync(path.join(runs, imported))).toBe(false)
  }, PATIENCE)
})

/** Debian's onnx package as the authority. */
function checkOnnx(file: string): void {
  const python = spawnSync('/usr/bin/python3', ['-c', `import onnx, sys
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
values = [*model.graph.input, *model.graph.output]
print([[d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim] for value in values])`, file],
  { encoding: 'utf8' })
  if (/No module named 'onnx'/.test(python.stderr) || python.error) {
    if (process.env['CI'] === 'true') throw new Error('The check needs the Debian package python3-onnx.')
    console.warn("not checked by onnx.checker: the Python package 'onnx' is not installed")
    return
  }
  expect(python.stderr).toBe('')
  expect(python.stdout.trim()).toBe("[['batch', 1, 28, 28], ['batch', 10]]")
}

describe('Ctrl-C', () => {
  const long = (...settings: readonly string[]) => [
    ...settings.flatMap(setting => ['--set', setting]),
    '--json',
    '--runs',
    runs,
  ]
  const LONG = long('epochs=2', 'trainExamples=12000', 'batchSize=8')
  const weightsOf = (name: string) => openTrainedRun(experiments, runs, name).checkpoint.tensors
  const nameOf = (ran: Ran) => String(eventsOf(ran).find(({ kind }) => kind === 'start')?.['run'])

  test('the first saves and stops, and resume completes with the same weights', async () => {
    const whole = ddlf('train', 'mlp-on-mnist', ...LONG)
    const stopped = start(['train', 'mlp-on-mnist', ...LONG])
    await stopped.seen(/"stepInEpoch"/)
    stopped.interrupt()
    const half = await stopped.ended
    expect(half.stderr).toMatch(/Stopping after this step and saving a checkpoint/)
    expect(half.code).toBe(130)
    const last = eventsOf(half).at(-1)
    expect(last).toMatchObject({ kind: 'done', status: 'stopped' })
    expect(last?.['step']).toBeLessThan(3000)
    const resumed = await ddlf('resume', nameOf(half), '--json', '--runs', runs)
    expectSuccess(resumed)
    expect(eventsOf(resumed)[0]).toMatchObject({ kind: 'start', fromStep: last?.['step'] })
    expectSuccess(await whole)
    expect(weightsOf(nameOf(half))).toEqual(weightsOf(nameOf(await whole)))
  }, PATIENCE)

  test('the second quits at once', async () => {
    // Steps so long that the first one's checkpoint takes a while.
    const impatient = start(['train', 'mlp-on-mnist', ...long('hidden=2000,2000', 'trainExamples=20000')])
    await impatient.seen(/"stepInEpoch"/)
    impatient.interrupt()
    await impatient.seen(/Stopping after this step/)
    impatient.interrupt()
    const { signal, stdout } = await impatient.ended
    expect(signal).toBe('SIGINT')
    expect(stdout).not.toContain('"done"')
  }, PATIENCE)
})
