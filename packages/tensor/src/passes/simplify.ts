// Rewrites a graph into a smaller one with the same meaning: equal subexpressions once, constants folded, trivial
// arithmetic and needless copies removed.
import { checkGraph } from '../ir/check.ts'
import { topologicalOrder, type Graph } from '../ir/graph.ts'
import { sameShape } from '../ir/shape.ts'
import { Tensor } from '../ir/tensor.ts'
import { add, sub } from '../ops/elementwise.ts'
import { evaluate } from '../runtimes/reference/evaluate.ts'
import type { DType, TypedArray } from '../ir/dtype.ts'
import type { Attributes } from '../ir/op.ts'

/** Constants up to this many elements are folded; larger ones would only grow the model. */
const FOLD_UP_TO = 64

/** The value that all elements of a small constant have. */
function scalarOf({ leaf, size }: Tensor): number | undefined {
  const [first] = leaf?.kind === 'constant' && size <= FOLD_UP_TO ? (leaf.data ?? []) : []
  return leaf?.data?.every(value => Object.is(value, first)) ? first : undefined
}

/** A number as text, told apart from all others: JSON says null for what is not finite, and 0 for -0. */
const textOf = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

/** Attributes as text that is equal only for equal ones. */
function attributesKey(attributes: Attributes): string {
  const text = (value: Attributes[string]): string =>
    typeof value === 'number' ? textOf(value) : Array.isArray(value) ? `[${value.map(textOf).join()}]` : JSON.stringify(value)
  return Object.entries(attributes).map(([name, value]) => `${name}:${text(value)}`).join('|')
}

const addsNothing = (value: number | undefined, dtype: DType) => (dtype === 'float32' ? Object.is(value, -0) : value === 0)

/** The operand that an expression equals, when the other operand is the neutral element of the op. */
function neutral(node: Tensor): Tensor | undefined {
  const [a, b] = node.origin?.inputs ?? []
  if (!a || !b) return undefined
  const unchanged = (x: Tensor) => (sameShape(x.shape, node.shape) ? x : undefined)
  switch (node.origin?.op.name) {
    // Of the two zeros, x + -0 and x - 0 are x for every x; -0 + 0 is 0.
    case 'add': return addsNothing(scalarOf(b), node.dtype) ? unchanged(a) : addsNothing(scalarOf(a), node.dtype) ? unchanged(b) : undefined
    case 'sub': return Object.is(scalarOf(b), 0) ? unchanged(a) : undefined
    case 'mul': return scalarOf(b) === 1 ? unchanged(a) : scalarOf(a) === 1 ? unchanged(b) : undefined
    case 'div': return scalarOf(b) === 1 ? unchanged(a) : undefined
    default: return undefined
  }
}

/** One rewriting step of a node whose inputs are already simplified; returns the node itself when nothing applies. */
function rewrite(node: Tensor): Tensor {
  const origin = node.origin
  if (!origin) return node
  const { op, inputs, attributes } = origin
  const [a, b] = inputs as [Tensor, Tensor]
  if (op.name === 'detach') return a
  if (inputs.every(input => input.leaf?.kind === 'constant') && node.size <= FOLD_UP_TO && inputs.every(input => input.size <= FOLD_UP_TO)) {
    const [data] = evaluate([node])
    return Tensor.fromLeaf({ shape: node.shape, dtype: node.dtype }, { kind: 'constant', data: data as TypedArray })
  }
  const same = neutral(node)
  if (same) return same
  // a + (-b) = a - b; a - (-b) = a + b
  if (op.name === 'add' && b.origin?.op.name === 'neg') return sub(a, b.origin.inputs[0] as Tensor)
  if (op.name === 'sub' && b.origin?.op.name === 'neg') return add(a, b.origin.inputs[0] as Tensor)
  if (op.name === 'reshape' && a.origin?.op.name === 'reshape') {
    const [source] = a.origin.inputs as [Tensor]
    return sameShape(source.shape, node.shape) ? source : Tensor.apply(op, [source], attributes)
  }
  if (op.broadcasts) {
    // A repeated operand broadcasts by itself.
    for (const [i, input] of inputs.entries()) {
      if (input.origin?.op.name !== 'expand') continue
      const direct = inputs.with(i, input.origin.inputs[0] as Tensor)
      const others = direct.filter((_, k) => k !== i)
      if (others.some(other => sameShape(other.shape, node.shape))) return Tensor.apply(op, direct, attributes)
    }
  }
  return node
}

/** Simplifies a graph. Its inputs stay the same leaves in the same order. */
export function simplify(graph: Graph): Graph {
  const simplified = new Map<Tensor, Tensor>()
  const known = new Map<string, Tensor>()
  const unique = (node: Tensor): Tensor => {
    const scalar = scalarOf(node)
    const key = node.origin
      ? `${node.origin.op.name}|${attributesKey(node.origin.attributes)}|${node.origin.inputs.map(input => input.id).join()}`
      : scalar !== undefined ? `${node.dtype}|${node.shape.join()}|${textOf(scalar)}` : undefined
    if (key === undefined) return node
    const earlier = known.get(key)
    if (!earlier) known.set(key, node)
    return earlier ?? node
  }
  for (const node of topologicalOrder(graph.outputs)) {
    let result = node
    if (node.origin) {
      const inputs = node.origin.inputs.map(input => simplified.get(input) as Tensor)
      if (inputs.some((input, i) => input !== node.origin?.inputs[i])) result = Tensor.apply(node.origin.op, inputs, node.origin.attributes)
    }
    for (let next = rewrite(result); next !== result; next = rewrite(result)) result = next
    simplified.set(node, unique(result))
  }
  const result: Graph = { ...graph, outputs: graph.outputs.map(output => simplified.get(output) as Tensor) }
  checkGraph(result)
  return result
}
