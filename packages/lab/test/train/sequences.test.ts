// Trainings on sequences of different lengths: one compiled step a length, judged and resumed as any other.
import { describe, expect, it } from 'vitest'
import { createLoader, lengthsOf, raggedColumn, type Dataset } from '@ddlf/data'
import { createPrefetchingLoader } from '@ddlf/data/node'
import { correctCount, crossEntropy, Embedding, Linear } from '@ddlf/nn'
import {
  cast, div, full, less, maximum, mul, range, sum, unsqueeze, type Tensor,
} from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { z } from 'zod'
import {
  classificationMetrics,
  evaluateModel,
  experiment,
  memoryRunStore,
  parseSettings,
  train,
  trainedModel,
  trainingSettings,
  type BatchTensors,
  type MemoryRunStore,
  type Task,
  type TrainEvent,
} from '../../src/index.ts'
import { inMemory } from '../../src/data-source/arrays.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const TOKENS = 'tokens'
const LENGTHS = lengthsOf(TOKENS)

/** The mean of the vectors of a sequence's own tokens, whatever it is filled up with. */
class MeanOfTokens {
  readonly vectors = new Embedding(20, 8)
  readonly logits = new Linear(8, 2)
  forward(tokens: Tensor, given?: Tensor): Tensor {
    const lengths = given ?? full([tokens.shape[0] ?? 1], tokens.shape[1] ?? 0, 'int32')
    const own = cast(less(range(tokens.shape[1] ?? 0), unsqueeze(lengths, 1)), 'float32')
    const total = sum(mul(this.vectors.forward(tokens), unsqueeze(own, 2)), { axes: 1 })
    return this.logits.forward(div(total, maximum(cast(unsqueeze(lengths, 1), 'float32'), 1)))
  }
}

const column = (batch: BatchTensors, name: string) => batch[name] as Tensor
const COLUMNS = [TOKENS, LENGTHS, 'labels']
const task: Task<unknown, MeanOfTokens> = {
  name: 'sequences',
  phases: () => [
    {
      name: 'labels',
      columns: COLUMNS,
      loss: (model, batch) => ({
        loss: crossEntropy(model.forward(column(batch, TOKENS), column(batch, LENGTHS)), column(batch, 'labels')),
        metrics: {},
      }),
    },
  ],
  inputs: [TOKENS, LENGTHS],
  outputs: (model, inputs) => ({ logits: model.forward(column(inputs, TOKENS), column(inputs, LENGTHS)) }),
  evaluate: {
    columns: COLUMNS,
    compute(model, batch) {
      const logits = model.forward(column(batch, TOKENS), column(batch, LENGTHS))
      return {
        sums: {
          loss: crossEntropy(logits, column(batch, 'labels'), { reduction: 'sum' }),
          correct: correctCount(logits, column(batch, 'labels')),
        },
        outputs: { logits },
      }
    },
    metrics: (sums, examples) => {
      const accuracy = sums['correct']![0]! / examples
      return { loss: sums['loss']![0]! / examples, accuracy, error: 1 - accuracy }
    },
    keep: ['logits'],
  },
  metrics: classificationMetrics,
  monitor: classificationMetrics.find(({ name }) => name === 'accuracy')!,
}

/** Sequences whose label says whether they hold a 7, of 1 to 30 tokens. */
const sequences = Array.from({ length: 200 }, (_, i) =>
  Array.from({ length: 1 + ((i * 13) % 30) }, (_unused, t) => (i * 31 + t * 17) % 20),
)
const labels = Int32Array.from(sequences, tokens => Number(tokens.includes(7)))
const setOf = (
  from: number,
  to: number,
  tokens: Dataset['columns'][string],
  more: Dataset['columns'] = {},
): Dataset => ({
  name: 'sequences',
  length: to - from,
  columns: { tokens, labels: { dtype: 'int32', shape: [], data: labels.slice(from, to) }, ...more },
})
const ragged = (from: number, to: number) => setOf(from, to, raggedColumn('int32', sequences.slice(from, to)))
/** The same, all filled up to 30. */
function filled(from: number, to: number): Dataset {
  const rows = sequences
    .slice(from, to)
    .flatMap(tokens => [...tokens, ...new Array<number>(30 - tokens.length).fill(0)])
  const lengths = Int32Array.from(sequences.slice(from, to), ({ length }) => length)
  return setOf(
    from,
    to,
    { dtype: 'int32', shape: [30], data: Int32Array.from(rows) },
    { [LENGTHS]: { dtype: 'int32', shape: [], data: lengths } },
  )
}
const parts = { train: ragged(0, 160), test: ragged(160, 200) }

const made = experiment({
  name: 'sequences',
  title: 'Sequences',
  question: 'Are they learned?',
  data: inMemory('sequences', parts),
  config: z.strictObject({ ...trainingSettings.shape }),
  task,
  model: () => new MeanOfTokens(),
})
const settings = parseSettings(made, { epochs: 12, batchSize: 16, optimizer: 'adam', learningRate: 0.05 })

async function run(
  store: MemoryRunStore,
  stopAfter = Infinity,
  sets: { readonly train: Dataset; readonly test: Dataset } = parts,
  asked = settings,
) {
  const events: TrainEvent[] = []
  const stop = new AbortController()
  for await (const event of train({
    experiment: made,
    settings: asked,
    ...sets,
    runtime,
    store,
    createLoader,
    signal: stop.signal,
  })) {
    events.push(event)
    if (event.kind === 'evaluation' && event.epoch >= stopAfter) stop.abort()
  }
  return events
}

describe('sequences of different lengths', () => {
  it('are learned in batches of several shapes, and judged in the order of the data', async () => {
    const store = memoryRunStore('sequences/1')
    const events = await run(store)
    expect(events[0]).toMatchObject({ kind: 'start', stepsPerEpoch: 10, totalSteps: 120 })
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    expect(store.summary.metrics!['test']!['accuracy']).toBeGreaterThan(0.8)
    const model = trainedModel(made, settings, store.loadCheckpoint('last')!)
    const [found, expected] = await Promise.all(
      [parts.test, filled(160, 200)].map(data => evaluateModel(made, settings, model, data, runtime)),
    )
    expect(found!.metrics['loss']).toBeCloseTo(expected!.metrics['loss']!, 6)
    found!.outputs['logits']!.data.forEach((value, i) =>
      expect(value).toBeCloseTo(expected!.outputs['logits']!.data[i]!, 5),
    )
  })
  it('resumed equal those that were not interrupted, in a thread too', async () => {
    const whole = memoryRunStore('sequences/1')
    await run(whole)
    const first = memoryRunStore('sequences/1')
    await run(first, 5)
    const second = memoryRunStore('sequences/1', { resumeFrom: first.loadCheckpoint('last')! })
    for await (const event of train({
      experiment: made, settings, ...parts, runtime, store: second, createLoader: createPrefetchingLoader,
    })) {
      if (event.kind === 'failed') throw new Error(event.message)
    }
    expect(second.loadCheckpoint('last')!.tensors).toEqual(whole.loadCheckpoint('last')!.tensors)
  })
  it('are drawn in passes: another way is refused by the name of its setting', async () => {
    const drawn = (sampling: string, sets = parts) =>
      run(memoryRunStore('sequences/1'), Infinity, sets, parseSettings(made, { epochs: 1, sampling }))
    const received = 'sampling=replacement, and examples of different lengths in sequences'
    expect(await drawn('replacement')).toMatchObject([
      { kind: 'failed', parts: { received, next: expect.stringContaining('sampling=shuffled') as string } },
    ])
    expect((await drawn('sequential')).at(-1)).toMatchObject({ kind: 'done' })
    const ofOneLength = await drawn('replacement', { train: filled(0, 160), test: filled(160, 200) })
    expect(ofOneLength.at(-1)).toMatchObject({ kind: 'done' })
  })
})
