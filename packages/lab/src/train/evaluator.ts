// Runs a model in evaluation mode over whole data sets.
import type { Compiled, Runtime, Tensor } from '@ddlf/tensor'
import { columnOf, type Dataset } from '@ddlf/data'
import { evaluationStep, type Module } from '@ddlf/nn'
import type { Evaluation, Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { NamedTensor } from '../runs/safetensors.ts'
import { assertFiniteOutputs } from './finite.ts'

/** Examples in one batch of an evaluation, and the bytes of input it may hold. */
const BATCH = { examples: 1000, bytes: 8 * 2 ** 20 } as const

/** Runs a model in evaluation mode over data sets, in batches. */
export class Evaluator {
  readonly #experiment: Experiment
  readonly #settings: TrainingSettings
  readonly #compiled: Compiled<Readonly<Record<string, Tensor>>>

  constructor(experiment: Experiment, settings: TrainingSettings, model: Module, dataset: Dataset, runtime: Runtime) {
    const { dtype, shape } = columnOf(dataset, experiment.task.input)
    this.#experiment = experiment
    this.#settings = settings
    this.#compiled = evaluationStep({
      model,
      compute: (_, { input }) => experiment.task.outputs(model, input, settings),
      batch: { input: { shape: [null, ...shape], dtype } },
      runtime,
      name: 'evaluation',
    })
  }

  async evaluate(dataset: Dataset): Promise<Evaluation> {
    const { data, shape } = columnOf(dataset, this.#experiment.task.input)
    const size = shape.reduce((product, extent) => product * extent, 1)
    const batch = Math.max(1, Math.min(BATCH.examples, Math.floor(BATCH.bytes / (size * data.BYTES_PER_ELEMENT))))
    const outputs: Record<string, { data: Float32Array; shape: readonly number[] }> = {}
    for (let from = 0; from < dataset.length; from += batch) {
      const to = Math.min(from + batch, dataset.length)
      const part = data.subarray(from * size, to * size)
      // Native runtimes refuse shared memory.
      const values = await this.#compiled((typeof SharedArrayBuffer !== 'undefined' && part.buffer instanceof SharedArrayBuffer ? part.slice() : part))
      for (const [name, value] of Object.entries(values)) {
        const perExample = value.data.length / (to - from)
        const whole = (outputs[name] ??= { data: new Float32Array(dataset.length * perExample), shape: value.shape.slice(1) })
        whole.data.set(value.data, from * perExample)
      }
    }
    return { outputs, metrics: this.#experiment.task.judge(outputs, dataset, this.#settings) }
  }

  release(): Promise<void> {
    return this.#compiled.release()
  }
}

/** Evaluates a model whose weights are set, for those who hold a finished run. @throws UserError where it gives NaN or infinity */
export async function evaluateModel(experiment: Experiment, settings: TrainingSettings, model: Module, dataset: Dataset, runtime: Runtime): Promise<Evaluation> {
  const evaluator = new Evaluator(experiment, settings, model, dataset, runtime)
  try {
    const evaluation = await evaluator.evaluate(dataset)
    assertFiniteOutputs(evaluation.outputs)
    return evaluation
  } finally {
    await evaluator.release()
  }
}

/** Columns that say what was to be answered. */
const ANSWERS = ['labels', 'targets']

/**
 * The outputs over a data set and the right answers of its examples, as a run keeps them: what they are judged by needs
 * no data then. Outputs are float32 [examples, ...], `labels` int32 and `targets` float32 [examples].
 */
export function keptOutputs(
  { outputs }: Pick<Evaluation, 'outputs'>,
  { length, columns }: Dataset,
): Record<string, NamedTensor> {
  const answers = ANSWERS.flatMap(name => {
    const column = columns[name]
    return column?.shape.length === 0 && !(name in outputs)
      ? [[name, { dtype: column.dtype, shape: [length], data: column.data }] as const]
      : []
  })
  const said = Object.entries(outputs).map(
    ([name, { data, shape }]) => [name, { dtype: 'float32', shape: [length, ...shape], data }] as const,
  )
  return Object.fromEntries<NamedTensor>([...said, ...answers])
}
