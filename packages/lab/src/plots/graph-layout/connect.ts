// The edges between the drawn nodes of a graph.
import type { GraphEdge, GraphNode } from './graph-node.ts'
import type { DrawnNodes } from './place.ts'
import type { GraphReading } from './reading.ts'

const EARLY = ['forward', 'input', 'loss', 'parameter']

/** Whether the backward pass takes a value from the forward pass. */
const isKept = (from: GraphNode | undefined, to: GraphNode | undefined): boolean =>
  from !== undefined &&
  to !== undefined &&
  EARLY.includes(from.kind) &&
  (to.kind === 'gradient' || to.kind === 'metric')

/** One edge for each two nodes of which one reads the other. */
export function connect(reading: GraphReading, drawn: DrawnNodes): GraphEdge[] {
  const edges = new Map<string, GraphEdge>()
  for (const tensor of reading.order) {
    const to = drawn.of(tensor)
    if (to === undefined) continue
    for (const source of reading.inputsOf(tensor)) {
      const from = drawn.of(source)
      // A parameter enters its own update; that it stands in the same row says so.
      if (
        from === undefined ||
        from === to ||
        (drawn.nodes[to]?.kind === 'update' && drawn.nodes[from]?.kind === 'parameter')
      )
        continue
      edges.set(`${from} ${to}`, { from, to, kept: isKept(drawn.nodes[from], drawn.nodes[to]) })
    }
  }
  return [...edges.values()]
}
