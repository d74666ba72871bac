// What each tensor of a graph is for: data, weights, forward pass, loss, metrics, gradients, updates.
import type { Tensor } from '@ddlf/tensor'
import type { StepParts } from './graph-node.ts'
import { isOp, isWeight, nameOf, type GraphReading } from './reading.ts'

/**
 * Leaves that the training loop feeds at every step and that are no data; those of a phase bear its name before a dot.
 */
const FED = new Set(['learningRate', 'step', 'randomKey'])
const plainName = (leaf: Tensor) => nameOf(leaf).replace(/^.*\./, '')

/**
 * The ops from which the next value of a parameter and of its slots is made; of those that several share, one for all.
 */
export interface UpdateGroup {
  readonly owner: Tensor | undefined
  readonly ops: Tensor[]
}

/** What each tensor is for. */
export interface Roles {
  readonly isColumn: (tensor: Tensor) => boolean
  readonly isForward: (tensor: Tensor) => boolean
  readonly isGradient: (tensor: Tensor) => boolean
  readonly isMetric: (tensor: Tensor) => boolean
  /** Made of random numbers alone: a mask. */
  readonly isRandom: (tensor: Tensor) => boolean
  readonly usesWeight: (tensor: Tensor) => boolean
  readonly loss: ReadonlySet<Tensor>
  readonly targets: ReadonlySet<Tensor>
  readonly updates: ReadonlySet<Tensor>
  readonly fromTargets: ReadonlySet<Tensor>
  readonly fromWeights: ReadonlySet<Tensor>
}

/** The ops from the last layer to the loss, and what they need of the targets. */
function lossOf(
  reading: GraphReading,
  {
    forward,
    reported,
    fromTargets,
    fromWeights,
    apart,
  }: {
    forward: ReadonlySet<Tensor>
    reported: ReadonlySet<Tensor>
    fromTargets: ReadonlySet<Tensor>
    fromWeights: ReadonlySet<Tensor>
    apart: (tensor: Tensor) => boolean
  },
): ReadonlySet<Tensor> {
  const loss = new Set<Tensor>()
  for (const tensor of reading.order.toReversed()) {
    if (!isOp(tensor) || !forward.has(tensor) || apart(tensor)) continue
    const read = reading.readersOf(tensor).filter(reader => reported.has(reader))
    if (
      fromTargets.has(tensor) ||
      (read.every(reader => loss.has(reader) || !forward.has(reader)) && fromWeights.has(tensor))
    )
      loss.add(tensor)
  }
  return loss
}

/** The ops of the optimizer: what depends on its slots and on the learning rate, and what only they read. */
function updatesOf(
  reading: GraphReading,
  {
    isState,
    fromTargets,
    apart,
  }: {
    isState: (leaf: Tensor) => boolean
    fromTargets: ReadonlySet<Tensor>
    apart: (tensor: Tensor) => boolean
  },
): ReadonlySet<Tensor> {
  const ofStep = reading.descendants(
    leaf => (isState(leaf) && leaf.leaf?.kind !== 'parameter') || ['learningRate', 'step'].includes(plainName(leaf)),
  )
  const updates = new Set<Tensor>()
  for (const tensor of reading.order.toReversed()) {
    if (!isOp(tensor) || apart(tensor)) continue
    const read = reading.readersOf(tensor)
    const feedsUpdates = read.length > 0 && read.every(reader => updates.has(reader))
    // Adam's square of a gradient, say: beside it the gradient itself enters the update.
    const besideGradient = reading
      .inputsOf(tensor)
      .some(source => fromTargets.has(source) && reading.readersOf(source).some(reader => ofStep.has(reader)))
    if (ofStep.has(tensor) || (feedsUpdates && (!fromTargets.has(tensor) || besideGradient))) updates.add(tensor)
  }
  return updates
}

/** Says what each tensor is for. Without a step all ops are a forward pass. */
export function classify(reading: GraphReading, step: StepParts | undefined): Roles {
  const { order, inputs, outputs } = reading
  const stateCount = step?.stateCount ?? 0
  const stateLeaves = new Set(inputs.slice(0, stateCount))
  const isState = (leaf: Tensor) => stateLeaves.has(leaf)
  const isColumn = (tensor: Tensor) => tensor.leaf?.kind === 'input' && !isState(tensor) && !FED.has(plainName(tensor))
  const forward = reading.ancestors(step ? outputs.slice(stateCount, stateCount + 1) : outputs)
  const reported = reading.ancestors(outputs.slice(stateCount))
  const usesWeight = (tensor: Tensor) => reading.inputsOf(tensor).some(source => isWeight(source) && source.rank > 1)
  const fromWeights = reading.descendants(isWeight)
  const random = reading.descendants(leaf => plainName(leaf) === 'randomKey')
  const fromData = reading.descendants(leaf => isWeight(leaf) || isColumn(leaf) || isState(leaf))
  const isRandom = (tensor: Tensor) => isOp(tensor) && random.has(tensor) && !fromData.has(tensor)
  // A column is a target where no layer reads anything that comes from it.
  const targets = new Set(
    order.filter(isColumn).filter(column => {
      const below = reading.descendants(leaf => leaf === column)
      return !order.some(
        tensor =>
          forward.has(tensor) && usesWeight(tensor) && reading.inputsOf(tensor).some(source => below.has(source)),
      )
    }),
  )
  const fromTargets = reading.descendants(leaf => targets.has(leaf))
  const loss = step
    ? lossOf(reading, {
        forward,
        reported,
        fromTargets,
        fromWeights,
        apart: tensor => usesWeight(tensor) || isRandom(tensor),
      })
    : new Set<Tensor>()
  const updates = updatesOf(reading, {
    isState,
    fromTargets,
    apart: tensor => reported.has(tensor) || isRandom(tensor),
  })
  return {
    isColumn,
    isRandom,
    usesWeight,
    loss,
    targets,
    updates,
    fromTargets,
    fromWeights,
    isForward: tensor => isOp(tensor) && forward.has(tensor) && !loss.has(tensor) && !isRandom(tensor),
    isMetric: tensor => isOp(tensor) && reported.has(tensor) && !forward.has(tensor),
    isGradient: tensor => isOp(tensor) && !reported.has(tensor) && !updates.has(tensor) && !isRandom(tensor),
  }
}

/** One update a parameter: the ops that only its next values depend on. What several share is one group of its own. */
export function updateGroups(
  reading: GraphReading,
  { updates }: Roles,
  step: StepParts | undefined,
): Map<Tensor, UpdateGroup> {
  const owners = new Map<Tensor, Set<string>>()
  reading.outputs.slice(0, step?.stateCount ?? 0).forEach((next, i) => {
    const name = step?.state[i]?.name ?? ''
    const owner = name.slice(name.lastIndexOf('/') + 1)
    for (const tensor of reading.ancestors([next]))
      if (updates.has(tensor)) owners.set(tensor, (owners.get(tensor) ?? new Set()).add(owner))
  })
  const weightByName = new Map(reading.inputs.filter(isWeight).map(leaf => [nameOf(leaf), leaf]))
  const groups = new Map<string, UpdateGroup>()
  const groupOf = new Map<Tensor, UpdateGroup>()
  for (const tensor of reading.order) {
    const names = owners.get(tensor)
    if (!names) continue
    const key = names.size === 1 ? [...names].join() : 'shared'
    const group = groups.get(key) ?? { owner: weightByName.get(key), ops: [] }
    group.ops.push(tensor)
    groups.set(key, group)
    groupOf.set(tensor, group)
  }
  return groupOf
}
