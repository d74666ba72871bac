// Quasi-random search: points of a scrambled Sobol sequence, more even than random ones.
import { randomKey } from '@ddlf/tensor/random'
import type { Choice, Distribution } from '../space/distribution.ts'
import { isActive, variedNames, type Parameter } from '../space/space.ts'
import { valueAt } from '../space/unit-interval.ts'
import { drawRandomly } from './random.ts'
import type { Sampler } from './sampler.ts'
import { SOBOL_DIMENSIONS, sobolSequence } from './sobol.ts'

/**
 * Scrambled Sobol points, one dimension a parameter that varies (the 65th and later ones are drawn randomly).
 * Source: Bousquet et al., "Critical hyper-parameters: no random, no cry", arXiv 1706.03200.
 */
export function quasiRandomSampler(): Sampler {
  return {
    name: 'quasi-random',
    suggest(question) {
      const { space, seed, number } = question
      const dimensions = variedNames(space).slice(0, SOBOL_DIMENSIONS)
      const point =
        dimensions.length === 0 ? [] : sobolSequence(dimensions.length, randomKey(seed, 'study', 'sobol'))(number)
      const params: Record<string, Choice> = {}
      for (const name of Object.keys(space)) {
        if (!isActive(space[name] as Parameter, params)) continue
        const dimension = dimensions.indexOf(name)
        if (dimension < 0) Object.assign(params, drawRandomly(question, space, [name]))
        else params[name] = valueAt(space[name] as Distribution, point[dimension] ?? 0)
      }
      return { params }
    },
  }
}
