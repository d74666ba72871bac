// Replaces loops by their steps and branches by choices between their results, for providers that have neither. What a
// gradient sums after its loop stays behind it.
import type { Application } from '../ir/application.ts'
import { requireGraph, type Graph } from '../ir/graph.ts'
import type { Region } from '../ir/region.ts'
import type { Tensor } from '../ir/tensor.ts'
import { where } from '../ops/choice.ts'
import { condOp } from '../ops/cond.ts'
import { scanOp, type ScanAttributes } from '../ops/scan.ts'
import { reshape, stack } from '../ops/shape.ts'
import { slice } from '../ops/slice.ts'
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
    const element = (i: number) =>
      reshape(slice(inputs[i] as Tensor, { axis: 0, start: at, end: at + 1 }), (leaves[i] as Tensor).shape)
    const given = new Map(
      leaves.map((leaf, i) => [
        leaf,
        i < carries ? (carry[i] as Tensor) : i < carries + xs ? element(i) : (inputs[i] as Tensor),
      ]),
    )
    const values = substitute(outputs, given)
    carry = values.slice(0, carries)
    values.slice(carries).forEach((value, i) => ((collected[i] as Tensor[])[at] = value))
  }
  return [...carry, ...collected.map(values => stack(values, 0))]
}

/** The outputs of a choice, both branches of which are computed. */
function chosen({ inputs: [condition, ...captured], regions }: Application): Tensor[] {
  const [whenTrue, whenFalse] = regions.map(({ inputs, outputs }) =>
    substitute(outputs, new Map(inputs.map((leaf, i) => [leaf, captured[i] as Tensor]))),
  ) as [Tensor[], Tensor[]]
  return whenTrue.map((value, i) => where(condition as Tensor, value, whenFalse[i] as Tensor))
}

const inlining: Rewriting = {
  // A body may hold others.
  application(application, walk) {
    switch (application.op.name) {
      case scanOp.name:
        return walk(unrolled(application))
      case condOp.name:
        return walk(chosen(application))
      default:
        return undefined
    }
  },
}

/**
 * Writes out all bodies of a graph: scans step by step, both branches of conds. Its inputs stay the same leaves in the
 * same order.
 */
export const inlineBodies = (graph: Graph): Graph => rebuildGraph(requireGraph('inlineBodies', graph), inlining)
