// Every network of the course, narrow where its settings let it be: exported as safetensors and loaded into another
// instance, it predicts the same.
import { describe, expect, it } from 'vitest'
import {
  decodeWeights,
  exportSafetensors,
  inputsOf,
  loadWeights,
  parseSettings,
  type Experiment,
  type TrainingSettings,
} from '@ddlf/lab'
import { evaluationStep, stateDict, withSeed, type Module } from '@ddlf/nn'
import { randomKey, uniforms } from '@ddlf/tensor/random'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { experiments } from '../index.ts'

const BATCH = 2

/** Settings that make a model smaller, and leave its parts as they are. */
const NARROW: Readonly<Record<string, (usual: unknown) => unknown>> = {
  hidden: usual => (Array.isArray(usual) ? usual.map(() => 16) : usual),
  size: usual => (usual === 'VGG-16' ? 'small' : usual),
  contexts: () => 500,
}
/** The same networks with other classes. */
const TWINS = ['resnet-18-on-cifar-100', 'googlenet-on-cifar-100']

/** Numbers in every parameter and buffer that no fresh model has; variances are positive. */
function disturb(model: Module, draw: number): void {
  Object.entries(stateDict(model)).forEach(([name, { dtype, data }], i) => {
    const values = uniforms(randomKey(draw, i), data.length, dtype === 'int32' ? 1 : -0.1, dtype === 'int32' ? 9 : 0.1)
    values.forEach(
      (value, k) =>
        (data[k] = dtype === 'int32' ? Math.floor(value) : name.endsWith('running_var') ? 1 + value : value),
    )
  })
}

async function predictions(experiment: Experiment, settings: TrainingSettings, model: Module): Promise<number[]> {
  const [{ name, dtype, shape } = { name: '', dtype: 'float32' as const, shape: [] }] = inputsOf(experiment, settings)
  const span = dtype === 'uint8' ? 256 : dtype === 'int32' ? 2 : 1
  const values = uniforms(randomKey(4), BATCH * shape.reduce((a, b) => a * b, 1), 0, span)
  const input = dtype === 'uint8' ? Uint8Array.from(values) : dtype === 'int32' ? Int32Array.from(values) : values
  const forward = evaluationStep({
    model,
    compute: (_, fed) => experiment.task.outputs(model, fed, settings),
    batch: { [name]: { shape: [BATCH, ...shape], dtype } },
    runtime: onnxNodeRuntime({ threads: 1 }),
  })
  const results = await forward(input)
  await forward.release()
  return Object.values(results).flatMap(({ data }) => [...data])
}

describe('weights of', () => {
  const various = experiments.filter(({ name }) => !TWINS.includes(name))
  it.each(various.map(experiment => [experiment.name, experiment] as const))(
    '%s come back',
    async (_name, experiment) => {
      // What a training finds in the data.
      const found = ['vocabulary', 'sourceVocabulary']
      const usual: Readonly<Record<string, unknown>> = parseSettings(experiment, {})
      const settings = parseSettings(experiment, {
        ...Object.fromEntries(
          Object.entries(NARROW).flatMap(([name, narrow]) => (name in usual ? [[name, narrow(usual[name])]] : [])),
        ),
        ...(experiment.data.own && 'classes' in experiment.config.shape && { classes: ['a', 'b', 'c'] }),
        ...Object.fromEntries(found.flatMap(name => (usual[name] === 0 ? [[name, 11]] : []))),
      })
      const [model, other] = [1, 2].map(seed => withSeed(seed, () => experiment.model(settings))) as [Module, Module]
      // Weights by which a writer prefers token 0 everywhere would say nothing: then others are drawn.
      let wanted: number[] = []
      for (let draw = 3; draw < 8 && !wanted.some(value => value !== 0); draw++) {
        disturb(model, draw)
        wanted = await predictions(experiment, settings, model)
      }
      loadWeights(other, decodeWeights(exportSafetensors({ experiment, settings, model })))
      expect(wanted.some(value => value !== 0) && wanted.every(Number.isFinite)).toBe(true)
      expect(await predictions(experiment, settings, other)).toEqual(wanted)
    },
    // Against hanging only.
    600_000,
  )
})
