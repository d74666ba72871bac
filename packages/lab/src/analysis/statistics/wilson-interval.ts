// A confidence interval for a proportion such as a test error.
import { UserError } from '@ddlf/tensor/errors'
import type { Interval } from './interval.ts'
import { normalQuantile } from './normal-quantile.ts'

/**
 * Wilson's score interval for a proportion: stays inside 0 .. 1 and is honest near 0, where test errors live.
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
 * @param errors how many items had the property
 * @param n how many items there were
 * @param level confidence, default 0.95
 * @returns the interval of the proportion; `estimate` is errors / n
 * @throws UserError unless 0 <= errors <= n, n >= 1 and 0 < level < 1
 */
export function wilsonInterval(errors: number, n: number, level = 0.95): Interval {
  if (!(n >= 1) || !(errors >= 0 && errors <= n) || !(level > 0 && level < 1)) {
    throw new UserError({
      rule: 'A Wilson interval needs 0 <= errors <= n, n >= 1 and a level between 0 and 1.',
      received: `errors ${errors}, n ${n}, level ${level}`,
      next: 'Pass counts, not shares: wilsonInterval(160, 10000).',
    })
  }
  const z = normalQuantile(0.5 + level / 2)
  const estimate = errors / n
  // (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
  const scale = 1 / (1 + (z * z) / n)
  const centre = scale * (estimate + (z * z) / (2 * n))
  const half = scale * z * Math.sqrt((estimate * (1 - estimate)) / n + (z * z) / (4 * n * n))
  return {
    estimate,
    low: errors === 0 ? 0 : Math.max(0, centre - half),
    high: errors === n ? 1 : Math.min(1, centre + half),
    level,
  }
}
