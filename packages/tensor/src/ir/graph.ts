// A graph: named outputs, and the leaves they depend on, in the order in which they are fed.
import { checkArgument, kinds, UserError, type Kind } from '../errors.ts'
import type { Application } from './application.ts'
import { ownList } from './own-list.ts'
import type { Region } from './region.ts'
import { requireTensorList, Tensor } from './tensor.ts'

/** A named computation from `inputs` (leaves) to `outputs`. Constants are part of the graph and are not listed. */
export interface Graph extends Region {
  readonly name: string
}

/**
 * All tensors the given ones depend on, each after its inputs; iterative, so that deep graphs do not overflow the
 * stack.
 * @param known tensors that are left out, and what is found only through them
 */
export function topologicalOrder(
  outputs: readonly Tensor[], known: { has(tensor: Tensor): boolean } = new Set(),
): Tensor[] {
  requireTensorList('topologicalOrder', outputs)
  checkArgument('topologicalOrder', 'what is known', known, kinds.withMethods('a set of tensors', 'has'))
  const order: Tensor[] = []
  const seen = new Set<Tensor>()
  const stack: { tensor: Tensor; next: number }[] = []
  for (const output of outputs) {
    if (seen.has(output) || known.has(output)) continue
    seen.add(output)
    stack.push({ tensor: output, next: 0 })
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.tensor.inputs[top.next++]
      if (!child) {
        order.push(top.tensor)
        stack.pop()
      } else if (!seen.has(child) && !known.has(child)) {
        seen.add(child)
        stack.push({ tensor: child, next: 0 })
      }
    }
  }
  return order
}

/** A part of a computation: a leaf, or an application with those of its outputs that are read, each at its place. */
export type Part =
  | { readonly leaf: Tensor }
  | { readonly leaf?: undefined; readonly application: Application; readonly outputs: readonly (Tensor | undefined)[] }

/**
 * What the given tensors depend on as parts, each after those that it reads; see {@link topologicalOrder}. An
 * application whose body makes more than is read is given as one that makes what is read alone.
 */
export function partsOf(results: readonly Tensor[], known?: { has(tensor: Tensor): boolean }): Part[] {
  const read = new Map<Application, (Tensor | undefined)[]>()
  const order: (Tensor | Application)[] = []
  for (const tensor of topologicalOrder(results, known)) {
    if (!tensor.origin) {
      order.push(tensor)
      continue
    }
    const { application, index } = tensor.origin
    let places = read.get(application)
    if (!places) {
      places = application.outputs.map(() => undefined)
      read.set(application, places)
      order.push(application)
    }
    places[index] = tensor
  }
  return order.map(part => {
    if (part instanceof Tensor) return { leaf: part }
    const outputs = read.get(part) as readonly (Tensor | undefined)[]
    const pruned = part.op.prune?.(part, index => outputs[index] !== undefined)
    return pruned
      ? { application: pruned.application, outputs: pruned.indices.map(index => outputs[index]) }
      : { application: part, outputs }
  })
}

/** Levels of loops and branches inside one another. ONNX files are read to 32, some of which a lowering may need. */
const DEEPEST_NESTING = 24

/** @throws UserError where bodies lie too deep inside one another in what tensors depend on */
function checkNesting(name: string, tensors: readonly Tensor[], depth = 0, seen = new Set<Application>()): void {
  for (const { origin } of topologicalOrder(tensors)) {
    if (!origin || origin.application.regions.length === 0 || seen.has(origin.application)) continue
    seen.add(origin.application)
    if (depth === DEEPEST_NESTING) throw new UserError({
      rule: `The graph '${name}' nests cond and scan more than ${DEEPEST_NESTING} deep.`,
      next: 'Choose among many with where(...), or loop with one scan.',
    })
    for (const { outputs } of origin.application.regions) checkNesting(name, outputs, depth + 1, seen)
  }
}

/**
 * Closes a computation over its leaves: the named `inputs` first, then every parameter and buffer found.
 * @throws UserError when there is no output, an input is listed twice, or an output depends on an input that is not
 * listed
 */
export function graph(name: string, inputs: readonly Tensor[], outputs: readonly Tensor[]): Graph {
  return closed(requireGraph('graph', { name, inputs, outputs }))
}

function closed({ name, inputs, outputs }: Graph): Graph {
  if (outputs.length === 0) throw new UserError({
    rule: `The graph '${name}' has no outputs: there is nothing to compute.`,
    next: "List what is wanted: graph('name', [x], [y]).",
  })
  const listed = new Set(inputs)
  if (listed.size < inputs.length) throw new UserError({
    rule: `The graph '${name}' lists an input twice.`,
    received: inputs.find((tensor, i) => inputs.indexOf(tensor) < i)?.toString() ?? '',
    next: 'List each once, and use it as often as you like.',
  })
  checkNesting(name, outputs)
  const state: Tensor[] = []
  for (const node of topologicalOrder(outputs)) {
    if (!node.leaf || node.leaf.kind === 'constant' || listed.has(node)) continue
    if (node.leaf.kind === 'placeholder') {
      throw new UserError({
        rule: `The graph '${name}' reads a value of one step of a scan outside of the scan.`,
        received: node.toString(),
        next: 'Return it from the body, as what is carried or among ys, and read what scan returns.',
      })
    }
    if (node.leaf.kind === 'input') {
      throw new UserError({
        rule: `The graph '${name}' depends on an input that it does not list.`,
        received: node.toString(),
        next: 'List every input, or pass the value as an argument of the compiled function.',
      })
    }
    state.push(node)
  }
  return Object.freeze({ name, inputs: ownList([...inputs, ...state]), outputs })
}

const isGraph: Kind = {
  is: 'a graph made by graph(name, inputs, outputs)',
  accepts: value => kinds.dictionary().accepts(value) && 'outputs' in (value as object),
}

/** The outputs of what must be a graph. @throws UserError where it is none */
export function outputsOf(owner: string, computation: Pick<Region, 'outputs'>): readonly Tensor[] {
  checkArgument(owner, 'the graph', computation, isGraph)
  requireTensorList(owner, computation.outputs)
  return computation.outputs
}

/**
 * A graph as it is now: its lists are its own, for native code is told how long they are once and for all.
 * @throws UserError where it is none
 */
export function requireGraph(owner: string, computation: Graph): Graph {
  checkArgument(owner, 'the graph', computation, isGraph)
  const { name, inputs, outputs } = computation
  checkArgument(owner, "the graph's name", name, kinds.name)
  return { name, inputs: tensorList(owner, inputs), outputs: tensorList(owner, outputs) }
}

/** A list of tensors that nobody changes any more. @throws UserError where it is none */
function tensorList(owner: string, list: readonly Tensor[]): readonly Tensor[] {
  const own = ownList(list)
  requireTensorList(owner, own)
  return own
}

/**
 * Floating-point operations of one run of a graph, counted over its matrix products and convolutions, loops included.
 */
export function flopOf(computation: Pick<Region, 'outputs'>): number {
  let total = 0
  for (const part of partsOf(outputsOf('flopOf', computation))) {
    if (part.leaf) continue
    const { op, inputs, attributes, regions } = part.application
    total += op.flop?.({ inputs, outputs: part.outputs, attributes, regions }) ?? 0
  }
  return total
}
