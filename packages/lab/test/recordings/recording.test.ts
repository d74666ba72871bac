// From runs on disk to recorded results: what a task has to say of them, parts that are held out, and runs that lost
// their weights.
import fs from 'node:fs'
import path from 'node:path'
import { decode } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { createLoader } from '@ddlf/data'
import { Linear } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  classification,
  experiment,
  experimentStep,
  parseSettings,
  resultSchema,
  train,
  trainingSettings,
  wantedRuns,
  type DataSource,
  type Experiment,
  type Recording,
  type TrainEvent,
} from '../../src/index.ts'
import {
  compactResult,
  completedRuns,
  judgedData,
  loadSplit,
  readRunOutputs,
  runPaths,
  runWith,
  startRun,
  type RunListing,
} from '../../src/node.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'
import { CLASSES, corners } from '../train/corners.ts'

/** Made data as a source: what it gives follows from the part alone. */
const source: DataSource<unknown> = {
  name: 'corners',
  parts: ['train', 'test'],
  form: () => ({
    columns: { images: { dtype: 'uint8', shape: [1, 2, 2] }, labels: { dtype: 'int32', shape: [] } },
    classes: ['a', 'b', 'c'],
    examples: 200,
  }),
  load: part => Promise.resolve(corners(part, part === 'train' ? 200 : 90, part === 'train' ? 1 : 2)),
}

class Net {
  readonly logits = new Linear(4, CLASSES)
  forward: Linear['forward'] = x => this.logits.forward(x.flatten(1))
}

const made = experiment({
  name: 'made',
  title: 'Made',
  question: 'Is it recorded?',
  data: source,
  config: z.strictObject(trainingSettings.shape),
  task: classification(),
  model: () => new Net(),
})
const recording: Recording = {
  experiment: 'made',
  seeds: [1],
  details: true,
  calibration: true,
  arms: [{ id: 'plain', label: 'plain', settings: { epochs: 2, validation: 0.2 } }],
}

async function recordedRuns(
  root: string,
  of: Experiment,
  wanted: Recording,
): Promise<{ wanted: ReturnType<typeof wantedRuns>[number]; run: RunListing }[]> {
  for (const { settings: given, seed } of wantedRuns(wanted, of)) {
    const settings = parseSettings(of, given)
    const store = startRun({
      root,
      experiment: of.name,
      config: settings,
      seed,
      command: [],
      provenance: noProvenance,
      metrics: of.task.metrics,
    })
    const parts = { train: corners('train', 200, 1), test: corners('test', 90, 2) }
    const events: TrainEvent[] = []
    for await (const event of train({
      experiment: of,
      settings,
      ...parts,
      runtime: onnxNodeRuntime({ threads: 1 }),
      store,
      createLoader,
    }))
      events.push(event)
    expect(events.at(-1)?.kind).toBe('done')
  }
  const runs = completedRuns(root, of)
  return wantedRuns(wanted, of).map(one => ({ wanted: one, run: runWith(runs, one.settings)! }))
}

describe('a recorded run', () => {
  it('keeps its figures, its curve and what its task has to say, and is read as a result', async () => {
    const root = temporaryFolder()
    const result = await compactResult(recording, made, await recordedRuns(root, made, recording))
    const [run] = result.arms[0]!.runs
    expect(Object.keys(run!.metrics)).toEqual(
      expect.arrayContaining(['train/accuracy', 'validation/error', 'test/error', 'test/loss']),
    )
    expect(run!.curve.values['test/error']).toHaveLength(2)
    const { confusion, mistakes, calibration } = result.details!
    expect(run!.metrics['calibration/error']).toBeCloseTo(calibration!.expectedCalibrationError, 4)
    expect(run!.metrics['calibration/brier']).toBeCloseTo(calibration!.brier, 4)
    expect(confusion!.flat().reduce((a, b) => a + b, 0)).toBe(90)
    const wrong = confusion!.flat().reduce((a, b) => a + b, 0) - confusion!.reduce((sum, row, k) => sum + row[k]!, 0)
    expect(wrong / 90).toBeCloseTo(run!.metrics['test/error']!, 4)
    // The worst losses, of which those that are wrong: a right answer may be less sure than a wrong one.
    expect(mistakes!.length).toBeGreaterThan(Math.min(24, wrong) / 2)
    expect(mistakes!.every(({ truth, prediction }) => truth !== prediction)).toBe(true)
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  })
  it('of a task without outputs is recorded without what it does not have', async () => {
    const root = temporaryFolder()
    const { views, ...task } = made.task
    expect(views).toBeDefined()
    const { evaluate } = task
    const silent: Experiment = {
      ...made,
      task: {
        ...task,
        evaluate: {
          columns: evaluate.columns,
          compute: (...given) => ({ sums: evaluate.compute(...given).sums }),
          metrics: (...given) => evaluate.metrics(...given),
        },
      },
    }
    const result = await compactResult(recording, silent, await recordedRuns(root, silent, recording))
    expect(result.details).toMatchObject({ start: { step: expect.any(Array) as number[] } })
    expect(result.details).not.toHaveProperty('confusion')
  })
  it('keeps the pictures that its task shows, as one picture, and needs its weights for them', async () => {
    const root = temporaryFolder()
    const showing: Experiment = {
      ...made,
      task: {
        ...made.task,
        views: {
          figures: async ({ evaluated }) => {
            const { logits } = await evaluated(4, ['logits'])
            const data = logits!.data.slice(0, 12).map(value => (value > 0 ? 1 : 0))
            return [{ title: 'Signs', text: 'Of four examples.', pictures: { data, shape: [1, 1, 3] }, columns: 2 }]
          },
        },
      },
    }
    const found = await recordedRuns(root, showing, recording)
    const { details } = await compactResult(recording, showing, found)
    const [figure] = details!.figures!
    expect(figure).toMatchObject({ title: 'Signs', sheet: { width: 9, height: 5, pictures: 4 } })
    const { width, height, data } = decode(Buffer.from(figure!.sheet!.png, 'base64'))
    expect([width, height]).toEqual([9, 5])
    const rows = [1, 3].flatMap(y => [1, 5].map(x => [...data.slice(9 * y + x, 9 * y + x + 3)]))
    const kept = readRunOutputs(found[0]!.run)!['logits']!.data.slice(0, 12)
    expect(rows.flat()).toEqual(Array.from(kept, value => (value > 0 ? 255 : 0)))
    fs.rmSync(path.join(runPaths(found[0]!.run).checkpoints, 'last.safetensors'))
    await expect(compactResult(recording, showing, found)).rejects.toThrow(/shown with the weights of its run/)
  })
  it('is found by what was asked for, without what its data decided', async () => {
    const root = temporaryFolder()
    const counted: Experiment = {
      ...made,
      config: z.strictObject({ ...trainingSettings.shape, vocabulary: z.number().default(0) }),
      data: { ...made.data, settle: () => Promise.resolve({ vocabulary: 7 }) },
    }
    const settled: Recording = { ...recording, arms: [{ id: 'plain', label: 'plain', settings: { vocabulary: 7 } }] }
    await recordedRuns(root, counted, settled)
    const runs = completedRuns(root, counted)
    const wanted = (settings: Readonly<Record<string, unknown>>) =>
      wantedRuns({ ...recording, arms: [{ id: 'plain', label: 'plain', settings }] }, counted)[0]!.settings
    expect(runWith(runs, wanted({}))?.record.config['vocabulary']).toBe(7)
    expect(runWith(runs, wanted({ epochs: 3 }))).toBeUndefined()
  })
  it('is looked at in a random subspace too; that lost its weights is no minimum', async () => {
    const root = temporaryFolder()
    const two: Recording = {
      ...recording,
      minima: { from: 'plain', to: 'other' },
      arms: [...recording.arms, { id: 'other', label: 'other', settings: { epochs: 1 } }],
    }
    const found = await recordedRuns(root, made, two)
    const { minima } = await compactResult({ ...two, minima: { from: 'plain', to: 'other', subspace: 3 } }, made, found)
    const [whole, some] = [minima?.sharpness.to[0], minima?.subspace?.to[0]]
    expect(minima?.subspace).toMatchObject({ dimensions: 3, from: [{ epsilon: 0.001 }, { epsilon: 0.0005 }] })
    expect(some).toMatchObject({ run: whole?.run, loss: whole?.loss })
    expect(some?.sharpness).toBeGreaterThan(0)
    expect(some?.sharpness).not.toBe(whole?.sharpness)
    fs.rmSync(path.join(runPaths(found[0]!.run).checkpoints, 'last.safetensors'))
    await expect(compactResult(two, made, found)).rejects.toThrow(
      /weights of the run that ended in it[^]*without its last checkpoint/,
    )
  })
})

it('the part train of a run is what it learned from: nothing that was held out', async () => {
  const root = temporaryFolder()
  const { run } = (await recordedRuns(root, made, recording))[0]!
  const settings = parseSettings(made, run.record.config)
  const of = { run, record: run.record, experiment: made, settings }
  const [learned, held, test] = [
    (await loadSplit(of, 'train')).dataset,
    (await loadSplit(of, 'validation')).dataset,
    (await loadSplit(of, 'test')).dataset,
  ]
  expect([learned.length, held.length, test.length]).toEqual([160, 40, 90])
  const lines = (set: typeof learned) =>
    Array.from({ length: set.length }, (_, i) => set.columns['images']!.data.subarray(4 * i, 4 * i + 4).join())
  const seen = new Set(lines(learned))
  expect(lines(held).filter(line => seen.has(line)).length).toBeLessThan(3)
  await expect(loadSplit({ ...of, settings: { ...settings, validation: 0 } }, 'validation')).rejects.toThrow(
    /held out no validation set/,
  )
})

it('a run of before its data had a validation part of their own is not judged on what it learned from', async () => {
  const root = temporaryFolder()
  const { run } = (await recordedRuns(root, made, recording))[0]!
  const divided = { ...made, data: { ...source, parts: ['train', 'validation', 'test'] as const } }
  const settings = parseSettings(divided, run.record.config)
  const of = { run, record: run.record, experiment: divided, settings }
  expect(settings.validation).toBeGreaterThan(0)
  for (const part of ['train', 'validation'])
    await expect(loadSplit(of, part)).rejects.toThrow(/older than the validation part[^]*validation=0\.2 in its record/)
  expect((await loadSplit(of, 'test')).dataset.length).toBe(90)
  const parts = { train: corners('train', 200, 1), validation: corners('validation', 9, 3) }
  expect(() => judgedData(divided, { ...settings, evaluateTest: false }, parts)).toThrow(/older than/)
  expect(judgedData(divided, { ...settings, validation: 0, evaluateTest: false }, parts).part).toBe('validation')
})

it('the drawn step of an experiment reads the columns that its training reads, optional ones too', () => {
  const phase = made.task.phases(parseSettings(made, {}))[0]!
  const taught: Experiment = {
    ...made,
    teacher: { experiment: made, settings: () => ({}), output: 'logits', column: 'teacherLogits', shape: [CLASSES] },
    task: { ...made.task, phases: () => [{ ...phase, optionalColumns: ['teacherLogits'] }] },
  }
  const columns = (of: Experiment) => experimentStep(of, parseSettings(of, {})).fresh.map(({ name }) => name)
  expect(columns(made)).not.toContain('teacherLogits')
  expect(columns(taught)).toContain('teacherLogits')
})
