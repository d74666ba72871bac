// Puts other tensors in the place of some: a computation as a function of its leaves, called with other arguments.
import type { Tensor } from '../ir/tensor.ts'
import { rebuild } from './rebuild.ts'

/**
 * The given tensors as they would be if others stood in the place of some that they depend on.
 * @param replacements what stands in the place of what, of the same shape and dtype; what replaces is not looked into
 */
export function substitute(tensors: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  return rebuild(tensors, { given: replacements })
}
