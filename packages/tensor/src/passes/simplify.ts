// Rewrites a graph into a smaller one with the same meaning: equal subexpressions once, constants folded, trivial
// arithmetic and needless copies removed.
import type { Application } from '../ir/application.ts'
import type { DType, TypedArray } from '../ir/dtype.ts'
import { requireGraph, type Graph } from '../ir/graph.ts'
import type { Attributes } from '../ir/op.ts'
import type { Region } from '../ir/region.ts'
import { sameShape } from '../ir/shape.ts'
import { Tensor } from '../ir/tensor.ts'
import { add, sub } from '../ops/elementwise.ts'
import { evaluate } from '../runtimes/reference/evaluate.ts'
import { rebuild, rebuildGraph, rebuildRegion, type Rewriting } from './rebuild.ts'

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
    typeof value === 'number'
      ? textOf(value)
      : Array.isArray(value)
        ? `[${value.map(textOf).join()}]`
        : JSON.stringify(value)
  return Object.entries(attributes)
    .map(([name, value]) => `${name}:${text(value)}`)
    .join('|')
}

const addsNothing = (value: number | undefined, dtype: DType) =>
  dtype === 'float32' ? Object.is(value, -0) : value === 0

/** The operand that an expression equals, when the other operand is the neutral element of the op. */
function neutral(node: Tensor): Tensor | undefined {
  const [a, b] = node.inputs
  if (!a || !b) return undefined
  const unchanged = (x: Tensor) => (sameShape(x.shape, node.shape) ? x : undefined)
  switch (node.op?.name) {
    // Of the two zeros, x + -0 and x - 0 are x for every x; -0 + 0 is 0.
    case 'add':
      return addsNothing(scalarOf(b), node.dtype)
        ? unchanged(a)
        : addsNothing(scalarOf(a), node.dtype)
          ? unchanged(b)
          : undefined
    case 'sub':
      return Object.is(scalarOf(b), 0) ? unchanged(a) : undefined
    case 'mul':
      return scalarOf(b) === 1 ? unchanged(a) : scalarOf(a) === 1 ? unchanged(b) : undefined
    case 'div':
      return scalarOf(b) === 1 ? unchanged(a) : undefined
    default:
      return undefined
  }
}

/** A slice of a slice, or what is put among zeros twice, as one. */
function stepsInOne(name: 'slice' | 'spread', first: Attributes, second: Attributes): Attributes {
  // The inner one finds elements in the outer one: in the first of two slices, in the second of two spreads.
  const [outer, inner] = name === 'slice' ? [first, second] : [second, first]
  const [starts, steps] = [outer['starts'], outer['steps']] as [readonly number[], readonly number[]]
  const [from, by] = [inner['starts'], inner['steps']] as [readonly number[], readonly number[]]
  return {
    ...second,
    starts: starts.map((start, axis) => start + (from[axis] as number) * (steps[axis] as number)),
    steps: steps.map((step, axis) => step * (by[axis] as number)),
  }
}

const isFoldable = ({ leaf, size }: Tensor) => leaf?.kind === 'constant' && size <= FOLD_UP_TO

/** One rewriting step of a node whose inputs are already simplified; returns the node itself when nothing applies. */
function rewrite(node: Tensor): Tensor {
  if (!node.origin) return node
  const { op, inputs, attributes } = node.origin.application
  const [a, b] = inputs as [Tensor, Tensor]
  if (op.name === 'detach') return a
  if (inputs.every(isFoldable) && node.size <= FOLD_UP_TO) {
    const [data] = evaluate([node])
    return Tensor.fromLeaf({ shape: node.shape, dtype: node.dtype }, { kind: 'constant', data: data as TypedArray })
  }
  const same = neutral(node)
  if (same) return same
  // a + (-b) = a - b; a - (-b) = a + b
  if (op.name === 'add' && b.op?.name === 'neg') return sub(a, b.inputs[0] as Tensor)
  if (op.name === 'sub' && b.op?.name === 'neg') return add(a, b.inputs[0] as Tensor)
  if (op.name === 'reshape' && a.op?.name === 'reshape') {
    const [source] = a.inputs as [Tensor]
    return sameShape(source.shape, node.shape) ? source : Tensor.apply(op, [source], attributes)
  }
  if ((op.name === 'slice' || op.name === 'spread') && op.name === a.op?.name) {
    return Tensor.apply(op, a.inputs, stepsInOne(op.name, a.origin?.application.attributes ?? {}, attributes))
  }
  if (op.broadcasts) {
    // A repeated operand broadcasts by itself.
    for (const [i, input] of inputs.entries()) {
      if (input.op?.name !== 'expand') continue
      const direct = inputs.with(i, input.inputs[0] as Tensor)
      const others = direct.filter((_, k) => k !== i)
      if (others.some(other => sameShape(other.shape, node.shape))) return Tensor.apply(op, direct, attributes)
    }
  }
  return node
}

/** Of equal applications and of equal small constants the first, so that each is computed once. */
class Uniques {
  readonly #applications = new Map<string, Application>()
  readonly #constants = new Map<string, Tensor>()
  readonly #regions = new Map<Region, number>()

  #numberOf(region: Region): number {
    const known = this.#regions.get(region) ?? this.#regions.size
    this.#regions.set(region, known)
    return known
  }

  application(application: Application): Application {
    const { op, attributes, inputs, regions } = application
    const bodies = regions.map(region => this.#numberOf(region)).join()
    const key = `${op.name}|${attributesKey(attributes)}|${inputs.map(input => input.id).join()}|${bodies}`
    const earlier = this.#applications.get(key)
    if (!earlier) this.#applications.set(key, application)
    return earlier ?? application
  }

  tensor(tensor: Tensor): Tensor {
    if (tensor.origin) return this.application(tensor.origin.application).outputs[tensor.origin.index] as Tensor
    const scalar = scalarOf(tensor)
    if (scalar === undefined) return tensor
    const key = `${tensor.dtype}|${tensor.shape.join()}|${textOf(scalar)}`
    const earlier = this.#constants.get(key)
    if (!earlier) this.#constants.set(key, tensor)
    return earlier ?? tensor
  }
}

/** Lets constants that bodies capture return into them, where they are folded as those that were made there. */
class ReturningConstants {
  readonly #regions = new Map<string, Region>()
  readonly #numbers = new Map<Region, number>()

  application(application: Application): Application {
    const { op, inputs, attributes, regions } = application
    if (!op.firstCaptured) return application
    const first = op.firstCaptured(attributes)
    const isReturning = (input: Tensor, i: number) => i >= first && input.leaf?.kind === 'constant'
    if (!inputs.some(isReturning)) return application
    const [{ inputs: leaves }] = regions as [Region]
    const shift = inputs.length - leaves.length
    const returning = inputs.flatMap((input, i) => (isReturning(input, i) ? [i] : []))
    const changed = regions.map(region =>
      this.#withConstants(region, returning.map(i => [i - shift, inputs[i] as Tensor])))
    const [output] = Tensor.applyAll(op, inputs.filter((input, i) => !isReturning(input, i)), attributes, changed)
    return (output?.origin as NonNullable<Tensor['origin']>).application
  }

  /** The same region for the same constants, so that equal applications stay equal. */
  #withConstants(region: Region, constants: readonly (readonly [place: number, constant: Tensor])[]): Region {
    const number = this.#numbers.get(region) ?? this.#numbers.size
    this.#numbers.set(region, number)
    const key = `${number}|${constants.map(([place, { id }]) => `${place}:${id}`).join()}`
    const known = this.#regions.get(key)
    if (known) return known
    const given = new Map(constants.map(([place, constant]) => [region.inputs[place] as Tensor, constant]))
    const made = {
      inputs: region.inputs.filter(leaf => !given.has(leaf)),
      outputs: rebuild(region.outputs, { ...simplifying(), given }),
    }
    this.#regions.set(key, made)
    return made
  }
}

function simplifying(): Rewriting {
  const uniques = new Uniques()
  const constants = new ReturningConstants()
  return {
    leaf: leaf => uniques.tensor(leaf),
    application(given) {
      const application = constants.application(given)
      const [output, ...others] = application.outputs as [Tensor, ...Tensor[]]
      if (others.length > 0) return uniques.application(application).outputs
      let result = output
      for (let next = rewrite(result); next !== result; next = rewrite(result)) result = next
      return [uniques.tensor(result)]
    },
    region: region => rebuildRegion(region, simplifying()),
  }
}

/** Simplifies a graph and the bodies inside it. Its inputs stay the same leaves in the same order. */
export const simplify = (graph: Graph): Graph => rebuildGraph(requireGraph('simplify', graph), simplifying())
