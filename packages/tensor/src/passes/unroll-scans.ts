// Replaces loops by their steps, for providers that have no loop. What a gradient sums after its loop stays behind it.
import type { Application } from '../ir/application.ts'
import { requireGraph, type Graph } from '../ir/graph.ts'
import type { Region } from '../ir/region.ts'
import type { Tensor } from '../ir/tensor.ts'
import { scanOp, type ScanAttributes } from '../ops/scan.ts'
import { reshape, slice, stack } from '../ops/shape.ts'
import { rebuildGraph, type Rewriting } from './rebuild.ts'
import { substitute } from './substitute.ts'

/** The outputs of a scan, its body written out once for each step. */
function unrolled({ inputs, attributes, regions }: Application): Tensor[] {
  const { carries, xs, length, reverse } = attributes as ScanAttributes
  const { inputs: leaves, outputs } = regions[0] as Region
  let carry = inputs.slice(0, carries)
  const collected: Tensor[][] = outputs.slice(carries).map(() => [])
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step
    const element = (i: number) => reshape(slice(inputs[i] as Tensor, { axis: 0, start: at, end: at + 1 }), (leaves[i] as Tensor).shape)
    const given = new Map(leaves.map((leaf, i) =>
      [leaf, i < carries ? carry[i] as Tensor : i < carries + xs ? element(i) : inputs[i] as Tensor]))
    const values = substitute(outputs, given)
    carry = values.slice(0, carries)
    values.slice(carries).forEach((value, i) => ((collected[i] as Tensor[])[at] = value))
  }
  return [...carry, ...collected.map(values => stack(values, 0))]
}

const rewriting: Rewriting = {
  // A body may hold a scan of its own.
  application: (application, walk) => (application.op.name === scanOp.name ? walk(unrolled(application)) : undefined),
}

/** Unrolls all scans of a graph. Its inputs stay the same leaves in the same order. */
export const unrollScans = (graph: Graph): Graph => rebuildGraph(requireGraph('unrollScans', graph), rewriting)
