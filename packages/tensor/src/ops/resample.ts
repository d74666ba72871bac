// Ops that change the resolution of images or surround them with copies of themselves.
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import { allocate } from '../ir/dtype.ts'
import { defineOp, type Attributes, type ReferenceValue, type TensorType } from '../ir/op.ts'
import { formatShape, sizeAt, sizeOf } from '../ir/shape.ts'
import { Tensor, tensor } from '../ir/tensor.ts'
import { mul } from './elementwise.ts'
import { gather } from './gather.ts'
import { matmul } from './matmul.ts'
import { averagePool2d } from './pool.ts'
import { reshape, transpose } from './shape.ts'
import { imageSize, pairOf, requireImages, sidesOf, type Padding, type Pair } from './window.ts'

interface ScaleAttributes extends Attributes {
  readonly scale: readonly number[]
}

const upsampleNearestOp = defineOp<ScaleAttributes>({
  name: 'upsampleNearest2d',
  infer([x], { scale }) {
    const { shape } = x as TensorType
    requireImages(x as TensorType)
    if (scale.some(factor => !Number.isInteger(factor) || factor < 1)) throw new UserError({
      rule: 'the scale must be a whole number of at least 1.', received: formatShape(scale),
    })
    return {
      shape: [...shape.slice(0, 2), ...imageSize(shape).map((size, axis) => size * (scale[axis] as number))],
      dtype: 'float32',
    }
  },
  // Each element collects the gradients of its copies.
  gradient: ({ gradient, attributes: { scale } }) =>
    [mul(averagePool2d(gradient, { kernel: scale as [number, number] }), sizeOf(scale))],
  onnx: (emitter, { names: [x], attributes: { scale } }) =>
    emitter.node(
      'Resize', [x as string, '', emitter.constant([1, 1, ...scale], 'float32')],
      { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    ),
  reference({ inputs: [x], output, attributes: { scale } }) {
    const images = x as ReferenceValue
    const [height, width] = imageSize(images.shape)
    const [rows, columns] = imageSize(output.shape)
    for (let i = 0; i < output.data.length; i++) {
      const column = Math.floor((i % columns) / (scale[1] as number))
      const row = Math.floor((Math.floor(i / columns) % rows) / (scale[0] as number))
      output.data[i] = images.data[(Math.floor(i / (rows * columns)) * height + row) * width + column] as number
    }
  },
  samples: [
    { inputs: [{ shape: [2, 3, 2, 3], low: -2, high: 2 }], attributes: { scale: [2, 2] } },
    { inputs: [{ shape: [1, 2, 3, 2], low: -2, high: 2 }], attributes: { scale: [3, 1] } },
    { inputs: [{ shape: [0, 2, 3, 2] }], attributes: { scale: [2, 2] } },
  ],
})

/** Repeats every pixel `scale` times along both axes. */
export const upsampleNearest2d = (x: Tensor, scale: Pair): Tensor =>
  Tensor.apply(upsampleNearestOp, [x], { scale: pairOf(scale, 'upsampleNearest2d', 'the scale') })

/** Matrix [to, from] whose rows interpolate linearly between the two nearest of `from` points. */
function interpolation(from: number, to: number, alignCorners: boolean): Tensor {
  const matrix = allocate('float32', to * from) as Float32Array
  for (let i = 0; i < to; i++) {
    // Pixel centres are at half-integers, unless the corner pixels of both grids are to lie on each other.
    const at = alignCorners ? (to === 1 ? 0 : (i * (from - 1)) / (to - 1)) : Math.max(0, ((i + 0.5) * from) / to - 0.5)
    const low = Math.min(Math.floor(at), from - 1)
    const high = Math.min(low + 1, from - 1)
    const cell = (j: number) => i * from + j
    matrix[cell(low)] = (matrix[cell(low)] as number) + 1 - (at - low)
    matrix[cell(high)] = (matrix[cell(high)] as number) + at - low
  }
  return tensor(matrix, { shape: [to, from] })
}

/**
 * Resizes images by bilinear interpolation, as PyTorch's `interpolate` (no anti-aliasing when it shrinks them).
 * @param size height and width of the result
 * @param options `alignCorners` (default false) puts the corner pixels of both grids on each other
 */
export function resizeBilinear2d(x: Tensor, size: Pair, options: { readonly alignCorners?: boolean } = {}): Tensor {
  const { alignCorners = false } = checkOptions('resizeBilinear2d', options, { alignCorners: kinds.flag })
  requireImages(x)
  const [rows, columns] = pairOf(size, 'resizeBilinear2d', 'the size')
  const [height, width] = imageSize(x.shape)
  if (height < 1 || width < 1) {
    throw new UserError({
      rule: 'resizeBilinear2d: the images must be at least one pixel high and wide.',
      received: `${formatShape([height, width])} to ${formatShape([rows, columns])}`,
    })
  }
  const wide = columns === width ? x : matmul(x, interpolation(width, columns, alignCorners), { transposeB: true })
  return rows === height ? wide : matmul(interpolation(height, rows, alignCorners), wide)
}

/** Enlarges images `scale` times by bilinear interpolation. */
export function upsampleBilinear2d(x: Tensor, scale: Pair, options: { readonly alignCorners?: boolean } = {}): Tensor {
  checkOptions('upsampleBilinear2d', options, { alignCorners: kinds.flag })
  requireImages(x)
  checkArgument('upsampleBilinear2d', 'the scale', scale, kinds.pairOf(kinds.above(0)))
  const factors = typeof scale === 'number' ? [scale, scale] : scale
  const size = imageSize(x.shape).map((length, axis) => Math.floor(length * (factors[axis] as number)))
  return resizeBilinear2d(x, size as [number, number], options)
}

/**
 * Depth to space: [N, C r^2, H, W] -> [N, C, H r, W r], channel c r^2 + i r + j going to row i and column j of each
 * block. Source: Shi et al. 2016, equation 4.
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  requireImages(x)
  checkArgument('pixelShuffle', 'the factor', factor, kinds.whole(1))
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  if (channels % (factor * factor) !== 0) throw new UserError({
    rule: `pixelShuffle: the channels must be a multiple of ${factor * factor}, the square of the factor.`,
    received: String(channels),
  })
  const blocks = reshape(x, [batch, channels / (factor * factor), factor, factor, height, width])
  return reshape(
    transpose(blocks, [0, 1, 4, 2, 5, 3]), [batch, channels / (factor * factor), height * factor, width * factor],
  )
}

/** Space to depth, the inverse of `pixelShuffle`: [N, C, H r, W r] -> [N, C r^2, H, W]. */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  requireImages(x)
  checkArgument('pixelUnshuffle', 'the factor', factor, kinds.whole(1))
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  if (height % factor !== 0 || width % factor !== 0) throw new UserError({
    rule: `pixelUnshuffle: height and width must be multiples of ${factor}.`, received: formatShape([height, width]),
  })
  const blocks = reshape(x, [batch, channels, height / factor, factor, width / factor, factor])
  return reshape(
    transpose(blocks, [0, 1, 3, 5, 2, 4]), [batch, channels * factor * factor, height / factor, width / factor],
  )
}

/** What surrounds an image: its mirror image without the edge, its edge repeated, or the opposite side. */
export type PadMode = 'reflect' | 'replicate' | 'circular'

const SOURCES: Readonly<Record<PadMode, (position: number, size: number) => number>> = {
  reflect: (position, size) => (position < 0 ? -position : position >= size ? 2 * (size - 1) - position : position),
  replicate: (position, size) => Math.min(Math.max(position, 0), size - 1),
  circular: (position, size) => (position + size) % size,
}

/**
 * Surrounds images with copies of their own pixels, as PyTorch's `pad` with a mode. (`pad` surrounds with a constant.)
 * @throws UserError when an image is too small: a reflection takes at most size - 1 pixels, a circle at most size
 */
export function padImages(x: Tensor, padding: Padding, mode: PadMode): Tensor {
  requireImages(x)
  checkArgument('padImages', 'the mode', mode, kinds.oneOf(...Object.keys(SOURCES)))
  const [top, left, bottom, right] = sidesOf(padding)
  const along = (images: Tensor, axis: number, before: number, after: number) => {
    if (before === 0 && after === 0) return images
    const size = sizeAt(images.shape, axis)
    const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Infinity
    if (Math.max(before, after) > most) {
      throw new UserError({
        rule: `padImages: mode '${mode}' can add at most ${most} pixels to an axis of ${size}.`,
        received: String(Math.max(before, after)),
      })
    }
    const positions = allocate('int32', before + size + after).map((_, i) => SOURCES[mode](i - before, size))
    return gather(images, tensor(positions), axis)
  }
  return along(along(x, 2, top, bottom), 3, left, right)
}
