// The experiments on CIFAR train: a few steps of each on made images, with everything their recipes switch on.
import { describe, expect, it } from 'vitest'
import { createLoader, type Dataset } from '@ddlf/data'
import { findExperiment, memoryRunStore, parseSettings, train, type TrainEvent } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { experiments } from '../index.ts'

/** Noise, brighter at the top for even classes. */
function made(name: string, length: number, classes: number): Dataset {
  const labels = Int32Array.from({ length }, (_, i) => (i * 7) % classes)
  const images = Uint8Array.from(uniforms(randomKey(1, name), length * 3072, 0, 150), (value, i) =>
    value + ((i % 1024 < 512) === ((labels[Math.floor(i / 3072)] as number) % 2 === 0) ? 100 : 0))
  return {
    name,
    length,
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
    columns: {
      images: { dtype: 'uint8', shape: [3, 32, 32], data: images },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
  }
}

const runtime = onnxNodeRuntime({ threads: 1 })

describe.each([
  ['alexnet-like-on-cifar-10', { mix: 'cutmix' }],
  ['convnet-on-cifar-10', {}],
  ['convnet-on-cifar-10', { normalized: true, augment: true }],
  ['vgg-on-cifar-10', { size: 'small', testTimeFlip: true }],
  ['depth-on-cifar-10', { residual: false, mix: 'mixup' }],
  ['resnet-18-on-cifar-100', {}],
  ['googlenet-on-cifar-10', { width: 0.1 }],
  ['googlenet-on-cifar-100', { width: 0.1, factorization: 'asymmetric' }],
  ['resnet-on-cifar-10', { schedule: 'paper' }],
  ['fast-net-on-cifar-10', {}],
] as const)('%s with %o', (name, changes) => {
  it('takes steps, and its loss is a number', async () => {
    const experiment = findExperiment(experiments, name)
    const settings = parseSettings(experiment, {
      ...changes,
      epochs: 2,
      batchSize: 2,
      trainExamples: 4,
      learningRate: 0.001,
    })
    const classes = name.endsWith('-100') ? 100 : 10
    const events: TrainEvent[] = []
    const data = { train: made('train', 4, classes), test: made('test', 2, classes) }
    for await (const event of train({
      experiment,
      settings,
      ...data,
      runtime,
      store: memoryRunStore(`${name}/1`),
      createLoader,
    }))
      events.push(event)
    expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed', step: 4 })
    const evaluations = events.filter(event => event.kind === 'evaluation')
    expect(evaluations).toHaveLength(2)
    for (const { metrics } of evaluations)
      expect(
        Object.values(metrics)
          .flatMap(split => Object.values(split))
          .every(Number.isFinite),
      ).toBe(true)
  })
})
