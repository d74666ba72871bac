// Lowers a graph to one standard ONNX model, or a step program to a model that loops over steps.
import { create, toBinary } from '@bufbuild/protobuf'
import { checkArgument, checkOptions, kinds } from '../errors.ts'
import { requireGraph, topologicalOrder, type Graph } from '../ir/graph.ts'
import type { TensorType } from '../ir/op.ts'
import type { Shape } from '../ir/shape.ts'
import type { Tensor } from '../ir/tensor.ts'
import { programInputs, requireSteps, type StepProgram } from '../runtimes/runtime.ts'
import { decompose } from '../passes/decompose.ts'
import { inlineBodies } from '../passes/inline-bodies.ts'
import { emitRegion, withBranches } from './emit-region.ts'
import { Emitter, Names, valueInfo, type Provider } from './emitter.ts'
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type GraphProto,
} from './generated/onnx_pb.ts'

/** The ONNX operator set the lowerings are written for. */
const OPSET = 17n
const IR_VERSION = 8n

/** A model in ONNX's binary form, and the names of its inputs and outputs in order. */
export interface OnnxModel {
  readonly bytes: Uint8Array
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
}

/** The values of several steps one after another: the number of steps is free. */
const stacked = (shape: Shape) => ['steps', ...shape]

/** What a lowering may use besides standard ONNX. */
export interface LoweringOptions {
  /** Channels side by side in the blocked layout of the native convolution kernels; default 0: only standard ONNX. */
  readonly channelBlock?: number
  /** Names of the outputs in order; default `output_0` and so on. An input with such a name gets another one. */
  readonly outputNames?: readonly string[]
  /** Whether a form of an op may be chosen at each run by what its operand holds; default: where the provider can. */
  readonly branches?: boolean
}

function encode(graph: GraphProto): Uint8Array {
  const domains = new Set(withBranches(graph.node).map(({ domain }) => domain))
  domains.add('')
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: '30ddlf',
    graph,
    opsetImport: [...domains].sort()
      .map(domain => create(OperatorSetIdProtoSchema, { domain, version: domain === '' ? OPSET : 1n })),
  }))
}

interface NamedType extends TensorType {
  readonly name: string
}

/** A model of the nodes of an emitter. */
export function encodeModel(
  name: string, emitter: Emitter, inputs: readonly NamedType[], outputs: readonly NamedType[],
): Uint8Array {
  const info = (value: NamedType) => valueInfo(value.name, value.dtype, value.shape)
  return encode(create(GraphProtoSchema, {
    name, node: emitter.nodes, initializer: emitter.initializers, input: inputs.map(info), output: outputs.map(info),
  }))
}

/** Names of a graph's inputs: their own where they have one, made distinct. */
function inputNamesOf(graph: Graph, names: Names): Map<Tensor, string> {
  return new Map(graph.inputs.map((leaf, index) => [
    leaf, names.distinct(leaf.leaf?.name ?? `${leaf.leaf?.kind ?? 'input'}_${index}`),
  ]))
}

const LOWERING_KINDS = {
  channelBlock: kinds.whole(0), outputNames: kinds.listOf(kinds.name, 'names'), branches: kinds.flag,
}
const providerKind = kinds.oneOf('cpu', 'wasm', 'webgpu')

/** One ONNX model that computes a graph once. */
export function lowerGraph(given: Graph, provider: Provider, options: LoweringOptions = {}): OnnxModel {
  const { channelBlock = 0, outputNames: wanted = [], branches = provider !== 'webgpu' } = checkOptions(
    'lowerGraph', options, LOWERING_KINDS,
  )
  const graph = requireGraph('lowerGraph', given)
  checkArgument('lowerGraph', 'the provider', provider, providerKind)
  // WebGPU has neither loops nor branches.
  const written = provider === 'webgpu' ? inlineBodies(graph) : graph
  const used = new Names(wanted)
  const names = inputNamesOf(graph, used)
  const planned = graph.outputs.map((_, index) => wanted[index] ?? used.distinct(`output_${index}`))
  const emitter = new Emitter(provider, { names: used, channelBlock, branches })
  const outputNames = emitRegion(decompose(written), emitter, names, index => planned[index] as string)
  const inputs = graph.inputs.map(leaf => ({ name: names.get(leaf) as string, shape: leaf.shape, dtype: leaf.dtype }))
  const outputs = graph.outputs.map(({ shape, dtype }, i) => ({ name: outputNames[i] as string, shape, dtype }))
  return {
    bytes: encodeModel(graph.name, emitter, inputs, outputs), inputNames: inputs.map(({ name }) => name), outputNames,
  }
}

/** Name of the model input that says how many steps to run. */
export const STEPS_INPUT = 'steps'

/**
 * One ONNX model that runs a step program `steps` times: a Loop that carries the state, reads the fresh values of each
 * step from stacked inputs, and what is captured from around it. Without it every step would copy the state out and pay
 * the call.
 */
export function lowerSteps(given: StepProgram, provider: Provider, options: LoweringOptions = {}): OnnxModel {
  const { channelBlock = 0 } = checkOptions('lowerSteps', options, LOWERING_KINDS)
  const program = requireSteps('lowerSteps', given)
  checkArgument('lowerSteps', 'the provider', provider, providerKind)
  const { graph, stateCount } = program
  const used = new Names([STEPS_INPUT])
  const names = inputNamesOf(graph, used)
  const outputNames = graph.outputs.map((_, index) => used.distinct(`output_${index}`))
  const outer = new Emitter(provider, { names: used })
  const body = new Emitter(provider, { names: used, channelBlock })
  const [step, condition, goOn] = [
    'step', 'condition', 'continue',
  ].map(hint => used.distinct(hint)) as [string, string, string]
  const { state, fresh, captured } = programInputs(program)
  const nameOf = (leaf: Tensor) => names.get(leaf) as string
  const bodyNames = new Map<Tensor, string>(state.map(leaf => [leaf, used.distinct(`body_${nameOf(leaf)}`)]))
  // The body reads what is captured from around the loop.
  for (const leaf of captured) bodyNames.set(leaf, nameOf(leaf))
  const read = new Set(topologicalOrder(graph.outputs))
  for (const leaf of fresh) if (read.has(leaf)) bodyNames.set(
    leaf, body.node('Gather', [nameOf(leaf), step], { axis: 0 }),
  )
  const planned = graph.outputs.map((_, index) => used.distinct(`body_output_${index}`))
  const bodyOutputs = emitRegion(decompose(graph), body, bodyNames, index => planned[index] as string)
  body.node('Identity', [condition], {}, { output: goOn })
  const bodyGraph = create(GraphProtoSchema, {
    name: graph.name,
    node: body.nodes,
    input: [
      valueInfo(step, 'int64', []),
      valueInfo(condition, 'bool', []),
      ...state.map(leaf => valueInfo(bodyNames.get(leaf) as string, leaf.dtype, leaf.shape)),
    ],
    output: [
      valueInfo(goOn, 'bool', []),
      ...graph.outputs.map((output, i) => valueInfo(bodyOutputs[i] as string, output.dtype, output.shape)),
    ],
  })
  outer.addNode('Loop', [STEPS_INPUT, '', ...state.map(nameOf)], outputNames, { body: { graph: bodyGraph } })
  const proto = create(GraphProtoSchema, {
    name: graph.name,
    node: outer.nodes,
    // The body's constants live in the outer graph: they are made once, not once a step.
    initializer: [...outer.initializers, ...body.initializers],
    input: [
      valueInfo(STEPS_INPUT, 'int64', []),
      ...state.map(leaf => valueInfo(nameOf(leaf), leaf.dtype, leaf.shape)),
      ...fresh.map(leaf => valueInfo(nameOf(leaf), leaf.dtype, stacked(leaf.shape))),
      ...captured.map(leaf => valueInfo(nameOf(leaf), leaf.dtype, leaf.shape)),
    ],
    output: graph.outputs.map((output, i) =>
      valueInfo(outputNames[i] as string, output.dtype, i < stateCount ? output.shape : stacked(output.shape))),
  })
  return { bytes: encode(proto), inputNames: graph.inputs.map(nameOf), outputNames }
}

