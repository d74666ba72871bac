// Checks a built graph: every node's type is inferred again, and every leaf is either constant or listed.
import { UserError } from '../errors.ts'
import { partsOf, requireGraph, type Graph } from './graph.ts'
import { sameShape } from './shape.ts'
import { formatType } from './tensor.ts'

/**
 * Verifies a graph and the bodies inside it, after a pass has rebuilt them.
 * @throws Error naming the node, when a type does not follow from its inputs; UserError when a leaf is not listed
 */
export function checkGraph(graph: Graph): void {
  const { name, inputs: leaves, outputs: results } = requireGraph('checkGraph', graph)
  const listed = new Set(leaves)
  for (const part of partsOf(results)) {
    if (part.leaf) {
      const { leaf } = part
      if (leaf.leaf?.kind !== 'constant' && !listed.has(leaf)) {
        throw new UserError({
          rule: `The graph '${name}' depends on a leaf that it does not list.`, received: leaf.toString(),
        })
      }
      continue
    }
    const { op, inputs, attributes, regions } = part.application
    const types = op.infer(inputs, attributes, regions)
    for (const [i, node] of part.outputs.entries()) {
      const type = types[i]
      if (node && (!type || type.dtype !== node.dtype || !sameShape(type.shape, node.shape))) {
        throw new Error(
          `${name}: ${op.name} yields ${type ? formatType(type) : 'nothing'}, but its node says ${formatType(node)}.`,
        )
      }
    }
    for (const region of regions) checkGraph({ name: `${name}, in ${op.name}`, ...region })
  }
}
