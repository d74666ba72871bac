// Replaces ops that are defined in terms of others by their parts.
import type { Graph } from '../ir/graph.ts'
import { rebuildGraph, rebuildRegion, type Rewriting } from './rebuild.ts'

const rewriting: Rewriting = {
  application: ({ op, inputs, attributes }, walk) => op.decompose && walk(op.decompose(inputs, attributes)),
  region: region => rebuildRegion(region, rewriting),
}

/** Decomposes a graph, also what comes out of a decomposition. Its inputs stay the same leaves in the same order. */
export const decompose = (graph: Graph): Graph => rebuildGraph(graph, rewriting)
