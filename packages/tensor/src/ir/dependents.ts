// Which tensors of a computation depend on others.
import type { Tensor } from './tensor.ts'

/** The tensors of an order, each after its inputs, that depend on one of the given tensors, those included. */
export function dependents(order: readonly Tensor[], on: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const found = new Set<Tensor>(on)
  for (const node of order) if (node.inputs.some(input => found.has(input))) found.add(node)
  return found
}
