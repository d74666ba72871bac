// A graph: named outputs, and the leaves they depend on, in the order in which they are fed.
import { UserError } from '../errors.ts'
import type { Tensor } from './tensor.ts'

/** A computation from `inputs` (leaves) to `outputs`. Constants are part of the graph and are not listed. */
export interface Graph {
  readonly name: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

/** All tensors the given ones depend on, each after its inputs; iterative, so that deep graphs do not overflow the stack. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = []
  const seen = new Set<Tensor>()
  const stack: { tensor: Tensor; next: number }[] = []
  for (const output of outputs) {
    if (seen.has(output)) continue
    seen.add(output)
    stack.push({ tensor: output, next: 0 })
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.tensor.origin?.inputs[top.next++]
      if (!child) {
        order.push(top.tensor)
        stack.pop()
      } else if (!seen.has(child)) {
        seen.add(child)
        stack.push({ tensor: child, next: 0 })
      }
    }
  }
  return order
}

/**
 * Closes a computation over its leaves: the named `inputs` first, then every parameter and buffer found.
 * @throws UserError when an output depends on an input that is not listed
 */
export function graph(name: string, inputs: readonly Tensor[], outputs: readonly Tensor[]): Graph {
  const listed = new Set(inputs)
  const state: Tensor[] = []
  for (const node of topologicalOrder(outputs)) {
    if (!node.leaf || node.leaf.kind === 'constant' || listed.has(node)) continue
    if (node.leaf.kind === 'input') {
      throw new UserError({
        rule: `The graph '${name}' depends on an input that it does not list.`,
        received: node.toString(),
        next: 'List every input, or pass the value as an argument of the compiled function.',
      })
    }
    state.push(node)
  }
  return { name, inputs: [...inputs, ...state], outputs }
}

/** Floating-point operations of one run of a graph, counted over its matrix products and convolutions. */
export function flopOf(computation: Graph): number {
  let total = 0
  for (const { origin, shape, dtype } of topologicalOrder(computation.outputs)) {
    total += origin?.op.flop?.(origin.inputs, { shape, dtype }, origin.attributes) ?? 0
  }
  return total
}
