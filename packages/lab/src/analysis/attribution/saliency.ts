// Which pixels a prediction depends on: gradient saliency and Grad-CAM, from gradients that are already computed.
import { UserError } from '@ddlf/tensor/errors'

/** One map an item, row-major, shape [items, height, width]. */
export interface AttributionMaps {
  readonly maps: Float32Array
  readonly items: number
  readonly height: number
  readonly width: number
}

type ItemShape = readonly [items: number, channels: number, height: number, width: number]

function checkShape(values: ArrayLike<number>, shape: ItemShape, what: string): void {
  if (values.length !== shape[0] * shape[1] * shape[2] * shape[3]) {
    throw new UserError({
      rule: `The ${what} must have the shape [items, channels, height, width].`,
      received: `${values.length} numbers for [${shape.join(', ')}]`,
      next: 'Flatten them row by row and pass the shape they had.',
    })
  }
}

/**
 * Saliency: the magnitude of the gradient of a class score by each pixel, the largest over channels.
 * Source: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2013, section 3.1.
 * @param inputGradients gradient of each item's class score (the logit, not the loss) by its input, in `shape`
 * @throws UserError when the shape does not fit
 */
export function saliency(inputGradients: ArrayLike<number>, shape: ItemShape): AttributionMaps {
  checkShape(inputGradients, shape, 'gradients')
  const [items, channels, height, width] = shape
  const area = height * width
  const maps = new Float32Array(items * area)
  for (let item = 0; item < items; item++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) {
        const magnitude = Math.abs(inputGradients[(item * channels + c) * area + p] ?? 0)
        if (magnitude > (maps[item * area + p] ?? 0)) maps[item * area + p] = magnitude
      }
    }
  }
  return { maps, items, height, width }
}

/**
 * Grad-CAM: relu(sum_k a_k A^k), where A^k is the k-th feature map and a_k the mean of its gradient over the map.
 * Source: Selvaraju et al., "Grad-CAM", ICCV 2017, equations 1 and 2.
 * @param activations feature maps of a convolution, in `shape`
 * @param gradients gradient of each item's class score (the logit) by those maps, in `shape`
 * @returns maps of the size of the feature maps; {@link resizeMaps} brings them to the size of the image
 * @throws UserError when the shape does not fit
 */
export function gradCam(
  activations: ArrayLike<number>,
  gradients: ArrayLike<number>,
  shape: ItemShape,
): AttributionMaps {
  checkShape(activations, shape, 'activations')
  checkShape(gradients, shape, 'gradients')
  const [items, channels, height, width] = shape
  const area = height * width
  const maps = new Float32Array(items * area)
  for (let item = 0; item < items; item++) {
    const sums = new Float64Array(area)
    for (let c = 0; c < channels; c++) {
      const start = (item * channels + c) * area
      let weight = 0
      for (let p = 0; p < area; p++) weight += (gradients[start + p] ?? 0) / area
      for (let p = 0; p < area; p++) sums[p] = (sums[p] ?? 0) + weight * (activations[start + p] ?? 0)
    }
    maps.set(
      sums.map(value => Math.max(0, value)),
      item * area,
    )
  }
  return { maps, items, height, width }
}

/**
 * Maps at another size, bilinear with pixel centres aligned (PyTorch's `interpolate` with `align_corners=False`).
 * @throws UserError when a size is not a positive integer
 */
export function resizeMaps(
  { maps, items, height, width }: AttributionMaps,
  newHeight: number,
  newWidth: number,
): AttributionMaps {
  if (!Number.isInteger(newHeight) || !Number.isInteger(newWidth) || newHeight < 1 || newWidth < 1) {
    throw new UserError({
      rule: 'A size must be a positive integer.',
      received: `${newHeight} x ${newWidth}`,
      next: 'Pass the height and width of the input image.',
    })
  }
  const resized = new Float32Array(items * newHeight * newWidth)
  const source = (target: number, scale: number, size: number) => {
    const position = Math.max(0, (target + 0.5) * scale - 0.5)
    const low = Math.min(Math.floor(position), size - 1)
    return { low, high: Math.min(low + 1, size - 1), share: position - low }
  }
  for (let y = 0; y < newHeight; y++) {
    const v = source(y, height / newHeight, height)
    for (let x = 0; x < newWidth; x++) {
      const u = source(x, width / newWidth, width)
      for (let item = 0; item < items; item++) {
        const at = (row: number, column: number) => maps[(item * height + row) * width + column] ?? 0
        const top = at(v.low, u.low) + u.share * (at(v.low, u.high) - at(v.low, u.low))
        const bottom = at(v.high, u.low) + u.share * (at(v.high, u.high) - at(v.high, u.low))
        resized[(item * newHeight + y) * newWidth + x] = top + v.share * (bottom - top)
      }
    }
  }
  return { maps: resized, items, height: newHeight, width: newWidth }
}
