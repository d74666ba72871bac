// Pruning between trainings: the smallest weights are taken out, and the others begin again where they once began.
import {
  abs, add, cast, cond, div, equal, floor, gather, greater, greaterEqual, logicalAnd, maximum, minimum, mul, reshape,
  sort, sub, sum, tensor, zeros, type Tensor,
} from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds } from '@ddlf/tensor/errors'
import { dataOf } from '../module.ts'
import { optimizerKind, slot, type Optimizer } from './optimizer.ts'

/** Settings of `pruned`. */
export interface PrunedOptions {
  /** Steps of one training. */
  readonly every: number
  /** Trainings in all: after the last nothing is pruned. */
  readonly rounds: number
  /**
   * Share of the weights still there that is taken out of a parameter between two trainings, at least 0 and below 1; of
   * all parameters, or a function of each. Default 0.2. Parameters of one axis, such as biases, are never pruned.
   */
  readonly share?: number | ((parameter: Tensor) => number)
}

/** 1 for the largest weights that are still there, all but a share of them, else 0. */
function remaining(weight: Tensor, mask: Tensor, share: number): Tensor {
  const sizes = mul(abs(weight), mask)
  const { values } = sort(reshape(sizes, [weight.size]), { descending: true })
  const kept = floor(add(mul(sum(mask), 1 - share), 0.5))
  const threshold = gather(values, cast(maximum(sub(kept, 1), 0), 'int32'))
  return mul(cast(greaterEqual(sizes, threshold), 'float32'), mask)
}

/**
 * An optimizer for iterative magnitude pruning with rewinding. Every training ends after `every` steps. The step behind
 * it takes the smallest weights out of each parameter for good, sets the others, the biases and the slots of the inner
 * optimizer back to what they were before the first training, and trains nothing; from the next on the inner optimizer
 * counts its steps from 1 again. Masks (`mask/<parameter>`) and first values (`initial/<parameter>`) are slots, so that
 * a run that is resumed goes on with them.
 * Source: Frankle and Carbin, "The lottery ticket hypothesis: finding sparse, trainable neural networks", 2019, section
 * 1.
 * @throws UserError when a setting is out of range
 */
export function pruned(inner: Optimizer, options: PrunedOptions): Optimizer {
  const { every, rounds, share = 0.2 } = checkOptions('pruned', options, {
    every: kinds.needed(kinds.whole(2)), rounds: kinds.needed(kinds.whole(1)),
    share: kinds.either(kinds.share, kinds.callable),
  })
  checkArgument('pruned', 'the inner optimizer', inner, optimizerKind)
  const shareOf = (parameter: Tensor): number => {
    const own = typeof share === 'function' ? share(parameter) : share
    checkArgument('pruned', 'the share of a parameter', own, kinds.share)
    return own
  }
  return {
    name: 'pruned',
    slots: [...inner.slots, 'initial', 'mask'],
    init: parameter => ({
      ...inner.init(parameter),
      initial: (dataOf(parameter) as Float32Array).slice(),
      ...(parameter.rank > 1 && { mask: new Float32Array(parameter.size).fill(1) }),
    }),
    ...(inner.with && { with: settings => pruned(inner.with?.(settings) ?? inner, options) }),
    update(given) {
      const { parameter, gradient, step, slots } = given
      const { mask, initial, ...held } = slots as Record<string, Tensor> & { readonly initial: Tensor }
      const names = Object.keys(held)
      const masked = (x: Tensor) => (mask ? mul(x, mask) : x)
      // The halves keep quotients away from whole numbers, where rounding could decide.
      const round = minimum(floor(div(sub(step, 0.5), every)), rounds - 1)
      const within = sub(step, mul(round, every))
      const rewinds = logicalAnd(greater(round, 0.5), equal(within, 1))
      const firsts = inner.init(parameter)
      const begun = (name: string): Tensor => {
        const data = firsts[name]
        const { shape } = parameter
        return !data || data.every(value => value === 0) ? zeros(shape) : tensor(data, { shape })
      }
      const rewind = (): Tensor[] => {
        const left = mask && remaining(parameter, mask, shareOf(parameter))
        return [left ? mul(initial, left) : initial, ...(left ? [left] : []), ...names.map(name => begun(name))]
      }
      const train = (): Tensor[] => {
        // The step that rewinds does not count: the one behind it is the first again.
        const count = maximum(sub(within, minimum(round, 1)), 1)
        const next = inner.update({ ...given, gradient: masked(gradient), slots: held, step: count })
        return [masked(next.parameter), ...(mask ? [mask] : []), ...names.map(name => slot(next.slots, name))]
      }
      const values = rounds === 1 ? train() : cond(rewinds, rewind, train, { share: 1 / every })
      const [first, ...others] = values as [Tensor, ...Tensor[]]
      const kept = mask ? others.slice(1) : others
      return {
        parameter: first,
        slots: {
          ...Object.fromEntries(names.map((name, i) => [name, kept[i] as Tensor])),
          initial, ...(mask && { mask: others[0] as Tensor }),
        },
      }
    },
  }
}
