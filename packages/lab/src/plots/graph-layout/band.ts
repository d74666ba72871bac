// Which layer each tensor of a graph belongs to: a band of the drawing, from the input to the loss.
import type { Tensor } from '@ddlf/tensor'
import type { Roles, UpdateGroup } from './classify.ts'
import { isOp, isWeight, nameOf, type GraphReading } from './reading.ts'

/** The dotted part that names share: of `hidden.0.0.weight` and `hidden.0.1.weight`, `hidden.0`. */
export function sharedPrefix(names: readonly string[]): string {
  const [first = [], ...rest] = names.map(name => name.split('.').slice(0, -1))
  const length = first.findIndex((part, i) => rest.some(other => other[i] !== part))
  const shared = (length < 0 ? first : first.slice(0, length)).join('.')
  // The place of a layer in a chain of its own says nothing to a reader.
  return shared.replace(/(\.\d+)\.\d+$/, '$1')
}

/** The parameter whose update reads a tensor. */
export const ownerOf = (
  reading: GraphReading,
  groupOf: ReadonlyMap<Tensor, UpdateGroup>,
  tensor: Tensor,
): Tensor | undefined =>
  reading
    .readersOf(tensor)
    .map(reader => groupOf.get(reader)?.owner)
    .find(owner => owner !== undefined)

/** Bands by tensor. The last one is that of the loss where the graph is a step. */
export interface Bands {
  readonly of: Map<Tensor, number>
  readonly count: number
  readonly last: number
}

/** The bands of the forward pass: a layer begins where a weight is used. */
function forwardBands(reading: GraphReading, roles: Roles): { of: Map<Tensor, number>; count: number } {
  const of = new Map<Tensor, number>()
  let count = 1
  for (const tensor of reading.order) {
    if (!roles.isForward(tensor)) continue
    const before = reading.inputsOf(tensor).map(source => of.get(source) ?? 0)
    of.set(tensor, roles.usesWeight(tensor) ? count++ : Math.max(0, ...before))
  }
  return { of, count }
}

/** Puts leaves, the loss and masks into bands. */
function bandLeaves(reading: GraphReading, roles: Roles, of: Map<Tensor, number>, last: number): void {
  const readIn = (tensor: Tensor) =>
    reading
      .readersOf(tensor)
      .filter(roles.isForward)
      .map(reader => of.get(reader) ?? 0)
  for (const tensor of reading.order) {
    if (roles.loss.has(tensor) || roles.isMetric(tensor) || roles.targets.has(tensor)) of.set(tensor, last)
    else if (roles.isColumn(tensor)) of.set(tensor, 0)
    else if (isWeight(tensor)) {
      const read = readIn(tensor)
      if (read.length > 0) of.set(tensor, Math.min(...read))
    }
  }
  // Running statistics are read by their update alone: they stand with the layer whose name they share.
  const weights = reading.inputs.filter(isWeight)
  for (const weight of weights) {
    if (of.has(weight)) continue
    const sibling = weights.find(
      other => of.has(other) && sharedPrefix([nameOf(other)]) === sharedPrefix([nameOf(weight)]),
    )
    of.set(weight, sibling ? (of.get(sibling) ?? 0) : 0)
  }
  for (const tensor of reading.order) if (roles.isRandom(tensor)) of.set(tensor, Math.max(0, ...readIn(tensor)))
}

/** Says which band each tensor belongs to. */
export function bandsOf(
  reading: GraphReading,
  roles: Roles,
  groupOf: ReadonlyMap<Tensor, UpdateGroup>,
  isStep: boolean,
): Bands {
  const { of, count } = forwardBands(reading, roles)
  const last = count
  bandLeaves(reading, roles, of, last)
  for (const tensor of reading.order) {
    if (!roles.isGradient(tensor)) continue
    const sources = reading.inputsOf(tensor)
    const ends = reading.readersOf(tensor).every(reader => roles.updates.has(reader))
    const weight =
      sources.find(source => isWeight(source) && source.rank > 1) ??
      (ends ? ownerOf(reading, groupOf, tensor) : undefined)
    const places = sources.flatMap(source =>
      roles.isForward(source)
        ? [reading.readersOf(source).some(reader => roles.loss.has(reader)) ? last : (of.get(source) ?? 0)]
        : isOp(source) || roles.targets.has(source) || isWeight(source)
          ? [of.get(source) ?? last]
          : [],
    )
    of.set(tensor, weight ? (of.get(weight) ?? 0) : Math.min(last, ...places))
  }
  for (const { owner, ops } of new Set(groupOf.values()))
    if (owner) for (const tensor of ops) of.set(tensor, of.get(owner) ?? 0)
  return { of, count: isStep ? count + 1 : count, last }
}
