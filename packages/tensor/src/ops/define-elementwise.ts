// How ops that work on each element alone are defined: broadcasting, numbers as operands, and the two forms of most
// ops.
import { describe, UserError } from '../errors.ts'
import { WHOLE_NUMBERS, type DType, type ReferenceArray } from '../ir/dtype.ts'
import { defineOp, type OpDefinition, type ReferenceValue, type Sample, type TensorType } from '../ir/op.ts'
import {
  broadcastAxes, broadcastShapes, broadcastStrides, checkShape, formatShape, sameShape, sizeOf, type Shape,
} from '../ir/shape.ts'
import { formatType, full, requireTensors, Tensor } from '../ir/tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { cast } from './cast.ts'
import { sum } from './reduce.ts'
import { reshape } from './shape.ts'

/** A tensor, or a number that takes the dtype of the tensor it meets. */
export type Operand = Tensor | number

export type None = Readonly<Record<string, never>>

/**
 * Operands as tensors of one dtype: a number takes the dtype of the tensor it meets, as in PyTorch. Beside a number
 * that is not whole, integers and bool become float32, so that no fraction is lost; beside a larger one, bool becomes
 * int32.
 * @throws UserError where the number is whole but beyond the range of the tensor's dtype
 */
export function unify(op: string, operands: readonly Operand[], like: Tensor): Tensor[] {
  requireTensors(op, ...operands.filter(value => typeof value !== 'number'))
  let dtype = like.dtype
  for (const value of operands) {
    if (typeof value !== 'number' || dtype === 'float32') continue
    const [lowest, highest] = WHOLE_NUMBERS[dtype]
    if (!Number.isInteger(value)) dtype = 'float32'
    else if (value < lowest || value > highest) {
      if (dtype !== 'bool') {
        throw new UserError({
          rule: `${op}: a whole number beside an ${dtype} tensor must be from ${lowest} to ${highest}.`,
          received: String(value),
          next: "Cast the tensor first: x.cast('float32').",
        })
      }
      dtype = 'int32'
    }
  }
  return operands.map(value =>
    (typeof value === 'number' ? full([], value, dtype) : value.dtype === like.dtype ? cast(value, dtype) : value))
}

/** Sums a gradient over the axes along which an operand was repeated, so that it has the operand's shape again. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  requireTensors('unbroadcast', gradient)
  checkShape('unbroadcast', shape)
  if (sameShape(gradient.shape, shape)) return gradient
  return reshape(sum(gradient, { axes: broadcastAxes(shape, gradient.shape), keepDims: true }), shape)
}

export function inferBroadcast(types: readonly TensorType[]): Shape {
  let shape: Shape = []
  for (const type of types) {
    const next = broadcastShapes(shape, type.shape)
    if (!next) {
      throw new UserError({
        rule: `the shapes ${types.map(t => formatShape(t.shape)).join(' and ')} do not broadcast: aligned at the ` +
          `last axis, sizes must be equal or 1.`,
        next: 'Reshape or transpose one of them.',
      })
    }
    shape = next
  }
  return shape
}

export function requireDType(types: readonly TensorType[], allowed: readonly DType[]): void {
  const [first] = types
  if (types.some(type => type.dtype !== first?.dtype)) {
    throw new UserError({
      rule: 'the operands must have one dtype.', received: types.map(formatType).join(' and '),
      next: 'Cast one of them.',
    })
  }
  if (first && !allowed.includes(first.dtype)) {
    throw new UserError({
      rule: `the operands must be ${allowed.join(' or ')}.`, received: types.map(formatType).join(' and '),
      next: 'Cast them first.',
    })
  }
}

/** Applies `f` to each element of broadcast operands. */
export function broadcastLoop(
  inputs: readonly ReferenceValue[], output: ReferenceValue, f: (a: number, b: number, c: number) => number,
): void {
  const arrays = inputs.map(value => value.data)
  const [a, b, c] = [arrays[0] as ReferenceArray, arrays[1] as ReferenceArray, arrays[2] as ReferenceArray]
  if (inputs.every(({ data }) => data.length === output.data.length || data.length === 1)) {
    alignedLoop(a, b, c, output.data, f)
    return
  }
  const strides = inputs.map(value => broadcastStrides(value.shape, output.shape))
  const index = new Array<number>(output.shape.length).fill(0)
  const offsets = [0, 0, 0]
  const total = sizeOf(output.shape)
  const missing = Number.NaN
  for (let i = 0; i < total; i++) {
    output.data[i] = f(
      a[offsets[0] as number] as number,
      arrays.length > 1 ? (b[offsets[1] as number] as number) : missing,
      arrays.length > 2 ? (c[offsets[2] as number] as number) : missing,
    )
    for (let axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      const wrapped = index[axis] === output.shape[axis]
      for (let k = 0; k < strides.length; k++) {
        const stride = strides[k]?.[axis] ?? 0
        offsets[k] = (offsets[k] as number) + (wrapped ? -stride * ((output.shape[axis] as number) - 1) : stride)
      }
      if (!wrapped) break
      index[axis] = 0
    }
  }
}

/** The same where every operand has either the output's size or one element: no place has to be looked for. */
function alignedLoop(
  a: ReferenceArray, b: ReferenceArray | undefined, c: ReferenceArray | undefined, output: ReferenceArray,
  f: (a: number, b: number, c: number) => number,
): void {
  const step = (array: ReferenceArray | undefined) => (array?.length === 1 ? 0 : 1)
  const [ofA, ofB, ofC] = [step(a), step(b), step(c)]
  const [second, third] = [b ?? a, c ?? a]
  for (let i = 0; i < output.length; i++) {
    output[i] = f(a[i * ofA] as number, second[i * ofB] as number, third[i * ofC] as number)
  }
}

interface UnaryDefinition {
  readonly name: string
  readonly f: (x: number) => number
  readonly gradient: ((x: Tensor, y: Tensor, gradient: Tensor) => Tensor) | 'zero' | null
  readonly onnx: string | ((emitter: Emitter, x: string, type: TensorType) => string)
  /**
   * The op as part of the native convolution that makes its operand, with its number of channels, where that is
   * possible.
   */
  readonly inConvolution?: (emitter: Emitter, x: string, channels: number) => string | undefined
  readonly dtypes?: readonly DType[]
  /** Default: the operand's. */
  readonly result?: DType
  /** Interval on which the op is tested; default [-2, 2). */
  readonly domain?: readonly [number, number]
  /** Samples besides seeded ones. */
  readonly samples?: readonly Sample<None>[]
  readonly tolerance?: number
}

/** A sample of given float32 values, singular points among them. */
export function special(...values: number[]): Sample<None> {
  return { inputs: [{ shape: [values.length], values }], attributes: {}, singular: true }
}

export function defineUnary(definition: UnaryDefinition): (x: Tensor) => Tensor {
  const { name, f, gradient, onnx, result, domain: [low, high] = [-2, 2], dtypes = ['float32'] } = definition
  const samples: Sample<None>[] =
    dtypes.map(dtype => ({ inputs: [{ shape: [2, 3], dtype, low, high }], attributes: {} }))
  const op = defineOp<None>({
    name,
    infer(types) {
      requireDType(types, dtypes)
      return { shape: types[0]?.shape ?? [], dtype: result ?? types[0]?.dtype ?? 'float32' }
    },
    gradient: typeof gradient === 'function'
      ? ({ inputs: [x], output, gradient: g }) => [gradient(x as Tensor, output, g)]
      : gradient,
    onnx: (emitter, { names, inputs, output }) =>
      (emitter.fitsBlocks(output) ? definition.inConvolution?.(
        emitter, names[0] as string, output.shape[1] as number,
      ) : undefined) ??
      emitter.inAnyLayout(names, inputs, output, operands =>
        typeof onnx === 'string' ? emitter.node(
          onnx, operands,
        ) : onnx(emitter, operands[0] as string, inputs[0] as TensorType)),
    reference({ inputs: [x], output }) {
      const data = (x as ReferenceValue).data
      for (let i = 0; i < data.length; i++) output.data[i] = f(data[i] as number)
    },
    samples: [...samples, ...(definition.samples ?? [])],
    ...(definition.tolerance !== undefined && { tolerance: definition.tolerance }),
  })
  return x => Tensor.apply(op, [x], {})
}

interface BinaryDefinition {
  readonly name: string
  readonly f: (a: number, b: number) => number
  /** The op on integers, where it is another one; results wrap at 32 bits. */
  readonly integer?: (a: number, b: number) => number
  readonly gradient: ((
    a: Tensor, b: Tensor, gradient: Tensor, output: Tensor,
  ) => readonly [Tensor | null, Tensor | null]) | null
  readonly onnx: string | ((emitter: Emitter, operands: readonly [string, string], type: TensorType) => string)
  /** As for a unary op. */
  readonly inConvolution?: (
    emitter: Emitter, operands: readonly [string, string], channels: number,
  ) => string | undefined
  readonly result?: DType
  readonly dtypes?: readonly DType[]
  readonly domain?: readonly [number, number]
  /** Samples besides seeded ones. */
  readonly samples?: readonly Sample<None>[]
}

export function defineBinary(definition: BinaryDefinition): (a: Operand, b: Operand) => Tensor {
  const { name, f, gradient, onnx, result, dtypes = ['float32', 'int32'], domain: [low, high] = [-2, 2] } = definition
  const seeded: readonly (readonly [Shape, Shape])[] = [
    [[2, 3], [2, 3]], [[2, 3], [3]], [[2, 1, 4], [3, 1]], [[], [2, 2]],
  ]
  const samples: Sample<None>[] = dtypes.flatMap(dtype =>
    seeded.slice(0, dtype === dtypes[0] ? undefined : 2).map(shapes => ({
      inputs: shapes.map(shape => ({
        shape, dtype,
        ...(dtype === 'int32' ? { low: 1, high: 5 } : dtype === 'bool' ? { low: 0, high: 2 } : { low, high })
      })),
      attributes: {},
    })))
  const op: OpDefinition<None> = defineOp<None>({
    name,
    infer(types) {
      requireDType(types, dtypes)
      return { shape: inferBroadcast(types), dtype: result ?? types[0]?.dtype ?? 'float32' }
    },
    gradient: gradient && (({ inputs: [a, b], output, gradient: g }) => {
      const [ga, gb] = gradient(a as Tensor, b as Tensor, g, output)
      return [ga && unbroadcast(ga, (a as Tensor).shape), gb && unbroadcast(gb, (b as Tensor).shape)]
    }),
    onnx: (emitter, { names, inputs, output }) =>
      (emitter.fitsBlocks(output) && inputs.every(({ shape }) => sameShape(shape, output.shape))
        ? definition.inConvolution?.(emitter, names as [string, string], output.shape[1] as number) : undefined) ??
      emitter.inAnyLayout(names, inputs, output, operands =>
        typeof onnx === 'string' ? emitter.node(onnx, operands) : onnx(
          emitter, operands as [string, string], inputs[0] as TensorType,
        )),
    reference: ({ inputs, output }) =>
      broadcastLoop(inputs, output, inputs[0]?.dtype === 'float32' ? f : (definition.integer ?? f)),
    samples: [...samples, ...(definition.samples ?? [])],
    broadcasts: true,
  })
  return (a, b) => {
    const like = a instanceof Tensor ? a : b
    if (!(like instanceof Tensor)) {
      throw new UserError({
        rule: `${name}: one operand must be a tensor.`, received: `${describe(a)} and ${describe(b)}`,
        next: 'Make a tensor of numbers or arrays with tensor(...).',
      })
    }
    return Tensor.apply(op, unify(name, [a, b], like), {})
  }
}

/** A sample of given values, singular points among them: two operands of one length. */
export function pairs(dtype: DType, ...values: readonly (readonly [number, number])[]): Sample<None> {
  return {
    inputs: [0, 1].map(k => ({ shape: [values.length], dtype, values: values.map(pair => pair[k] as number) })),
    attributes: {}, singular: true,
  }
}
