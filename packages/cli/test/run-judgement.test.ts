// What a run is said to be worth: numbers that are none, chance, seeds counted once, and records that are not replaced
// by less.
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Dataset } from '@ddlf/data'
import {
  assertNoLess,
  classification,
  distillation,
  flatMetrics,
  parseRunSummary,
  parseSettings,
  stringifyExact,
  tabular,
  textTable,
  type RunFacts,
} from '@ddlf/lab'
import { compareStoredRuns, createRun, loadTrainingData, startRun } from '@ddlf/lab/node'
import { stateDict } from '@ddlf/nn'
import { ddlf, workFolder } from './command.ts'
import { called } from './in-process.ts'
import { writeReviews } from './made-data.ts'

const folder = workFolder()
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
const provenance = { git: null, lockFile: null, machine: { cpu: 'x', cores: 1, memory: 1, os: 'x' }, versions: {} }

/** A completed run whose test error is given. */
function completed(root: string, seed: number, error: number, learningRate: number): string {
  const run = startRun({ root, experiment: 'mlp-on-mnist', config: { seed, learningRate }, seed, provenance })
  run.appendMetrics({ step: 1, epoch: 1, values: { 'test/error': error, 'test/loss': error } })
  const metrics = { test: { error, loss: error } }
  run.finish({
    status: 'completed',
    summary: {
      metrics,
      best: { epoch: 1, value: error, metrics },
      chosenBy: 'test',
      seconds: 1,
      flop: 1,
      steps: 1,
      parameters: 1,
    },
  })
  return run.id
}

describe('a run of an earlier version with NaN', () => {
  const root = path.join(folder, 'nan')
  const [bad, good] = [completed(root, 1, Number.NaN, 1), completed(root, 1, 0.02, 0.1)]

  test('is listed, last by any metric, shown and compared', async () => {
    const [list, shown, compared] = await Promise.all([
      ddlf('runs', '--sort', 'test/error', '--runs', root),
      ddlf('show', bad, '--runs', root),
      ddlf('compare', bad, good, '--runs', root),
    ])
    for (const { code, stderr } of [list, shown, compared]) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(list.stdout.indexOf(good)).toBeLessThan(list.stdout.indexOf(bad))
    expect(list.stdout).toMatch(/NaN/)
    expect(shown.stdout).toMatch(/test\/error +NaN +NaN/)
    expect(compared.stdout).toMatch(/NaN/)
    // A record of an older version: today's experiment knows what differs.
    expect(shown.stdout).toMatch(/Settings {2}(?:\* differs from|all are) the experiment's own/)
  }, 600_000)

  test('keeps its other figures', () => {
    const metrics = { test: { error: Number.NaN, loss: Infinity, accuracy: 0.5 } }
    const read = parseRunSummary(
      stringifyExact({
        metrics,
        best: { epoch: 1, value: Number.NaN, metrics },
        chosenBy: 'test',
        seconds: 1,
        flop: 1,
      }),
    )
    expect(flatMetrics(read.metrics)).toEqual({ 'test/error': Number.NaN, 'test/loss': Infinity, 'test/accuracy': 0.5 })
    expect(read).toMatchObject({ best: { epoch: 1 }, seconds: 1 })
  })
})

test('two runs of one seed are one seed in intervals and tests', () => {
  const root = path.join(folder, 'seeds')
  const first = [completed(root, 1, 0.1, 0.1), completed(root, 1, 0.3, 0.1), completed(root, 2, 0.4, 0.1)]
  const second = [
    completed(root, 1, 0.1, 0.2),
    completed(root, 2, 0.2, 0.2),
    completed(root, 2, 0.2, 0.2),
    completed(root, 2, 0.2, 0.2),
  ]
  const { groups, test: paired, sentence } = compareStoredRuns(root, [...first, ...second])
  // Twice the t quantile of one degree of freedom, 12.706, over the root of two times the deviation of 0.1 and 0.2.
  expect(sentence).toMatch(
    /No difference of the test error[^]* is shown: 15\.00 ± 63\.53 percentage points over 2 paired seeds, p = 0\.5; 2 se/,
  )
  expect(groups.map(({ seeds, mean }) => [seeds, Number(mean.toFixed(10))])).toEqual([[2, 0.3], [2, 0.15]])
  // Seed 1: (0.1 + 0.3) / 2 - 0.1; seed 2: 0.4 - 0.2.
  expect(paired).toMatchObject({ pairs: 2, seeds: [1, 2] })
  expect(paired?.meanDifference).toBeCloseTo(0.15, 12)
  const { groups: [lone] } = compareStoredRuns(root, first.slice(0, 2))
  expect(lone).toMatchObject({ seeds: 1, interval: undefined })
})

test('a comparison ends with what it means; what was chosen for a run stands first, in four figures', async () => {
  const root = path.join(folder, 'words')
  const [first, second] = [completed(root, 1, 0.2, 0.0123456789012345), completed(root, 1, 0.3, 0.1)]
  const config = { width: 3, learningRate: 0.0123456789012345 }
  const { id } = createRun({ root, experiment: 'gone', seed: 1, config, provenance, chosen: ['learningRate'] })
  const shown = await called('show', `gone/${id}`, '--runs', root)
  expect(shown.stdout).toMatch(
    /Settings {2}\* differs from the experiment's own\n[^\n]*\n(?:─.*\n)?learningRate \* +0\.01235 *\nwidth +3 *\n/,
  )
  const { stdout } = await called('compare', first, second, '--runs', root)
  expect(stdout).toMatch(
    /\n\nlearningRate=0\.01235 has a lower test error than[^]* by 10\.00\s+percentage points;[^]*would\s+agree\.\s+Train both with the\s+same seeds,[^]*--set\s+seed=2\s+and so on\.\n$/,
  )
})

describe('weights that are no numbers', () => {
  test('predict, evaluate, analyze and export say so in words, in the lab and for every output', async () => {
    const [data, root] = [path.join(folder, 'reviews.csv'), path.join(folder, 'broken')]
    writeReviews(data, 40)
    const experiment = textTable
    const { settings } = await loadTrainingData(
      experiment,
      parseSettings(experiment, { data, text: 'review', label: 'stars', buckets: 50, epochs: 1 }),
    )
    const run = startRun({ root, experiment: 'text-table', config: { ...settings }, seed: 1, provenance })
    const model = experiment.model(settings)
    const state = stateDict(model)
    const [broken] = Object.keys(state)
    state[broken!]!.data.fill(Number.NaN, 0, 3)
    run.saveCheckpoint({ tensors: state, loop: { epoch: 1, stepInEpoch: 0, globalStep: 1 } }, { best: true })
    const metrics = { test: { error: 0.5, loss: Number.NaN, accuracy: 0.5 } }
    run.finish({
      status: 'completed',
      summary: { metrics, best: null, chosenBy: 'test', seconds: 1, flop: 1, steps: 1, parameters: 1 },
    })
    const of = [run.id, '--runs', root]
    const all = await Promise.all([
      ddlf('predict', run.id, 'a fine film', '--runs', root),
      ddlf('predict', run.id, data, '--csv', '--runs', root),
      ddlf('evaluate', ...of),
      ddlf('evaluate', ...of, '--split', 'train', '--json'),
      ddlf('analyze', ...of),
      ddlf('export', ...of),
      ddlf('export', ...of, '--format', 'safetensors'),
    ])
    for (const { code, stdout, stderr } of all) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(new RegExp(`weights are not finite numbers[^]*3 of ${state[broken!]!.data.length} ` +
        `values of ${broken!.replaceAll('.', '\\.')}[^]*--checkpoint best`))
      expect(stderr).not.toMatch(/\n +at /)
    }
    expect(fs.readdirSync(path.join(run.folder, 'artifacts'))).toEqual([])
  }, 240_000)
})

describe('chance', () => {
  const dataset = (labels: readonly number[]): Dataset =>
    ({
      name: 'made',
      split: 'test',
      length: labels.length,
      classes: ['cat', 'dog'],
      columns: { labels: { dtype: 'int32', shape: [], data: Int32Array.from(labels) } },
    }) as unknown as Dataset
  const held = dataset(Array.from({ length: 1000 }, (_, i) => Number(i < 300)))
  const advice = classification().adviceOn!

  test('is the share of the most frequent class, with room for guessing', () => {
    expect(advice({ accuracy: 0.7 }, held, held)).toMatch(/no better than chance: an accuracy of 70\.00 %, where always answering cat gets 70\.00 %[^]*learning rate[^]*dead units[^]*labels/)
    // Two standard errors of 700 in 1000: 0.029.
    expect(advice({ accuracy: 0.728 }, held, held)).toBeDefined()
    expect(advice({ accuracy: 0.73 }, held, held)).toBeUndefined()
  })

  test('the advice follows from what the run knows', () => {
    const low = { accuracy: 0.7 }
    const dead = (share: number) =>
      [
        { layer: 'layers.0', kind: 'relu', units: 8, dead: 0, zero: 0.5 },
        { layer: 'layers.2', kind: 'relu', units: 8, dead: share, zero: share },
      ] as const
    const told = (facts: RunFacts) =>
      advice(low, held, held, { learningRate: 2, training: { accuracy: 0.69, loss: 1 }, ...facts })
    expect(told({ activations: dead(0.875) })).toMatch(
      /87\.50 % of the units after layers\.2 are dead[^]*learning rate of 0\.2 instead of 2/,
    )
    expect(told({ activations: dead(0.1) })).toMatch(/No layer is dead, and it does not fit its training examples either \(accuracy 69\.00 %\)\. Try a learning rate of 0\.2/)
    expect(told({ activations: [{ layer: 'layers.0', kind: 'tanh', units: 8, saturated: 0.9 }] })).toMatch(
      /90\.00 % of the tanh values after layers\.0 are saturated/,
    )
    expect(told({ gradientNorm: 2e-12 })).toMatch(/last gradient has a norm of 2\.0e-12/)
    // What fits the training examples needs no other rate.
    const fitting = told({ training: { accuracy: 0.99 }, activations: dead(0.1) })
    expect(fitting).toMatch(/does fit its training examples \(accuracy 99\.00 %\)[^]*labels fit/)
    expect(fitting).not.toMatch(/learning rate/)
    // The mean over an epoch in which a net collapsed is beyond chance of very many examples, and no fit of them.
    const many = dataset(Array.from({ length: 100_000 }, (_, i) => Number(i < 30_000)))
    const collapsed = { learningRate: 2, training: { accuracy: 0.71 }, activations: dead(0.875) }
    expect(advice(low, held, many, collapsed)).toMatch(/are dead[^]*learning rate of 0\.2 instead of 2/)
    expect(told({ sums: { answers: Float64Array.of(100, 900) } })).toMatch(
      /It answers dog to 90\.00 % of the examples\./,
    )
    const others = dataset(Array.from({ length: 100 }, (_, i) => Number(i < 90)))
    expect(advice(low, held, others)).toMatch(/spread otherwise in training: cat has 10\.00 % there/)
    expect(advice(low, held, held)).not.toMatch(/spread otherwise/)
  })

  test('few held-out examples are said to be few', () => {
    const few = dataset([0, 0, 0, 1, 1])
    // Chance 60 %; two standard errors of 3 in 5 are 44 %.
    const lucky = advice({ accuracy: 1 }, few, held)
    expect(lucky).toMatch(
      /^An accuracy of 100\.00 % may be chance, where always answering cat gets 60\.00 %\. With 5 held-out examples even/,
    )
    expect(lucky).toMatch(/even all of them right would not show learning: hold out more/)
    expect(lucky).not.toMatch(/learning rate/)
    const unlucky = advice({ accuracy: 0.4 }, few, held)
    expect(unlucky).toMatch(/no better than chance[^]*With 5 held-out examples[^]*learning rate/)
    expect(advice({ accuracy: 0.72 }, held, held)).toMatch(/With 1000 held-out examples only more than 72\.90 % would/)
    expect(advice({ accuracy: 0.7 }, held, held)).not.toMatch(/held-out examples only/)
  })

  test('a last batch of one example is named', () => {
    expect(advice({ accuracy: 0.7 }, held, held, { lastBatch: 1 })).toMatch(
      /last batch of each epoch has one example[^]*dropLast=true/,
    )
    for (const facts of [{ lastBatch: 2 }, {}])
      expect(advice({ accuracy: 0.7 }, held, held, facts)).not.toMatch(/last batch/)
  })

  test('a student is judged as a classifier is', () => {
    expect(distillation().adviceOn!({ accuracy: 0.7 }, held, held, { learningRate: 2 })).toBe(
      advice({ accuracy: 0.7 }, held, held, { learningRate: 2 }),
    )
  })

  test('numbers are judged by their mean', () => {
    const numbers = (values: readonly number[]): Dataset => ({
      name: 'made',
      length: values.length,
      columns: { target: { dtype: 'float32', shape: [], data: Float32Array.from(values) } },
    })
    const some = numbers([1, 2, 3])
    const said = (r2: number | undefined, facts?: RunFacts) =>
      tabular.task.adviceOn!(r2 === undefined ? {} : { r2 }, some, some, facts)
    expect(said(0.01)).toBeUndefined()
    expect(said(0)).toMatch(/no better than always predicting the mean: R2 is 0\.0000/)
    expect(said(-0.5, { learningRate: 1, training: { loss: 1.25 } })).toMatch(
      /R2 is -0\.5000[^]*does not fit its training examples either \(R2 -0\.2500\)[^]*rate of 0\.1 instead of 1/,
    )
    expect(said(-0.5, { training: { loss: 0.05 } })).toMatch(/does fit its training examples \(R2 0\.9500\)/)
    expect(tabular.task.adviceOn!({}, numbers([2, 2]), some)).toMatch(/held-out examples have the same number/)
    expect(tabular.task.adviceOn!({ r2: 1 }, some, numbers([2, 2]))).toMatch(/training examples have the same number/)
  })

  test('labels that are all the same are said to be', () => {
    expect(advice({ accuracy: 1 }, held, dataset([0, 0, 0]))).toMatch(/training examples have one class/)
    expect(advice({ accuracy: 1 }, dataset([1, 1]), held)).toMatch(/held-out examples have one class/)
  })
})

test('recorded results are not replaced by fewer seeds, or by another machine', () => {
  const result = (seeds: readonly number[], machine = 'A, 2 cores') => ({
    experiment: 'x',
    machine,
    arms: [{ id: 'a', label: 'plain', settings: {}, runs: seeds.map(seed => ({ seed })) }],
  })
  expect(() => { assertNoLess(result([1, 2, 3]), result([1, 2])) }).toThrow(/plain: 2 of 3 recorded seeds[^]*--force/)
  expect(() => { assertNoLess(result([1, 2]), result([1, 1])) }).toThrow(/1 of 2/)
  expect(() => { assertNoLess(result([1]), { ...result([1]), arms: [] }) }).toThrow(/0 of 1/)
  expect(() => {
    assertNoLess(result([1]), result([1], 'B, 64 cores'))
  }).toThrow(/another machine: B, 64 cores instead of A, 2 cores/)
  assertNoLess(result([1, 2]), result([1, 2, 3]))
  const withSettings = (settings: Record<string, unknown>) => ({
    ...result([1]),
    arms: result([1]).arms.map(arm => ({ ...arm, settings })),
  })
  expect(() => {
    assertNoLess(withSettings({ epochs: 20, hidden: 800 }), withSettings({ epochs: 2, hidden: 800 }))
  }).toThrow(/plain: settings \{"epochs":2,"hidden":800\} instead of \{"epochs":20/)
  assertNoLess(withSettings({ epochs: 20, hidden: 800 }), withSettings({ hidden: 800, epochs: 20 }))
  expect(() => { assertNoLess({ ...result([1]), minima: {} }, result([1])) }).toThrow(/no minima, which are recorded/)
})
