// Replaces ops that are defined in terms of others by their parts.
import { topologicalOrder, type Graph } from '../ir/graph.ts'
import { Tensor } from '../ir/tensor.ts'

/** Decomposes a graph, also what comes out of a decomposition. Its inputs stay the same leaves in the same order. */
export function decompose(graph: Graph): Graph {
  const replaced = new Map<Tensor, Tensor>()
  const replace = (outputs: readonly Tensor[]) => {
    for (const node of topologicalOrder(outputs)) {
      if (replaced.has(node)) continue
      let result = node
      if (node.origin) {
        const { op, attributes } = node.origin
        const inputs = node.origin.inputs.map(input => replaced.get(input) as Tensor)
        if (op.decompose) {
          const parts = op.decompose(inputs, attributes)
          replace([parts])
          result = replaced.get(parts) as Tensor
        } else if (inputs.some((input, i) => input !== node.origin?.inputs[i])) {
          result = Tensor.apply(op, inputs, attributes)
        }
      }
      replaced.set(node, result)
    }
  }
  replace(graph.outputs)
  return { ...graph, outputs: graph.outputs.map(output => replaced.get(output) as Tensor) }
}
