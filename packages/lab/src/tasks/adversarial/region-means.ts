// Pictures as few numbers: the means of a grid of regions.
import { mean, reshape, UserError, type Tensor } from '@ddlf/tensor'

/**
 * The means of a grid of `count` x `count` regions of pictures [N, C, H, W]: [N, C * count * count].
 * @throws UserError where the pictures cannot be divided so
 */
export function regionMeans(pictures: Tensor, count: number): Tensor {
  const [examples = 0, channels = 0, height = 0, width = 0] = pictures.shape
  if (height % count !== 0 || width % count !== 0) {
    throw new UserError({
      rule: `Pictures are compared by ${count} x ${count} regions of equal size.`,
      received: `pictures of ${height} x ${width}`,
      next: `Choose a height and a width that ${count} divides.`,
    })
  }
  const regions = reshape(pictures, [examples, channels, count, height / count, count, width / count])
  return reshape(mean(regions, { axes: [3, 5] }), [examples, channels * count * count])
}
