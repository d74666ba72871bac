// Filters that make the pixels of small patches uncorrelated: eigenvectors of the patches' covariance.
import { symmetricEigen } from '@ddlf/lab/experiments'

/** Numbers of a patch: 2x2 pixels of 3 channels. */
export const PATCH = 12

/** Added to eigenvalues, so that directions in which patches hardly differ are not blown up. */
const EPSILON = 5e-4

/** The mean of products of each two numbers of all patches, [PATCH, PATCH]. */
function covarianceOf(images: Float32Array, [count, height, width]: readonly [number, number, number]): Float64Array {
  const sums = new Float64Array(PATCH * PATCH)
  const patch = new Float64Array(PATCH)
  for (let n = 0; n < count; n++) {
    for (let y = 0; y + 1 < height; y++) {
      for (let x = 0; x + 1 < width; x++) {
        for (let k = 0; k < PATCH; k++)
          patch[k] = images[((n * 3 + (k >> 2)) * height + y + ((k >> 1) & 1)) * width + x + (k & 1)] as number
        for (let i = 0; i < PATCH; i++)
          for (let j = 0; j <= i; j++)
            sums[i * PATCH + j] = (sums[i * PATCH + j] as number) + (patch[i] as number) * (patch[j] as number)
      }
    }
  }
  const patches = count * (height - 1) * (width - 1)
  for (let i = 0; i < PATCH; i++)
    for (let j = 0; j <= i; j++)
      sums[j * PATCH + i] = sums[i * PATCH + j] = (sums[i * PATCH + j] as number) / patches
  return sums
}

/**
 * The filters: each eigenvector divided by the root of its eigenvalue, then their negatives, [2 PATCH, 3, 2, 2].
 * @param images of mean 0, [N, 3, H, W]
 */
export function whiteningFilters(
  images: Float32Array,
  [count, , height, width]: readonly [number, number, number, number],
): Float32Array {
  const { values, vectors } = symmetricEigen(covarianceOf(images, [count, height, width]), PATCH)
  const filters = new Float32Array(2 * PATCH * PATCH)
  for (let i = 0; i < PATCH; i++) {
    const scale = 1 / Math.sqrt((values[i] as number) + EPSILON)
    for (let k = 0; k < PATCH; k++) {
      filters[i * PATCH + k] = (vectors[i * PATCH + k] as number) * scale
      filters[(PATCH + i) * PATCH + k] = -(filters[i * PATCH + k] as number)
    }
  }
  return filters
}
