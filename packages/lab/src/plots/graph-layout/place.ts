// What of a graph is drawn, in which column, and in which row of its band.
import type { Tensor } from '@ddlf/tensor'
import { ownerOf, sharedPrefix, type Bands } from './band.ts'
import type { Roles, UpdateGroup } from './classify.ts'
import {
  BACKWARD,
  FORWARD,
  GRADIENTS,
  UPDATE,
  WEIGHTS,
  type GraphBand,
  type GraphNode,
  type GraphNodeKind,
  type StepParts,
} from './graph-node.ts'
import { detailOf, isWeight, labelOf, nameOf, titleOf, type GraphReading } from './reading.ts'

type MutableNode = { -readonly [K in keyof GraphNode]: GraphNode[K] }

/** The nodes that are drawn, and which tensors each stands for. */
export class DrawnNodes {
  readonly nodes: MutableNode[] = []
  readonly bandOf: number[] = []
  readonly #of = new Map<Tensor, number>()

  add(tensors: readonly Tensor[], band: number, node: Omit<GraphNode, 'row'>): void {
    for (const tensor of tensors) this.#of.set(tensor, this.nodes.length)
    this.nodes.push({ ...node, row: -1 })
    this.bandOf.push(band)
  }

  /** The number of the node that stands for a tensor. */
  of(tensor: Tensor | undefined): number | undefined {
    return tensor && this.#of.get(tensor)
  }

  /** All tensors with the numbers of their nodes. */
  entries(): IterableIterator<[Tensor, number]> {
    return this.#of.entries()
  }
}

/** What the placing of nodes reads. */
export interface Plan {
  readonly reading: GraphReading
  readonly roles: Roles
  readonly groupOf: ReadonlyMap<Tensor, UpdateGroup>
  readonly bands: Bands
  readonly step: StepParts | undefined
}

function addUpdates({ groupOf, bands }: Plan, drawn: DrawnNodes): void {
  for (const { owner, ops } of new Set(groupOf.values())) {
    const names = ops.map(({ op }) => op?.name ?? '')
    drawn.add(ops, owner ? (bands.of.get(owner) ?? 0) : bands.last, {
      kind: 'update',
      column: UPDATE,
      label: owner ? nameOf(owner) : 'shared by all',
      detail: names.length > 5 ? `${names.length} ops: ${names.slice(0, 2).join(', ')}, ...` : names.join(', '),
      title: `the next ${owner ? nameOf(owner) : 'factors'} in ${names.length} ops: ${names.join(', ')}`,
    })
  }
}

/** Chooses what is drawn, and the column of each node. */
export function placeInColumns(plan: Plan): DrawnNodes {
  const { reading, roles, groupOf, bands, step } = plan
  const drawn = new DrawnNodes()
  const single = (tensor: Tensor, kind: GraphNodeKind, column: number, label = labelOf(tensor)) =>
    drawn.add([tensor], bands.of.get(tensor) ?? 0, {
      kind,
      label,
      detail: detailOf(tensor),
      title: titleOf(tensor),
      column,
    })
  for (const leaf of reading.inputs) {
    if (roles.isColumn(leaf) && reading.readersOf(leaf).length > 0)
      single(leaf, 'input', roles.targets.has(leaf) ? WEIGHTS : FORWARD, nameOf(leaf))
    else if (isWeight(leaf)) single(leaf, 'parameter', WEIGHTS, nameOf(leaf))
  }
  const flow = reading.order.filter(tensor => !groupOf.has(tensor))
  for (const tensor of flow) {
    if (roles.isRandom(tensor)) {
      // Of what makes a mask, its end is drawn.
      if (!reading.readersOf(tensor).every(roles.isRandom)) single(tensor, 'input', WEIGHTS, 'random mask')
    } else if (roles.isForward(tensor)) single(tensor, 'forward', FORWARD)
    else if (roles.loss.has(tensor)) single(tensor, 'loss', roles.fromWeights.has(tensor) ? FORWARD : WEIGHTS)
    else if (roles.isMetric(tensor)) single(tensor, 'metric', GRADIENTS)
  }
  // The backward pass is drawn from the bottom up. What the chain multiplies by and does not pass through, such as a
  // slope, stands beside the chain.
  for (const tensor of flow.filter(roles.isGradient)) {
    const read = reading.readersOf(tensor)
    const atWeight =
      read.length > 0 &&
      read.every(reader => roles.updates.has(reader)) &&
      ownerOf(reading, groupOf, tensor) !== undefined
    single(tensor, 'gradient', atWeight ? GRADIENTS : roles.fromTargets.has(tensor) ? BACKWARD : WEIGHTS)
  }
  addUpdates(plan, drawn)
  step?.reported.forEach((name, i) => {
    const node = drawn.nodes[drawn.of(reading.outputs[step.stateCount + i]) ?? -1]
    if (node) node.detail = `= ${name}`
  })
  return drawn
}

/** Settles nodes into rows of one band that others of their column have not taken. */
class Rows {
  readonly #drawn: DrawnNodes
  readonly #taken = new Map<number, Set<number>>()

  constructor(drawn: DrawnNodes) {
    this.#drawn = drawn
  }

  rowOf(i: number | undefined): number | undefined {
    return i === undefined ? undefined : this.#drawn.nodes[i]?.row
  }

  settle(i: number, wanted: number): void {
    const node = this.#drawn.nodes[i] as MutableNode
    const used = this.#taken.get(node.column) ?? new Set()
    this.#taken.set(node.column, used)
    let at = wanted
    while (used.has(at)) at++
    used.add(at)
    node.row = at
  }

  stack(list: readonly number[], from: number): void {
    list.forEach((i, k) => this.settle(i, from + k))
  }
}

/** The rows of one band: each column is a stack; a weight, its gradient and its update share a row. */
function placeBand(plan: Plan, drawn: DrawnNodes, index: number, row: number): void {
  const { reading, roles, groupOf, bands } = plan
  const rows = new Rows(drawn)
  const members = drawn.nodes.map((_, i) => i).filter(i => drawn.bandOf[i] === index)
  const inColumn = (column: number, isGradient?: boolean) =>
    members.filter(i => {
      const node = drawn.nodes[i]
      return node?.column === column && (isGradient === undefined || (node.kind === 'gradient') === isGradient)
    })
  const weights = inColumn(WEIGHTS, false)
  rows.stack(inColumn(FORWARD), row)
  rows.stack(weights, row)
  // The backward pass comes from the band below and leaves at the top.
  rows.stack(inColumn(BACKWARD).reverse(), row)
  const tensorOf = new Map([...drawn.entries()].toReversed().map(([tensor, i]) => [i, tensor]))
  for (const i of inColumn(WEIGHTS, true)) {
    const tensor = tensorOf.get(i)
    const user =
      tensor &&
      reading
        .readersOf(tensor)
        .find(
          reader =>
            roles.isGradient(reader) &&
            drawn.nodes[drawn.of(reader) ?? -1]?.column === BACKWARD &&
            bands.of.get(reader) === index,
        )
    rows.settle(i, rows.rowOf(drawn.of(user)) ?? row + weights.length)
  }
  const besideWeight = (weight: Tensor | undefined) => rows.rowOf(drawn.of(weight)) ?? row
  const gradients = new Set(inColumn(GRADIENTS, true))
  for (const [tensor, i] of drawn.entries())
    if (gradients.has(i)) rows.settle(i, besideWeight(ownerOf(reading, groupOf, tensor)))
  for (const { owner, ops } of new Set(groupOf.values())) {
    const i = drawn.of(ops[0])
    if (i !== undefined && drawn.bandOf[i] === index) rows.settle(i, besideWeight(owner))
  }
  for (const i of inColumn(GRADIENTS, false)) if (drawn.nodes[i]?.kind === 'metric') rows.settle(i, row)
}

/** Places all nodes in rows, band by band. */
export function placeInRows(plan: Plan, drawn: DrawnNodes): { bands: GraphBand[]; rows: number } {
  const {
    bands: { count, last },
    step,
  } = plan
  const layout: GraphBand[] = []
  let row = 0
  for (let index = 0; index < count; index++) {
    const members = drawn.nodes.filter((_, i) => drawn.bandOf[i] === index)
    if (members.length === 0) continue
    placeBand(plan, drawn, index, row)
    const extent = Math.max(...members.map(node => node.row - row + 1))
    const parameters = [...drawn.entries()].filter(
      ([tensor, i]) => drawn.bandOf[i] === index && tensor.leaf?.kind === 'parameter',
    )
    const shared = sharedPrefix(parameters.map(([tensor]) => nameOf(tensor)))
    layout.push({
      name: index === 0 ? 'input' : step && index === last ? 'loss' : shared || 'layer',
      row,
      rows: extent,
    })
    row += extent
  }
  return { bands: layout, rows: row }
}
