// How much a computation holds at once: what is made and still to be read, also in the bodies of loops and branches.
import { topologicalOrder, type Tensor } from '@ddlf/tensor'

/** Elements that a computation holds. What it is given (weights, examples, constants) does not count. */
export interface Held {
  /** At the moment when there are most of them. */
  readonly all: number
  /** Of the largest tensor alone. */
  readonly largest: number
}

/** What is held where everything is made in order, and let go when it was read for the last time. */
export function heldAtOnce(outputs: readonly Tensor[]): Held {
  const order = topologicalOrder(outputs)
  const made = new Set<unknown>()
  const letGo = lastReads(order, outputs)
  let held = 0
  const most = { all: 0, largest: 0 }
  for (const [i, { origin, size }] of order.entries()) {
    if (!origin) continue
    held += size
    const { application } = origin
    // What one application makes together is listed one by one; its bodies run once.
    const within = made.has(application) ? [] : application.regions.map(region => heldAtOnce(region.outputs))
    made.add(application)
    most.all = Math.max(most.all, held + Math.max(0, ...within.map(({ all }) => all)))
    most.largest = Math.max(most.largest, size, ...within.map(({ largest }) => largest))
    for (const tensor of letGo[i] ?? []) held -= tensor.size
  }
  return most
}

/** By the places of an order, the computed tensors that are read there for the last time; outputs are kept. */
function lastReads(order: readonly Tensor[], outputs: readonly Tensor[]): readonly (readonly Tensor[])[] {
  const last = new Map<Tensor, number>()
  for (const [i, tensor] of order.entries())
    for (const read of [tensor, ...tensor.inputs]) if (read.origin) last.set(read, i)
  for (const output of outputs) last.delete(output)
  const letGo: Tensor[][] = order.map(() => [])
  for (const [tensor, place] of last) letGo[place]?.push(tensor)
  return letGo
}
