// Where the nodes of a step's graph stand when it is drawn: a band for each layer, the forward pass down the left, the weights
// beside it, the backward pass up again on the right, and what each weight becomes at the far right.
import { formatShape, topologicalOrder, type Graph, type Tensor } from '@ddlf/tensor'

/** What a node is for. */
export type GraphNodeKind = 'input' | 'parameter' | 'forward' | 'loss' | 'metric' | 'gradient' | 'update'

/** A node as it is drawn. Columns and rows count from 0. */
export interface GraphNode {
  readonly kind: GraphNodeKind
  readonly label: string
  /** Shape, and the element type where it is not float32; for an update, its ops. */
  readonly detail: string
  /** The whole story, for a tooltip. */
  readonly title: string
  readonly column: number
  readonly row: number
}

/** A value on its way from one node to another. */
export interface GraphEdge {
  readonly from: number
  readonly to: number
  /** A value that the backward pass takes from the forward pass. */
  readonly kept: boolean
}

/** A layer: the rows from `row` on, `rows` of them. */
export interface GraphBand {
  readonly name: string
  readonly row: number
  readonly rows: number
}

/** A graph laid out. */
export interface GraphLayout {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  readonly bands: readonly GraphBand[]
  /** Headings of the columns that are used. */
  readonly columns: readonly string[]
  readonly rows: number
}

/** What is known of a graph that is a training step. */
export interface StepParts {
  /** How many of the graph's first inputs and outputs are state. */
  readonly stateCount: number
  readonly state: readonly { readonly name: string; readonly kind: string }[]
  /** Names of what every step reports, the loss first. */
  readonly reported: readonly string[]
}

const COLUMNS = ['forward pass', 'weights, slopes', 'backward pass', 'gradients of weights', 'new weights'] as const
const [FORWARD, WEIGHTS, BACKWARD, GRADIENTS, UPDATE] = [0, 1, 2, 3, 4] as const

/** Leaves that the training loop feeds at every step and that are no data. */
const FED = new Set(['learningRate', 'step', 'randomKey'])

const isOp = (tensor: Tensor) => tensor.origin !== undefined
const inputsOf = ({ inputs }: Tensor): readonly Tensor[] => inputs
const typeOf = ({ dtype, shape }: Tensor) => `${dtype === 'float32' ? '' : `${dtype} `}${shape.length === 0 ? 'one number' : formatShape(shape)}`
const nameOf = ({ leaf }: Tensor) => leaf?.name ?? leaf?.kind ?? ''

/** The number that all elements of a constant have. */
function constantOf({ leaf }: Tensor): number | undefined {
  const first = leaf?.kind === 'constant' ? leaf.data?.[0] : undefined
  return first !== undefined && leaf?.data?.every(value => value === first) === true ? first : undefined
}

/** `mul 0.9`, `sum over axis 0`, `matmul, left turned`. */
function labelOf({ origin }: Tensor): string {
  if (!origin) return ''
  const { op, inputs, attributes } = origin.application
  const numbers = inputs.map(constantOf).filter(value => value !== undefined)
  const axes = attributes['axes'] ?? attributes['axis']
  return [
    op.name,
    ...numbers.map(value => Number(value.toPrecision(3)).toString()),
    ...(attributes['transposeA'] === true ? ['aᵀ'] : []),
    ...(attributes['transposeB'] === true ? ['bᵀ'] : []),
    ...(axes !== undefined && /sum|max|min|argmax/i.test(op.name) ? [`axis ${Array.isArray(axes) ? axes.join(', ') : String(axes)}`] : []),
  ].join(' ')
}

/** All tensors that the given ones depend on, themselves included. */
const ancestors = (tensors: readonly Tensor[]): ReadonlySet<Tensor> => new Set(topologicalOrder(tensors))

/** The tensors of an order, given inputs first, that depend on a leaf for which `holds` is true. */
function descendants(order: readonly Tensor[], holds: (leaf: Tensor) => boolean): ReadonlySet<Tensor> {
  const found = new Set<Tensor>()
  for (const tensor of order) if (isOp(tensor) ? inputsOf(tensor).some(source => found.has(source)) : holds(tensor)) found.add(tensor)
  return found
}

/** The dotted part that names share: of `hidden.0.0.weight` and `hidden.0.1.weight`, `hidden.0`. */
function sharedPrefix(names: readonly string[]): string {
  const [first = [], ...rest] = names.map(name => name.split('.').slice(0, -1))
  const length = first.findIndex((part, i) => rest.some(other => other[i] !== part))
  const shared = (length < 0 ? first : first.slice(0, length)).join('.')
  // The place of a layer in a chain of its own says nothing to a reader.
  return shared.replace(/(\.\d+)\.\d+$/, '$1')
}

/**
 * Lays out a graph.
 * @param step what is state and what is reported, where the graph is a training step; without it all of it is a forward pass
 */
export function layoutGraph({ inputs, outputs }: Graph, step?: StepParts): GraphLayout {
  const stateCount = step?.stateCount ?? 0
  const order = topologicalOrder(outputs)
  const consumers = new Map<Tensor, Tensor[]>()
  for (const tensor of order) for (const source of new Set(inputsOf(tensor))) consumers.set(source, [...(consumers.get(source) ?? []), tensor])
  const readersOf = (tensor: Tensor) => consumers.get(tensor) ?? []

  // What each tensor is for.
  const stateLeaves = new Set(inputs.slice(0, stateCount))
  const isWeight = (tensor: Tensor) => tensor.leaf?.kind === 'parameter' || tensor.leaf?.kind === 'buffer'
  const isColumn = (tensor: Tensor) => tensor.leaf?.kind === 'input' && !stateLeaves.has(tensor) && !FED.has(nameOf(tensor))
  const forward = ancestors(step ? outputs.slice(stateCount, stateCount + 1) : outputs)
  const reported = ancestors(outputs.slice(stateCount))
  const usesWeight = (tensor: Tensor) => inputsOf(tensor).some(source => isWeight(source) && source.rank > 1)
  const fromWeights = descendants(order, isWeight)
  const random = descendants(order, leaf => nameOf(leaf) === 'randomKey')
  const fromData = descendants(order, leaf => isWeight(leaf) || isColumn(leaf) || stateLeaves.has(leaf))
  const isRandom = (tensor: Tensor) => isOp(tensor) && random.has(tensor) && !fromData.has(tensor)
  // A column is a target where no layer reads anything that comes from it.
  const targets = new Set(order.filter(isColumn).filter(column => {
    const below = descendants(order, leaf => leaf === column)
    return !order.some(tensor => forward.has(tensor) && usesWeight(tensor) && inputsOf(tensor).some(source => below.has(source)))
  }))
  const fromTargets = descendants(order, leaf => targets.has(leaf))
  const loss = new Set<Tensor>()
  for (const tensor of [...order].reverse()) {
    if (!step || !isOp(tensor) || !forward.has(tensor) || usesWeight(tensor) || isRandom(tensor)) continue
    const read = readersOf(tensor).filter(reader => reported.has(reader))
    if (fromTargets.has(tensor) || (read.every(reader => loss.has(reader) || !forward.has(reader)) && fromWeights.has(tensor))) loss.add(tensor)
  }
  const isForward = (tensor: Tensor) => isOp(tensor) && forward.has(tensor) && !loss.has(tensor) && !isRandom(tensor)
  const isMetric = (tensor: Tensor) => isOp(tensor) && reported.has(tensor) && !forward.has(tensor)
  const ofStep = descendants(order, leaf => (stateLeaves.has(leaf) && leaf.leaf?.kind !== 'parameter') || nameOf(leaf) === 'learningRate' || nameOf(leaf) === 'step')
  const updates = new Set<Tensor>()
  for (const tensor of [...order].reverse()) {
    if (!isOp(tensor) || reported.has(tensor) || isRandom(tensor)) continue
    const read = readersOf(tensor)
    const feedsUpdates = read.length > 0 && read.every(reader => updates.has(reader))
    // Adam's square of a gradient, say: beside it the gradient itself enters the update.
    const besideGradient = inputsOf(tensor).some(source => fromTargets.has(source) && readersOf(source).some(reader => ofStep.has(reader)))
    if (ofStep.has(tensor) || (feedsUpdates && (!fromTargets.has(tensor) || besideGradient))) updates.add(tensor)
  }
  const isGradient = (tensor: Tensor) => isOp(tensor) && !reported.has(tensor) && !updates.has(tensor) && !isRandom(tensor)

  // One update a parameter: the ops that only its next values depend on. What several share is one node of its own.
  interface Group { readonly owner: Tensor | undefined; readonly ops: Tensor[] }
  const groups = new Map<string, Group>()
  const groupOf = new Map<Tensor, Group>()
  const owners = new Map<Tensor, Set<string>>()
  const ownerName = (name: string) => name.slice(name.lastIndexOf('/') + 1)
  outputs.slice(0, stateCount).forEach((next, i) => {
    const owner = ownerName(step?.state[i]?.name ?? '')
    for (const tensor of topologicalOrder([next])) if (updates.has(tensor)) owners.set(tensor, (owners.get(tensor) ?? new Set()).add(owner))
  })
  const weightByName = new Map(inputs.filter(isWeight).map(leaf => [nameOf(leaf), leaf]))
  for (const tensor of order) {
    const names = owners.get(tensor)
    if (!names) continue
    const key = names.size === 1 ? [...names].join() : 'shared'
    const group = groups.get(key) ?? { owner: weightByName.get(key), ops: [] }
    group.ops.push(tensor)
    groups.set(key, group)
    groupOf.set(tensor, group)
  }

  // Which layer each tensor belongs to.
  const band = new Map<Tensor, number>()
  let bands = 1
  for (const tensor of order) {
    if (!isForward(tensor)) continue
    const before = inputsOf(tensor).map(source => band.get(source) ?? 0)
    band.set(tensor, usesWeight(tensor) ? bands++ : Math.max(0, ...before))
  }
  const last = step ? bands++ : bands
  for (const tensor of order) {
    if (loss.has(tensor) || isMetric(tensor) || targets.has(tensor)) band.set(tensor, last)
    else if (isColumn(tensor)) band.set(tensor, 0)
    else if (isWeight(tensor)) {
      const read = readersOf(tensor).filter(isForward).map(reader => band.get(reader) ?? 0)
      if (read.length > 0) band.set(tensor, Math.min(...read))
    }
  }
  // Running statistics are read by their update alone: they stand with the layer whose name they share.
  for (const weight of inputs.filter(isWeight)) {
    if (band.has(weight)) continue
    const sibling = inputs.find(other => isWeight(other) && band.has(other) && sharedPrefix([nameOf(other)]) === sharedPrefix([nameOf(weight)]))
    band.set(weight, sibling ? band.get(sibling) ?? 0 : 0)
  }
  for (const tensor of order) if (isRandom(tensor)) band.set(tensor, Math.max(0, ...readersOf(tensor).filter(isForward).map(reader => band.get(reader) ?? 0)))
  const ofParameter = (tensor: Tensor) => readersOf(tensor).map(reader => groupOf.get(reader)?.owner).find(owner => owner !== undefined)
  for (const tensor of order) {
    if (!isGradient(tensor)) continue
    const sources = inputsOf(tensor)
    const weight = sources.find(source => isWeight(source) && source.rank > 1) ?? (readersOf(tensor).every(reader => updates.has(reader)) ? ofParameter(tensor) : undefined)
    const places = sources.flatMap(source =>
      isForward(source) ? [readersOf(source).some(reader => loss.has(reader)) ? last : band.get(source) ?? 0]
      : isOp(source) || targets.has(source) || isWeight(source) ? [band.get(source) ?? last] : [])
    band.set(tensor, weight ? band.get(weight) ?? 0 : Math.min(last, ...places))
  }
  for (const group of groups.values()) if (group.owner) for (const tensor of group.ops) band.set(tensor, band.get(group.owner) ?? 0)

  // What is drawn, and in which column.
  const drawn = new Map<Tensor, number>()
  const nodes: { -readonly [K in keyof GraphNode]: GraphNode[K] }[] = []
  const bandOf: number[] = []
  const add = (tensors: readonly Tensor[], at: number, node: Omit<GraphNode, 'row'>) => {
    for (const tensor of tensors) drawn.set(tensor, nodes.length)
    nodes.push({ ...node, row: -1 })
    bandOf.push(at)
  }
  const printed = (tensor: Tensor) => `${tensor.op?.name ?? nameOf(tensor)}${tensor.origin ? `(${inputsOf(tensor).map(source => source.op?.name ?? (nameOf(source) || 'constant')).join(', ')})` : ''}: ${tensor.dtype}${formatShape(tensor.shape)}`
  const single = (tensor: Tensor, kind: GraphNodeKind, column: number, label = labelOf(tensor)) =>
    add([tensor], band.get(tensor) ?? 0, { kind, label, detail: typeOf(tensor), title: printed(tensor), column })
  for (const leaf of inputs) {
    if (isColumn(leaf) && readersOf(leaf).length > 0) single(leaf, 'input', targets.has(leaf) ? WEIGHTS : FORWARD, nameOf(leaf))
    else if (isWeight(leaf)) single(leaf, 'parameter', WEIGHTS, nameOf(leaf))
  }
  const flow = order.filter(tensor => !groupOf.has(tensor))
  for (const tensor of flow) {
    if (isRandom(tensor)) {
      // Of what makes a mask, its end is drawn.
      if (!readersOf(tensor).every(isRandom)) single(tensor, 'input', WEIGHTS, 'random mask')
    } else if (isForward(tensor)) single(tensor, 'forward', FORWARD)
    else if (loss.has(tensor)) single(tensor, 'loss', fromWeights.has(tensor) ? FORWARD : WEIGHTS)
    else if (isMetric(tensor)) single(tensor, 'metric', GRADIENTS)
  }
  // The backward pass is drawn from the bottom up.
  const backward = flow.filter(isGradient)
  const atWeight = (tensor: Tensor) => readersOf(tensor).length > 0 && readersOf(tensor).every(reader => updates.has(reader)) && ofParameter(tensor) !== undefined
  // What the chain multiplies by and does not pass through, such as a slope, stands beside the chain.
  const isFactor = (tensor: Tensor) => !fromTargets.has(tensor)
  for (const tensor of backward) single(tensor, 'gradient', atWeight(tensor) ? GRADIENTS : isFactor(tensor) ? WEIGHTS : BACKWARD)
  for (const { owner, ops } of groups.values()) {
    const names = ops.map(({ op }) => op?.name ?? '')
    add(ops, owner ? band.get(owner) ?? 0 : last, {
      kind: 'update', column: UPDATE, label: owner ? nameOf(owner) : 'shared by all',
      detail: names.length > 5 ? `${names.length} ops: ${names.slice(0, 2).join(', ')}, ...` : names.join(', '),
      title: `the next ${owner ? nameOf(owner) : 'factors'} in ${names.length} ops: ${names.join(', ')}`,
    })
  }
  step?.reported.forEach((name, i) => {
    const output = outputs[stateCount + i]
    const at = output && drawn.get(output)
    if (at !== undefined && nodes[at]) nodes[at].detail = `= ${name}`
  })

  // Rows: each column of a band is a stack; a weight, its gradient and its update share a row.
  const layout: GraphBand[] = []
  let row = 0
  for (let index = 0; index < bands; index++) {
    const members = nodes.map((_, i) => i).filter(i => bandOf[i] === index)
    if (members.length === 0) continue
    const inColumn = (column: number) => members.filter(i => nodes[i]?.column === column)
    const place = (stack: readonly number[], from: number) => stack.forEach((i, k) => { (nodes[i] as GraphNode & { row: number }).row = from + k })
    const rowOf = (i: number | undefined) => (i === undefined ? undefined : nodes[i]?.row)
    const [weights, factors] = [inColumn(WEIGHTS).filter(i => nodes[i]?.kind !== 'gradient'), inColumn(WEIGHTS).filter(i => nodes[i]?.kind === 'gradient')]
    place(inColumn(FORWARD), row)
    place(weights, row)
    // The backward pass comes from the band below and leaves at the top.
    place(inColumn(BACKWARD).reverse(), row)
    const taken = new Map<number, Set<number>>([[WEIGHTS, new Set(weights.map(i => rowOf(i) ?? row))], [GRADIENTS, new Set()], [UPDATE, new Set()]])
    const settle = (i: number, wanted: number) => {
      const used = taken.get(nodes[i]?.column ?? UPDATE) as Set<number>
      let at = wanted
      while (used.has(at)) at++
      used.add(at)
      ;(nodes[i] as GraphNode & { row: number }).row = at
    }
    for (const i of factors) {
      const [tensor] = [...drawn].find(([, at]) => at === i) ?? []
      const user = tensor && readersOf(tensor).find(reader => isGradient(reader) && nodes[drawn.get(reader) ?? -1]?.column === BACKWARD && band.get(reader) === index)
      settle(i, rowOf(user && drawn.get(user)) ?? row + weights.length)
    }
    const rowOfWeight = (weight: Tensor | undefined) => rowOf(weight && drawn.get(weight))
    for (const [tensor, i] of drawn) if (bandOf[i] === index && nodes[i]?.kind === 'gradient' && nodes[i].column === GRADIENTS) settle(i, rowOfWeight(ofParameter(tensor)) ?? row)
    for (const group of groups.values()) {
      const i = drawn.get(group.ops[0] as Tensor) ?? -1
      if (bandOf[i] === index) settle(i, rowOfWeight(group.owner) ?? row)
    }
    for (const i of inColumn(GRADIENTS)) if (nodes[i]?.kind === 'metric') settle(i, row)
    const extent = Math.max(...members.map(i => (nodes[i]?.row ?? row) - row + 1))
    const names = [...drawn].filter(([tensor, i]) => bandOf[i] === index && tensor.leaf?.kind === 'parameter').map(([tensor]) => nameOf(tensor))
    layout.push({ name: index === 0 ? 'input' : step && index === last ? 'loss' : sharedPrefix(names) || 'layer', row, rows: extent })
    row += extent
  }

  // Edges, between drawn nodes.
  const edges = new Map<string, GraphEdge>()
  const isKept = (from: number, to: number) => {
    const [a, b] = [nodes[from], nodes[to]]
    const early = a && (a.kind === 'forward' || a.kind === 'input' || a.kind === 'loss' || a.kind === 'parameter')
    return Boolean(early && b && (b.kind === 'gradient' || b.kind === 'metric'))
  }
  for (const tensor of order) {
    const to = drawn.get(tensor)
    if (to === undefined) continue
    for (const source of inputsOf(tensor)) {
      const from = drawn.get(source)
      // A parameter enters its own update; that it stands in the same row says so.
      if (from === undefined || from === to || (nodes[to]?.kind === 'update' && nodes[from]?.kind === 'parameter')) continue
      edges.set(`${from} ${to}`, { from, to, kept: isKept(from, to) })
    }
  }
  const used = Math.max(...nodes.map(node => node.column)) + 1
  return { nodes, edges: [...edges.values()], bands: layout, columns: COLUMNS.slice(0, used), rows: row }
}
