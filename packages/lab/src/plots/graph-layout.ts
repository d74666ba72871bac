// Where the nodes of a step's graph stand when it is drawn: a band for each layer, the forward pass down the left, the
// weights beside it, the backward pass up again on the right, and what each weight becomes at the far right.
import type { Graph } from '@ddlf/tensor'
import { bandsOf } from './graph-layout/band.ts'
import { classify, updateGroups } from './graph-layout/classify.ts'
import { connect } from './graph-layout/connect.ts'
import { COLUMNS, type GraphBand, type GraphEdge, type GraphNode, type StepParts } from './graph-layout/graph-node.ts'
import { placeInColumns, placeInRows } from './graph-layout/place.ts'
import { GraphReading } from './graph-layout/reading.ts'

export type { GraphBand, GraphEdge, GraphNode, GraphNodeKind, StepParts } from './graph-layout/graph-node.ts'

/** A graph laid out. */
export interface GraphLayout {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  readonly bands: readonly GraphBand[]
  /** Headings of the columns that are used. */
  readonly columns: readonly string[]
  readonly rows: number
}

/**
 * Lays out a graph. An op with several outputs is one node, and so is a loop, which says how many ops its body has.
 * @param step what is state and what is reported, where the graph is a training step; without it all of it is a forward
 *   pass
 */
export function layoutGraph(graph: Graph, step?: StepParts): GraphLayout {
  const reading = new GraphReading(graph)
  const roles = classify(reading, step)
  const groupOf = updateGroups(reading, roles, step)
  const plan = { reading, roles, groupOf, bands: bandsOf(reading, roles, groupOf, step !== undefined), step }
  const drawn = placeInColumns(plan)
  const { bands, rows } = placeInRows(plan, drawn)
  const used = Math.max(...drawn.nodes.map(({ column }) => column)) + 1
  return { nodes: drawn.nodes, edges: connect(reading, drawn), bands, columns: COLUMNS.slice(0, used), rows }
}
