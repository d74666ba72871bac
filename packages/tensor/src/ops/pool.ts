// Pooling of images: largest and average value of each window, windows may overlap and reach into a padding.
import { checkOptions, kinds, UserError } from '../errors.ts'
import { defineOp, type OpDefinition, type ReferenceValue, type Sample, type TensorType } from '../ir/op.ts'
import { formatShape, sameShape, sizeOf, type Shape } from '../ir/shape.ts'
import { formatType, Tensor } from '../ir/tensor.ts'
import {
  emitMaxPool, emitMaxPoolGradient, emitMaxPoolPick, onnxPool, type PoolAttributes,
} from '../onnx/emit-max-pool.ts'
import { mul } from './elementwise.ts'
import { mean } from './reduce.ts'
import { upsampleNearest2d } from './resample.ts'
import {
  eachInWindow, gridOf, imageSize, paddingKind, pairKind, pairOf, requireImages, windowAttributes, type Pair,
  type Padding,
} from './window.ts'

/** How pooling windows lie on an image. */
export interface PoolOptions {
  /** Height and width of the window. */
  readonly kernel: Pair
  /** Default: the size of the window, so that windows do not overlap. */
  readonly stride?: Pair
  /** Default 0. The padding never is the largest element; averages count it unless `countPadding` is false. */
  readonly padding?: Padding
}

interface AverageAttributes extends PoolAttributes {
  readonly countPadding: boolean
}

interface AverageGradientAttributes extends AverageAttributes {
  readonly inputSize: readonly number[]
}

const attributesOf = (owner: string, { kernel, stride = kernel, padding = 0 }: PoolOptions): PoolAttributes => {
  const attributes = { ...windowAttributes({ stride, padding }, owner), kernel: pairOf(kernel, owner, 'kernel') }
  const [height, width] = attributes.kernel
  const [top, left, bottom, right] = attributes.padding as [number, number, number, number]
  if (Math.max(top, bottom) >= height || Math.max(left, right) >= width) {
    throw new UserError({ rule: 'The padding of a pooling must be smaller than its window.', received: `window ` +
      `${formatShape([height, width])}, padding (top, left, bottom, right) ${formatShape(attributes.padding)}` })
  }
  return attributes
}

const pooledShape = (x: TensorType, attributes: PoolAttributes): Shape => {
  requireImages(x)
  return [...x.shape.slice(0, 2), ...gridOf(imageSize(x.shape), attributes.kernel, attributes)]
}

/**
 * Calls `f` for every window of every plane: the index of the window in the output, and of its elements in the input.
 */
function eachWindow(
  images: Shape, grid: Shape, attributes: PoolAttributes, f: (window: number, elements: number[]) => void,
): void {
  const [height, width] = imageSize(images)
  const [rows, columns] = imageSize(grid)
  const planes = sizeOf(images.slice(0, 2))
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const elements: number[] = []
        eachInWindow(
          [height, width], attributes.kernel, attributes, i, j,
          (row, column) => elements.push((plane * height + row) * width + column),
        )
        f((plane * rows + i) * columns + j, elements)
      }
    }
  }
}

/** Whether an element of a window takes the place of the best so far: what is not a number is the largest of all. */
const exceeds = (value: number, best: number) => value > best || (Number.isNaN(value) && !Number.isNaN(best))

/** The element of a window that is its maximum: the first of equals. */
const largest = (x: ReferenceValue, elements: readonly number[]): number =>
  elements.reduce(
    (best, element) => (exceeds(x.data[element] as number, x.data[best] as number) ? element : best),
    elements[0] as number,
  )

/** Windows on which all pooling ops are tested. */
const CASES: readonly { readonly x: Shape; readonly attributes: PoolAttributes }[] = [
  { x: [2, 3, 4, 6], attributes: { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], dilation: [1, 1] } },
  { x: [1, 2, 7, 6], attributes: { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1], dilation: [1, 1] } },
  { x: [2, 2, 5, 5], attributes: { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], dilation: [1, 1] } },
  { x: [1, 2, 6, 7], attributes: { kernel: [3, 2], stride: [1, 1], padding: [0, 0, 1, 1], dilation: [1, 1] } },
  { x: [1, 2, 6, 6], attributes: { kernel: [3, 3], stride: [2, 2], padding: [0, 0, 1, 1], dilation: [1, 1] } },
]

const image = (shape: Shape) => ({ shape, low: -2, high: 2 })
/** An image with infinities and with what is not a number, at most once in a window, and windows of 2x2 on it. */
const SPOILT = { shape: [1, 1, 4, 6], values: [
  1, NaN, 2, 3, Infinity, -Infinity, 3, 4, 5, NaN, 2, 1, NaN, 1, -Infinity, -Infinity, 7, 7, Infinity, 0, -Infinity,
  -Infinity, 7, NaN,
] }
/** An image in which windows of 3x3 see nothing but -Infinity, beside padding and not. */
const DARK = { shape: [1, 1, 5, 5], values: [
  ...Array<number>(16).fill(-Infinity), 2, -Infinity, 1, 3, -1, -Infinity, 0, 4, Infinity,
] }
const DARK_WINDOWS: PoolAttributes = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1], dilation: [1, 1] }
const SPOILT_WINDOWS: PoolAttributes = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], dilation: [1, 1] }
const gridShape = ({ x, attributes }: (typeof CASES)[number]): Shape =>
  pooledShape({ shape: x, dtype: 'float32' }, attributes)

const maxPoolOp = defineOp<PoolAttributes>({
  name: 'maxPool2d',
  infer: ([x], attributes) => ({ shape: pooledShape(x as TensorType, attributes), dtype: 'float32' }),
  gradient: ({ inputs: [x], gradient, attributes }) =>
    [Tensor.apply(maxPoolGradientOp, [x as Tensor, gradient], attributes)],
  onnx: (emitter, { names: [x], inputs: [images], output, attributes }) =>
    emitMaxPool(emitter, x as string, [images as TensorType, output], attributes),
  reference({ inputs: [x], output, attributes }) {
    const images = x as ReferenceValue
    eachWindow(
      images.shape, output.shape, attributes,
      (window, elements) => (output.data[window] = images.data[largest(images, elements)] as number),
    )
  },
  samples: [
    ...CASES.map(({ x, attributes }): Sample<PoolAttributes> => ({ inputs: [image(x)], attributes })),
    { inputs: [SPOILT], attributes: SPOILT_WINDOWS, singular: true },
    { inputs: [DARK], attributes: DARK_WINDOWS, singular: true },
  ],
})

const maxPoolGradientOp: OpDefinition<PoolAttributes> = defineOp<PoolAttributes>({
  name: 'maxPool2dGradient',
  infer([x, gradient], attributes) {
    const [images, flowing] = [x as TensorType, gradient as TensorType]
    const grid = pooledShape(images, attributes)
    if (!sameShape(grid, flowing.shape)) throw new UserError({
      rule: `the gradient must have the shape of the windows, ${formatShape(grid)}.`, received: formatType(flowing),
    })
    return { shape: images.shape, dtype: 'float32' }
  },
  // Which elements are the largest does not change with a small change of x.
  gradient: ({ inputs: [x], gradient, attributes }) =>
    ['zero', Tensor.apply(maxPoolPickOp, [x as Tensor, gradient], attributes)],
  onnx: (emitter, { names, inputs, attributes }) =>
    emitMaxPoolGradient(emitter, names as [string, string], inputs as [TensorType, TensorType], attributes),
  reference({ inputs: [x, gradient], output, attributes }) {
    const [images, flowing] = [x as ReferenceValue, gradient as ReferenceValue]
    eachWindow(images.shape, flowing.shape, attributes, (window, elements) => {
      const winner = largest(images, elements)
      output.data[winner] = (output.data[winner] as number) + (flowing.data[window] as number)
    })
  },
  samples: [
    ...CASES.map(entry => ({ inputs: [image(entry.x), image(gridShape(entry))], attributes: entry.attributes })),
    { inputs: [SPOILT, image([1, 1, 2, 3])], attributes: SPOILT_WINDOWS, singular: true },
    { inputs: [DARK, image([1, 1, 3, 3])], attributes: DARK_WINDOWS, singular: true },
  ],
})

const maxPoolPickOp: OpDefinition<PoolAttributes> = defineOp<PoolAttributes>({
  name: 'maxPool2dPick',
  infer: ([x, values], attributes) => {
    if (!sameShape((x as TensorType).shape, (values as TensorType).shape)) throw new UserError(
      { rule: 'the images and the values picked from must have one shape.' },
    )
    return { shape: pooledShape(x as TensorType, attributes), dtype: 'float32' }
  },
  gradient: ({ inputs: [x], gradient, attributes }) =>
    ['zero', Tensor.apply(maxPoolGradientOp, [x as Tensor, gradient], attributes)],
  onnx: (emitter, { names, inputs: [x], output, attributes }) =>
    emitMaxPoolPick(emitter, names as [string, string], (x as TensorType).shape, output.shape, attributes),
  reference({ inputs: [x, values], output, attributes }) {
    const [images, source] = [x as ReferenceValue, values as ReferenceValue]
    eachWindow(
      images.shape, output.shape, attributes,
      (window, elements) => (output.data[window] = source.data[largest(images, elements)] as number),
    )
  },
  samples: [
    ...CASES.map(({ x, attributes }) => ({ inputs: [image(x), image(x)], attributes })),
    { inputs: [SPOILT, image(SPOILT.shape)], attributes: SPOILT_WINDOWS, singular: true },
    { inputs: [DARK, image(DARK.shape)], attributes: DARK_WINDOWS, singular: true },
  ],
})

/** What the options of a pooling may be. */
const poolKinds = { kernel: kinds.needed(pairKind), stride: pairKind, padding: paddingKind }

/** The largest element of each window: [N, C, H, W] -> [N, C, H', W']. The gradient goes to the first of equals. */
export const maxPool2d = (x: Tensor, options: PoolOptions): Tensor =>
  Tensor.apply(maxPoolOp, [x], attributesOf('maxPool2d', checkOptions('maxPool2d', options, poolKinds)))

/** By what each window's sum is divided, row by row of the grid. */
function divisors(size: Shape, grid: Shape, attributes: AverageAttributes): Float32Array {
  const counts = new Float32Array(sizeOf(grid))
  for (let i = 0; i < (grid[0] as number); i++) {
    for (let j = 0; j < (grid[1] as number); j++) {
      let count = 0
      eachInWindow(size, attributes.kernel, attributes, i, j, () => count++)
      counts[i * (grid[1] as number) + j] = attributes.countPadding ? sizeOf(attributes.kernel) : count
    }
  }
  return counts
}

const averagePoolOp: OpDefinition<AverageAttributes> = defineOp<AverageAttributes>({
  name: 'averagePool2d',
  infer: ([x], attributes) => ({ shape: pooledShape(x as TensorType, attributes), dtype: 'float32' }),
  gradient({ inputs: [x], gradient, attributes }) {
    const size = imageSize((x as Tensor).shape)
    const { kernel, stride, padding } = attributes
    const tiles = sameShape(kernel, stride) &&
      padding.every(amount => amount === 0) && size.every((length, axis) => length % (kernel[axis] as number) === 0)
    return [tiles
      ? upsampleNearest2d(mul(gradient, 1 / sizeOf(kernel)), kernel as [number, number])
      : Tensor.apply(averagePoolGradientOp, [gradient], { ...attributes, inputSize: size })]
  },
  onnx: (emitter, { names, attributes }) =>
    emitter.node('AveragePool', names, { ...onnxPool(attributes), count_include_pad: Number(attributes.countPadding) }),
  reference({ inputs: [x], output, attributes }) {
    const images = x as ReferenceValue
    const counts = divisors(imageSize(images.shape), imageSize(output.shape), attributes)
    eachWindow(images.shape, output.shape, attributes, (window, elements) => {
      output.data[window] = elements.reduce(
        (total, element) => total + (images.data[element] as number), 0,
      ) / (counts[window % counts.length] as number)
    })
  },
  samples: CASES.map(({ x, attributes }, i) =>
    ({ inputs: [image(x)], attributes: { ...attributes, countPadding: i % 2 === 0 } })),
})

const averagePoolGradientOp: OpDefinition<AverageGradientAttributes> = defineOp<AverageGradientAttributes>({
  name: 'averagePool2dGradient',
  infer([gradient], { inputSize, ...attributes }) {
    const flowing = gradient as TensorType
    requireImages(flowing)
    const shape = [...flowing.shape.slice(0, 2), ...inputSize]
    const grid = pooledShape({ shape, dtype: 'float32' }, attributes)
    if (!sameShape(grid, flowing.shape)) throw new UserError(
      { rule: `the gradient must have the shape of the windows, ${formatShape(grid)}.` },
    )
    return { shape, dtype: 'float32' }
  },
  gradient: ({ gradient, attributes: { kernel, stride, padding, dilation, countPadding } }) =>
    [Tensor.apply(averagePoolOp, [gradient], { kernel, stride, padding, dilation, countPadding })],
  onnx(emitter, { names: [gradient], inputs: [flowing], output, attributes }) {
    const grid = (flowing as TensorType).shape
    const { kernel, stride, padding, inputSize } = attributes
    const shares = divisors(inputSize, imageSize(grid), attributes).map(count => 1 / count)
    const scaled = emitter.node('Mul', [gradient as string, emitter.constant(shares, 'float32', imageSize(grid))])
    // Every plane is an image of its own, so that one kernel of ones serves all channels.
    const planes = sizeOf(grid.slice(0, 2))
    const missing = inputSize.map((length, axis) =>
      length - (((imageSize(grid)[axis] as number) - 1) * (stride[axis] as number) +
        (kernel[axis] as number) - (padding[axis] as number) - (padding[axis + 2] as number)))
    const spread = emitter.node('ConvTranspose', [
      emitter.reshape(scaled, [planes, 1, ...imageSize(grid)]),
      emitter.constant(new Float32Array(sizeOf(kernel)).fill(1), 'float32', [1, 1, ...kernel]),
    ], { ...onnxPool(attributes), output_padding: missing })
    return emitter.reshape(spread, output.shape)
  },
  reference({ inputs: [gradient], output, attributes }) {
    const flowing = gradient as ReferenceValue
    const counts = divisors(attributes.inputSize, imageSize(flowing.shape), attributes)
    eachWindow(output.shape, flowing.shape, attributes, (window, elements) => {
      for (const element of elements) output.data[element] = (output.data[element] as number) +
        (flowing.data[window] as number) / (counts[window % counts.length] as number)
    })
  },
  samples: CASES.map((entry, i) => ({
    inputs: [image(gridShape(entry))],
    attributes: { ...entry.attributes, countPadding: i % 2 === 0, inputSize: imageSize(entry.x) },
  })),
})

/**
 * The average of each window: [N, C, H, W] -> [N, C, H', W'].
 * @param options `countPadding` (default true, as in PyTorch) divides by the window's full size at the borders too
 */
export const averagePool2d = (x: Tensor, given: PoolOptions & { readonly countPadding?: boolean }): Tensor => {
  const { countPadding = true, ...options } = checkOptions(
    'averagePool2d', given, { ...poolKinds, countPadding: kinds.flag },
  )
  return Tensor.apply(averagePoolOp, [x], { ...attributesOf('averagePool2d', options), countPadding })
}

/** The average of each channel over the whole image: [N, C, H, W] -> [N, C, 1, 1]. */
export function globalAveragePool2d(x: Tensor): Tensor {
  requireImages(x)
  return mean(x, { axes: [2, 3], keepDims: true })
}

/**
 * The averages over a grid of `size` equal windows, whatever the size of the images: [N, C, H, W] -> [N, C, ...size].
 * @throws UserError when the grid does not divide the images into equal windows
 */
export function adaptiveAveragePool2d(x: Tensor, size: Pair): Tensor {
  requireImages(x)
  const grid = pairOf(size, 'adaptiveAveragePool2d', 'the size of the grid')
  if (grid[0] === 1 && grid[1] === 1) return globalAveragePool2d(x)
  const [height, width] = imageSize(x.shape)
  if (height % grid[0] !== 0 || width % grid[1] !== 0) {
    throw new UserError({ rule: `adaptiveAveragePool2d: images of ${formatShape([height, width])} do not divide into ` +
      `a grid of ${formatShape(grid)} equal windows.`,
      next: 'Resize them first, or choose a grid that divides their height and width.' })
  }
  return averagePool2d(x, { kernel: [height / grid[0], width / grid[1]] })
}
