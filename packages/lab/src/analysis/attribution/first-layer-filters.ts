// The weights of a first layer, in the shape of the pixels they look at.
import { UserError } from '@ddlf/tensor/errors'

/** Weights that look at pixels: each filter can be shown as an image. */
export interface FilterGrid {
  /** Row-major, shape `shape`. */
  readonly weights: Float32Array
  readonly shape: readonly [filters: number, channels: number, height: number, width: number]
}

/**
 * Takes the weight of a first layer as filters: a convolution's [out, in, height, width] as it is, a linear layer's
 * [out, in] folded to the image it reads.
 * @param weight a parameter in PyTorch's layout
 * @param imageShape [channels, height, width] of the input; a linear layer over a square grey image needs none
 * @throws UserError when the weight is neither, or does not fit the image
 */
export function firstLayerFilters(
  weight: { readonly values: Float32Array; readonly shape: readonly number[] },
  imageShape?: readonly [channels: number, height: number, width: number],
): FilterGrid {
  const { values, shape } = weight
  const [filters = 0, inputs = 0, height = 0, width = 0] = shape
  if (shape.length === 4) return { weights: values, shape: [filters, inputs, height, width] }
  const side = Math.sqrt(inputs)
  const [channels, rows, columns] = imageShape ?? [1, side, side]
  if (shape.length !== 2 || !Number.isInteger(rows) || channels * rows * columns !== inputs) {
    throw new UserError({
      rule: 'First-layer filters need a weight of shape [out, channels, height, width], or [out, in] where in is the ' +
        'size of the image.',
      received: `weight [${shape.join(', ')}], image ${imageShape ? `[${imageShape.join(', ')}]` : 'not given'}`,
      next: 'Pass the weight of the first layer and the shape of one input image.',
    })
  }
  return { weights: values, shape: [filters, channels, rows, columns] }
}
