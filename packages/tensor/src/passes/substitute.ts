// Puts other tensors in the place of some: a computation as a function of its leaves, called with other arguments.
import { checkArgument } from '../errors.ts'
import { formatType, requireTensorList, requireTensors, type Tensor } from '../ir/tensor.ts'
import { rebuild } from './rebuild.ts'

/**
 * The given tensors as they would be if others stood in the place of some that they depend on.
 * @param replacements what stands in the place of what, of the same shape and dtype; what replaces is not looked into
 */
export function substitute(tensors: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  requireTensorList('substitute', tensors)
  checkArgument(
    'substitute', 'the replacements', replacements,
    { is: 'a Map of tensors to tensors', accepts: value => value instanceof Map },
  )
  for (const [tensor, other] of replacements) {
    requireTensors('substitute', tensor, other)
    const same = { is: formatType(tensor), accepts: () => formatType(other) === formatType(tensor) }
    checkArgument('substitute', `what takes the place of ${tensor.toString()}`, other, same)
  }
  return rebuild(tensors, { given: replacements })
}
