// What an operator is: one record that says its types, its gradient, its ONNX form, its meaning and its test samples.
import { checkArgument, checkOptions, kinds } from '../errors.ts'
import type { Application } from './application.ts'
import type { DType, ReferenceArray } from './dtype.ts'
import type { Region } from './region.ts'
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

/**
 * The gradient for one input: a tensor; `'zero'` where the op is constant almost everywhere, as a sign is; `null` where
 * it is not differentiable.
 */
export type InputGradient = Tensor | 'zero' | null

/** What is said of an op whether it has one output or several. */
interface OpFacts<A extends Attributes> {
  /** Name as printed and as in PyTorch where it has one. */
  readonly name: string
  readonly samples: readonly Sample<A>[]
  /** Works element by element on broadcast operands, so that a repeated operand need not be expanded first. */
  readonly broadcasts?: boolean
  /**
   * Largest allowed error, relative to max(1, |expected|), against other runtimes, PyTorch and finite differences.
   * Default 1e-5.
   */
  readonly tolerance?: number
}

/** What an op reads and what it makes, as types; outputs that nothing reads are `undefined`. */
export interface Signature<A extends Attributes> {
  readonly inputs: readonly TensorType[]
  readonly outputs: readonly (TensorType | undefined)[]
  readonly attributes: A
  readonly regions: readonly Region[]
}

/** The record of an op with any number of outputs. Records with one output are shorter: see {@link SingleOutput}. */
export interface OpDefinition<A extends Attributes = Attributes> extends OpFacts<A> {
  /**
   * Types of the outputs; throws a UserError when the inputs do not fit. `Tensor.apply` adds the op's name and the
   * inputs' types.
   */
  infer(inputs: readonly TensorType[], attributes: A, regions: readonly Region[]): readonly TensorType[]
  /**
   * Gradients for the inputs, built from tensors, so that they have gradients; instead of a function what holds for all
   * inputs.
   */
  readonly gradient:
    | ((application: {
        readonly inputs: readonly Tensor[]
        readonly outputs: readonly Tensor[]
        /** Gradient of the loss with respect to each output; `undefined` where the loss does not depend on it. */
        readonly gradients: readonly (Tensor | undefined)[]
        /** Which inputs need a gradient; what is returned for others is not used. */
        readonly wanted: readonly boolean[]
        readonly attributes: A
        readonly regions: readonly Region[]
      }) => readonly InputGradient[])
    | 'zero'
    | null
  /**
   * The op in terms of others. Such an op exists for its gradient, which is better than the one its parts would give;
   * it is replaced by its parts before a graph is simplified, so that equal parts elsewhere are computed once.
   */
  readonly decompose?: (inputs: readonly Tensor[], attributes: A) => readonly Tensor[]
  /**
   * Emits standard ONNX nodes and returns the names of the values that hold the outputs; those of unread ones do not
   * count.
   */
  onnx(
    emitter: Emitter,
    application: Signature<A> & { readonly names: readonly string[] },
  ): readonly (string | undefined)[]
  /** The op's meaning: fills the `data` of the outputs that are read, given zero-filled. */
  reference(application: {
    readonly inputs: readonly ReferenceValue[]
    readonly outputs: readonly (ReferenceValue | undefined)[]
    readonly attributes: A
    readonly regions: readonly Region[]
  }): void
  /** Floating-point operations of one application, for ops whose cost counts: matrix products and convolutions. */
  readonly flop?: (signature: Signature<A>) => number
  /**
   * An application that makes nothing but what is read, for ops with regions, whose bodies shrink with their outputs.
   */
  readonly prune?: (application: Application, read: (index: number) => boolean) => Pruned
  /**
   * For ops with regions: the place of the first input that the regions read from around them as it is. From there on
   * the inputs stand for the last inputs of each region.
   */
  readonly firstCaptured?: (attributes: A) => number
}

/** An application that stands for another one. */
export interface Pruned {
  readonly application: Application
  /** For each of its outputs, the number of the output of the other one for which it stands. */
  readonly indices: readonly number[]
}

/** The record of an op with one output. */
export interface SingleOutput<A extends Attributes = Attributes> extends OpFacts<A> {
  /** Type of the output. */
  infer(inputs: readonly TensorType[], attributes: A): TensorType
  readonly gradient:
    | ((application: {
        readonly inputs: readonly Tensor[]
        readonly output: Tensor
        /** Gradient of the loss with respect to the output. */
        readonly gradient: Tensor
        readonly attributes: A
      }) => readonly InputGradient[])
    | 'zero'
    | null
  /** The op in terms of others, see {@link OpDefinition.decompose}. */
  readonly decompose?: (inputs: readonly Tensor[], attributes: A) => Tensor
  /** Emits standard ONNX nodes and returns the name of the value that holds the output. */
  onnx(
    emitter: Emitter,
    application: {
      readonly names: readonly string[]
      readonly inputs: readonly TensorType[]
      readonly output: TensorType
      readonly attributes: A
    },
  ): string
  /** The op's meaning: fills `output.data`, given zero-filled. */
  reference(application: {
    readonly inputs: readonly ReferenceValue[]
    readonly output: ReferenceValue
    readonly attributes: A
  }): void
  /** Floating-point operations of one application. */
  readonly flop?: (inputs: readonly TensorType[], output: TensorType, attributes: A) => number
}

/** A defined op. Attributes are erased so that ops of all kinds share one graph. */
export type Op = OpDefinition

const registered = new Map<string, Op>()

function requireRecord<A extends Attributes>(owner: string, record: OpFacts<A>): void {
  const methods = kinds.withMethods('an object with infer, onnx and reference', 'infer', 'onnx', 'reference')
  checkArgument(owner, 'the record', record, methods)
  checkArgument(owner, 'the name', record.name, kinds.name)
  checkArgument(owner, 'the samples', record.samples, kinds.listOf(kinds.dictionary(), 'samples'))
}

/** Defines an op with several outputs, or with regions, and registers it for the suite that tests every op. */
export function defineMultiOp<A extends Attributes>(definition: OpDefinition<A>): OpDefinition<A> {
  requireRecord('defineMultiOp', definition)
  if (registered.has(definition.name)) throw new Error(`The op '${definition.name}' is defined twice.`)
  registered.set(definition.name, definition as unknown as Op)
  return definition
}

/** Defines an op with one output and registers it for the suite that tests every op. */
export function defineOp<A extends Attributes>(record: SingleOutput<A>): OpDefinition<A> {
  checkOptions('defineOp', record, [
    'infer', 'gradient', 'decompose', 'onnx', 'reference', 'flop', 'name', 'samples', 'broadcasts', 'tolerance',
  ])
  requireRecord('defineOp', record)
  const { gradient, decompose, flop } = record
  return defineMultiOp<A>({
    name: record.name,
    samples: record.samples,
    ...(record.broadcasts !== undefined && { broadcasts: record.broadcasts }),
    ...(record.tolerance !== undefined && { tolerance: record.tolerance }),
    infer: (inputs, attributes) => [record.infer(inputs, attributes)],
    gradient:
      typeof gradient === 'function'
        ? ({ outputs, gradients, ...rest }) =>
            gradient({ ...rest, output: outputs[0] as Tensor, gradient: gradients[0] as Tensor })
        : gradient,
    ...(decompose && { decompose: (inputs, attributes) => [decompose(inputs, attributes)] }),
    onnx: (emitter, { outputs, ...rest }) => [record.onnx(emitter, { ...rest, output: outputs[0] as TensorType })],
    reference: ({ outputs, ...rest }) => record.reference({ ...rest, output: outputs[0] as ReferenceValue }),
    ...(flop && { flop: ({ inputs, outputs, attributes }) => flop(inputs, outputs[0] as TensorType, attributes) }),
  })
}

/** All ops defined so far, by name. */
export const registeredOps = (): ReadonlyMap<string, Op> => registered
