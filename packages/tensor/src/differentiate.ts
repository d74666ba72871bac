// Reverse-mode differentiation: builds the graph of a gradient from the gradients of the ops.
// Source: Griewank and Walther, "Evaluating Derivatives", 2nd edition, 2008, chapter 3.
import { UserError } from './errors.ts'
import { topologicalOrder } from './ir/graph.ts'
import { formatType, full, zeros, type Tensor } from './ir/tensor.ts'
import { add } from './ops/elementwise.ts'

/**
 * The gradients of a scalar with respect to other tensors, as tensors, so that they can be differentiated again.
 * A tensor the loss does not depend on gets zeros.
 * @param loss float32, one element
 * @param withRespectTo any tensors of the graph, usually the parameters; float32
 * @throws UserError when the loss is not a scalar, or depends on a tensor only through an op that is not differentiable
 */
export function differentiate(loss: Tensor, withRespectTo: readonly Tensor[]): Tensor[] {
  if (loss.size !== 1 || loss.dtype !== 'float32') {
    throw new UserError({ rule: 'differentiate: the loss must be one float32 number.', received: formatType(loss), next: 'Reduce it with sum() or mean().' })
  }
  const order = topologicalOrder([loss])
  const wanted = new Set(withRespectTo)
  const dependent = new Set<Tensor>()
  for (const node of order) {
    if (wanted.has(node) || node.origin?.inputs.some(input => dependent.has(input))) dependent.add(node)
  }
  const gradients = new Map<Tensor, Tensor>([[loss, full(loss.shape, 1)]])
  const blocked = new Set<string>()
  for (const node of order.reverse()) {
    const gradient = gradients.get(node)
    if (!gradient || !node.origin || !dependent.has(node)) continue
    const { op, inputs, attributes } = node.origin
    if (!op.gradient) {
      blocked.add(op.name)
      continue
    }
    const parts = op.gradient({ inputs, output: node, gradient, attributes })
    inputs.forEach((input, i) => {
      const part = parts[i]
      if (!dependent.has(input)) return
      if (!part) {
        blocked.add(op.name)
        return
      }
      const known = gradients.get(input)
      gradients.set(input, known ? add(known, part) : part)
    })
  }
  return withRespectTo.map(x => {
    const gradient = gradients.get(x)
    if (gradient) return gradient
    if (blocked.size > 0 && !blocked.has('detach')) {
      throw new UserError({
        rule: `differentiate: the loss depends on ${x.toString()} only through ${[...blocked].join(', ')}, which has no gradient.`,
        next: 'Leave it out of the list, or use detach() where the gradient is meant to stop.',
      })
    }
    return zeros(x.shape)
  })
}
