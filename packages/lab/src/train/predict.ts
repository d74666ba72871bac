// One picture or one text of the user's through a trained model.
import { UserError, type Runtime, type TypedArray } from '@ddlf/tensor'
import { decodeImage, resizeImage } from '@ddlf/data'
import { evaluationStep, type Module } from '@ddlf/nn'
import { softmaxRows } from '../analysis/classification/predictions.ts'
import type { Experiment, TrainingSettings } from '../experiment.ts'
import { hashText, type HashingOptions } from '../own-data/hashed-tokens.ts'
import { classesOf, inputOf } from './experiment-data.ts'

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

/**
 * Brings a picture into the form a model reads: grey where it reads grey, resized to its size.
 * @param options.invert dark becomes light: for ink on paper where the model learned light strokes on black
 * @throws UserError where the model reads no pictures, or the bytes are no PNG or JPEG
 */
export function prepareImage(experiment: Experiment, settings: TrainingSettings, bytes: Uint8Array, name: string, { invert = false }: { readonly invert?: boolean } = {}): PreparedInput {
  const { dtype, shape } = inputOf(experiment, settings)
  const [channels, height = 0, width = 0] = shape
  if (dtype !== 'uint8' || shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new UserError({ rule: `${experiment.name} reads ${experiment.task.input}, not pictures.`, received: name })
  }
  const decoded = decodeImage(bytes, channels, name)
  const image = resizeImage(decoded, height, width)
  const steps = [
    ...(channels === 1 ? ['grey levels'] : []),
    ...(image === decoded ? [] : [`resized from ${decoded.height}x${decoded.width} to ${height}x${width}`]),
    ...(invert ? ['inverted'] : []),
  ]
  return { data: invert ? image.data.map(value => 255 - value) : image.data, steps }
}

/** Brings a text into the form a model reads. @throws UserError where the model reads no text of this form */
export function prepareText(experiment: Experiment, settings: TrainingSettings, text: string): PreparedInput {
  if (experiment.own !== 'text-table') {
    throw new UserError({ rule: `${experiment.name} reads ${experiment.task.input}, not a text.`, received: text.slice(0, 60), next: 'Give the path of a PNG or JPEG file.' })
  }
  const options = settings as unknown as HashingOptions
  const data = hashText(text, options)
  const tokens = data.filter(token => token > 0).length
  if (tokens === 0) throw new UserError({ rule: 'A text has at least one word.', received: JSON.stringify(text.slice(0, 60)) })
  return { data, steps: [`${tokens} words and word groups`] }
}

/**
 * The probabilities of the classes for one input, the most likely first.
 * @throws UserError where the model gives no logits of classes
 */
export async function predictClasses(experiment: Experiment, settings: TrainingSettings, model: Module, { data }: PreparedInput, runtime: Runtime): Promise<ClassProbability[]> {
  const { dtype, shape } = inputOf(experiment, settings)
  const forward = evaluationStep({
    model,
    compute: (_, { input }) => experiment.task.outputs(model, input, settings),
    batch: { input: { shape: [1, ...shape], dtype } },
    runtime,
    name: 'prediction',
  })
  try {
    const { logits } = await forward(data)
    const [, classes] = logits?.shape ?? []
    if (!logits || logits.shape.length !== 2 || classes === undefined) {
      throw new UserError({ rule: 'Predictions are made by models that tell classes apart.', received: experiment.name })
    }
    const names = classesOf(experiment, settings)
    return Array.from(softmaxRows(logits.data, classes), (probability, i) => ({ name: names[i] ?? String(i), probability }))
      .sort((a, b) => b.probability - a.probability)
  } finally {
    await forward.release()
  }
}
