// What an operator is: one record that says its types, its gradient, its ONNX form, its meaning and its test samples.
import type { DType, ReferenceArray } from './dtype.ts'
import type { Shape } from './shape.ts'
import type { Tensor } from './tensor.ts'
import type { Emitter } from '../onnx/emitter.ts'

/** Shape and element type of a tensor. */
export interface TensorType {
  readonly shape: Shape
  readonly dtype: DType
}

/** Static settings of one application of an op. They take part in printing and in finding equal subexpressions. */
export type Attributes = Readonly<Record<string, number | boolean | string | readonly number[]>>

/** One value inside the reference runtime. */
export interface ReferenceValue extends TensorType {
  readonly data: ReferenceArray
}

/** A test input: given values, or seeded uniform numbers in [low, high) (integers for integer dtypes). */
export interface SampleInput {
  readonly shape: Shape
  readonly dtype?: DType
  readonly values?: readonly number[]
  readonly low?: number
  readonly high?: number
}

/** One case on which an op is tested on every runtime, against finite differences and against PyTorch. */
export interface Sample<A extends Attributes = Attributes> {
  readonly inputs: readonly SampleInput[]
  readonly attributes: A
  /** Infinities, numbers that are none, and points without a slope: finite differences say nothing there. */
  readonly singular?: boolean
}

/** The application of an op that an ONNX lowering or a reference implementation works on. */
export interface Application<A extends Attributes> {
  readonly inputs: readonly TensorType[]
  readonly output: TensorType
  readonly attributes: A
}

/** The record that defines an op. */
export interface OpDefinition<A extends Attributes = Attributes> {
  /** Name as printed and as in PyTorch where it has one. */
  readonly name: string
  /** Type of the output; throws a UserError when the inputs do not fit. `Op.apply` adds the op's name and the inputs' types. */
  infer(inputs: readonly TensorType[], attributes: A): TensorType
  /** Gradients for the inputs, built from tensors; `null` for one input: not differentiable there; `null` for the op: nowhere. */
  readonly gradient: ((application: {
    readonly inputs: readonly Tensor[]
    readonly output: Tensor
    /** Gradient of the loss with respect to the output. */
    readonly gradient: Tensor
    readonly attributes: A
  }) => readonly (Tensor | null)[]) | null
  /**
   * The op in terms of others. Such an op exists for its gradient, which is better than the one its parts would give; it is
   * replaced by its parts before a graph is simplified, so that equal parts elsewhere are computed once.
   */
  readonly decompose?: (inputs: readonly Tensor[], attributes: A) => Tensor
  /** Emits standard ONNX nodes and returns the name of the value that holds the output. */
  onnx(emitter: Emitter, application: Application<A> & { readonly names: readonly string[] }): string
  /** The op's meaning: fills `output.data`, given zero-filled. */
  reference(application: { inputs: readonly ReferenceValue[]; output: ReferenceValue; attributes: A }): void
  readonly samples: readonly Sample<A>[]
  /** Works element by element on broadcast operands, so that a repeated operand need not be expanded first. */
  readonly broadcasts?: boolean
  /** Floating-point operations of one application, for ops whose cost counts: matrix products and convolutions. */
  readonly flop?: (inputs: readonly TensorType[], output: TensorType, attributes: A) => number
  /** Largest allowed error, relative to max(1, |expected|), against other runtimes, PyTorch and finite differences. Default 1e-5. */
  readonly tolerance?: number
}

/** A defined op. Attributes are erased so that ops of all kinds share one graph. */
export type Op = OpDefinition

const registered = new Map<string, Op>()

/** Defines an op and registers it for the suite that tests every op. */
export function defineOp<A extends Attributes>(definition: OpDefinition<A>): OpDefinition<A> {
  if (registered.has(definition.name)) throw new Error(`The op '${definition.name}' is defined twice.`)
  registered.set(definition.name, definition as unknown as Op)
  return definition
}

/** All ops defined so far, by name. */
export const registeredOps = (): ReadonlyMap<string, Op> => registered
