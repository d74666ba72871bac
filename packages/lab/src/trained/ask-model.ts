// A trained model that is asked for its outputs again and again, whatever it reads.
import type { Runtime, TypedArray } from '@ddlf/tensor'
import { evaluationStep, type Module } from '@ddlf/nn'
import { inputsOf } from '../experiment/experiment-data.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { Ask } from '../tasks/task.ts'

/** A model that is asked. */
export interface AskedModel {
  readonly ask: Ask
  release(): Promise<void>
}

/** Compiles a model for as many examples as its inputs hold. */
export function askModel(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  runtime: Runtime,
): AskedModel {
  const inputs = inputsOf(experiment, settings)
  const forward = evaluationStep({
    model,
    compute: (_, fed) => experiment.task.outputs(model, fed, settings),
    batch: Object.fromEntries(inputs.map(({ name, dtype, shape }) => [name, { shape: [null, ...shape], dtype }])),
    runtime,
    name: 'outputs',
  })
  return {
    async ask(given) {
      const outputs = await forward(...inputs.map(({ name }) => given[name] as TypedArray))
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, shape }]) => [name, { data: data as Float32Array, shape }]),
      )
    },
    async release() {
      await forward.release()
    },
  }
}
