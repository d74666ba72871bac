// A graph as an ONNX model to hand on: weights inside, named outputs, metadata, and a batch axis that is free.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { checkArgument, checkOptions, kinds, UserError } from '../errors.ts'
import type { TypedArray } from '../ir/dtype.ts'
import { requireGraph, type Graph } from '../ir/graph.ts'
import { simplify } from '../passes/simplify.ts'
import { withBranches } from './emit-region.ts'
import { Names, ONNX_DTYPES } from './emitter.ts'
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts'
import { lowerGraph, type OnnxModel } from './lower.ts'

/** How a graph is handed on. */
export interface InferenceOptions {
  /** Names of the outputs in order, for example `logits`. */
  readonly outputs: readonly string[]
  /** Free text by name, kept in the model's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>
  /** The one batch size of the model; default: any. */
  readonly batch?: number
}

const INFERENCE_KINDS = {
  outputs: kinds.needed(kinds.listOf(kinds.name, 'names')), metadata: kinds.dictionary(kinds.text),
  batch: kinds.whole(1),
}

// Primes above what constant folding looks at, so that no size of a model equals or divides them by chance.
const PROBES = [1009, 1013, 1019] as const

/**
 * Lowers a graph for inference with standard ONNX ops only. Parameters and buffers become initialisers under their own
 * names.
 *
 * Shapes in a graph are static, so a free batch axis is derived: the graph is lowered at three batch sizes. All three
 * must be the same but for shapes and int64 constants that grow in proportion to the batch (a + b * batch, fitted on
 * two and checked on the third); those become symbolic sizes, -1 in a Reshape, or are computed from the input's shape.
 * @param graphAt the graph for a batch size; the batch is the first axis of its first input
 * @throws UserError where the graph depends on the batch size in another way
 */
export function lowerInference(graphAt: (batch: number) => Graph, options: InferenceOptions): OnnxModel {
  const { outputs, metadata = {}, batch } = checkOptions('lowerInference', options, INFERENCE_KINDS)
  checkArgument('lowerInference', 'the graph for a batch size', graphAt, kinds.callable)
  const lower = (size: number) => closed(requireGraph('lowerInference', graphAt(size)), outputs)
  let model: ModelProto
  if (batch !== undefined) {
    model = lower(batch)
  } else {
    const [first, second, third] = [lower(PROBES[0]), lower(PROBES[1]), lower(PROBES[2])]
    model = freeBatch(first, second, third)
  }
  model.metadataProps = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  )
  const { input, output } = graphOf(model)
  return {
    bytes: toBinary(ModelProtoSchema, model),
    inputNames: input.map(({ name }) => name),
    outputNames: output.map(({ name }) => name),
  }
}

const graphOf = (model: ModelProto): GraphProto => {
  if (!model.graph) throw new Error('A lowered model holds a graph.')
  return model.graph
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray) => new Uint8Array(buffer, byteOffset, byteLength)

/** A lowered graph whose state is inside and whose outputs have their names. */
function closed(graph: Graph, outputs: readonly string[]): ModelProto {
  const taken = outputs.find(
    (name, i) => outputs.indexOf(name) !== i || graph.inputs.some(({ leaf }) => leaf?.name === name),
  )
  if (taken !== undefined) {
    throw new UserError({
      rule: 'The inputs and outputs of a model must have different names.',
      received: `the name '${taken}' twice`,
      next: 'Rename the output.',
    })
  }
  const { bytes, inputNames } = lowerGraph(simplify(graph), 'cpu', { outputNames: outputs, branches: false })
  const model = fromBinary(ModelProtoSchema, bytes)
  const proto = graphOf(model)
  graph.inputs.forEach(({ leaf, shape, dtype }, i) => {
    if (leaf?.kind === 'input' || !leaf?.data) return
    const name = inputNames[i] as string
    proto.input = proto.input.filter(value => value.name !== name)
    proto.initializer.push(
      create(TensorProtoSchema, {
        name,
        dataType: ONNX_DTYPES[dtype],
        dims: shape.map(BigInt),
        rawData: bytesOf(leaf.data),
      }),
    )
  })
  return model
}

const dependent = (what: string) =>
  new UserError({
    rule: 'A model with a free batch axis must be the same for every batch size, but for shapes.',
    received: `a model in which ${what} depends on the batch size`,
    next: 'Export it for one batch size.',
  })

const equalBytes = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i])

/**
 * `a + b * batch` through the values at the first two probes, checked at the third; undefined where it does not fit.
 */
function affine(values: readonly [number, number, number]): { constant: number; factor: number } | undefined {
  const [x, y, z] = PROBES
  const factor = (values[1] - values[0]) / (y - x)
  const constant = values[0] - factor * x
  return Number.isInteger(factor) && Number.isInteger(constant) && constant + factor * z === values[2]
    ? { constant, factor }
    : undefined
}

const int64s = ({ rawData }: TensorProto): number[] =>
  Array.from(
    new BigInt64Array(rawData.buffer.slice(rawData.byteOffset, rawData.byteOffset + rawData.byteLength) as ArrayBuffer),
    Number,
  )

const rawInt64s = (values: readonly number[]) => bytesOf(BigInt64Array.from(values, BigInt) as unknown as TypedArray)

const int64Constant = (name: string, values: readonly number[]) =>
  create(TensorProtoSchema, {
    name,
    dataType: ONNX_DTYPES.int64,
    dims: [BigInt(values.length)],
    rawData: rawInt64s(values),
  })

type Three<T> = readonly [T, T, T]

/** Values that follow from the batch size: `constant + factor * batch` each; `undefined` where one does not. */
function affineList(lists: Three<readonly number[]>): { constant: number; factor: number }[] | undefined {
  const [first, second, third] = lists
  const fitted = first.map((value, i) => affine([value, second[i] as number, third[i] as number]))
  return first.length === second.length && first.length === third.length && fitted.every(one => one !== undefined)
    ? fitted
    : undefined
}

/** The one element that a tensor repeats. */
function repeated({ rawData, dims }: TensorProto): Uint8Array | undefined {
  const count = dims.reduce((size, dim) => size * Number(dim), 1)
  const width = rawData.length / count
  const first = rawData.slice(0, width)
  for (let i = 0; i < rawData.length; i++) if (rawData[i] !== first[i % width]) return undefined
  return count > 0 ? first : undefined
}

/** Makes the batch size of a model free; what has to be computed for it is collected here. */
class BatchAxis {
  readonly #graph: GraphProto
  readonly #names: Names
  readonly #batch: string
  readonly #computed: NodeProto[] = []
  readonly #extra: TensorProto[] = []

  constructor(proto: GraphProto) {
    this.#graph = proto
    const nodes = withBranches(proto.node)
    const inside = nodes.flatMap(({ attribute }) =>
      attribute.flatMap(({ g }) => g?.input.map(({ name }) => name) ?? []),
    )
    const outer = [...proto.input, ...proto.output, ...proto.initializer].map(({ name }) => name)
    this.#names = new Names([...outer, ...inside, ...nodes.flatMap(({ output }) => output)])
    this.#batch = this.#names.distinct('batch_size')
  }

  /** Emits `constant + factor * batch` for each term under a name. */
  #compute(terms: readonly { constant: number; factor: number }[], name: string): void {
    const [factors, constants, scaled] = ['per_item', 'fixed', 'scaled'].map(part =>
      this.#names.distinct(`${name}_${part}`),
    ) as [string, string, string]
    this.#extra.push(
      int64Constant(
        factors,
        terms.map(({ factor }) => factor),
      ),
      int64Constant(
        constants,
        terms.map(({ constant }) => constant),
      ),
    )
    this.#computed.push(node('Mul', [this.#batch, factors], scaled), node('Add', [scaled, constants], name))
  }

  /**
   * Whether a constant, given for three batch sizes, may stay as it is; otherwise it has become a shape that is free,
   * or is computed.
   */
  keep(versions: Three<TensorProto>): boolean {
    const [first, second, third] = versions
    const same = (other: TensorProto) =>
      equalBytes(first.rawData, other.rawData) && first.dims.join() === other.dims.join()
    if (same(second) && same(third)) return true
    const dims = versions.map(tensor => tensor.dims.map(Number)) as unknown as Three<number[]>
    const isList =
      first.dataType === ONNX_DTYPES.int64 && dims.every(sizes => sizes.length === 1 && sizes[0] === dims[0][0])
    const terms = isList ? affineList(versions.map(int64s) as unknown as Three<number[]>) : undefined
    if (terms) return this.#keepShape(first, terms)
    // One value everywhere, as many times as the batch asks for: a first state of zeros, say.
    const elements = versions.map(repeated)
    const sizes = affineList(dims)
    const [element] = elements
    if (!element || !sizes || !elements.every(other => other && equalBytes(element, other)))
      throw dependent(`the constant ${first.name}`)
    const [value, shape] = ['element', 'shape'].map(part => this.#names.distinct(`${first.name}_${part}`)) as [
      string,
      string,
    ]
    this.#extra.push(create(TensorProtoSchema, { name: value, dataType: first.dataType, dims: [], rawData: element }))
    this.#compute(sizes, shape)
    this.#computed.push(node('Expand', [value, shape], first.name))
    return false
  }

  #keepShape(tensor: TensorProto, terms: readonly { constant: number; factor: number }[]): boolean {
    const users = withBranches(this.#graph.node).filter(({ input }) => input.includes(tensor.name))
    const free = terms.filter(({ factor }) => factor !== 0)
    const onlyShapes = users.every(({ opType, input }) => opType === 'Reshape' && input[1] === tensor.name)
    if (onlyShapes && free.length === 1 && terms.every(({ constant, factor }) => factor !== 0 || constant > 0)) {
      tensor.rawData = rawInt64s(terms.map(({ constant, factor }) => (factor === 0 ? constant : -1)))
      return true
    }
    this.#compute(terms, tensor.name)
    return false
  }

  /** Puts what is computed before everything else. */
  finish(): void {
    if (this.#computed.length === 0) return
    const [images] = this.#graph.input
    const start = create(AttributeProtoSchema, { name: 'start', type: AttributeType.INT, i: 0n })
    const end = create(AttributeProtoSchema, { name: 'end', type: AttributeType.INT, i: 1n })
    this.#graph.node.unshift(node('Shape', [images?.name ?? ''], this.#batch, [start, end]), ...this.#computed)
    this.#graph.initializer.push(...this.#extra)
  }
}

/** Gives the sizes of a model's inputs or outputs that follow from the batch their names. */
function freeSizes([values, ...others]: Three<readonly ValueInfoProto[]>): void {
  const sizes = (value: ValueInfoProto | undefined) =>
    value?.type?.value.case === 'tensorType' ? (value.type.value.value.shape?.dim ?? []) : []
  values.forEach((value, i) => {
    sizes(value).forEach((size, k) => {
      const three = [size, ...others.map(list => sizes(list[i])[k])].map(each =>
        each?.value.case === 'dimValue' ? Number(each.value.value) : NaN,
      ) as [number, number, number]
      if (three[0] === three[1] && three[1] === three[2]) return
      const fitted = affine(three)
      if (!fitted) throw dependent(`a size of ${value.name}`)
      const { constant, factor } = fitted
      const name = `${factor === 1 ? '' : `${factor}*`}batch${constant === 0 ? '' : `+${constant}`}`
      Object.assign(size, create(TensorShapeProto_DimensionSchema, { value: { case: 'dimParam', value: name } }))
    })
  })
}

function freeBatch(first: ModelProto, second: ModelProto, third: ModelProto): ModelProto {
  const [a, b, c] = [graphOf(first), graphOf(second), graphOf(third)]
  const same = (x: readonly unknown[], y: readonly unknown[], z: readonly unknown[]) =>
    x.length === y.length && y.length === z.length
  if (!same(a.node, b.node, c.node) || !same(a.initializer, b.initializer, c.initializer))
    throw dependent('the list of ops')
  a.node.forEach((node, i) => {
    const [one, two, three] = [node, b.node[i], c.node[i]].map(each =>
      toBinary(NodeProtoSchema, each as NodeProto),
    ) as [Uint8Array, Uint8Array, Uint8Array]
    if (!equalBytes(one, two) || !equalBytes(one, three)) throw dependent(`the op ${node.opType} (${node.name})`)
  })
  const axis = new BatchAxis(a)
  a.initializer = a.initializer.filter((tensor, i) =>
    axis.keep([tensor, b.initializer[i] as TensorProto, c.initializer[i] as TensorProto]),
  )
  axis.finish()
  for (const part of ['input', 'output'] as const) freeSizes([a[part], b[part], c[part]])
  return first
}

const node = (opType: string, input: string[], output: string, attribute: NodeProto['attribute'] = []): NodeProto =>
  create(NodeProtoSchema, { name: `node_${output}`, opType, input, output: [output], attribute })
