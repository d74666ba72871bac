// Models of runs that diverged: what is made of weights or outputs that are no numbers says nothing, and is refused in
// words.
import { UserError } from '@ddlf/tensor'
import type { StateDict } from '@ddlf/nn'

const NEXT = 'The training diverged. Try another checkpoint (--checkpoint best), or train again with a lower ' +
  'learning rate or clipNorm.'

const notFinite = (values: ArrayLike<number>): number => {
  let count = 0
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count++
  return count
}

/**
 * @param next what to do about it; default: what helps where a training diverged
 * @throws UserError naming the weights that are NaN or infinite
 */
export function assertFiniteWeights(state: StateDict, next = NEXT): void {
  const broken = Object.entries(state)
    .map(([name, { data }]) => ({ name, count: notFinite(data), of: data.length }))
    .filter(({ count }) => count > 0)
  const [first] = broken
  if (!first) return
  throw new UserError({
    rule: 'The weights are not finite numbers, so the model says nothing.',
    received: `${first.count} of ${first.of} values ` +
      `of ${first.name}${broken.length > 1 ? `, and ${broken.length - 1} more tensors` : ''}`,
    next,
  })
}

/**
 * @param next what to do about it; default: what helps where a training diverged
 * @throws UserError where a model gives NaN or infinity, with how often
 */
export function assertFiniteOutputs(
  outputs: Readonly<Record<string, { readonly data: ArrayLike<number> }>>, next = NEXT,
): void {
  for (const [name, { data }] of Object.entries(outputs)) {
    const count = notFinite(data)
    if (count > 0)
      throw new UserError({
        rule: 'The model gives what is not a finite number.',
        received: `${count} of ${data.length} ${name}`,
        next,
      })
  }
}
