// Weights that a training begins with instead of random ones: those of another run, as far as names and shapes fit.
import { formatShape, UserError } from '@ddlf/tensor'
import { loadStateDict, stateDict, type Module, type StateDict } from '@ddlf/nn'
import type { Checkpoint } from '../runs/run-store.ts'

/** Where weights come from. */
export interface StartingWeights {
  /** `<experiment>/<id>` */
  readonly run: string
  readonly tensors: Checkpoint['tensors']
  /** The run evaluates moving averages of its weights: those are taken. */
  readonly averaged: boolean
}

const SHOWN = 4
const listed = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '')

/**
 * Gives a model the weights of another run wherever a parameter or buffer has the same name and shape there.
 * @returns what was taken and what was not, for the user
 * @throws UserError where nothing fits
 */
export function takeWeights(model: Module, { run, tensors, averaged }: StartingWeights): string {
  const own = stateDict(model)
  const taken: Record<string, StateDict[string]> = {}
  const missing: string[] = []
  for (const [name, value] of Object.entries(own)) {
    const found = (averaged && tensors[`ema/${name}`]) || tensors[name]
    if (!found) missing.push(`${name}, which it does not have`)
    else if (formatShape(found.shape) !== formatShape(value.shape)) {
      missing.push(`${name} of shape ${formatShape(value.shape)}, there ${formatShape(found.shape)}`)
    } else taken[name] = found
  }
  const count = Object.keys(taken).length
  if (count === 0) {
    throw new UserError({
      rule: 'To start from another run, at least one parameter must have the same name and shape there.',
      received: `${run}: ${listed(missing)}`,
      next: 'Give the model the sizes of that run with --set, or start from a run of the same experiment.',
    })
  }
  loadStateDict(model, { ...own, ...taken })
  const all = `${count} of ${Object.keys(own).length} parameters and buffers`
  return `starts from ${run}: ${all}${missing.length > 0 ? `; left as they begin: ${listed(missing)}` : ''}`
}
