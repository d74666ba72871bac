// One text or prepared picture of the user's through a trained model.
import { UserError, type Runtime, type TypedArray } from '@ddlf/tensor'
import { evaluationStep, type Module } from '@ddlf/nn'
import { softmaxRows } from '../analysis/classification/predictions.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { hashText, type HashingOptions } from '../own-data/hashed-tokens.ts'
import { classesOf, inputOf } from '../experiment/experiment-data.ts'
import { assertFiniteOutputs } from '../train/finite.ts'

/** What a model reads, made of something of the user's. */
export interface PreparedInput {
  readonly data: TypedArray
  /** What was done to it, in order, for the reader: `grey`, `resized from 200x160 to 28x28`. */
  readonly steps: readonly string[]
}

/** How sure a model is of one class. */
export interface ClassProbability {
  readonly name: string
  readonly probability: number
}

/** Brings a text into the form a model reads. @throws UserError where the model reads no text of this form */
export function prepareText(experiment: Experiment, settings: TrainingSettings, text: string): PreparedInput {
  if (experiment.data.own !== 'text-table') {
    throw new UserError({
      rule: `${experiment.name} reads ${inputOf(experiment, settings).name}, not a text.`,
      received: text.slice(0, 60),
      next: 'Give the path of a picture.',
    })
  }
  const options = settings as unknown as HashingOptions
  const data = hashText(text, options)
  const tokens = data.filter(token => token > 0).length
  if (tokens === 0) throw new UserError({ rule: 'The text has no word.', received: JSON.stringify(text.slice(0, 60)) })
  return { data, steps: [`${tokens} words and word groups`] }
}

/** A trained model that is asked again and again. */
export interface Predictor {
  /** The probabilities of the classes for one input, the most likely first. */
  ask(input: PreparedInput): Promise<ClassProbability[]>
  release(): Promise<void>
}

/**
 * Compiles a model for single inputs.
 * @throws UserError, when it is asked, where the model gives no logits of classes, or none that are finite
 */
export function predictor(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  runtime: Runtime,
): Predictor {
  const { name, dtype, shape } = inputOf(experiment, settings)
  const names = classesOf(experiment, settings)
  const forward = evaluationStep({
    model,
    compute: (_, fed) => experiment.task.outputs(model, fed, settings),
    batch: { [name]: { shape: [1, ...shape], dtype } },
    runtime,
    name: 'prediction',
  })
  return {
    async ask({ data }) {
      const { logits } = await forward(data)
      const [, classes] = logits?.shape ?? []
      if (!logits || logits.shape.length !== 2 || classes === undefined) {
        throw new UserError({ rule: 'The model does not tell classes apart.', received: experiment.name })
      }
      assertFiniteOutputs({ logits })
      return Array.from(softmaxRows(logits.data, classes), (probability, i) => ({
        name: names[i] ?? String(i),
        probability,
      })).sort((a, b) => b.probability - a.probability)
    },
    release: async () => {
      await forward.release()
    },
  }
}

/** What a model says of one input; see {@link predictor}. */
export async function predictClasses(
  experiment: Experiment,
  settings: TrainingSettings,
  model: Module,
  input: PreparedInput,
  runtime: Runtime,
): Promise<ClassProbability[]> {
  const asked = predictor(experiment, settings, model, runtime)
  try {
    return await asked.ask(input)
  } finally {
    await asked.release()
  }
}
