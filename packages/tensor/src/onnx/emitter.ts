// Collects the ONNX nodes and initialisers of one graph while ops lower themselves into it.
import { create } from '@bufbuild/protobuf'
import type { DType } from '../ir/dtype.ts'
import type { TensorType } from '../ir/op.ts'
import { sameShape, sizeOf, type Shape } from '../ir/shape.ts'
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts'

/** The execution provider a graph is lowered for; some have no kernel for some ONNX ops. */
export type Provider = 'cpu' | 'wasm' | 'webgpu'

/** Element types that ONNX nodes need inside a graph; `int64` and `float64` never cross its boundary. */
export type OnnxDType = DType | 'int64' | 'float64'

/** ONNX's numbers for element types. */
export const ONNX_DTYPES = {
  float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11,
} as const satisfies Record<OnnxDType, number>

/** An attribute of an ONNX node: numbers are written as integers unless wrapped in `{ float }` or `{ floats }`. */
export type OnnxAttribute =
  number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] }
  | { readonly graph: GraphProto }

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  const attribute = create(AttributeProtoSchema, { name })
  if (typeof value === 'number') {
    attribute.type = AttributeType.INT
    attribute.i = BigInt(value)
  } else if (typeof value === 'string') {
    attribute.type = AttributeType.STRING
    attribute.s = new TextEncoder().encode(value)
  } else if ('float' in value) {
    attribute.type = AttributeType.FLOAT
    attribute.f = value.float
  } else if ('floats' in value) {
    attribute.type = AttributeType.FLOATS
    attribute.floats = [...value.floats]
  } else if ('graph' in value) {
    attribute.type = AttributeType.GRAPH
    attribute.g = value.graph
  } else {
    attribute.type = AttributeType.INTS
    attribute.ints = value.map(BigInt)
  }
  return attribute
}

/** The domain of ONNX Runtime's kernels for the blocked layout; it exists in the native CPU builds only. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc'

/** The names of one model, its subgraphs included: those that are given, and new ones that differ from them all. */
export class Names {
  readonly #used: Set<string>
  #count = 0

  constructor(given: Iterable<string> = []) {
    this.#used = new Set(given)
  }

  /** `hint` itself, or with a number where it is in use. */
  distinct(hint: string): string {
    return this.#used.has(hint) || hint === '' ? this.numbered(hint === '' ? 'value' : hint) : this.#take(hint)
  }

  /** `hint` with a number that makes it new. */
  numbered(hint: string): string {
    let name = `${hint}_${this.#count++}`
    while (this.#used.has(name)) name = `${hint}_${this.#count++}`
    return this.#take(name)
  }

  #take(name: string): string {
    this.#used.add(name)
    return name
  }
}

/**
 * Name, element type and shape of a value of a model; without a shape where it follows from what surrounds the value.
 */
export function valueInfo(name: string, dtype: OnnxDType, shape?: readonly (number | string)[]): ValueInfoProto {
  const dim = shape?.map(size => create(TensorShapeProto_DimensionSchema, {
    value: typeof size === 'number' ? { case: 'dimValue', value: BigInt(size) } : { case: 'dimParam', value: size },
  }))
  const known = dim && { shape: create(TensorShapeProtoSchema, { dim }) }
  const tensorType = create(TypeProto_TensorSchema, { elemType: ONNX_DTYPES[dtype], ...known })
  return create(
    ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }) },
  )
}

interface EmitterOptions {
  readonly names?: Names
  readonly channelBlock?: number
  readonly branches?: boolean
  readonly around?: Emitter
}

/** Writes the nodes of one ONNX graph. Values are referred to by name. */
export class Emitter {
  readonly nodes: NodeProto[] = []
  readonly initializers: TensorProto[]
  readonly provider: Provider
  /**
   * Channels that lie side by side in the blocked layout of the native kernels; 0 where there is none. See {@link
   * blocked}.
   */
  readonly channelBlock: number
  readonly #names: Names
  readonly #blockedForms = new Map<string, string>()
  readonly #forms = new Set<string>()
  readonly #readers = new Map<string, number>()
  readonly #constants: Map<string, string>
  readonly #shared = new Map<string, string>()

  /** Whether a form may be chosen at each run, see {@link either}. */
  readonly branches: boolean
  /**
   * Whether forms are taken whose results do not depend on how kernels divide their work among threads: in models that
   * run here, where all is at hand; one that is handed on says what is computed in the plainest words.
   */
  readonly steady: boolean

  /**
   * @param options `names` are shared by the emitters of one model, and hold the names of its inputs and outputs;
   *   `around` is the emitter of the graph around a subgraph, which holds the constants of both
   */
  constructor(provider: Provider, options: EmitterOptions = {}) {
    const { names = new Names(), channelBlock = 0, branches = provider !== 'webgpu', around } = options
    this.provider = provider
    this.channelBlock = channelBlock
    this.branches = branches
    this.steady = around?.steady ?? branches
    this.initializers = around?.initializers ?? []
    this.#constants = around ? around.#constants : new Map<string, string>()
    this.#names = names
  }

  /** An emitter for a graph inside a node of this one, which sees the values of this one. */
  inside(options: Pick<EmitterOptions, 'branches' | 'channelBlock'> = {}): Emitter {
    const { branches = this.branches, channelBlock = this.channelBlock } = options
    return new Emitter(this.provider, { names: this.#names, channelBlock, branches, around: this })
  }

  /** A name that no other value of the model has. */
  freshName(hint: string): string {
    return this.#names.numbered(hint)
  }

  /** Adds a node with one output and returns that output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    options: { readonly output?: string; readonly domain?: string } = {},
  ): string {
    const output = options.output ?? this.freshName(opType)
    this.addNode(opType, inputs, [output], attributes, options.domain)
    return output
  }

  /** Adds a node with any number of outputs, named by the caller. */
  addNode(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    this.nodes.push(create(NodeProtoSchema, {
      name: this.freshName(`node_${opType}`),
      opType,
      domain,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    }))
  }

  /** A constant value; equal small constants share one initialiser. */
  constant(values: number | readonly number[] | ArrayLike<number>, dtype: OnnxDType, shape?: Shape): string {
    const list = typeof values === 'number' ? [values] : values
    const dims = shape ?? (typeof values === 'number' ? [] : [list.length])
    const key = list.length <= 16
      ? `${dtype}[${dims.join()}]${Array.from(list).map(v => (Object.is(v, -0) ? '-0' : v)).join()}` : ''
    const known = this.#constants.get(key)
    if (key && known !== undefined) return known
    const name = this.freshName('constant')
    this.initializers.push(create(TensorProtoSchema, {
      name,
      dataType: ONNX_DTYPES[dtype],
      dims: dims.map(BigInt),
      rawData: rawBytes(list, dtype),
    }))
    if (key) this.#constants.set(key, name)
    return name
  }

  /** A value that several lowerings need: made when the first asks for it. The key must say all that it depends on. */
  shared(key: string, make: () => string): string {
    const known = this.#shared.get(key)
    if (known !== undefined) return known
    const value = make()
    this.#shared.set(key, value)
    return value
  }

  /** Adds a node of the native kernels for the blocked layout, see {@link blocked}, and returns its output's name. */
  native(
    opType: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.node(opType, inputs, attributes, { domain: BLOCKED_DOMAIN })
  }

  /** The weight [C, 1, 1, 1] of a depthwise convolution that hands every channel on. */
  depthwiseOnes(channels: number): string {
    return this.shared(`ones ${channels}`, () =>
      this.constant(new Float32Array(channels).fill(1), 'float32', [channels, 1, 1, 1]))
  }

  /** A tensor of zeros. */
  zeros(shape: Shape): string {
    return this.node('Expand', [this.constant(0, 'float32'), this.constant(shape, 'int64', [shape.length])])
  }

  /**
   * One of two forms of a value, chosen at each run by a condition (a bool of one element): only the chosen one is
   * computed. Where the emitter has no branches, always the second.
   */
  either(
    condition: () => string, output: { readonly shape: Shape; readonly dtype: OnnxDType },
    whenTrue: (emitter: Emitter) => string, whenFalse: (emitter: Emitter) => string,
  ): string {
    if (!this.branches) return whenFalse(this)
    const branch = (emit: (emitter: Emitter) => string) => {
      const inner = this.inside({ branches: false, channelBlock: 0 })
      const result = emit(inner)
      return { graph: create(
        GraphProtoSchema,
        { name: this.freshName('branch'), node: inner.nodes, output: [valueInfo(result, output.dtype, output.shape)] },
      ) }
    }
    return this.node('If', [condition()], { then_branch: branch(whenTrue), else_branch: branch(whenFalse) })
  }

  /** Whether a value may hold what is not a number: a bool of one element, made once for each value. */
  mayHoldNaN(value: string): string {
    return this.shared(`not a number ${value}`, () => this.node(
      'IsNaN', [this.node('ReduceSum', [value], { keepdims: 0 })],
    ))
  }

  /** Whether a value may hold infinities or what is not a number: a bool of one element, made once for each value. */
  mayNotBeFinite(value: string): string {
    // Of what is finite, the sum times 0 is 0, unless the sum overflows.
    return this.shared(`not finite ${value}`, () =>
      this.node(
        'IsNaN', [this.node('Mul', [this.node('ReduceSum', [value], { keepdims: 0 }), this.constant(0, 'float32')])],
      ))
  }

  /** Converts a value to another element type. */
  cast(value: string, to: OnnxDType): string {
    return this.node('Cast', [value], { to: ONNX_DTYPES[to] })
  }

  /**
   * Images [N, C, H, W] in the layout [N, C / block, H, W, block] of the native convolution kernels (under their old
   * shape, as those kernels expect it). C must be a multiple of `channelBlock`. Each value is reordered once.
   */
  blocked(value: string): string {
    const known = this.#blockedForms.get(value)
    if (known !== undefined) return known
    const form = this.native('ReorderInput', [value])
    this.#keepForm(value, form)
    return form
  }

  /** Whether {@link blocked} costs nothing for a value. */
  hasBlocked(value: string): boolean {
    return this.#blockedForms.has(value)
  }

  /**
   * The inverse of {@link blocked}: the plain form of a result of the native kernels, which remembers its blocked form.
   */
  unblocked(form: string, channels: number): string {
    const value = this.native('ReorderOutput', [form], { channels })
    this.#keepForm(value, form)
    return value
  }

  #keepForm(value: string, form: string): void {
    this.#blockedForms.set(value, form)
    this.#forms.add(form)
  }

  /**
   * Emits an op that treats all elements alike in the layout its operands have: on blocked forms where one of them has
   * one, so that chains between convolutions are never reordered. Operands of one element serve both layouts.
   */
  inAnyLayout(
    names: readonly string[], inputs: readonly TensorType[], output: TensorType,
    emit: (names: readonly string[]) => string,
  ): string {
    const whole = (type: TensorType) => sameShape(type.shape, output.shape)
    const blocked = this.fitsBlocks(output) && inputs.every(type => whole(type) || sizeOf(type.shape) === 1) &&
      names.some((name, i) => whole(inputs[i] as TensorType) && this.hasBlocked(name))
    if (!blocked) return emit(names)
    return this.unblocked(
      emit(names.map((name, i) => (whole(inputs[i] as TensorType) ? this.blocked(name) : name))),
      output.shape[1] as number,
    )
  }

  /**
   * Says how often a value is read in the graph that is being lowered: a value with one reader may be fused into it.
   */
  setReaders(value: string, count: number): void {
    this.#readers.set(value, count)
  }

  /** Whether anything but the present node reads a value, or may do so. */
  isReadElsewhere(value: string): boolean {
    return this.#readers.get(value) !== 1
  }

  /** The node that makes the blocked form of a value, when nothing but the present node reads the value. */
  soleMaker(value: string): NodeProto | undefined {
    if (this.isReadElsewhere(value)) return undefined
    const form = this.#blockedForms.get(value)
    return form === undefined ? undefined : this.nodes.findLast(candidate => candidate.output[0] === form)
  }

  /** The blocked forms whose product makes a value, when nothing but the present node reads the value. */
  blockedFactors(value: string): readonly [string, string] | undefined {
    const { opType = '', input = [] } = this.soleMaker(value) ?? {}
    const [a, b] = input
    return opType === 'Mul' && a !== undefined && b !== undefined && this.#forms.has(a) && this.#forms.has(b)
      ? [a, b] : undefined
  }

  /** Whether a value of this type can have a blocked form. */
  fitsBlocks({ shape, dtype }: TensorType): boolean {
    return this.channelBlock > 0 &&
      dtype === 'float32' && shape.length === 4 && (shape[1] as number) % this.channelBlock === 0
  }

  /**
   * [outer, a, b, row] -> [outer, b, a, row], for rows of a block of channels or a few: a gather, which copies whole
   * rows and shares them among threads. Transpose takes twice as long for rows of 16 elements.
   */
  exchangeRows(value: string, [outer, a, b, row]: readonly [number, number, number, number]): string {
    const order = this.shared(`rows ${a} x ${b} exchanged`, () => this.constant(
      Array.from({ length: a * b }, (_, i) => (i % a) * b + Math.floor(i / a)), 'int64',
    ))
    const rows = this.node('Gather', [this.reshape(value, [outer, a * b, row]), order], { axis: 1 })
    return this.reshape(rows, [outer, b, a, row])
  }

  /** Gives a value another shape of the same size. */
  reshape(value: string, shape: Shape): string {
    // allowzero: a 0 means an empty axis, not "copy the axis of the input".
    return this.node('Reshape', [value, this.constant(shape, 'int64', [shape.length])], { allowzero: 1 })
  }
}

function rawBytes(values: ArrayLike<number>, dtype: OnnxDType): Uint8Array {
  const array =
    dtype === 'int64' ? BigInt64Array.from(Array.from(values), BigInt)
    : dtype === 'float32' ? (values instanceof Float32Array ? values : Float32Array.from(values))
    : dtype === 'int32' ? (values instanceof Int32Array ? values : Int32Array.from(values))
    : values instanceof Uint8Array ? values : Uint8Array.from(values)
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
