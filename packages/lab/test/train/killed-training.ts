// A small training on made data, run as a program until it is done or killed:
// `killed-training.ts <root> <run, or nothing to start one> <file operation to die in, or -1> <which>`. It writes the
// batches that it saw, one line a chunk, into `<root>/batches.log`.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { normals, randomKey } from '@ddlf/tensor/random'
import type { Dataset, LoaderOptions } from '@ddlf/data'
import { createPrefetchingLoader } from '@ddlf/data/node'
import { BatchNorm1d, Dropout, Embedding, Linear, ReLU, Sequential, Tanh } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'
import { z } from 'zod'
import { experiment, parseSettings, type Experiment, type TrainingSettings } from '../../src/experiment/experiment.ts'
import { nodeFiles, type FileOperations } from '../../src/runs/atomic-file.ts'
import type { RunStore } from '../../src/runs/run-store.ts'
import { resumeRun, startRun } from '../../src/runs/stored-run.ts'
import { adversarial } from '../../src/tasks/adversarial/adversarial.ts'
import { classification } from '../../src/tasks/classification/classification.ts'
import { languageModel } from '../../src/tasks/language-model.ts'
import type { TrainEvent } from '../../src/train/events.ts'
import { train } from '../../src/train/train.ts'
import { publishedSet } from '../../src/data-source/published-set.ts'
import { trainingSettings } from '../../src/experiment/training-settings.ts'
import { noProvenance } from '../runs/temporary-folder.ts'

const FEATURES = 12
const CLASSES = 3

/** Points around one centre a class. */
export function madeData(name: string, length: number): Dataset {
  const centres = normals(randomKey(3, 'centres'), CLASSES * FEATURES)
  const data = normals(randomKey(3, name), length * FEATURES)
  const labels = Int32Array.from({ length }, (_, i) => i % CLASSES)
  for (let i = 0; i < length; i++) {
    for (let f = 0; f < FEATURES; f++)
      data[i * FEATURES + f] =
        1.5 * (data[i * FEATURES + f] as number) + (centres[(labels[i] as number) * FEATURES + f] as number)
  }
  return {
    name,
    length,
    columns: {
      points: { dtype: 'float32', shape: [FEATURES], data },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
    classes: ['a', 'b', 'c'],
  }
}

/**
 * Everything that a resumed run must bring back: optimizer slots, averages, random masks, a schedule, early stopping.
 */
export const madeExperiment: Experiment = experiment({
  name: 'made',
  title: 'Made points',
  question: 'Does a killed run go on?',
  data: publishedSet('made'),
  config: z.strictObject({ ...trainingSettings.shape }),
  task: classification({ input: 'points' }),
  model: () => new Sequential(new Linear(FEATURES, 24), new ReLU(), new Dropout(0.2), new Linear(24, CLASSES)),
})

/** Two networks that take turns, each with an optimizer of its own, a schedule, and noise. */
const adversaries: Experiment = experiment({
  name: 'adversaries',
  title: 'Made pictures',
  question: 'Do two killed networks go on?',
  data: publishedSet('made'),
  config: z.strictObject({ ...trainingSettings.shape, latent: z.number().default(6) }),
  task: adversarial(),
  model: ({ latent }) => {
    const hidden = [new Linear(latent, 24), new BatchNorm1d(24), new ReLU()]
    const layers = new Sequential(...hidden, new Linear(24, 49), new Tanh())
    const judge = new Sequential(new Linear(49, 24), new ReLU(), new Dropout(0.2), new Linear(24, 1))
    const generator = { layers, forward: (x: Tensor) => layers.forward(x).reshape([x.shape[0] as number, 1, 7, 7]) }
    const discriminator = { judge, forward: (x: Tensor) => judge.forward(x.flatten(1)) }
    return { generator, discriminator, forward: generator.forward }
  },
})

/** A model of language over windows of one stream, drawn with replacement; steps are counted. */
const language: Experiment = experiment({
  name: 'language',
  title: 'A made text',
  question: 'Does a killed training go on in its stream?',
  data: publishedSet('made'),
  config: z.strictObject({ ...trainingSettings.shape, blockSize: z.number().default(8) }),
  task: languageModel(),
  model: () => {
    const layers = new Sequential(new Linear(12, 24), new ReLU(), new Dropout(0.1), new Linear(24, TOKENS))
    const table = new Embedding(TOKENS, 12)
    return { table, layers, forward: (x: Tensor) => layers.forward(table.forward(x)) }
  },
})

const TOKENS = 11

function madePictures(name: string, length: number): Dataset {
  const values = normals(randomKey(4, name), length * 49)
  const data = Uint8Array.from(values, value => 100 + 40 * Math.min(3, Math.max(-2, value)))
  return { name, length, columns: { images: { dtype: 'uint8', shape: [1, 7, 7], data } } }
}

/** Windows over one stream, which overlap in all but one element. */
function madeWindows(name: string, length: number, size: number): Dataset {
  const stream = Int32Array.from({ length: length + size + 1 }, (_, i) => (i * i + (name === 'test' ? 3 : 0)) % TOKENS)
  const column = (from: number) => ({ dtype: 'int32', shape: [size], data: stream.subarray(from), step: 1 }) as const
  return { name, length, columns: { tokens: column(0), targets: column(1) } }
}

/** What is trained, and on what. */
export type Which = 'made' | 'adversaries' | 'language'

const trainings: Readonly<Record<Which, {
  readonly experiment: Experiment
  readonly settings: Readonly<Record<string, unknown>>
  readonly data: (part: 'train' | 'test') => Dataset
}>> = {
  made: {
    experiment: madeExperiment,
    settings: {
      epochs: 6, batchSize: 4, optimizer: 'adamW', learningRate: 0.003, schedule: 'cosine', averageDecay: 0.99,
      clipNorm: 1, validation: 0.1, seed: 5,
    },
    data: part => (part === 'train' ? madeData('train', 400) : madeData('test', 60)),
  },
  adversaries: {
    experiment: adversaries,
    settings: {
      epochs: 6, batchSize: 4, optimizer: 'adam', beta1: 0.5, learningRate: 0.002, schedule: 'cosine', clipNorm: 1,
      validation: 0.1, seed: 5,
    },
    data: part => (part === 'train' ? madePictures('train', 400) : madePictures('test', 60)),
  },
  language: {
    experiment: language,
    settings: {
      steps: 540, evaluateEvery: 90, sampling: 'replacement', batchSize: 4, optimizer: 'adamW', learningRate: 0.003,
      schedule: 'cosine', scheduleMinimum: 0.1, clipNorm: 1, validation: 0.1, seed: 5,
    },
    data: part => (part === 'train' ? madeWindows('train', 400, 8) : madeWindows('test', 60, 8)),
  },
}

export const settingsOf = (which: Which): TrainingSettings =>
  parseSettings(trainings[which].experiment, trainings[which].settings)

export const madeSettings = (changes: Readonly<Record<string, unknown>> = {}): TrainingSettings =>
  parseSettings(madeExperiment, { ...trainings.made.settings, ...changes })

/** Trains on the made data. `seen` hears of every chunk of batches that is trained on. */
export function trainMade(
  store: RunStore,
  settings: TrainingSettings,
  seen: (line: string) => void = () => undefined,
  signal?: AbortSignal,
  which: Which = 'made',
): AsyncGenerator<TrainEvent, void> {
  const { experiment: made, data } = trainings[which]
  const createLoader = (options: LoaderOptions) => {
    const loader = createPrefetchingLoader(options)
    return {
      ...loader,
      async *epoch(epoch: number, fromStep = 0) {
        for await (const chunk of loader.epoch(epoch, fromStep)) {
          for (let step = 0; step < chunk.steps; step++) {
            const examples = chunk.indices.subarray(step * chunk.batchSize, (step + 1) * chunk.batchSize)
            seen(`${epoch}/${chunk.step + step} ${createHash('sha256').update(examples).digest('hex').slice(0, 16)}`)
          }
          yield chunk
        }
      },
    }
  }
  return train({
    experiment: made,
    settings,
    train: data('train'),
    test: data('test'),
    runtime: onnxNodeRuntime({ threads: 1 }),
    store,
    createLoader,
    // A checkpoint behind every chunk of steps.
    checkpointSeconds: 0,
    ...(signal && { signal }),
  })
}

/**
 * A file system in which the process is killed within its `at`-th operation; a write has then written half of its
 * bytes.
 */
function deadlyFiles(at: number): FileOperations {
  let count = 0
  const deadly =
    <Arguments extends unknown[], Result>(
      operation: (...args: Arguments) => Result,
      half?: (...args: Arguments) => void,
    ) =>
    (...args: Arguments): Result => {
      if (count++ === at) {
        half?.(...args)
        process.kill(process.pid, 'SIGKILL')
      }
      return operation(...args)
    }
  return {
    open: deadly(nodeFiles.open),
    write: deadly(
      nodeFiles.write,
      (descriptor, bytes) => void nodeFiles.write(descriptor, bytes.subarray(0, bytes.length >> 1)),
    ),
    sync: deadly(nodeFiles.sync),
    truncate: deadly(nodeFiles.truncate),
    close: deadly(nodeFiles.close),
    rename: deadly(nodeFiles.rename),
    link: deadly(nodeFiles.link),
    remove: deadly(nodeFiles.remove),
    makeFolder: deadly(nodeFiles.makeFolder),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [root = '', run = '', at = '-1', which = 'made'] = process.argv.slice(2) as [string?, string?, string?, Which?]
  const files = Number(at) < 0 ? nodeFiles : deadlyFiles(Number(at))
  const settings = settingsOf(which)
  const store = run
    ? resumeRun({ root, run, provenance: noProvenance, files })
    : startRun({ root, experiment: which, config: settings, seed: settings.seed, provenance: noProvenance, files })
  process.stdout.write(`${store.name}\n`)
  const log = fs.openSync(path.join(root, 'batches.log'), 'a')
  for await (const event of trainMade(store, settings, line => fs.writeSync(log, `${line}\n`), undefined, which)) {
    if (event.kind === 'failed') throw new Error(event.stack ?? event.message)
  }
}
