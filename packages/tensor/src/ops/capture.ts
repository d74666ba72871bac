// What a body uses from around it.
import type { Application } from '../ir/application.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Shape } from '../ir/shape.ts'
import type { DType } from '../ir/dtype.ts'
import { Tensor, zeros } from '../ir/tensor.ts'

/** As many tensors. */
export type TensorsLike<T extends readonly Tensor[]> = { [K in keyof T]: Tensor }

/** A leaf that stands in a body for the values of any of its runs. */
export const placeholder = (name: string, shape: Shape, dtype: DType): Tensor =>
  Tensor.fromLeaf({ shape, dtype }, { kind: 'placeholder', name })

/** A mark before a body is built: what is made later has a higher number. */
export const markBefore = (): number => zeros([]).id

/**
 * Finds what a body consists of, and what it captures. Constants that were made in it are part of it; those from around
 * it are captured, so that they have gradients, and return into it when the graph is simplified.
 * @param results what the body makes
 * @param mark from {@link markBefore}, before the body was built
 * @param isInside whether a tensor belongs to the body
 * @returns its applications, and what it captures with the leaves that stand for it
 */
export function captures(
  results: readonly Tensor[],
  mark: number,
  isInside: (tensor: Tensor) => boolean,
): { readonly applications: ReadonlySet<Application>; readonly captured: ReadonlyMap<Tensor, Tensor> } {
  const order = topologicalOrder(results, { has: tensor => !isInside(tensor) })
  const applications = new Set(order.flatMap(({ origin }) => origin?.application ?? []))
  const captured = new Map<Tensor, Tensor>()
  for (const tensor of [...[...applications].flatMap(({ inputs }) => inputs), ...results]) {
    const own = tensor.leaf?.kind === 'constant' && tensor.id > mark
    if (own || isInside(tensor) || captured.has(tensor)) continue
    captured.set(tensor, placeholder(`captured${captured.size}`, tensor.shape, tensor.dtype))
  }
  return { applications, captured }
}
