// Reverse-mode differentiation: builds the graph of a gradient from the gradients of the ops.
// Source: Griewank and Walther, "Evaluating Derivatives", 2nd edition, 2008, chapter 3.
import { checkArgument, kinds, UserError } from './errors.ts'
import type { Application } from './ir/application.ts'
import { dependents } from './ir/dependents.ts'
import { topologicalOrder } from './ir/graph.ts'
import { formatType, full, requireTensors, tensorKind, zeros, type Tensor } from './ir/tensor.ts'
import { add } from './ops/elementwise.ts'

/** Where a gradient ends before it reaches a leaf, at an op that is not differentiable. */
interface Stop {
  /** The input of the op that got no gradient. */
  readonly input: Tensor
  readonly op: string
}

/** Tensors that the loss depends on together with the gradients that flow into them. */
export type Seeds = readonly (readonly [tensor: Tensor, gradient: Tensor])[]

/** An application's gradients for its inputs, by the op's rule. */
function applyRule(
  { op, inputs, outputs, attributes, regions }: Application,
  gradients: ReadonlyMap<Tensor, Tensor>,
  dependent: ReadonlySet<Tensor>,
) {
  if (typeof op.gradient !== 'function') return inputs.map(() => op.gradient as 'zero' | null)
  const wanted = inputs.map(input => dependent.has(input))
  return op.gradient({
    inputs,
    outputs,
    gradients: outputs.map(output => gradients.get(output)),
    wanted,
    attributes,
    regions,
  })
}

/**
 * Carries gradients of any tensors back to others.
 * @param seeds tensors and the gradients that arrive at them; a tensor may stand in several
 * @returns for each tensor its gradient; where none arrives, the names of the ops that stand in between and are not
 *   differentiable, and `'zero'` where there are none
 */
export function pullback(seeds: Seeds, withRespectTo: readonly Tensor[]): (Tensor | 'zero' | readonly string[])[] {
  const order = topologicalOrder(seeds.map(([tensor]) => tensor))
  const dependent = dependents(order, new Set(withRespectTo))
  const gradients = new Map<Tensor, Tensor>()
  const accumulate = (tensor: Tensor, part: Tensor) => {
    const known = gradients.get(tensor)
    gradients.set(tensor, known ? add(known, part) : part)
  }
  for (const [tensor, gradient] of seeds) accumulate(tensor, gradient)
  // An application's rule is applied where its first output stands in the order: what reads any of them stands behind
  // it.
  const first = new Map<Application, Tensor>()
  for (const node of order)
    if (node.origin && !first.has(node.origin.application)) first.set(node.origin.application, node)
  const stops: Stop[] = []
  for (const node of order.toReversed()) {
    const application = node.origin?.application
    if (!application || first.get(application) !== node || !node.inputs.some(input => dependent.has(input))) continue
    if (!application.outputs.some(output => gradients.has(output))) continue
    const parts = applyRule(application, gradients, dependent)
    application.inputs.forEach((input, i) => {
      if (!dependent.has(input)) return
      const part = parts[i] ?? null
      if (part === null) stops.push({ input, op: application.op.name })
      else if (part !== 'zero') accumulate(input, part)
    })
  }
  return withRespectTo.map(x => gradients.get(x) ?? blockedBy(x, order, stops))
}

/**
 * The ops that stand between a tensor and the loss and are not differentiable; `'zero'` where there are none, and the
 * gradient is known to be zero.
 */
function blockedBy(x: Tensor, order: readonly Tensor[], stops: readonly Stop[]): 'zero' | readonly string[] {
  if (stops.length === 0) return 'zero'
  const reached = dependents(order, new Set([x]))
  const met = new Set(stops.flatMap(({ input, op }) => (reached.has(input) ? [op] : [])))
  return met.size === 0 ? 'zero' : [...met]
}

const tensorList = kinds.listOf(tensorKind, 'tensors')

/**
 * The gradients of a scalar with respect to other tensors, as tensors, so that they can be differentiated again.
 * A tensor gets zeros where the loss does not depend on it, or depends on it only through ops that are constant almost
 * everywhere (`sign`, `floor`, the slope of `relu`, the condition of `where`) or through `detach`.
 * A way through an op that is not differentiable (`cast`, `argmax`) is passed over where another way has a gradient.
 * @param loss float32, one element
 * @param withRespectTo any tensors of the graph, usually the parameters; float32
 * @throws UserError when the loss is not a scalar, or no gradient arrives at a tensor and one way from it to the
 *   loss leads through an op that is not differentiable
 */
export function differentiate(loss: Tensor, withRespectTo: readonly Tensor[]): Tensor[] {
  requireTensors('differentiate', loss)
  checkArgument(
    'differentiate', 'what the loss is differentiated with respect to', withRespectTo, tensorList,
    'Write differentiate(loss, [x]).',
  )
  const whole = withRespectTo.find(({ dtype }) => dtype !== 'float32')
  if (whole) {
    throw new UserError({
      rule: 'differentiate: only float32 tensors have gradients.', received: whole.toString(),
      next: 'Leave it out of the list.',
    })
  }
  if (loss.size !== 1 || loss.dtype !== 'float32') {
    throw new UserError({
      rule: 'differentiate: the loss must be one float32 number.',
      received: formatType(loss),
      next: 'Reduce it with sum() or mean().',
    })
  }
  return pullback([[loss, full(loss.shape, 1)]], withRespectTo).map((gradient, i) => {
    const x = withRespectTo[i] as Tensor
    if (gradient === 'zero') return zeros(x.shape)
    if (!Array.isArray(gradient)) return gradient as Tensor
    throw new UserError({
      rule:
        `differentiate: the loss depends on ${x.toString()} only through ${gradient.join(', ')}, ` +
        'which has no gradient.',
      next: 'Leave it out of the list, or use detach() where the gradient is meant to stop.',
    })
  })
}
