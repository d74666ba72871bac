// Pictures that a trained model makes.
import { UserError } from '@ddlf/tensor/errors'
import type { Runtime } from '@ddlf/tensor'
import type { Module } from '@ddlf/nn'
import { ddlfCommand } from '../command-text.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { MadePictures, PictureOptions } from '../tasks/task.ts'
import { assertFiniteOutputs } from '../train/finite.ts'
import { askModel } from './ask-model.ts'

/** A model that is to make something. */
export interface SampledModel {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly model: Module
}

/** What a model of the task can be let make: texts, pictures, or nothing. */
export const makes = ({ task }: Pick<Experiment, 'task'>): 'text' | 'pictures' | undefined =>
  task.views?.text ? 'text' : task.views?.pictures ? 'pictures' : undefined

const makesNone = ({ experiment: { name, task } }: SampledModel) =>
  new UserError({
    rule: 'Only a model that makes pictures is let make some.',
    received: `${name}, whose task is ${task.name}`,
    next: `Ask it about something: ${ddlfCommand('predict', 'latest', '<input>')}`,
  })

/** Pictures in one run of the model. */
const BATCH = 100

/**
 * Lets a model make pictures. The first are the same however many are asked for.
 * @throws UserError where the model makes none, or what is not finite
 */
export async function samplePictures(
  sampled: SampledModel,
  { count, seed }: PictureOptions,
  runtime: Runtime,
): Promise<MadePictures> {
  const { experiment, settings, model } = sampled
  const { pictures } = experiment.task.views ?? {}
  if (!pictures) throw makesNone(sampled)
  const asked = askModel(experiment, settings, model, runtime)
  try {
    let all: Float32Array | undefined
    let shape: MadePictures['shape'] = [1, 0, 0]
    for (let from = 0; from < count; from += BATCH) {
      const made = await pictures(asked.ask, settings, { count: Math.min(BATCH, count - from), seed, from })
      assertFiniteOutputs({ pictures: made })
      all ??= new Float32Array(made.shape.reduce((a, b) => a * b, count))
      all.set(made.data, from * made.shape.reduce((a, b) => a * b, 1))
      shape = made.shape
    }
    return { data: all ?? new Float32Array(), shape }
  } finally {
    await asked.release()
  }
}
