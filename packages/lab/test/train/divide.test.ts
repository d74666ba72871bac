// Training data divided: a stream is cut at one place, so that no element is on both sides, and nothing is copied.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLoader, exampleOf, type Dataset } from '@ddlf/data'
import { Linear } from '@ddlf/nn'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import {
  classification,
  experiment,
  memoryRunStore,
  parseSettings,
  publishedSet,
  train,
  trainingSettings,
  type TrainEvent,
} from '../../src/index.ts'
import { divide, learnedFrom } from '../../src/train/divide.ts'
import { corners } from './corners.ts'

const made = experiment({
  name: 'made',
  title: 'Made',
  question: 'Is it divided?',
  data: publishedSet('made'),
  config: trainingSettings,
  task: classification(),
  model: () => {
    const layer = new Linear(4, 3)
    return { layer, forward: x => layer.forward(x.flatten(1)) }
  },
})

function windows(elements: number, size: number, step: number): Dataset {
  const stream = Int32Array.from({ length: elements }, (_, i) => i)
  const column = (from: number) => ({ dtype: 'int32' as const, shape: [size], data: stream.subarray(from), step })
  const length = Math.max(0, Math.floor((elements - 1 - size) / step) + 1)
  return { name: 'stream', length, columns: { tokens: column(0), targets: column(1) } }
}

const elementsOf = ({ columns, length }: Dataset, name: string) =>
  Array.from({ length }, (_, i) => [...exampleOf(columns[name]!, i)]).flat()

describe('windows over a stream', () => {
  it('share no element between what is learned from and what is held out', () => {
    const form = fc.record({ elements: fc.integer({ min: 40, max: 200 }), size: fc.integer({ min: 2, max: 8 }) })
    fc.assert(
      fc.property(
        form,
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        fc.nat(5),
        ({ elements, size }, share, less) => {
          const step = Math.max(1, size - 1 - less)
          const set = windows(elements, size, step)
          const divided = divide(made, set, parseSettings(made, { validation: share }))
          const learned = learnedFrom(divided)
          const last = Math.max(...elementsOf(learned, 'targets'))
          const held = elementsOf(divided.validation!, 'tokens')
          expect(Math.min(...held)).toBeGreaterThan(last)
          // Each element is judged once.
          expect(new Set(held).size).toBe(held.length)
          // No copy of any window.
          for (const { columns } of [learned, divided.validation!]) {
            expect(columns['tokens']!.data.buffer).toBe(set.columns['tokens']!.data.buffer)
          }
        },
      ),
    )
  })

  it('are held out by their share of the stream, those over the cut in neither part', () => {
    const divided = divide(made, windows(1010, 10, 1), parseSettings(made, { validation: 0.1 }))
    expect([divided.train.length, divided.validation!.length]).toEqual([890, 10])
  })
})

describe('a number of examples', () => {
  const labelled = (labels: readonly number[]): Dataset => ({
    name: 'labelled',
    length: labels.length,
    columns: {
      labels: { dtype: 'int32', shape: [], data: Int32Array.from(labels) },
      place: { dtype: 'int32', shape: [], data: Int32Array.from(labels, (_, i) => i) },
    },
  })
  const taken = (set: Dataset, seed: number) => {
    const { train: some, order } = divide(made, set, parseSettings(made, { trainExamples: 60, seed }))
    return { places: [...some.columns['place']!.data], labels: [...some.columns['labels']!.data], order }
  }

  it('are the first, but a mixture of what lies class by class, the same for every seed', () => {
    const first = Array.from({ length: 60 }, (_, i) => i)
    expect(taken(labelled(Array.from({ length: 300 }, (_, i) => i % 3)), 1).places).toEqual(first)
    const byClass = labelled(Array.from({ length: 300 }, (_, i) => Math.floor(i / 100)))
    const { places, labels, order } = taken(byClass, 1)
    for (const label of [0, 1, 2]) expect(labels.filter(one => one === label).length).toBeGreaterThan(10)
    expect(labels).toEqual(places.map(place => Math.floor(place / 100)))
    expect(taken(byClass, 2).places).toEqual(places)
    // Of own data the rest is kept as not used.
    expect([...order!.subarray(0, 60)]).toEqual(places)
    expect([...order!].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(divide(made, byClass, parseSettings(made, { trainExamples: 300 })).train.columns).toEqual(byClass.columns)
  })
})

describe('a part that is there already', () => {
  type Given = Readonly<Record<string, unknown>>
  const run = async (data: { readonly validation?: Dataset }, given: Given, parts: boolean) => {
    const events: TrainEvent[] = []
    const source = publishedSet('made')
    for await (const event of train({
      experiment: parts ? { ...made, data: { ...source, parts: ['train', 'validation'] } } : made,
      settings: parseSettings(made, { epochs: 1, batchSize: 10, ...given }),
      train: corners('train', 40, 1),
      ...data,
      runtime: onnxNodeRuntime({ threads: 1 }),
      store: memoryRunStore('made/1'),
      createLoader,
    }))
      events.push(event)
    return events
  }

  it('is not held out a second time', async () => {
    const validation = corners('validation', 10, 2)
    const [start] = await run({ validation }, { validation: 0.5 }, false)
    expect(start).toMatchObject({ kind: 'start', trainExamples: 40, splits: ['train', 'validation'] })
  })

  it('refuses a share where the source has it', async () => {
    const validation = corners('validation', 10, 2)
    const events = await run({ validation }, { validation: 0.1 }, true)
    const parts = { received: 'validation=0.1', next: 'Leave validation out.' }
    expect(events).toMatchObject([{ kind: 'failed', parts }])
  })

  it('must hold an example', async () => {
    const events = await run({}, { validation: 0.001 }, false)
    const [received, next] = ['validation=0.001 of 40 examples', 'Hold out a larger share, for example validation=0.03']
    expect(events).toMatchObject([
      { kind: 'failed', parts: { received, next: expect.stringContaining(next) as string } },
    ])
  })

  it('must hold an example of those that are learned from: of one, no share does', async () => {
    const events = await run({}, { validation: 0.5, trainExamples: 1 }, false)
    const received = 'validation=0.5 of 1 example, with trainExamples=1'
    const next = 'Take more examples (trainExamples), or hold none out: validation=0.'
    expect(events).toMatchObject([{ kind: 'failed', parts: { received, next } }])
  })

  it('must hold an example where the source has it', async () => {
    const events = await run({ validation: corners('validation', 0, 2) }, {}, true)
    expect(events).toMatchObject([{ kind: 'failed', parts: { received: 'an empty validation part' } }])
  })

  it('ends with the budget in words', async () => {
    const reasonOf = async (given: Given) => {
      const end = (await run({ validation: corners('validation', 10, 2) }, given, false)).at(-1)
      return end?.kind === 'done' ? end.reason : JSON.stringify(end)
    }
    expect(await reasonOf({ epochs: 2 })).toBe('all 2 epochs')
    expect(await reasonOf({ epochs: 1 })).toBe('its one epoch')
    expect(await reasonOf({ steps: 4, evaluateEvery: 2 })).toBe('all 4 steps')
  })
})
