// Emits the nodes of a graph, or of a region inside one: each op lowers itself, and the results get their names.
import type { Part } from '../ir/graph.ts'
import { partsOf, topologicalOrder } from '../ir/graph.ts'
import type { Region } from '../ir/region.ts'
import type { Tensor } from '../ir/tensor.ts'
import type { Emitter } from './emitter.ts'
import type { NodeProto } from './generated/onnx_pb.ts'

/** Lets an application lower itself; returns the names of its outputs. Empty outputs are constants. */
function emitApplication(
  { application, outputs }: Exclude<Part, { leaf: Tensor }>,
  emitter: Emitter,
  names: ReadonlyMap<Tensor, string>,
) {
  const { op, inputs, attributes, regions } = application
  if (outputs.every(output => !output || output.size === 0)) {
    return outputs.map(output => output && emitter.constant([], output.dtype, output.shape))
  }
  const types = outputs.map(output => output && { shape: output.shape, dtype: output.dtype })
  return op.onnx(emitter, {
    names: inputs.map(input => names.get(input) as string),
    inputs,
    outputs: types,
    attributes,
    regions,
  })
}

/**
 * Emits the nodes of a decomposed region into `emitter`.
 * @param inputNames the names of its inputs
 * @param outputName the names that its outputs are to have
 * @returns the names of its outputs
 */
export function emitRegion(
  { outputs: results }: Pick<Region, 'outputs'>,
  emitter: Emitter,
  inputNames: ReadonlyMap<Tensor, string>,
  outputName: (index: number) => string,
): string[] {
  const names = new Map<Tensor, string>(inputNames)
  const readers = new Map<Tensor, number>()
  for (const node of [...topologicalOrder(results).flatMap(({ inputs }) => inputs), ...results])
    readers.set(node, (readers.get(node) ?? 0) + 1)
  for (const part of partsOf(results)) {
    if (part.leaf) {
      const { leaf } = part
      if (!names.has(leaf)) names.set(leaf, emitter.constant(leaf.leaf?.data ?? [], leaf.dtype, leaf.shape))
      continue
    }
    const made = emitApplication(part, emitter, names)
    part.outputs.forEach((output, i) => {
      if (!output) return
      names.set(output, made[i] as string)
      emitter.setReaders(made[i] as string, readers.get(output) ?? 0)
    })
  }
  dropUnused(emitter, new Set(results.map(output => names.get(output) as string)))
  return nameOutputs(
    emitter,
    results.map(output => names.get(output) as string),
    outputName,
  )
}

/** An output must come from a node under its own name: its producer's output is renamed where that is possible. */
function nameOutputs(emitter: Emitter, results: readonly string[], outputName: (index: number) => string): string[] {
  const produced = new Set(emitter.nodes.flatMap(node => node.output))
  const renamed = new Map<string, string>()
  const outputs = results.map((name, index) => {
    const target = outputName(index)
    if (produced.has(name) && !renamed.has(name)) renamed.set(name, target)
    else emitter.node('Identity', [name], {}, { output: target })
    return target
  })
  for (const node of withBranches(emitter.nodes)) {
    node.input = node.input.map(name => renamed.get(name) ?? name)
    node.output = node.output.map(name => renamed.get(name) ?? name)
  }
  return outputs
}

/** The nodes and those of the graphs inside them, which read values from around them. */
export const withBranches = (nodes: readonly NodeProto[]): NodeProto[] =>
  nodes.flatMap(node => [node, ...node.attribute.flatMap(({ g }) => (g ? withBranches(g.node) : []))])

/** Removes the nodes whose outputs nothing reads: a lowering may leave a form of its result that no other one needs. */
function dropUnused(emitter: Emitter, wanted: Set<string>): void {
  for (let i = emitter.nodes.length - 1; i >= 0; i--) {
    const node = emitter.nodes[i] as NodeProto
    if (node.output.some(name => wanted.has(name)))
      for (const each of withBranches([node])) each.input.forEach(name => wanted.add(name))
    else emitter.nodes.splice(i, 1)
  }
}
