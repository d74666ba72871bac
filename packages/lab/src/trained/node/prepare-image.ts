// A picture of the user's, brought into the form that a trained model reads.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { decodeImage, type Fit } from '@ddlf/data/node'
import type { Experiment, TrainingSettings } from '../../experiment/experiment.ts'
import { inputOf } from '../../experiment/experiment-data.ts'
import type { PreparedInput } from '../predict.ts'

/**
 * Brings a picture into the form a model reads: grey where it reads grey, resized to its size as the run's setting
 * `fit` says.
 * @param options.invert dark becomes light: for ink on paper where the model learned light strokes on black
 * @throws UserError where the model reads no pictures, or the bytes are no sound picture
 */
export async function prepareImage(
  experiment: Experiment,
  settings: TrainingSettings,
  bytes: Uint8Array,
  name: string,
  options: { readonly invert?: boolean } = {},
): Promise<PreparedInput> {
  checkOptions('prepareImage', options, ['invert'])
  const { invert = false } = options
  const { name: column, dtype, shape } = inputOf(experiment, settings)
  const [channels, height = 0, width = 0] = shape
  if (dtype !== 'uint8' || shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new UserError({
      rule: `${experiment.name} reads ${column}, not pictures.`,
      received: name,
      next: 'Ask it about what it reads, or ask a model of pictures.',
    })
  }
  const { fit = 'crop' } = settings as { readonly fit?: Fit }
  const { data, original } = await decodeImage(bytes, { channels, size: [height, width], fit }, name)
  const proportions = { crop: ', its middle', pad: ', with black bars', stretch: ', distorted' }[fit]
  const steps = [
    ...(channels === 1 ? ['grey levels'] : []),
    ...(original[0] === height && original[1] === width ? [] : [`resized from ${original.join('x')} ` +
      `to ${height}x${width}${original[0] * width === original[1] * height ? '' : proportions}`]),
    ...(invert ? ['inverted'] : []),
  ]
  return { data: invert ? data.map(value => 255 - value) : data, steps }
}
