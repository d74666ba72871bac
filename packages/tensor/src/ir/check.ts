// Checks a built graph: every node's type is inferred again, and every leaf is either constant or listed.
import { topologicalOrder, type Graph } from './graph.ts'
import { sameShape } from './shape.ts'
import { formatType } from './tensor.ts'

/**
 * Verifies a graph after a pass has rebuilt it.
 * @throws Error naming the node, when a type does not follow from its inputs or a leaf is not listed
 */
export function checkGraph(graph: Graph): void {
  const listed = new Set(graph.inputs)
  for (const node of topologicalOrder(graph.outputs)) {
    if (node.origin) {
      const { op, inputs, attributes } = node.origin
      const type = op.infer(inputs, attributes)
      if (type.dtype !== node.dtype || !sameShape(type.shape, node.shape)) {
        throw new Error(`${graph.name}: ${op.name} yields ${formatType(type)}, but its node says ${formatType(node)}.`)
      }
    } else if (node.leaf?.kind !== 'constant' && !listed.has(node)) {
      throw new Error(`${graph.name}: the leaf ${node.toString()} is not an input of the graph.`)
    }
  }
}
