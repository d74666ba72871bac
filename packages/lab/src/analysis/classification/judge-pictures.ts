// What a trained classifier takes pictures for that another model has made.
import { UserError } from '@ddlf/tensor/errors'
import type { Runtime } from '@ddlf/tensor'
import { classShares, type ClassShares } from './class-shares.ts'
import { classesOf, inputOf } from '../../experiment/experiment-data.ts'
import type { MadePictures } from '../../tasks/task.ts'
import { askModel } from '../../trained/ask-model.ts'
import type { SampledModel } from '../../trained/sample-pictures.ts'

/** Pictures in one run of the judge. */
const BATCH = 500

/** Values from 0 to 1 as bytes. */
export const bytesOf = (values: Float32Array): Uint8Array =>
  Uint8Array.from(values, value => Math.round(255 * Math.min(1, Math.max(0, value))))

/**
 * How often a classifier answers with each of its classes.
 * @throws UserError where it reads no pictures of this form, or tells no classes apart
 */
export async function judgePictures(
  { data, shape }: MadePictures,
  { experiment, settings, model }: SampledModel,
  runtime: Runtime,
): Promise<ClassShares> {
  const input = inputOf(experiment, settings)
  const names = classesOf(experiment, settings)
  if (input.dtype !== 'uint8' || input.shape.join() !== shape.join() || names.length === 0) {
    throw new UserError({
      rule: 'Pictures are judged by a classifier of pictures of their form.',
      received: `pictures [${shape.join(', ')}], and ${experiment.name}, which reads ${input.dtype} ` +
        `[${input.shape.join(', ')}] and knows ${names.length} classes`,
      next: 'Name a run that has learned from such pictures, for example one of lenet5-on-mnist for digits.',
    })
  }
  const size = shape.reduce((product, extent) => product * extent, 1)
  const bytes = bytesOf(data)
  const answers = new Float32Array((data.length / size) * names.length)
  const asked = askModel(experiment, settings, model, runtime)
  try {
    for (let from = 0; from < data.length / size; from += BATCH) {
      const { logits } = await asked.ask({ [input.name]: bytes.slice(from * size, (from + BATCH) * size) })
      if (!logits) throw new UserError({ rule: 'A judge tells classes apart.', received: experiment.name })
      answers.set(logits.data, from * names.length)
    }
  } finally {
    await asked.release()
  }
  return classShares(answers, names)
}
