// What the ops of a graph read, those inside its bodies as well, traced to where it stands around them.
import { topologicalOrder } from '../ir/graph.ts'
import type { Application } from '../ir/application.ts'
import type { Tensor } from '../ir/tensor.ts'

/** Where a value stands that a body reads from around it; any other value is itself. */
export type Around = (tensor: Tensor) => Tensor

/**
 * Asks every value of a computation and of the bodies inside it.
 * @param find what to collect of a value
 * @param enters whether the bodies of an application are looked into; default all
 * @param outside what stands around a body for each of its leaves that is known before it runs
 */
export function collectReads<T>(
  outputs: readonly Tensor[],
  find: (tensor: Tensor, around: Around) => readonly T[],
  enters: (application: Application) => boolean = () => true,
  outside: ReadonlyMap<Tensor, Tensor> = new Map(),
): T[] {
  const order = topologicalOrder(outputs)
  const around = (tensor: Tensor) => outside.get(tensor) ?? tensor
  const own = order.flatMap(tensor => find(tensor, around))
  const applications = [...new Set(order.flatMap(({ origin }) => origin?.application ?? []))].filter(enters)
  const bodies = applications.flatMap(({ inputs, attributes, regions }) => {
    // What a loop carries is known only as it runs.
    const carries = Number(attributes['carries'] ?? 0)
    return regions.flatMap(region => {
      const first = inputs.length - region.inputs.length
      const known = region.inputs.map((leaf, i): [Tensor, Tensor] => [leaf, around(inputs[first + i] as Tensor)])
      return collectReads(region.outputs, find, enters, new Map(known.slice(carries)))
    })
  })
  return [...own, ...bodies]
}
