// What of a scan's body is needed where only some of its outputs are read.
import type { Application } from '../ir/application.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Pruned } from '../ir/op.ts'
import type { Region } from '../ir/region.ts'
import { Tensor } from '../ir/tensor.ts'
import type { ScanAttributes } from './scan.ts'

/**
 * The outputs of a body that something needs: those that are read, and the carried values on which they depend from
 * step to step.
 */
function neededOutputs({ inputs, outputs }: Region, carries: number, read: (index: number) => boolean): Set<number> {
  const needed = new Set(outputs.flatMap((_, i) => (read(i) ? [i] : [])))
  for (let known = -1; known < needed.size;) {
    known = needed.size
    const reached = new Set(topologicalOrder(outputs.filter((_, i) => needed.has(i))))
    inputs.slice(0, carries).forEach((leaf, i) => reached.has(leaf) && needed.add(i))
  }
  return needed
}

/** A scan that computes and carries only what is needed for the outputs that are read. */
export function pruneScan(application: Application, read: (index: number) => boolean): Pruned {
  const { op, inputs, regions } = application
  const attributes = application.attributes as ScanAttributes
  const body = regions[0] as Region
  const { carries, xs } = attributes
  const needed = neededOutputs(body, carries, read)
  const indices = body.outputs.flatMap((_, i) => (needed.has(i) ? [i] : []))
  const outputs = indices.map(i => body.outputs[i] as Tensor)
  const reached = new Set(topologicalOrder(outputs))
  const kept = body.inputs.flatMap((leaf, i) => ((i < carries ? needed.has(i) : reached.has(leaf)) ? [i] : []))
  if (indices.length === body.outputs.length && kept.length === body.inputs.length) return { application, indices }
  const among = (from: number, to: number, list: readonly number[]) => list.filter(i => i >= from && i < to).length
  const [first] = Tensor.applyAll(
    op,
    kept.map(i => inputs[i] as Tensor),
    { ...attributes, carries: among(0, carries, indices), xs: among(carries, carries + xs, kept) },
    [{ inputs: kept.map(i => body.inputs[i] as Tensor), outputs }],
  )
  return { application: (first?.origin as NonNullable<Tensor['origin']>).application, indices }
}
