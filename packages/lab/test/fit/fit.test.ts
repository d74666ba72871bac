// An own model on own numbers: trained, saved, loaded, asked and exported.
import { describe, expect, it } from 'vitest'
import { Linear, ReLU, Sequential, Tanh } from '@ddlf/nn'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import { fit, load, save, type TrainEvent } from '../../src/index.ts'
import { corners } from '../train/corners.ts'

const runtime = onnxNodeRuntime({ threads: 1 })
const made = corners('own arrays', 300, 1)
const shape = made.columns['images']!.shape
const inputs = { data: Float32Array.from(made.columns['images']!.data, pixel => pixel / 255), shape: [300, ...shape] }
const targets = { data: made.columns['labels']!.data as Int32Array, shape: [300] }
const size = shape.reduce((a, b) => a * b, 1)

class Net {
  readonly layers = new Sequential(new Linear(size, 16), new ReLU(), new Linear(16, 3))
  forward: Sequential['forward'] = x => this.layers.forward(x.flatten(1))
}

describe('classes', () => {
  it('are learned with a line an epoch, and the model is saved, loaded, asked and exported', async () => {
    const lines: string[] = []
    const events: TrainEvent[] = []
    const fitted = await fit(
      new Net(),
      { inputs, targets },
      {
        runtime,
        epochs: 8,
        batchSize: 16,
        learningRate: 0.1,
        // Read by other schedules.
        scheduleFactor: 0.5,
        progress: line => lines.push(line),
        onEvent: event => events.push(event),
      },
    )
    expect(lines).toHaveLength(8)
    expect(lines.at(-1)).toMatch(/^epoch 8 {2}loss \d\.\d{4} \/ \d\.\d{4} {2}accuracy [\d.]+ % \/ [\d.]+ %$/)
    expect(events[0]).toMatchObject({
      kind: 'start', trainExamples: 270, splits: ['train', 'validation'],
      notes: ['without effect: scheduleFactor=0.5 (with schedule=constant)'],
    })
    // Of 30 held-out examples; chance is a third.
    expect(fitted.metrics['validation']!['accuracy']).toBeGreaterThan(0.6)

    const said = await fitted.predict({ data: inputs.data.subarray(0, 5 * size), shape: [5, ...shape] })
    expect(said.shape).toEqual([5, 3])
    const again = load(new Net(), fitted.save())
    const [both] = await runOnnxModel(fitted.exportOnnx(), [
      { inputs: { dtype: 'float32', shape: [5, ...shape], data: inputs.data.slice(0, 5 * size) } },
    ])
    said.data.forEach((value, i) => expect(both!['logits']!.data[i]).toBeCloseTo(value, 4))
    expect(save(again)).toEqual(fitted.save())
    expect(() => load(new Linear(2, 2), fitted.save())).toThrow(/layers\.0\.weight|weight/)
  })
})

it('numbers are learned from nested lists, and held-out data of its own may judge', async () => {
  const line = Array.from({ length: 64 }, (_, i) => i / 32 - 1)
  const data = { inputs: line.map(x => [x]), targets: line.map(x => 3 * x - 0.5) }
  const fitted = await fit(new Linear(1, 1), data, {
    runtime,
    epochs: 60,
    batchSize: 8,
    learningRate: 0.1,
    heldOut: { inputs: [[0.25], [-0.75]], targets: [0.25, -2.75] },
    progress: null,
  })
  expect(fitted.metrics['validation']!['mae']).toBeLessThan(0.01)
  expect((await fitted.predict([[0], [1]])).data[1]).toBeCloseTo(2.5, 1)
})

describe('small data and odd inputs', () => {
  const exclusiveOr = { inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0] }
  const small = () => new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1))
  const options = { runtime, progress: null, epochs: 2, batchSize: 4 }

  it('four examples are learned from, with none held out', async () => {
    const fitted = await fit(small(), exclusiveOr, options)
    expect(fitted).toMatchObject({ status: 'completed', metrics: { train: { loss: expect.any(Number) as number } } })
    expect(Object.keys(fitted.metrics)).toEqual(['train'])
    const all = await fit(small(), exclusiveOr, { ...options, validation: 0 })
    expect(Object.keys(all.metrics)).toEqual(['train'])
  })

  it('a share that holds no example is refused before the first step', async () => {
    const kinds: string[] = []
    const onEvent = ({ kind }: TrainEvent) => kinds.push(kind)
    await expect(fit(small(), exclusiveOr, { ...options, validation: 0.1, onEvent })).rejects.toThrow(
      /must hold an example[^]*validation=0.1 of 4 examples[^]*larger share/,
    )
    expect(kinds).toEqual(['failed'])
  })

  it('held-out data and a share at once are refused', async () => {
    const both = { ...options, heldOut: exclusiveOr, validation: 0.5 }
    await expect(fit(small(), exclusiveOr, both)).rejects.toThrow(/not both[^]*validation: 0.5/)
  })

  it('classes in nested lists are told how they are named', async () => {
    const classes = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 2))
    await expect(fit(classes, exclusiveOr, options)).rejects.toThrow(/task: 'classification'/)
    const fitted = await fit(classes, exclusiveOr, { ...options, task: 'classification' })
    expect(fitted.metrics['train']).toHaveProperty('accuracy')
  })

  it('a training that is stopped says so', async () => {
    const fitted = await fit(small(), exclusiveOr, { ...options, signal: AbortSignal.abort() })
    expect(fitted).toMatchObject({ status: 'stopped', metrics: {} })
  })

  const kinds = ['classification', 'regression'] as const
  it.each(kinds)('bytes are a 255th in training, in predictions and in the export (%s)', async task => {
    const bytes = { data: Uint8Array.from({ length: 40 }, (_, i) => (37 * i) % 256), shape: [20, 2] }
    const model = new Linear(2, 2)
    const wanted = {
      classification: { data: Int32Array.from({ length: 20 }, (_, i) => i % 2), shape: [20] },
      regression: { data: Float32Array.from({ length: 40 }, (_, i) => i / 40), shape: [20, 2] },
    }[task]
    const fitted = await fit(model, { inputs: bytes, targets: wanted }, { ...options, task })
    expect(fitted.metrics['train']!['loss']).toBeLessThan(5)
    const said = await fitted.predict(bytes)
    const weight = model.weight.leaf!.data!
    const bias = model.bias!.leaf!.data!
    said.data.forEach((value, i) => {
      const [row, unit] = [Math.floor(i / 2), i % 2]
      const term = (k: number) => (bytes.data[2 * row + k]! / 255) * weight[2 * unit + k]!
      expect(value).toBeCloseTo(bias[unit]! + term(0) + term(1), 5)
    })
    const [exported] = await runOnnxModel(fitted.exportOnnx(), [
      { inputs: { dtype: 'uint8', shape: bytes.shape, data: bytes.data } },
    ])
    const [output] = Object.values(exported!)
    said.data.forEach((value, i) => expect(output!.data[i]).toBeCloseTo(value, 5))
  })
})

describe('mistakes are told in words', () => {
  const options = { runtime, progress: null, epochs: 1 }
  it.each([
    ['a misspelt option', { ...options, epoch: 3 } as never, { inputs, targets }, /epoch/],
    ['a setting out of range', { ...options, batchSize: 0 }, { inputs, targets }, /batchSize/],
    [
      'columns of different lengths',
      options,
      { inputs, targets: { ...targets, data: targets.data.slice(0, 10), shape: [10] } },
      /as many examples[^]*300 of inputs, 10 of labels/,
    ],
    [
      'a shape that does not fit',
      options,
      { inputs: { ...inputs, shape: [7, 3] }, targets },
      /as many numbers as its shape says/,
    ],
    ['a label that is no class', options, { inputs, targets: { ...targets, data: targets.data.map(() => 7) } }, /7/],
    [
      'a model of another form',
      options,
      { inputs, targets: { data: new Float32Array(300), shape: [300] } },
      /as many numbers as there are to predict/,
    ],
  ])('%s', async (_, given, data, message) => {
    await expect(fit(new Net(), data, given)).rejects.toThrow(message)
  })
})
