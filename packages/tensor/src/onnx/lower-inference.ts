// A graph as an ONNX model to hand on: weights inside, named outputs, metadata, and a batch axis that is free.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { checkOptions, UserError } from '../errors.ts'
import type { TypedArray } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import { simplify } from '../passes/simplify.ts'
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

// Primes above what constant folding looks at, so that no size of a model equals or divides them by chance.
const PROBES = [1009, 1013, 1019] as const

/**
 * Lowers a graph for inference with standard ONNX ops only. Parameters and buffers become initialisers under their own names.
 *
 * Shapes in a graph are static, so a free batch axis is derived: the graph is lowered at three batch sizes. All three
 * must be the same but for shapes and int64 constants that grow in proportion to the batch (a + b * batch, fitted on two
 * and checked on the third); those become symbolic sizes, -1 in a Reshape, or are computed from the input's shape.
 * @param graphAt the graph for a batch size; the batch is the first axis of its first input
 * @throws UserError where the graph depends on the batch size in another way
 */
export function lowerInference(graphAt: (batch: number) => Graph, options: InferenceOptions): OnnxModel {
  const { outputs, metadata = {}, batch } = checkOptions('lowerInference', options, ['outputs', 'metadata', 'batch'])
  const lower = (size: number) => closed(graphAt(size), outputs)
  let model: ModelProto
  if (batch !== undefined) {
    model = lower(batch)
  } else {
    const [first, second, third] = [lower(PROBES[0]), lower(PROBES[1]), lower(PROBES[2])]
    model = freeBatch(first, second, third)
  }
  model.metadataProps = Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }))
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
  const taken = outputs.find((name, i) => outputs.indexOf(name) !== i || graph.inputs.some(({ leaf }) => leaf?.name === name))
  if (taken !== undefined) {
    throw new UserError({ rule: 'The inputs and outputs of a model must have different names.', received: `the name '${taken}' twice`, next: 'Rename the output.' })
  }
  const { bytes, inputNames } = lowerGraph(simplify(graph), 'cpu', { outputNames: outputs, branches: false })
  const model = fromBinary(ModelProtoSchema, bytes)
  const proto = graphOf(model)
  graph.inputs.forEach(({ leaf, shape, dtype }, i) => {
    if (leaf?.kind === 'input' || !leaf?.data) return
    const name = inputNames[i] as string
    proto.input = proto.input.filter(value => value.name !== name)
    proto.initializer.push(create(TensorProtoSchema, { name, dataType: ONNX_DTYPES[dtype], dims: shape.map(BigInt), rawData: bytesOf(leaf.data) }))
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

/** `a + b * batch` through the values at the first two probes, checked at the third; undefined where it does not fit. */
function affine(values: readonly [number, number, number]): { constant: number; factor: number } | undefined {
  const [x, y, z] = PROBES
  const factor = (values[1] - values[0]) / (y - x)
  const constant = values[0] - factor * x
  return Number.isInteger(factor) && Number.isInteger(constant) && constant + factor * z === values[2] ? { constant, factor } : undefined
}

const int64s = ({ rawData }: TensorProto): number[] =>
  Array.from(new BigInt64Array(rawData.buffer.slice(rawData.byteOffset, rawData.byteOffset + rawData.byteLength) as ArrayBuffer), Number)

const rawInt64s = (values: readonly number[]) => bytesOf(BigInt64Array.from(values, BigInt) as unknown as TypedArray)

const int64Constant = (name: string, values: readonly number[]) =>
  create(TensorProtoSchema, { name, dataType: ONNX_DTYPES.int64, dims: [BigInt(values.length)], rawData: rawInt64s(values) })

function freeBatch(first: ModelProto, second: ModelProto, third: ModelProto): ModelProto {
  const [a, b, c] = [graphOf(first), graphOf(second), graphOf(third)]
  const same = (x: readonly unknown[], y: readonly unknown[], z: readonly unknown[]) => x.length === y.length && y.length === z.length
  if (!same(a.node, b.node, c.node) || !same(a.initializer, b.initializer, c.initializer)) throw dependent('the list of ops')
  a.node.forEach((node, i) => {
    const [one, two, three] = [node, b.node[i], c.node[i]].map(each => toBinary(NodeProtoSchema, each as NodeProto)) as [Uint8Array, Uint8Array, Uint8Array]
    if (!equalBytes(one, two) || !equalBytes(one, three)) throw dependent(`the op ${node.opType} (${node.name})`)
  })
  const computed: NodeProto[] = []
  const extra: TensorProto[] = []
  const names = new Names([...a.input, ...a.output, ...a.initializer].map(({ name }) => name).concat(a.node.flatMap(({ output }) => output)))
  const batchName = names.distinct('batch_size')
  a.initializer = a.initializer.filter((tensor, i) => {
    const [two, three] = [b.initializer[i], c.initializer[i]] as [TensorProto, TensorProto]
    if (equalBytes(tensor.rawData, two.rawData) && equalBytes(tensor.rawData, three.rawData) && tensor.dims.join() === two.dims.join()) return true
    const fits = tensor.dataType === ONNX_DTYPES.int64 && tensor.dims.length === 1 && tensor.dims.join() === two.dims.join() && tensor.dims.join() === three.dims.join()
    const lists = fits ? [int64s(tensor), int64s(two), int64s(three)] as const : undefined
    const fitted = lists?.[0].map((value, k) => affine([value, lists[1][k] as number, lists[2][k] as number]))
    if (!fitted || fitted.some(one => one === undefined)) throw dependent(`the constant ${tensor.name}`)
    const terms = fitted as { constant: number; factor: number }[]
    const users = a.node.filter(node => node.input.includes(tensor.name))
    const free = terms.flatMap(({ factor }, k) => (factor === 0 ? [] : [k]))
    const onlyShapes = users.every(node => node.opType === 'Reshape' && node.input[1] === tensor.name)
    if (onlyShapes && free.length === 1 && terms.every(({ constant, factor }) => factor !== 0 || constant > 0)) {
      tensor.rawData = rawInt64s(terms.map(({ constant, factor }) => (factor === 0 ? constant : -1)))
      return true
    }
    const [factors, constants, scaled] = ['per_item', 'fixed', 'scaled'].map(part => names.distinct(`${tensor.name}_${part}`)) as [string, string, string]
    extra.push(int64Constant(factors, terms.map(({ factor }) => factor)), int64Constant(constants, terms.map(({ constant }) => constant)))
    computed.push(
      node('Mul', [batchName, factors], scaled),
      node('Add', [scaled, constants], tensor.name),
    )
    return false
  })
  if (computed.length > 0) {
    const [images] = a.input
    const start = create(AttributeProtoSchema, { name: 'start', type: AttributeType.INT, i: 0n })
    const end = create(AttributeProtoSchema, { name: 'end', type: AttributeType.INT, i: 1n })
    a.node.unshift(node('Shape', [images?.name ?? ''], batchName, [start, end]), ...computed)
    a.initializer.push(...extra)
  }
  const sizes = (value: ValueInfoProto | undefined) => (value?.type?.value.case === 'tensorType' ? (value.type.value.value.shape?.dim ?? []) : [])
  for (const part of ['input', 'output'] as const) {
    a[part].forEach((value, i) => {
      sizes(value).forEach((size, k) => {
        const values = [size, sizes(b[part][i])[k], sizes(c[part][i])[k]].map(each => (each?.value.case === 'dimValue' ? Number(each.value.value) : NaN)) as [number, number, number]
        if (values[0] === values[1] && values[1] === values[2]) return
        const fitted = affine(values)
        if (!fitted) throw dependent(`a size of ${value.name}`)
        const { constant, factor } = fitted
        const name = `${factor === 1 ? '' : `${factor}*`}batch${constant === 0 ? '' : `+${constant}`}`
        Object.assign(size, create(TensorShapeProto_DimensionSchema, { value: { case: 'dimParam', value: name } }))
      })
    })
  }
  return first
}

const node = (opType: string, input: string[], output: string, attribute: NodeProto['attribute'] = []): NodeProto =>
  create(NodeProtoSchema, { name: `node_${output}`, opType, input, output: [output], attribute })
