// Convolution of images and its two gradients. Each is linear in both operands and the gradients of each are the other
// two, so gradients of any order exist. Formulas: Dumoulin and Visin, "A guide to convolution arithmetic", 2016.
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import { defineOp, type ReferenceValue, type Sample, type TensorType } from '../ir/op.ts'
import { formatShape, sizeAt, sizeOf, type Shape } from '../ir/shape.ts'
import { formatType, requireTensors, Tensor } from '../ir/tensor.ts'
import {
  emitConv, emitInputGradient, emitWeightGradient, type ConvAttributes, type InputGradientAttributes,
  type WeightGradientAttributes,
} from '../onnx/conv-lowering.ts'
import { add } from './elementwise.ts'
import { sum } from './reduce.ts'
import { reshape } from './shape.ts'
import {
  gridOf, imageSize, paddingKind, pairKind, requireImages, windowAttributes, type Pair, type Padding,
} from './window.ts'

/** How a kernel moves over an image. */
export interface ConvOptions {
  /** Default 1. */
  readonly stride?: Pair
  /** Zeros around the image; default 0. */
  readonly padding?: Padding
  /** Distance between the elements of the kernel; default 1. */
  readonly dilation?: Pair
  /** Into how many separate convolutions the channels are divided; default 1. */
  readonly groups?: number
}

const attributesOf = (
  owner: string, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions,
): ConvAttributes =>
  ({ ...windowAttributes({ stride, padding, dilation }, owner), groups })

const plain = ({ stride, padding, dilation, groups }: ConvAttributes): ConvAttributes =>
  ({ stride, padding, dilation, groups })

function requireWeight(weight: TensorType, groups: number): void {
  requireImages(weight)
  if (!Number.isInteger(groups) || groups < 1 || sizeAt(weight.shape, 0) % groups !== 0) {
    throw new UserError({
      rule: `the number of groups must divide the ${weight.shape[0]} output channels.`, received: String(groups),
    })
  }
}

function inferConv([x, weight, bias]: readonly TensorType[], attributes: ConvAttributes): TensorType {
  const [image, kernel] = [x as TensorType, weight as TensorType]
  requireImages(image)
  requireWeight(kernel, attributes.groups)
  const [batch, channels] = image.shape as [number, number]
  const [outputs, perGroup] = kernel.shape as [number, number]
  if (channels !== perGroup * attributes.groups) {
    throw new UserError({
      rule: `images of ${channels} channels do not fit a weight of shape ${formatShape(kernel.shape)} [out, in / ` +
        `groups, height, width] in ${attributes.groups} groups: ${perGroup * attributes.groups} channels are expected.`,
    })
  }
  if (bias && (bias.dtype !== 'float32' || bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
    throw new UserError({ rule: `the bias must be float32[${outputs}].`, received: formatType(bias) })
  }
  return {
    shape: [batch, outputs, ...gridOf(imageSize(image.shape), imageSize(kernel.shape), attributes)], dtype: 'float32',
  }
}

/** Where a run of products lies in the flat input, weight and output: `x` moves on by the stride, `y` by one. */
type Run = (x: number, w: number, y: number, count: number) => void

/** Visits every product of a convolution, in runs along a row of the output, each with one number of the weight. */
function eachRun(
  input: Shape, weight: Shape, output: Shape, { stride, padding, dilation, groups }: ConvAttributes, f: Run,
): void {
  const [batch, channels, height, width] = input as [number, number, number, number]
  const [outputs, perGroup, rows, columns] = weight as [number, number, number, number]
  const [gridHeight, gridWidth] = imageSize(output)
  const [down, right] = stride as [number, number]
  const outputsPerGroup = outputs / groups
  for (let plane = 0; plane < batch * outputs; plane++) {
    const [n, o] = [Math.floor(plane / outputs), plane % outputs]
    const firstChannel = n * channels + Math.floor(o / outputsPerGroup) * perGroup
    for (let k = 0; k < perGroup * rows * columns; k++) {
      const [u, v] = [Math.floor(k / columns) % rows, k % columns]
      const left = v * (dilation[1] as number) - (padding[1] as number)
      // The first and the last place of a row whose window has this number within the image.
      const first = Math.max(0, Math.ceil(-left / right))
      const count = Math.min(gridWidth - 1, Math.floor((width - 1 - left) / right)) - first + 1
      if (count <= 0) continue
      for (let i = 0; i < gridHeight; i++) {
        const row = i * down - (padding[0] as number) + u * (dilation[0] as number)
        if (row < 0 || row >= height) continue
        const channel = firstChannel + Math.floor(k / (rows * columns))
        const x = (channel * height + row) * width + left + first * right
        f(x, o * perGroup * rows * columns + k, (plane * gridHeight + i) * gridWidth + first, count)
      }
    }
  }
}

/** Two for each product, over all outputs and the windows they see. */
const flopOfConv = (output: Shape, weight: Shape): number => 2 * sizeOf(output) * sizeOf(weight.slice(1))

const SETTINGS = {
  stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1,
} as const satisfies ConvAttributes

/**
 * Images, weight and settings on which all three ops are tested: odd sizes, strides, dilation, groups, uneven padding.
 */
const CASES: readonly { readonly x: Shape; readonly w: Shape; readonly attributes: ConvAttributes }[] = [
  { x: [2, 3, 5, 7], w: [4, 3, 3, 3], attributes: { ...SETTINGS, padding: [1, 1, 1, 1] } },
  { x: [2, 2, 7, 5], w: [3, 2, 3, 3], attributes: { ...SETTINGS, stride: [2, 2], padding: [1, 1, 1, 1] } },
  { x: [1, 2, 8, 8], w: [2, 2, 3, 3], attributes: { ...SETTINGS, stride: [2, 2], padding: [1, 1, 1, 1] } },
  { x: [2, 2, 7, 7], w: [2, 2, 3, 3], attributes: { ...SETTINGS, dilation: [2, 2], padding: [2, 2, 2, 2] } },
  { x: [2, 4, 5, 5], w: [6, 2, 3, 3], attributes: { ...SETTINGS, groups: 2 } },
  { x: [2, 3, 6, 5], w: [3, 1, 3, 3], attributes: { ...SETTINGS, groups: 3, padding: [1, 1, 1, 1] } },
  { x: [1, 2, 6, 5], w: [2, 2, 4, 2], attributes: { ...SETTINGS, padding: [0, 1, 2, 0] } },
  {
    x: [2, 2, 7, 9], w: [2, 2, 2, 3],
    attributes: { ...SETTINGS, stride: [3, 2], dilation: [2, 1], padding: [1, 0, 2, 1] },
  },
  { x: [3, 2, 4, 4], w: [5, 2, 1, 1], attributes: SETTINGS },
  { x: [2, 3, 5, 5], w: [2, 3, 1, 1], attributes: { ...SETTINGS, stride: [2, 2] } },
  { x: [2, 2, 4, 4], w: [3, 2, 4, 4], attributes: SETTINGS },
  { x: [1, 2, 3, 3], w: [2, 2, 2, 2], attributes: { ...SETTINGS, padding: [2, 2, 2, 2] } },
]

const image = (shape: Shape) => ({ shape, low: -1, high: 1 })
const outputOf = ({ x, w, attributes }: (typeof CASES)[number]): Shape =>
  [x[0] as number, w[0] as number, ...gridOf(imageSize(x), imageSize(w), attributes)]

const conv2dOp = defineOp<ConvAttributes>({
  name: 'conv2d',
  infer: inferConv,
  gradient({ inputs: [x, weight, bias], gradient, attributes }) {
    const [images, kernel] = [x as Tensor, weight as Tensor]
    return [
      conv2dInputGradient(gradient, kernel, imageSize(images.shape), attributes),
      conv2dWeightGradient(images, gradient, imageSize(kernel.shape), attributes),
      ...(bias ? [sum(gradient, { axes: [0, 2, 3] })] : []),
    ]
  },
  onnx: (emitter, { names, inputs, attributes }) =>
    emitConv(emitter, names, inputs.map(({ shape }) => shape), attributes),
  flop: ([, weight], output) => flopOfConv(output.shape, (weight as TensorType).shape),
  reference({ inputs: [x, weight, bias], output, attributes }) {
    const [images, kernel] = [x as ReferenceValue, weight as ReferenceValue]
    const totals = new Float64Array(output.data.length)
    const plane = sizeAt(output.shape, 2) * sizeAt(output.shape, 3)
    const outputs = sizeAt(output.shape, 1)
    if (bias) for (let i = 0; i < totals.length; i++) totals[i] = bias.data[Math.floor(i / plane) % outputs] as number
    const step = attributes.stride[1] as number
    eachRun(images.shape, kernel.shape, output.shape, attributes, (i, k, o, count) => {
      const number = kernel.data[k] as number
      for (let t = 0; t < count; t++)
        totals[o + t] = (totals[o + t] as number) + (images.data[i + t * step] as number) * number
    })
    output.data.set(totals)
  },
  samples: CASES.map(({ x, w, attributes }, i): Sample<ConvAttributes> => ({
    inputs: [image(x), image(w), ...(i % 2 === 0 ? [image([w[0] as number])] : [])],
    attributes,
  })),
})

const inputGradientOp = defineOp<InputGradientAttributes>({
  name: 'conv2dInputGradient',
  infer([gradient, weight], { inputSize, ...attributes }) {
    const [flowing, kernel] = [gradient as TensorType, weight as TensorType]
    requireImages(flowing)
    requireWeight(kernel, attributes.groups)
    const channels = sizeAt(kernel.shape, 1) * attributes.groups
    const grid = gridOf(inputSize, imageSize(kernel.shape), attributes)
    if (flowing.shape[1] !== kernel.shape[0] || formatShape(grid) !== formatShape(imageSize(flowing.shape))) {
      throw new UserError({
        rule: `a weight of shape ${formatShape(kernel.shape)} on images of ${formatShape(inputSize)} yields ` +
          `${kernel.shape[0]} channels of ${formatShape(grid)}; that is the shape the first operand must have.`,
        received: formatType(flowing),
      })
    }
    return { shape: [flowing.shape[0] as number, channels, ...inputSize], dtype: 'float32' }
  },
  gradient: ({ inputs: [g, weight], gradient, attributes }) => [
    Tensor.apply(conv2dOp, [gradient, weight as Tensor], plain(attributes)),
    conv2dWeightGradient(gradient, g as Tensor, imageSize((weight as Tensor).shape), attributes),
  ],
  onnx: (emitter, { names, inputs, attributes }) =>
    emitInputGradient(
      emitter, names as [string, string], inputs.map(({ shape }) => shape) as [Shape, Shape], attributes,
    ),
  flop: ([gradient, weight]) => flopOfConv((gradient as TensorType).shape, (weight as TensorType).shape),
  reference({ inputs: [gradient, weight], output, attributes }) {
    const [flowing, kernel] = [gradient as ReferenceValue, weight as ReferenceValue]
    const totals = new Float64Array(output.data.length)
    const step = attributes.stride[1] as number
    eachRun(output.shape, kernel.shape, flowing.shape, attributes, (i, k, o, count) => {
      const number = kernel.data[k] as number
      for (let t = 0; t < count; t++)
        totals[i + t * step] = (totals[i + t * step] as number) + (flowing.data[o + t] as number) * number
    })
    output.data.set(totals)
  },
  samples: CASES.map(entry => ({ inputs: [image(outputOf(entry)), image(entry.w)], attributes: {
    ...entry.attributes, inputSize: imageSize(entry.x),
  } })),
})

const weightGradientOp = defineOp<WeightGradientAttributes>({
  name: 'conv2dWeightGradient',
  infer([x, gradient], { kernelSize, ...attributes }) {
    const [images, flowing] = [x as TensorType, gradient as TensorType]
    requireImages(images)
    requireImages(flowing)
    const grid = gridOf(imageSize(images.shape), kernelSize, attributes)
    if (images.shape[0] !== flowing.shape[0] || formatShape(grid) !== formatShape(imageSize(flowing.shape))) {
      throw new UserError({ rule: `the gradient of a ${formatShape(kernelSize)} kernel on ${formatType(images)} must ` +
        `have the shape [${images.shape[0]}, out, ${grid.join(', ')}].`, received: formatType(flowing) })
    }
    return {
      shape: [sizeAt(flowing.shape, 1), sizeAt(images.shape, 1) / attributes.groups, ...kernelSize], dtype: 'float32',
    }
  },
  gradient: ({ inputs: [x, g], gradient, attributes }) => [
    conv2dInputGradient(g as Tensor, gradient, imageSize((x as Tensor).shape), attributes),
    Tensor.apply(conv2dOp, [x as Tensor, gradient], plain(attributes)),
  ],
  onnx: (emitter, { names, inputs, attributes }) =>
    emitWeightGradient(
      emitter, names as [string, string], inputs.map(({ shape }) => shape) as [Shape, Shape], attributes,
    ),
  flop: ([, gradient], output) => flopOfConv((gradient as TensorType).shape, output.shape),
  reference({ inputs: [x, gradient], output, attributes }) {
    const [images, flowing] = [x as ReferenceValue, gradient as ReferenceValue]
    const totals = new Float64Array(output.data.length)
    const step = attributes.stride[1] as number
    eachRun(images.shape, output.shape, flowing.shape, attributes, (i, k, o, count) => {
      let total = totals[k] as number
      for (let t = 0; t < count; t++) total += (images.data[i + t * step] as number) * (flowing.data[o + t] as number)
      totals[k] = total
    })
    output.data.set(totals)
  },
  samples: CASES.map(entry => ({
    inputs: [image(entry.x), image(outputOf(entry))],
    attributes: { ...entry.attributes, kernelSize: imageSize(entry.w) },
  })),
})

/** What the options of a convolution may be. */
export const convKinds = { stride: pairKind, padding: paddingKind, dilation: pairKind, groups: kinds.whole(1) }

/**
 * Two-dimensional convolution (cross-correlation, as everywhere in the field).
 * @param x images [N, C, H, W]
 * @param weight [out, C / groups, height, width]
 * @param bias [out]
 * @returns [N, out, H', W'] with H' = floor((H + top + bottom - dilation (height - 1) - 1) / stride) + 1
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  const checked = checkOptions('conv2d', options, convKinds)
  requireOperands('conv2d', x, weight, bias)
  return Tensor.apply(conv2dOp, bias ? [x, weight, bias] : [x, weight], attributesOf('conv2d', checked))
}

/** The options stand behind the bias, which may be left out but keeps its place. */
function requireOperands(owner: string, x: Tensor, weight: Tensor, bias: Tensor | undefined): void {
  requireTensors(owner, x, weight)
  const fits = {
    is: 'a tensor or undefined',
    accepts: (value: unknown) => value === undefined || value === null || value instanceof Tensor,
  }
  checkArgument(
    owner, 'the bias', bias, fits, `Write ${owner}(x, weight, undefined, { stride: 2 }) for options without a bias.`,
  )
}

/**
 * Gradient of `conv2d` with respect to its images of height and width `inputSize`, given the gradient of its result.
 */
const conv2dInputGradient = (gradient: Tensor, weight: Tensor, inputSize: Shape, attributes: ConvAttributes): Tensor =>
  Tensor.apply(inputGradientOp, [gradient, weight], { ...plain(attributes), inputSize })

/** Gradient of `conv2d` with respect to a weight of height and width `kernelSize`, given the gradient of its result. */
const conv2dWeightGradient = (x: Tensor, gradient: Tensor, kernelSize: Shape, attributes: ConvAttributes): Tensor =>
  Tensor.apply(weightGradientOp, [x, gradient], { ...plain(attributes), kernelSize })

/** What the options of a transposed convolution may be. */
export const transposedKinds = { ...convKinds, outputPadding: kinds.pairOf(kinds.whole(0)) }

/**
 * Transposed convolution: the adjoint of `conv2d`, which up-samples where that one strides.
 * @param x images [N, C, H, W]
 * @param weight [C, out / groups, height, width]
 * @param bias [out]
 * @param options as for `conv2d`; `outputPadding` (default 0, below the stride or the dilation) adds rows and columns
 * at the far side
 * @returns [N, out, H', W'] with H' = (H - 1) stride - top - bottom + dilation (height - 1) + outputPadding + 1
 */
export function convTranspose2d(
  x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions & { readonly outputPadding?: Pair } = {},
): Tensor {
  checkOptions('convTranspose2d', options, transposedKinds)
  requireOperands('convTranspose2d', x, weight, bias)
  for (const images of [x, weight]) requireImages(images)
  const attributes = attributesOf('convTranspose2d', options)
  const { stride, padding, dilation } = attributes
  const { outputPadding = 0 } = options
  const extra = typeof outputPadding === 'number' ? [outputPadding, outputPadding] : outputPadding
  const size = imageSize(x.shape).map((count, axis) =>
    (count - 1) * (stride[axis] as number) - (padding[axis] as number) - (padding[axis + 2] as number) +
    (dilation[axis] as number) * ((weight.shape[axis + 2] as number) - 1) + (extra[axis] as number) + 1)
  const result = conv2dInputGradient(x, weight, size, attributes)
  return bias ? add(result, reshape(bias, [1, bias.size, 1, 1])) : result
}
