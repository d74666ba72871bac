// Slow weights that follow the fast ones of another optimizer.
import { add, cast, div, equal, floor, maximum, minimum, mul, square, sub, type Tensor } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, type Kind } from '@ddlf/tensor/errors'
import { dataOf } from '../module.ts'
import { optimizerKind, slot, type Optimizer } from './optimizer.ts'

/** Settings of `lookahead`. */
export interface LookaheadOptions {
  /** Steps of the inner optimizer between two updates of the slow weights, default 5. */
  readonly every?: number
  /** Share of the way to the fast weights that the slow ones go, above 0 and at most 1; default 0.5. */
  readonly share?: number
  /**
   * Steps over which the share falls from 1 (the inner optimizer alone) to `share`, as 1 - (1 - share) (step /
   * steps)^3; at the last of them the weights are the slow ones. Default: the share is the same at every step.
   */
  readonly steps?: number
}

const shareKind: Kind = {
  is: 'a number above 0 and at most 1', accepts: value => typeof value === 'number' && value > 0 && value <= 1,
}

const cube = (x: Tensor): Tensor => mul(square(x), x)

/**
 * An optimizer that, every few steps, moves slow weights a share of the way to where the inner optimizer has come, and
 * goes on from there. The inner optimizer's slots are kept.
 * Source: Zhang, Lucas, Hinton and Ba, "Lookahead optimizer: k steps forward, 1 step back", 2019, algorithm 1; the
 * falling share: KellerJordan/cifar10-airbench.
 * @throws UserError when a setting is out of range
 */
export function lookahead(inner: Optimizer, options: LookaheadOptions = {}): Optimizer {
  const { every = 5, share = 0.5, steps } = checkOptions('lookahead', options, {
    every: kinds.whole(1), share: shareKind, steps: kinds.atLeast(1),
  })
  checkArgument('lookahead', 'the inner optimizer', inner, optimizerKind)
  return {
    name: 'lookahead',
    slots: [...inner.slots, 'slow'],
    init: parameter => ({ ...inner.init(parameter), slow: (dataOf(parameter) as Float32Array).slice() }),
    ...(inner.with && { with: settings => lookahead(inner.with?.(settings) ?? inner, options) }),
    update(given) {
      const { parameter: fast, slots } = inner.update(given)
      const slow = slot(given.slots, 'slow')
      const { step } = given
      // 1 at every k-th step, else 0. The half keeps the quotient away from whole numbers, where rounding could decide.
      const periodic = cast(equal(sub(step, mul(floor(div(add(step, 0.5), every)), every)), 0), 'float32')
      const meets = steps === undefined ? periodic : maximum(periodic, cast(equal(step, steps), 'float32'))
      const part = steps === undefined ? share : sub(1, mul(cube(minimum(div(step, steps), 1)), 1 - share))
      const following = add(slow, mul(sub(fast, slow), mul(meets, part)))
      return { parameter: add(fast, mul(sub(following, fast), meets)), slots: { ...slots, slow: following } }
    },
  }
}
