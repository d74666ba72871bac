// The tensor: an immutable node of a graph. Nothing is computed until a value is asked for.
import { checkOptions, UserError } from '../errors.ts'
import { allocate, holds, type DType, type TypedArray } from './dtype.ts'
import type { Application, Origin } from './application.ts'
import type { Attributes, Op, OpDefinition, TensorType } from './op.ts'
import type { Region } from './region.ts'
import { formatShape, sizeOf, type Shape } from './shape.ts'

let created = 0

/**
 * What a leaf of the graph is: a value fed at every run, a fixed value, mutable state of a model, or what stands in a body for
 * the values of any of its runs.
 */
export type LeafKind = 'input' | 'constant' | 'parameter' | 'buffer' | 'placeholder'

interface Leaf {
  readonly kind: LeafKind
  readonly name?: string | undefined
  readonly data?: TypedArray | undefined
}

/**
 * A symbolic n-dimensional array: an op applied to other tensors, or a leaf. Shape and dtype are static and checked when
 * the tensor is made. Methods such as `add` and `matmul` are installed by `tensor-methods.ts`.
 */
export class Tensor implements TensorType {
  readonly id: number = created++
  readonly shape: Shape
  readonly dtype: DType
  /** The application that makes this tensor, and which of its outputs this is; absent on leaves. */
  readonly origin: Origin | undefined
  /** What a leaf stands for; absent on results of ops. */
  readonly leaf: Leaf | undefined

  private constructor(type: TensorType, origin: Origin | undefined, leaf: Leaf | undefined) {
    this.shape = type.shape
    this.dtype = type.dtype
    this.origin = origin
    this.leaf = leaf
  }

  /**
   * The one place where an op enters a graph: infers the types of its outputs, and names the op and all types when they do
   * not fit.
   * @returns all outputs of the op
   */
  static applyAll<A extends Attributes>(
    op: OpDefinition<A>, inputs: readonly Tensor[], attributes: A, regions: readonly Region[] = [],
  ): readonly Tensor[] {
    requireTensors(op.name, ...inputs)
    let types: readonly TensorType[]
    try {
      types = op.infer(inputs, attributes, regions)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError({
        rule: `${op.name}: ${error.parts.rule}`,
        received: error.parts.received ?? inputs.map(formatType).join(' and '),
        next: error.parts.next,
      })
    }
    const outputs: Tensor[] = []
    const application: Application = { op: op as unknown as Op, inputs, attributes, regions, outputs }
    types.forEach((type, index) => outputs.push(new Tensor(type, { application, index }, undefined)))
    return outputs
  }

  /** Applies an op that has one output. */
  static apply<A extends Attributes>(op: OpDefinition<A>, inputs: readonly Tensor[], attributes: A): Tensor {
    return Tensor.applyAll(op, inputs, attributes)[0] as Tensor
  }

  /** A leaf of the graph. Data, where given, is held without a copy. */
  static fromLeaf(type: TensorType, leaf: Leaf): Tensor {
    for (const size of type.shape) {
      if (!Number.isInteger(size) || size < 0) {
        throw new UserError({ rule: 'The sizes of a shape must be whole numbers of at least 0.', received: formatShape(type.shape) })
      }
    }
    if (leaf.data && (!holds(type.dtype, leaf.data) || leaf.data.length !== sizeOf(type.shape))) {
      throw new UserError({
        rule: `A ${formatType(type)} tensor holds ${sizeOf(type.shape)} elements in a ${allocate(type.dtype, 0).constructor.name}.`,
        received: `${leaf.data.constructor.name} of length ${leaf.data.length}`,
      })
    }
    return new Tensor(type, undefined, leaf)
  }

  /** The tensors from which this one is made; none for a leaf. */
  get inputs(): readonly Tensor[] {
    return this.origin?.application.inputs ?? []
  }

  /** The op that makes this tensor; absent on leaves. */
  get op(): Op | undefined {
    return this.origin?.application.op
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  toString(): string {
    return `Tensor(${this.leaf?.name ? `${this.leaf.name}: ` : ''}${formatType(this)})`
  }
}

/** What a value that is no tensor looks like in a message. */
function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  return Array.isArray(value) ? `an array of ${value.length}` : ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : 'an object'
}

/** @throws UserError where an operand is no tensor, as plain JavaScript can pass it */
export function requireTensors(owner: string, ...operands: readonly unknown[]): void {
  const wrong = operands.findIndex(operand => !(operand instanceof Tensor))
  if (wrong < 0) return
  throw new UserError({
    rule: `${owner}: the operands must be tensors.`, received: describe(operands[wrong]), next: 'Make a tensor of numbers or arrays with tensor(...).',
  })
}

/** An operand that is read before an op is applied to it. @throws UserError where it is no tensor */
export function tensorOf(owner: string, operand: Tensor): Tensor {
  requireTensors(owner, operand)
  return operand
}

/** `float32[2, 3]` */
export const formatType = (type: TensorType): string => `${type.dtype}${formatShape(type.shape)}`

/** A number, or nested arrays of numbers or booleans with equal lengths at each depth. */
export type NestedArray = number | boolean | readonly NestedArray[]

function shapeOf(values: NestedArray): number[] {
  if (!Array.isArray(values)) return []
  const [first] = values as readonly NestedArray[]
  return [values.length, ...(first === undefined ? [] : shapeOf(first))]
}

function fill(values: NestedArray, shape: Shape, depth: number, target: TypedArray, offset: number): number {
  if (depth === shape.length) {
    if (Array.isArray(values)) throw ragged(shape)
    target[offset] = Number(values)
    return offset + 1
  }
  if (!Array.isArray(values) || values.length !== shape[depth]) throw ragged(shape)
  for (const value of values as readonly NestedArray[]) offset = fill(value, shape, depth + 1, target, offset)
  return offset
}

const ragged = (shape: Shape) =>
  new UserError({ rule: `Nested arrays must have equal lengths at each depth; the first ones say ${formatShape(shape)}.` })

/**
 * A tensor with fixed values.
 * @param values a number, nested arrays, or a typed array together with a shape
 * @param options `dtype` defaults to float32, to bool for booleans, and to the array's own for typed arrays
 */
export function tensor(values: NestedArray | TypedArray, options: { dtype?: DType; shape?: Shape } = {}): Tensor {
  checkOptions('tensor', options, ['dtype', 'shape'])
  if (ArrayBuffer.isView(values)) {
    const dtype = options.dtype ?? (values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'uint8')
    return Tensor.fromLeaf({ shape: options.shape ?? [values.length], dtype }, { kind: 'constant', data: values })
  }
  const shape = shapeOf(values)
  let first: NestedArray | undefined = values
  while (Array.isArray(first)) first = (first as readonly NestedArray[])[0]
  const dtype = options.dtype ?? (typeof first === 'boolean' ? 'bool' : 'float32')
  const data = allocate(dtype, sizeOf(shape))
  fill(values, shape, 0, data, 0)
  return Tensor.fromLeaf({ shape: options.shape ?? shape, dtype }, { kind: 'constant', data })
}

/** A tensor filled with one value. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return Tensor.fromLeaf({ shape, dtype }, { kind: 'constant', data: allocate(dtype, sizeOf(shape)).fill(value) })
}

/** A tensor of zeros. */
export const zeros = (shape: Shape, dtype: DType = 'float32'): Tensor => full(shape, 0, dtype)

/** A tensor of ones. */
export const ones = (shape: Shape, dtype: DType = 'float32'): Tensor => full(shape, 1, dtype)

/** The whole numbers 0 .. `length` - 1. */
export function range(length: number, dtype: DType = 'int32'): Tensor {
  const data = allocate(dtype, length)
  for (let i = 0; i < length; i++) data[i] = i
  return Tensor.fromLeaf({ shape: [length], dtype }, { kind: 'constant', data })
}

/** A named value that is fed at every run of a compiled graph. */
export const input = (name: string, type: TensorType): Tensor => Tensor.fromLeaf(type, { kind: 'input', name })

/** Trainable state of a model: its data is held and changed in place by training. */
export const parameter = (data: Float32Array, shape: Shape): Tensor =>
  Tensor.fromLeaf({ shape, dtype: 'float32' }, { kind: 'parameter', data })

/** State of a model that is not trained by gradients, such as the running mean of a batch normalisation. */
export const buffer = (data: TypedArray, shape: Shape, dtype: DType = 'float32'): Tensor =>
  Tensor.fromLeaf({ shape, dtype }, { kind: 'buffer', data })
