// Random search: every parameter drawn from its range alone.
import { randomKey } from '@ddlf/tensor/random'
import { valueAt } from '../space/unit-interval.ts'
import type { Distribution } from '../space/distribution.ts'
import type { Params, Space } from '../space/space.ts'
import { drawsOf, suggestByGroup, type Sampler, type SamplerQuestion } from './sampler.ts'

/**
 * Independent draws for some parameters; each has a stream of its own, so that a new parameter changes no other's
 * values.
 */
export const drawRandomly = (
  question: Pick<SamplerQuestion, 'seed' | 'number'>,
  space: Space,
  names: readonly string[],
): Params =>
  Object.fromEntries(
    names.map(name => [
      name,
      valueAt(
        space[name] as Distribution,
        drawsOf(randomKey(question.seed, 'study', question.number, 'random', name))(),
      ),
    ]),
  )

/** Random search. Source: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012. */
export function randomSampler(): Sampler {
  return {
    name: 'random',
    suggest: question => ({
      params: suggestByGroup(question.space, names => drawRandomly(question, question.space, names)),
    }),
  }
}
