// Learning from a teacher: the loss against PyTorch, and a whole training from the teacher's run to a resumed student.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createLoader, subset } from '@ddlf/data'
import { Linear, ReLU, Sequential } from '@ddlf/nn'
import { compile, differentiate } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  classification,
  distillation,
  distillationLoss,
  experiment,
  parseSettings,
  publishedSet,
  train,
  trainingSettings,
  type Experiment,
  type TrainEvent,
} from '../../src/index.ts'
import { resumeRun, startRun, type StoredRun } from '../../src/runs/stored-run.ts'
import { withTeacher } from '../../src/data-source/node/teacher.ts'
import { missingRuns } from '../../src/trained/node/needed-runs.ts'
import type { TrainingData } from '../../src/data-source/node/training-data.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'
import { CLASSES, corners } from '../train/corners.ts'

interface Golden {
  readonly shape: readonly [number, number]
  readonly student: readonly number[]
  readonly teacher: readonly number[]
  readonly cases: readonly {
    readonly temperature: number
    readonly loss: number
    readonly gradient: readonly number[]
  }[]
}
const golden = JSON.parse(readFileSync(new URL('golden/distillation.json', import.meta.url), 'utf8')) as Golden
const runtime = onnxNodeRuntime({ threads: 1 })

describe('the loss', () => {
  const at = (temperature: number) => {
    const run = compile((student, teacher) => {
      const loss = distillationLoss(student, teacher, temperature)
      return [loss, ...differentiate(loss, [student])]
    }, [{ shape: golden.shape }, { shape: golden.shape }], { runtime })
    return async (student: readonly number[], teacher = golden.teacher) => {
      const [loss, gradient] = await run(Float32Array.from(student), Float32Array.from(teacher))
      return { loss: loss?.data[0] as number, gradient: [...gradient?.data as Float32Array] }
    }
  }

  it.each(golden.cases)(
    'and its gradient are those of PyTorch at temperature $temperature',
    async ({ temperature, loss, gradient }) => {
      const ours = await at(temperature)(golden.student)
      expect(ours.loss / loss).toBeCloseTo(1, 4)
      ours.gradient.forEach((value, i) => expect(value).toBeCloseTo(gradient[i] ?? NaN, 4))
    },
  )

  it('is 0 where the two agree, whatever is added to all logits', async () => {
    const { loss, gradient } = await at(20)(golden.teacher.map(value => value + 3))
    expect(Math.abs(loss)).toBeLessThan(1e-3)
    gradient.forEach(value => expect(Math.abs(value)).toBeLessThan(1e-4))
  })

  it('at a high temperature pulls the logits together: (z - v) / (batch classes), up to their means', async () => {
    const [batch, classes] = golden.shape
    const { gradient } = await at(1000)(golden.student)
    const centred = (values: readonly number[]) =>
      values.map(
        (value, i) =>
          value - values.slice(i - (i % classes), i - (i % classes) + classes).reduce((a, b) => a + b) / classes,
      )
    const [z0, v0] = [centred(golden.student), centred(golden.teacher)]
    gradient.forEach((value, i) => expect(value).toBeCloseTo(((z0[i] ?? 0) - (v0[i] ?? 0)) / (batch * classes), 2))
  })

  it('refuses a temperature of 0', () => {
    expect(() =>
      compile((a, b) => distillationLoss(a, b, 0), [{ shape: [1, 2] }, { shape: [1, 2] }], { runtime }).graphFor(),
    ).toThrow(/temperature must be above 0/)
  })
})

const net = (units: number) => {
  const layers = new Sequential(new Linear(4, units), new ReLU(), new Linear(units, CLASSES))
  return { layers, forward: (x: Parameters<typeof layers.forward>[0]) => layers.forward(x.flatten(1)) }
}
const config = z.strictObject({
  ...trainingSettings.shape,
  epochs: trainingSettings.shape.epochs.default(4),
  batchSize: trainingSettings.shape.batchSize.default(16),
})
const about = { title: 'Three corners', question: 'Does a student learn?', data: publishedSet('made') } as const
const teacher = experiment({ ...about, name: 'teacher', config, task: classification(), model: () => net(32) })
const student = experiment({
  ...about,
  name: 'student',
  config: z.strictObject({
    ...config.shape,
    temperature: z.number().default(4),
    hardShare: z.number().default(0),
    without: z.number().default(-1),
  }),
  task: distillation(),
  model: () => net(8),
  trainingSet: (all, { without }) =>
    subset(
      all,
      Array.from(all.columns['labels']!.data.keys()).filter(i => all.columns['labels']!.data[i] !== without),
    ),
  teacher: {
    experiment: teacher,
    settings: ({ hardShare }) => (hardShare === 1 ? undefined : { seed: 7 }),
    output: 'logits',
    column: 'teacherLogits',
    shape: [CLASSES],
  },
})
const data = { train: corners('train', 250, 1), test: corners('test', 100, 2) }

/** Trains as the training thread does. */
async function trainIn(
  root: string,
  of: Experiment,
  given: Record<string, unknown>,
  { stopAt = Infinity, resume }: { stopAt?: number; resume?: string } = {},
) {
  const settings = parseSettings(of, given)
  const loaded: TrainingData = { ...data, settings, checksums: {} }
  const recorded = resume === undefined ? {} : { recorded: taughtBy.get(resume) ?? {} }
  const taught = await withTeacher(of, loaded, { root, runtime, ...recorded })
  const store =
    resume === undefined
      ? startRun({
          root,
          experiment: of.name,
          config: { ...settings },
          seed: settings.seed,
          data: taught.checksums,
          provenance: noProvenance,
        })
      : resumeRun({ root, run: resume, provenance: noProvenance })
  taughtBy.set(store.name, taught.checksums)
  const stop = new AbortController()
  const events: TrainEvent[] = []
  for await (const event of train({
    experiment: of,
    settings,
    train: taught.train,
    ...(taught.test && { test: taught.test }),
    runtime,
    store,
    createLoader: options => createLoader({ ...options, chunkSteps: 3 }),
    signal: stop.signal,
  })) {
    events.push(event)
    if (event.kind === 'step' && event.step >= stopAt) stop.abort()
  }
  return { store, events, last: events.at(-1)!, checksums: taught.checksums }
}
const taughtBy = new Map<string, Readonly<Record<string, string>>>()
const weights = (store: StoredRun) =>
  Object.values(store.loadCheckpoint('last')!.tensors).map(({ data: values }) => [...values])

describe('a student', () => {
  it('needs a teacher that was trained, and says how to get one', async () => {
    const root = temporaryFolder()
    await expect(trainIn(root, student, {})).rejects.toThrow(
      /learns from a completed run of teacher[^]*ddlf -- train teacher --set seed=7/,
    )
    expect(missingRuns(root, student, parseSettings(student))).toMatchObject([
      { role: 'teacher', experiment: { name: 'teacher' }, settings: { seed: 7 } },
    ])
    expect(missingRuns(root, student, parseSettings(student, { hardShare: 1 }))).toEqual([])
    const { last } = await trainIn(root, student, { hardShare: 1 })
    expect(last).toMatchObject({ kind: 'done', status: 'completed' })
  })

  it('learns from what the teacher says, names it in its record, and goes on with it when it is resumed', async () => {
    const root = temporaryFolder()
    const first = await trainIn(root, teacher, { seed: 7, learningRate: 0.05 })
    // The settings must be those the student asks for.
    await expect(trainIn(root, student, {})).rejects.toThrow(/completed run of teacher/)
    const taught = await trainIn(root, teacher, { seed: 7 })
    const whole = await trainIn(root, student, { seed: 3 })
    expect(whole.last).toMatchObject({ kind: 'done', status: 'completed' })
    expect(whole.last.kind === 'done' && whole.last.metrics['test']!['accuracy']).toBeGreaterThan(0.8)
    expect(Object.keys(whole.checksums)).toEqual([`teacher/${taught.store.name}`])

    const stopped = await trainIn(root, student, { seed: 3 }, { stopAt: 20 })
    expect(stopped.last).toMatchObject({ kind: 'done', status: 'stopped' })
    // A newer teacher of the same settings does not change a run under way.
    await trainIn(root, teacher, { seed: 7 })
    const resumed = await trainIn(root, student, { seed: 3 }, { resume: stopped.store.name })
    expect(Object.keys(resumed.checksums)).toEqual([`teacher/${taught.store.name}`])
    expect(weights(resumed.store)).toEqual(weights(whole.store))

    const recorded = { [`teacher/${first.store.name}`]: 'b'.repeat(64) }
    await expect(
      withTeacher(student, { ...data, settings: parseSettings(student), checksums: {} }, { root, runtime, recorded }),
    ).rejects.toThrow(/teacher of the run has changed since it began/)
  })

  it('is another one without some classes, and by the labels alone', async () => {
    const root = temporaryFolder()
    await trainIn(root, teacher, { seed: 7 })
    const settings = parseSettings(student, { without: 2, epochs: 1 })
    const { events } = await trainIn(root, student, { without: 2, epochs: 1 })
    expect(events[0]).toMatchObject({
      kind: 'start',
      trainExamples: Array.from(data.train.columns['labels']!.data).filter(label => label !== 2).length,
    })
    expect(settings).toMatchObject({ temperature: 4 })
    const [soft, mixed] = [await trainIn(root, student, {}), await trainIn(root, student, { hardShare: 0.5 })]
    expect(weights(soft.store)).not.toEqual(weights(mixed.store))
  })

  it('is not trained on data that nobody has shown to the teacher', async () => {
    const root = temporaryFolder()
    const settings = parseSettings(student)
    const store = startRun({ root, experiment: 'student', config: { ...settings }, seed: 1, provenance: noProvenance })
    const events: TrainEvent[] = []
    for await (const event of train({ experiment: student, settings, ...data, runtime, store, createLoader }))
      events.push(event)
    expect(events.at(-1)).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(/learns from what a run of teacher says/) as string,
    })
  })
})
