// The tensor: an immutable node of a graph. Nothing is computed until a value is asked for.
import { checkArgument, checkOptions, describe, kinds, UserError, type Kind } from '../errors.ts'
import {
  allocate, dtypeKind, elementsOf, holds, isValueOf, MOST_ELEMENTS, WHOLE_NUMBERS, type DType, type TypedArray,
} from './dtype.ts'
import type { Application, Origin } from './application.ts'
import type { Attributes, Op, OpDefinition, TensorType } from './op.ts'
import { ownList } from './own-list.ts'
import type { Region } from './region.ts'
import { checkShape, formatShape, sizeOf, type Shape } from './shape.ts'

let created = 0

/**
 * What a leaf of the graph is: a value fed at every run, a fixed value, mutable state of a model, or what stands in a
 * body for the values of any of its runs.
 */
export type LeafKind = 'input' | 'constant' | 'parameter' | 'buffer' | 'placeholder'

interface Leaf {
  readonly kind: LeafKind
  readonly name?: string | undefined
  readonly data?: TypedArray | undefined
}

/**
 * A symbolic n-dimensional array: an op applied to other tensors, or a leaf. Shape and dtype are static and checked
 * when the tensor is made. Methods such as `add` and `matmul` are installed by `tensor-methods.ts`.
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
    const { shape, dtype } = ownType(type)
    checkSize({ shape, dtype })
    this.shape = shape
    this.dtype = dtype
    this.origin = origin
    this.leaf = leaf
  }

  /**
   * The one place where an op enters a graph: infers the types of its outputs, and names the op and all types when they
   * do not fit.
   * @returns all outputs of the op
   */
  static applyAll<A extends Attributes>(
    op: OpDefinition<A>, inputs: readonly Tensor[], attributes: A, regions: readonly Region[] = [],
  ): readonly Tensor[] {
    // Lists of their own: whoever gave them may change his later, behind the checks.
    const read = ownList(inputs)
    const settings = ownAttributes(attributes)
    requireTensors(op.name, ...read)
    let types: readonly TensorType[]
    try {
      types = op.infer(read, settings, regions)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      throw new UserError({
        rule: `${op.name}: ${error.parts.rule}`,
        received: error.parts.received ?? read.map(formatType).join(' and '),
        next: error.parts.next,
      })
    }
    const outputs: Tensor[] = []
    const application: Application = {
      op: op as unknown as Op, inputs: read, attributes: settings, regions: ownList(regions), outputs,
    }
    types.forEach((type, index) => outputs.push(new Tensor(type, { application, index }, undefined)))
    return outputs
  }

  /** Applies an op that has one output. */
  static apply<A extends Attributes>(op: OpDefinition<A>, inputs: readonly Tensor[], attributes: A): Tensor {
    return Tensor.applyAll(op, inputs, attributes)[0] as Tensor
  }

  /** A leaf of the graph. Data, where given, is held without a copy. */
  static fromLeaf(given: TensorType, leaf: Leaf): Tensor {
    checkArgument('A tensor', 'its type', given, kinds.dictionary())
    const type = ownType(given)
    checkShape('A tensor', type.shape)
    checkArgument('A tensor', 'its dtype', type.dtype, dtypeKind)
    checkSize(type)
    if (leaf.data && (!holds(type.dtype, leaf.data) || leaf.data.length !== sizeOf(type.shape))) {
      throw new UserError({
        rule: `A ${formatType(type)} tensor holds ${sizeOf(type.shape)} elements in a ` +
          `${allocate(type.dtype, 0).constructor.name}.`,
        received: `${leaf.data.constructor.name} of length ${leaf.data.length}`,
        next: `Convert it first: ${allocate(type.dtype, 0).constructor.name}.from(values).`,
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

/** A type with a list of sizes of its own. What has no list is left to the checks. */
function ownType(type: Partial<TensorType> | null | undefined): TensorType {
  const { shape, dtype } = type ?? {}
  return { shape: ownList(shape as Shape), dtype: dtype as DType }
}

/** Attributes with lists of their own. */
function ownAttributes<A extends Attributes>(attributes: A): A {
  const own = Object.entries(attributes).map(([name, value]) => [name, ownList(value as readonly number[])])
  return Object.freeze(Object.fromEntries(own)) as A
}

/** @throws UserError where a tensor would have more elements than positions have numbers, or none can be counted */
function checkSize(type: TensorType): void {
  if (!Array.isArray((type as Partial<TensorType> | undefined)?.shape)) {
    throw new UserError({ rule: 'A tensor is made by tensor(...), zeros(...) or input(...), not by its class.' })
  }
  const size = sizeOf(type.shape)
  if (size > MOST_ELEMENTS) {
    throw new UserError({
      rule: `A tensor has at most ${MOST_ELEMENTS} elements.`, received: `${formatType(type)}, ${size} elements`,
      next: 'Use smaller shapes, or several tensors.',
    })
  }
  // An axis of size 0 makes the whole empty, and strides are computed all the same.
  const strided = type.shape.reduce((product, length) => product * Math.max(length, 1), 1)
  if (strided > MOST_ELEMENTS) throw new UserError({
    rule: `The axes of an empty tensor without those of size 0 span at most ${MOST_ELEMENTS} elements.`,
    received: formatType(type),
    next: 'Use smaller shapes.',
  })
}

/** A tensor, as an option may be one. */
export const tensorKind: Kind = { is: 'a tensor', accepts: value => value instanceof Tensor }

/** @throws UserError where an operand is no tensor, as plain JavaScript can pass it */
export function requireTensors(owner: string, ...operands: readonly unknown[]): void {
  const wrong = operands.findIndex(operand => !(operand instanceof Tensor))
  if (wrong < 0) return
  throw new UserError({
    rule: `${owner}: the operands must be tensors.`, received: describe(operands[wrong]),
    next: 'Make a tensor of numbers or arrays with tensor(...).',
  })
}

/**
 * @throws UserError where an argument is no list of tensors; `all` is every argument that was given, for the message
 */
export function requireTensorList(owner: string, list: unknown, ...all: readonly unknown[]): void {
  if (Array.isArray(list)) {
    requireTensors(owner, ...(list as readonly unknown[]))
    return
  }
  throw new UserError({
    rule: `${owner}: the tensors must be given in a list.`, received: list === undefined ? 'nothing' : describe(list),
    next: `Write ${owner}([${Array.from({ length: Math.max(all.length, 2) }, (_, i) => 'abcdefgh'[i]).join(', ')}]).`,
  })
}

/** An operand that is read before an op is applied to it. @throws UserError where it is no tensor */
export function tensorOf(owner: string, operand: Tensor): Tensor {
  requireTensors(owner, operand)
  return operand
}

/** `float32[2, 3]` */
export function formatType(type: TensorType): string {
  checkArgument('formatType', 'the type', type, kinds.dictionary())
  return `${type.dtype}${formatShape(type.shape)}`
}

/** A number, or nested arrays of numbers or booleans with equal lengths at each depth. */
export type NestedArray = number | boolean | readonly NestedArray[]

/** Levels of arrays in arrays: more than any tensor has axes. */
const DEEPEST = 64

function shapeOf(values: NestedArray): number[] {
  const shape: number[] = []
  for (let inner: NestedArray | undefined =
    values; Array.isArray(inner); inner = (inner as readonly NestedArray[])[0]) {
    shape.push(inner.length)
    if (shape.length > DEEPEST) throw new UserError({ rule: `tensor: arrays are nested at most ${DEEPEST} deep.` })
  }
  return shape
}

interface Filling {
  readonly shape: Shape
  readonly dtype: DType
  readonly target: TypedArray
}

function fill(values: NestedArray, { shape, dtype, target }: Filling, depth = 0, offset = 0): number {
  if (depth === shape.length) {
    if (Array.isArray(values)) throw ragged(shape)
    target[offset] = checkElement(values as number | boolean, dtype)
    return offset + 1
  }
  if (!Array.isArray(values) || values.length !== shape[depth]) throw ragged(shape)
  for (const value of values as readonly NestedArray[]) offset = fill(
    value, { shape, dtype, target }, depth + 1, offset,
  )
  return offset
}

/** A value that can be an element as it is; true and false count as 1 and 0. */
function checkElement(value: number | boolean, dtype: DType, owner = 'tensor'): number {
  const number = typeof value === 'boolean' ? Number(value) : value
  if (typeof (number as unknown) === 'number' && isValueOf(dtype, number)) return number
  throw new UserError({
    rule: `${owner}: the elements of ${dtype} tensors are ${elementsOf(dtype)}.`, received: describe(value),
    next: typeof (number as unknown) === 'number' ? "Round or limit the numbers first, or choose dtype: 'float32'."
      : 'Convert it to numbers first.',
  })
}

const ragged = (shape: Shape) =>
  new UserError(
    { rule: `Nested arrays must have equal lengths at each depth; the first ones say ${formatShape(shape)}.` },
  )

/** The dtype whose storage an array is. */
const dtypeOf = (values: TypedArray): DType =>
  (values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'uint8')

/**
 * A tensor with fixed values.
 * @param values a number, nested arrays, or a typed array together with a shape
 * @param options `dtype` defaults to float32, to bool for booleans, and to the array's own for typed arrays
 * @throws UserError where a value is no number, or none of its dtype: fractions and numbers out of range are not
 * rounded
 */
export function tensor(values: NestedArray | TypedArray, options: { dtype?: DType; shape?: Shape } = {}): Tensor {
  checkOptions('tensor', options, { dtype: dtypeKind, shape: kinds.shape })
  if (ArrayBuffer.isView(values)) {
    checkArgument(
      'tensor', 'a typed array', values, kinds.typedArray,
      'Convert it first, for example with Float32Array.from(values).',
    )
    const dtype = options.dtype ?? dtypeOf(values)
    if (dtype === 'bool') values.forEach(value => checkElement(value, 'bool'))
    return Tensor.fromLeaf({ shape: options.shape ?? [values.length], dtype }, { kind: 'constant', data: values })
  }
  const shape = shapeOf(values)
  let first: NestedArray | undefined = values
  while (Array.isArray(first)) first = (first as readonly NestedArray[])[0]
  const dtype = options.dtype ?? (typeof first === 'boolean' ? 'bool' : 'float32')
  const data = allocate(dtype, sizeOf(shape))
  fill(values, { shape, dtype, target: data })
  return Tensor.fromLeaf({ shape: options.shape ?? shape, dtype }, { kind: 'constant', data })
}

/** A tensor filled with one value. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return filled('full', shape, value, dtype)
}

function filled(owner: string, shape: Shape, value: number, dtype: DType): Tensor {
  // Sizes that were given one by one stand where the dtype belongs.
  checkShape(owner, shape, ...(typeof (dtype as unknown) === 'number' ? [dtype] : []))
  checkArgument(owner, 'the dtype', dtype, dtypeKind)
  checkSize({ shape, dtype })
  const data = allocate(dtype, sizeOf(shape))
  return Tensor.fromLeaf({ shape, dtype }, { kind: 'constant', data: data.fill(checkElement(value, dtype, owner)) })
}

/** A tensor of zeros. */
export const zeros = (shape: Shape, dtype: DType = 'float32'): Tensor => filled('zeros', shape, 0, dtype)

/** A tensor of ones. */
export const ones = (shape: Shape, dtype: DType = 'float32'): Tensor => filled('ones', shape, 1, dtype)

/** Most numbers of a range, which a graph holds: a gibibyte, of the two that an ONNX file may have. */
const MOST_HELD = 2 ** 28

/**
 * The whole numbers 0 .. `length` - 1.
 * @throws UserError where the dtype cannot count so far, or there are more than 268,435,456
 */
export function range(length: number, dtype: DType = 'int32'): Tensor {
  checkArgument('range', 'the dtype', dtype, dtypeKind)
  checkArgument(
    'range', 'the length', length,
    kinds.whole(0, dtype === 'float32' ? MOST_HELD : Math.min(WHOLE_NUMBERS[dtype][1] + 1, MOST_HELD)),
    'A graph holds the numbers of a range: feed longer ones as an input, or add to a shorter one in a scan.',
  )
  const data = allocate(dtype, length)
  for (let i = 0; i < length; i++) data[i] = i
  return Tensor.fromLeaf({ shape: [length], dtype }, { kind: 'constant', data })
}

/** A named value that is fed at every run of a compiled graph. */
export function input(name: string, type: TensorType): Tensor {
  checkArgument('input', 'the name', name, kinds.name)
  checkArgument(
    'input', 'the type', type, kinds.dictionary(), "Write input('x', { shape: [32, 784], dtype: 'float32' }).",
  )
  return Tensor.fromLeaf({ shape: type.shape, dtype: type.dtype }, { kind: 'input', name })
}

/** Trainable state of a model: its data is held and changed in place by training. */
export function parameter(data: Float32Array, shape: Shape): Tensor {
  checkArgument('parameter', 'the data', data, kinds.typedArray)
  return Tensor.fromLeaf({ shape, dtype: 'float32' }, { kind: 'parameter', data })
}

/** State of a model that is not trained by gradients, such as the running mean of a batch normalisation. */
export function buffer(data: TypedArray, shape: Shape, dtype: DType = 'float32'): Tensor {
  checkArgument('buffer', 'the data', data, kinds.typedArray)
  return Tensor.fromLeaf({ shape, dtype }, { kind: 'buffer', data })
}
